// What waits in the queue of what a page is about, shown there: data-waits-for names the beginnings of its
// requests. What is marked data-hides-for or data-shows-for with a verb does so while one waits.
import { calmly } from "./calm.js";
import { entries, onChange, takeBack } from "./outbox.js";
import { wayTo } from "./queue_survey.js";
import { textsOf } from "./texts.js";

const TONES = { waiting: "info", refused: "danger", conflict: "warning" };
const GOING = ["waiting", "sending"];
const isGoing = ({ state }) => GOING.includes(state);
const stateOf = (entry) => (isGoing(entry) ? "waiting" : entry.state);
const UNSENT = [...GOING, "refused", "conflict"];

const element = document.querySelector("[data-waits-for]");
const text = textsOf(document.querySelector("template[data-waits-texts]"));
const template = document.querySelector("template[data-waits-row]");
const beginnings = element.dataset.waitsFor.split(" ");
const rows = new Map();
let showAgain = null;
let known = null;
let signBefore = null;

/**
 * Keeps the list as the queue is.
 * @param {(mine: object[]) => Set<string>} showThere  shows entries where they were made; gives the ids
 *   of those that need no row of their own
 * @param {(done: object[]) => void} sent  told what was sent while the page stood open
 */
export async function watchWaiting(showThere = () => new Set(), sent = () => {}) {
  async function show({ isNew = false } = {}) {
    const all = (await entries()).filter(({ url }) => beginnings.some((each) => url.startsWith(each)));
    const mine = all.filter(({ state }) => UNSENT.includes(state));
    // Each try to send it without a network changes nothing: a finger may be on its way to a button.
    const sign = JSON.stringify(mine.map((each) => [each.id, stateOf(each)]));
    if (isNew || sign !== signBefore) {
      const elsewhere = showThere(mine);
      draw(mine.filter(({ id }) => !elsewhere.has(id)));
      mark(mine);
    }
    signBefore = sign;
    const ended = all.filter(({ state }) => state === "done");
    // Not by what was seen waiting: with coverage an entry is often sent before anybody looks.
    known ??= new Set(ended.map(({ id }) => id));
    const done = ended.filter(({ id }) => !known.has(id));
    for (const { id } of done) known.add(id);
    if (done.length) sent(done);
    document.dispatchEvent(new CustomEvent("waiting"));
  }
  onChange(calmly(show, 100));
  showAgain = show;
  await show({ isNew: true });
}

/** Again, for parts of the page that are new. */
export const showWaiting = () => showAgain?.({ isNew: true });

/** A tag that says how far an entry is, and the way to take it back. */
export function rowOf(entry) {
  const row = template.content.firstElementChild.cloneNode(true);
  const part = (name) => row.querySelector(`[data-waits-${name}]`);
  part("label").textContent = entry.label;
  part("more").textContent = entry.shown.map(([, value]) => value).find((each) => each !== entry.label) ?? "";
  part("tag").textContent = text(stateOf(entry));
  part("tag").dataset.color = TONES[stateOf(entry)];
  const way = entry.verb === "survey" && isGoing(entry) ? wayTo(entry.body.id) : null;
  part("on").hidden = !way;
  if (way) part("on").href = way;
  part("back").hidden = !isGoing(entry);
  part("back").addEventListener("click", () => takeBack(entry.id));
  part("queue").hidden = isGoing(entry);
  return row;
}

/** What was sent changes what the page says; what is being typed on it comes first. */
export function renewPage() {
  const isTyped = ({ value, defaultValue }) => value !== defaultValue;
  const typed = [...document.querySelectorAll("main textarea")].some(isTyped);
  if (!typed && document.querySelector("[data-work]")) location.reload();
}

function draw(shown) {
  element.hidden = shown.length === 0;
  const list = element.querySelector("[data-waits-rows]");
  for (const [at, entry] of shown.entries()) {
    const key = `${entry.id} ${stateOf(entry)}`;
    if (!rows.has(key)) rows.set(key, rowOf(entry));
    const there = list.children[at] ?? null;
    if (there !== rows.get(key)) list.insertBefore(rows.get(key), there);
  }
  while (list.children.length > shown.length) list.lastElementChild.remove();
}

function mark(mine) {
  const going = new Set(mine.filter(isGoing).map(({ verb }) => verb));
  for (const each of document.querySelectorAll("[data-hides-for]")) {
    each.hidden = going.has(each.dataset.hidesFor);
  }
  for (const each of document.querySelectorAll("[data-shows-for]")) {
    each.hidden = !going.has(each.dataset.showsFor);
  }
}
