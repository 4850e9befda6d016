// Hardware scanners that pretend to be a keyboard: a burst of keys, ended by Enter or Tab. In a field
// the burst is the field's. A cheap scanner over Bluetooth is hardly faster than a person; a person
// who types outside every field and presses Enter means it too.
const LONGEST_GAP_MS = 250;
const SHORTEST = 4;

export function listenForKeys(onText) {
  let typed = "";
  let last = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || isWriting(event.target)) return;
    if (event.timeStamp - last > LONGEST_GAP_MS) typed = "";
    last = event.timeStamp;
    if (event.key.length === 1) {
      typed += event.key;
      return;
    }
    if ((event.key === "Enter" || event.key === "Tab") && typed.length >= SHORTEST) {
      event.preventDefault();
      onText(typed);
      typed = "";
    }
  });
}

function isWriting(target) {
  return target.matches?.("input:not([type=checkbox], [type=radio], [type=file]), select, textarea");
}
