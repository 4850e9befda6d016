// What the forms of field work say, as requests to the API.
import { read } from "./codes.js";
import { shownOf, Unfilled } from "./queue_form.js";

export { register } from "./queue_register.js";

const linesOf = (field) => field.value.split("\n").map((each) => each.trim()).filter(Boolean);
const now = () => new Date().toISOString();
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
