// A menu made of <details> stays open until its button is pressed again. With a script it also
// closes on Escape and when the reader goes elsewhere.
export function closeMenus() {
  const open = () => document.querySelectorAll("details[data-close-outside][open]");
  document.addEventListener("click", (event) => {
    for (const menu of open()) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
}
