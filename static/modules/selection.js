// Ticks of the inventory's table are kept as they are made, so that paging loses none. Without this
// script the form keeps a page's ticks with its own button.
import { owner } from "./owner.js";

const boxes = () => [...document.querySelectorAll("input[name=velg]")];
const bar = () => document.querySelector("[data-selection]");
let last = Promise.resolve();

async function send(verb, ids) {
  const answer = await fetch(`/api/v1/selection/${verb}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Omlop-Owner": owner() },
    body: JSON.stringify({ item_ids: ids }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail || body.title);
  return body.count;
}

function show(count) {
  const { dataset } = bar();
  const said = bar().querySelector("[data-selection-count]");
  said.textContent = count === 1 ? dataset.one : dataset.many.replace("{n}", String(count));
  for (const each of bar().querySelectorAll("[data-selection-only]")) each.hidden = count === 0;
}

// One after the other: a tick and its undoing must not overtake each other.
function keep(ticked, changed) {
  const ids = changed.map((box) => box.value);
  last = last.then(async () => {
    try {
      show(await send(ticked ? "add" : "remove", ids));
    } catch (problem) {
      for (const box of changed) box.checked = !ticked;
      const said = bar().querySelector("[data-selection-count]");
      said.textContent = problem instanceof TypeError ? bar().dataset.failed : problem.message;
    }
    markAll();
  });
}

function markAll() {
  const all = document.querySelector("input[data-pick-all]");
  if (!all) return;
  const ticked = boxes().filter((box) => box.checked).length;
  all.checked = ticked > 0 && ticked === boxes().length;
  all.indeterminate = ticked > 0 && ticked < boxes().length;
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("input[name=velg]")) keep(target.checked, [target]);
  if (!target.matches("input[data-pick-all]")) return;
  const changed = boxes().filter((box) => box.checked !== target.checked);
  for (const box of changed) box.checked = target.checked;
  if (changed.length) keep(target.checked, changed);
});

// A page that the browser brings back may show ticks of another moment: the form's are the server's.
function begin() {
  const all = document.querySelector("input[data-pick-all]");
  if (!all) return;
  all.hidden = false;
  for (const box of boxes()) box.checked = box.defaultChecked;
  markAll();
}

begin();
document.addEventListener("htmx:after:swap", begin);
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});
