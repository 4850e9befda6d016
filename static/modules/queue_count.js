// What else is done in a count, as requests to the API: what has no label, what follows from a
// difference, and its end. Each goes after what was done before it in the same count.
import { now } from "./clock.js";
import { entries } from "./outbox.js";
import { numberIn } from "./queue_fields.js";
import { shownOf } from "./queue_form.js";

const GOING = ["waiting", "sending"];

/** Ids of what is still to be sent in the count. */
async function aheadIn(stocktake) {
  const beginning = `/api/v1/stocktakes/${stocktake}/`;
  const isMine = ({ url, state }) => url.startsWith(beginning) && GOING.includes(state);
  return (await entries()).filter(isMine).map(({ id }) => id);
}

async function entryOf({ dataset: { stocktake, after } }, verb, what, more) {
  return {
    verb,
    url: `/api/v1/stocktakes/${stocktake}/${what}`,
    after: after ? [after] : [],
    ahead: await aheadIn(stocktake),
    typed: null,
    ...more,
  };
}

export async function unlabelled(form, text) {
  const { count, note } = form.elements;
  const n = numberIn(count, { factor: 1, least: 1, most: 1000 }, text) ?? 1;
  const body = { count: n, note: note.value.trim() || null, at: now() };
  const label = text("unlabelled", { n });
  const shown = shownOf(form, ({ name }) => name === "note");
  return [await entryOf(form, "unlabelled", "unlabelled", { label, shown, body })];
}

export async function end(form, text) {
  const { room } = form.dataset;
  return [await entryOf(form, "end", "finish", { label: text("end", { room }), body: null })];
}

/** One tap about a piece, or about all that are alike: the buttons of the report. */
export async function decide(form) {
  const data = new FormData(form);
  const ids = data.getAll("item_ids");
  const row = document.querySelector(`li[data-keep="${CSS.escape(ids[0])}"]`);
  const name = ids.length === 1 ? row?.querySelector(".field-row-name a")?.textContent : null;
  const what = form.querySelector("button").textContent.trim();
  const label = name ? `${what}: ${name}` : what;
  const body = { item_ids: ids, decision: data.get("decision"), at: now() };
  return [await entryOf(form, "decide", "decide", { label, body })];
}

/** Back to where the pieces of a move were. */
export function undo(form) {
  const label = form.querySelector("button").textContent.trim();
  const url = `/api/v1/relocations/${form.dataset.relocation}/undo`;
  return [{ verb: "undo", url, label, body: null, typed: null }];
}
