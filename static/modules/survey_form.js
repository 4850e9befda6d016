// The survey's form: how many pieces it stands for, and what stays for the next one.
const linesIn = (field) => field.value.split("\n").filter((line) => line.trim()).length;

// The button says what it will do, while the eyes are on the furniture.
export function countPieces(form) {
  const shown = form.querySelector("[data-count]");
  const { codes, quantity } = form.elements;
  const count = () => {
    const n = Number.parseInt(quantity.value, 10) || linesIn(codes);
    const { none, one, many } = shown.dataset;
    shown.textContent = n === 0 ? none : n === 1 ? one : many.replace("{n}", String(n));
  };
  for (const each of [codes, quantity]) each.addEventListener("input", count);
  form.addEventListener("reset", () => setTimeout(count));
  count();
}

// The next piece stands in the same room and is of the same kind, also where the last one went into
// the queue: what is chosen when the form is emptied is what it begins with.
export function keepChoices(form) {
  form.addEventListener("reset", () => {
    for (const name of ["category_id", "place_id", "owner_unit_id"]) {
      const { options, selectedIndex } = form.elements[name];
      [...options].forEach((each, at) => (each.defaultSelected = at === selectedIndex));
    }
  });
}
