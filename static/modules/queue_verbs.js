// What the forms of field work say, as requests to the API.
import { now } from "./clock.js";
import { grouped, read } from "./codes.js";
import { shownOf, Unfilled } from "./queue_form.js";

export { end, undo, unlabelled } from "./queue_count.js";
export { edit } from "./queue_edit.js";
export { bind, photoChange, photos, replaceLabel } from "./queue_piece.js";
export { register } from "./queue_register.js";
export { survey } from "./queue_survey.js";

const linesOf = (field) => field.value.split("\n").map((each) => each.trim()).filter(Boolean);
const counted = ({ length: n }, text) => text(n === 1 ? "codes-one" : "codes-many", { n });

export function move(form, text) {
  const { codes, place_id: place } = form.elements;
  const lines = linesOf(codes);
  const isPlace = (line) => read(line).kind === "place";
  if (lines.every(isPlace)) throw new Unfilled("codes", text("no-codes"));
  if (!place.value && !lines.some(isPlace)) throw new Unfilled("codes", text("no-place"));
  const body = { codes: lines, place_id: place.value || null, at: now() };
  const label = counted(lines, text);
  return [{ verb: "move", url: "/api/v1/relocations", label, shown: shownOf(form), body }];
}

// Signed for where there is no coverage: the picture waits with the codes.
function handedOver(verb, url) {
  return (form, text) => {
    const { codes, signed_name: name, signature, to_place_id: place } = form.elements;
    const ticked = [...form.querySelectorAll("[name=ticked]:checked")].map(({ value }) => value);
    const lines = [...linesOf(codes), ...ticked];
    if (lines.every((line) => read(line).kind === "place")) throw new Unfilled("codes", text("no-codes"));
    const body = {
      codes: lines,
      at: now(),
      signed_name: name.value.trim() || null,
      signature: signature.value || null,
      ...(place ? { to_place_id: place.value || null } : {}),
    };
    return [{ verb, url, label: counted(lines, text), shown: shownOf(form), body }];
  };
}

export const fetch = handedOver("fetch", "/api/v1/handovers/scan-out");
export const deliver = handedOver("deliver", "/api/v1/handovers/scan-in");

// The phone makes the id, so that scans can name a count that the server has not heard of.
export function begin(form, text) {
  const { code, place_id: place } = form.elements;
  const typed = code.value.trim();
  if (!typed && !place.value) throw new Unfilled("code", text("no-room"));
  const { code: shown } = read(typed);
  const label = shown ? grouped(shown) : typed || place.selectedOptions[0].text.trim();
  const body = { id: crypto.randomUUID(), code: typed || null, place_id: typed ? null : place.value };
  return [{ verb: "count", url: "/api/v1/stocktakes", label, shown: shownOf(form), body, joins: true }];
}

// Mended codes go to a count that the person chooses.
function intoOf(form, text) {
  const chosen = form.elements.stocktake;
  if (!("mending" in form.dataset) || !chosen) return form.dataset;
  if (!chosen.value) throw new Unfilled("stocktake", text("no-count"));
  return { stocktake: chosen.value, after: chosen.selectedOptions[0].dataset.after };
}

export function scans(form, text) {
  const lines = linesOf(form.elements.codes);
  if (!lines.length) throw new Unfilled("codes", text("no-codes"));
  const { stocktake, after } = intoOf(form, text);
  const at = now();
  return [
    {
      verb: "count",
      url: `/api/v1/stocktakes/${stocktake}/scans`,
      label: counted(lines, text),
      shown: shownOf(form),
      body: { scans: lines.map((each) => ({ text: each, at })) },
      after: after ? [after] : [],
    },
  ];
}
