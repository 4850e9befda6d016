// How many codes the field holds, while a scanner types into it: the eyes are on the furniture.
for (const field of document.querySelectorAll("textarea[data-count]")) {
  const shown = document.getElementById(field.dataset.count);
  const count = () => {
    const codes = field.value.split("\n").filter((line) => line.trim()).length;
    shown.hidden = codes === 0;
    shown.textContent =
      codes === 1 ? shown.dataset.one : shown.dataset.many.replace("{n}", String(codes));
  };
  field.addEventListener("input", count);
  count();
}
