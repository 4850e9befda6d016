// A count's page: its taps are sent where they stand. What finds no network waits in the queue, and is
// shown in the row that it is about.
import { addAll, StorageFull } from "./outbox.js";
import * as counted from "./queue_count.js";
import { complain, Unfilled } from "./queue_form.js";
import { watchQueue } from "./queue_watch.js";
import { renewSoon, settleInPlace } from "./renewed.js";
import { textsOf } from "./texts.js";
import { rowOf, showWaiting, watchWaiting } from "./waiting.js";

const text = textsOf(document.querySelector("template[data-count-texts]"));
const words = textsOf(document.querySelector("template[data-queue-texts]"));

export function watchCount() {
  renewKeys();
  settleInPlace(settle);
  // What was tapped before this waits for it: early.js.
  document.documentElement.dataset.ready = "";
  for (const form of document.querySelectorAll("form[data-waits]")) {
    form.dispatchEvent(new CustomEvent("ready"));
  }
  document.addEventListener("renewed", () => {
    renewKeys();
    showWaiting();
  });
  watchWaiting(showInRows, (done) => {
    // An ended count is another page.
    if (done.some(({ verb }) => verb === "end")) location.reload();
    else renewSoon();
  });
}

// A page that the phone kept would send the key that another tap has used since. A form that stands there
// already keeps its own: it may be under way, or be tapped again after it was lost.
const renewed = new WeakSet();

function renewKeys() {
  for (const form of document.querySelectorAll("form[data-waits]")) {
    if (!renewed.has(form)) form.elements.key.value = crypto.randomUUID();
    renewed.add(form);
  }
}

/** Whether the form is through: done, or kept. */
async function settle({ to, said, lost, why }, form) {
  const isScanning = Boolean(document.querySelector("[data-scan]"));
  if (to && !isScanning) return void location.assign(to);
  if (to) return tell("hit", text("settled"));
  if (said || !form.dataset.waits) {
    tell("wrong", said ?? text(why ?? "not-settled"), why);
    form.hidden = false; // a tap that is not done can be tapped again
    return false;
  }
  try {
    const [first] = await counted[form.dataset.waits](form, words);
    // The server may have taken it, also where the network went meanwhile: it is asked under the form's own key.
    const posted = lost ? { key: form.elements.key.value, isPosted: true } : {};
    await addAll([{ ...first, ...posted }]);
  } catch (error) {
    if (error instanceof Unfilled) complain(form, error);
    else tell("wrong", words(error instanceof StorageFull ? "full" : "failed"));
    form.hidden = false;
    return false;
  }
  watchQueue();
  return tell(why ? "foreign" : "hit", words(why ?? (navigator.onLine ? "lost" : "queued")), why);
}

/** Where the scanner is, it says it; else the page does. */
function tell(tone, message, why = null) {
  const scan = document.querySelector("[data-scan]");
  if (scan) {
    scan.dispatchEvent(new CustomEvent("told", { detail: { tone, message, why } }));
    return true;
  }
  const told = document.querySelector("[data-queued]");
  told.dataset.color = { hit: "success", foreign: "warning", wrong: "danger" }[tone];
  told.querySelector("[data-queued-said]").textContent = message;
  told.querySelector("[data-queued-sign-in]").hidden = why !== "sign-in";
  told.hidden = false;
  told.scrollIntoView({ block: "nearest" });
  return true;
}

function showInRows(mine) {
  for (const each of document.querySelectorAll("[data-waits-here]")) each.remove();
  for (const each of document.querySelectorAll("li[data-keep] > .field-taps")) each.hidden = false;
  const decided = mine.filter(({ verb }) => verb === "decide");
  const shown = decided.filter((entry) => entry.body.item_ids.map((id) => showInRow(id, entry)).includes(true));
  for (const form of document.querySelectorAll("form[data-waits=undo]")) {
    form.hidden = mine.some(({ url }) => url.includes(form.dataset.relocation));
  }
  for (const form of document.querySelectorAll("form[data-all]")) {
    const ids = new FormData(form).getAll("item_ids");
    form.hidden = decided.some(({ body }) => ids.every((id) => body.item_ids.includes(id)));
  }
  return new Set(shown.map(({ id }) => id));
}

/** Whether there is a row for it. */
function showInRow(id, entry) {
  const taps = document.querySelector(`li[data-keep="${CSS.escape(id)}"] > .field-taps`);
  if (!taps) return false;
  taps.hidden = true;
  const row = rowOf(entry);
  const here = document.createElement("span");
  here.className = "field-taps";
  here.dataset.waitsHere = "";
  const tag = row.querySelector("[data-waits-tag]");
  tag.textContent = `${entry.label.split(":")[0]} · ${tag.textContent}`;
  here.append(tag, ...row.querySelectorAll("button, a"));
  taps.after(here);
  return true;
}
