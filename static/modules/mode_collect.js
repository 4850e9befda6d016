// Scans are written into a field with one code a line, for a form that takes many at once.
import { grouped, read } from "./codes.js";

const keyOf = (found) => found.code || found.text;

export function start({ element, text, signal }) {
  const field = element.querySelector("textarea[name=codes]");
  const said = element.querySelector("[data-said]");
  const lines = () => field.value.split("\n").filter((line) => line.trim());

  return function onCode(found) {
    const shown = found.code ? grouped(found.code) : found.text;
    if (found.kind === "wrong-check") return tell("wrong", "wrong-check", shown);
    const known = new Set(lines().map((line) => keyOf(read(line))));
    if (known.has(keyOf(found))) return tell("again", "again", shown);
    // A place keeps its address: it says that this is a place.
    const line = found.kind === "piece" ? shown : found.text;
    field.value = `${[...lines(), line].join("\n")}\n`;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    const isForeign = found.kind === "foreign";
    return tell(isForeign ? "foreign" : "hit", isForeign ? "added-foreign" : "added", shown);
  };

  function tell(tone, message, shown) {
    signal(tone);
    said.textContent = `${text(message)} ${shown}`;
  }
}
