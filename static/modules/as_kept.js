// A page that the phone kept says so while there is no network.
export function sayAsKept() {
  const told = document.querySelector("[data-as-kept]");
  if (!told) return;
  const show = () => (told.hidden = navigator.onLine);
  for (const each of ["online", "offline"]) addEventListener(each, show);
  show();
}
