// A code waits for its piece: the first label of ours that is scanned fills the form and sends it.
// Where the page came without a code, the first thing that is scanned is the code.
import { read } from "./codes.js";

export function start({ element, text, signal }) {
  const form = element.querySelector("form[data-queue=bind]");
  const check = element.querySelector("[data-check]");
  const { value, piece } = form.elements;
  const warn = (isWrong) => (check.textContent = isWrong ? text("wrong-check") : "");

  piece.addEventListener("input", () => warn(read(piece.value).kind === "wrong-check"));

  return function onCode(found) {
    if (!value.value) {
      signal(found.kind === "wrong-check" ? "wrong" : "foreign");
      value.value = found.text.slice(0, 200);
      piece.focus();
      return;
    }
    if (found.kind !== "piece") {
      signal("wrong");
      warn(true);
      return;
    }
    signal("hit");
    warn(false);
    piece.value = found.code;
    form.requestSubmit();
  };
}
