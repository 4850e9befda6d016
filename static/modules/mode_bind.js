// A foreign code waits for its piece: the first label of ours that is scanned fills the form.
export function start({ element, text, signal }) {
  const form = element.querySelector("form[data-typed]");
  const check = element.querySelector("[data-check]");

  return function onCode(found) {
    if (found.kind !== "piece") {
      signal("wrong");
      check.textContent = text("wrong-check");
      return;
    }
    signal("hit");
    form.elements.piece.value = found.code;
    form.submit();
  };
}
