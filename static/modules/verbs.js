// Where a sent entry ended, by its verb, and how many of its lines did not get there.
const MOVED = ["moved", "found", "here_already", "again"];

const pieceIn = (url) => url.split(/[/?]/)[4];
const ofPiece = ({ url }) => ({ link: `/mobler/${pieceIn(url)}`, left: 0 });

const ENDS = {
  register: ({ body: [{ id }] }, [first]) => ({
    link: `/mobler/parti/${first.lot_id}`,
    left: 0,
    piece: id,
  }),
  photo: ofPiece,
  edit: ofPiece,
  bind: ({ url }, { item_id: id = pieceIn(url) }) => ({ link: `/mobler/${id}`, left: 0 }),
  // Beginning in a room where a count is open joins that one.
  count: ({ url }, { id = url.split("/")[4] }) => ({ link: `/varetelling/${id}`, left: 0 }),
  move: (_entry, { id, lines }) => ({
    link: `/flytt/${id}`,
    left: lines.filter((each) => !MOVED.includes(each.outcome)).length,
  }),
};

/** @returns {{link: string | null, left: number, piece?: string}} */
export function endOf(entry, answer) {
  return ENDS[entry.verb]?.(entry, answer) ?? { link: null, left: 0 };
}
