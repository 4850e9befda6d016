// Where a count begins: the room's label at the door starts it at once. Scans of a count that was
// begun without a network are gathered in its field.
import { start as collect } from "./mode_collect.js";

export function start(session) {
  const { element, text, signal } = session;
  const begin = document.querySelector("form[data-queue=begin]");
  const scans = document.querySelector("form[data-queue=scans]");
  const said = element.querySelector("[data-said]");
  const gather = collect({ ...session, element: document });

  return function onCode(found) {
    if (found.kind === "place") {
      signal("hit");
      said.textContent = text("room");
      begin.elements.code.value = found.text;
      begin.requestSubmit();
      return undefined;
    }
    if (!scans.hidden) return gather(found);
    signal("wrong");
    said.textContent = text(found.kind === "wrong-check" ? "wrong-check" : "room-first");
    return undefined;
  };
}
