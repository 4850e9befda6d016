// Where a sent entry ended, by its verb, and how many of its lines did not get there.
const MOVED = ["moved", "found", "here_already", "again"];

const pieceIn = (url) => url.split(/[/?]/)[4];
const named = ({ url }) => url.split("/")[4];
const ofPiece = ({ url }) => ({ link: `/mobler/${pieceIn(url)}`, left: 0 });
const ofCount = (entry) => ({ link: `/varetelling/${named(entry)}`, left: 0 });

const isMoved = ({ to_place_id: to, from_place_id: from }) => to && to !== from;

const CAME = ["loaded", "received", "again"];
const handedOver = (_entry, { id, lines }) => ({
  link: `/overleveringer/kvittering/${id}`,
  left: lines.filter((each) => !CAME.includes(each.outcome)).length,
});

const ENDS = {
  register: ({ body: [{ id }] }, answer) => {
    const lot = answer?.[0]?.lot_id;
    return { link: lot ? `/mobler/parti/${lot}` : `/mobler/${id}`, left: 0, piece: id };
  },
  // Added, or marked afterwards by its own id.
  photo: ({ url }, { id: photo, item_id: item }) => {
    const piece = item ?? (url.includes("/items/") ? pieceIn(url) : null);
    return { link: piece && `/mobler/${piece}`, left: 0, photo };
  },
  "photo-change": ({ of: { piece } }) => ({ link: `/mobler/${piece}`, left: 0 }),
  edit: ofPiece,
  step: ({ body: [{ item_id: item }] }) => ({ link: `/mobler/${item}`, left: 0 }),
  bind: ({ url }, { item_id: id = pieceIn(url) }) => ({ link: `/mobler/${id}`, left: 0 }),
  // Beginning in a room where a count is open joins that one.
  count: (entry, { id = named(entry) }) => ({ link: `/varetelling/${id}`, left: 0 }),
  unlabelled: ofCount,
  decide: (entry, { settled }) => ({
    ...ofCount(entry),
    left: entry.body.item_ids.length - (settled ?? entry.body.item_ids.length),
    said: "settled-before",
  }),
  // Somebody else counts there too, and is not at the end.
  end: (entry, { id = named(entry), state }) => ({
    link: `/varetelling/${id}`,
    left: Number(state === "open"),
    said: "counted-on",
  }),
  move: (_entry, { id, lines }) => ({
    link: `/flytt/${id}`,
    left: lines.filter((each) => !MOVED.includes(each.outcome)).length,
  }),
  fetch: handedOver,
  deliver: handedOver,
  undo: (entry, { lines = [] }) => ({
    link: `/flytt/${named(entry)}`,
    left: lines.filter((each) => isMoved(each) && !each.is_undone).length,
    said: "moved-on",
  }),
  survey: ({ body: { id } }) => ({ link: `/kartlegging/${id}`, left: 0 }),
};

// What was sent before an upgrade may be answered as it was then: it is done all the same.
const UNKNOWN = { link: null, left: 0 };

/**
 * `said` names the texts for what is `left`, where that is no line that did not get there.
 * @returns {{link: string | null, left: number, said?: string, piece?: string, photo?: string}}
 */
export function endOf(entry, answer) {
  try {
    return ENDS[entry.verb]?.(entry, answer) ?? UNKNOWN;
  } catch {
    return UNKNOWN;
  }
}
