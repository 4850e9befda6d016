// The queue's page: its entries in three lists, kept as they are while nothing about them changes.
import {
  counts,
  countsOfPerson,
  entries,
  forgetSent,
  hold,
  keepSending,
  onChange,
  send,
} from "./modules/outbox.js";
import { calmly } from "./modules/calm.js";
import { lag } from "./modules/clock.js";
import { workOffline } from "./modules/offline.js";
import { rowOf } from "./modules/queue_row.js";
import { textsOf } from "./modules/texts.js";
import { onUpload } from "./modules/upload.js";

const MOST_ROWS = 100;
// What is sent sooner shows no bar: it would only flicker.
const QUICK_MS = 500;
const SECTIONS = {
  attention: ["refused", "conflict", "held"],
  waiting: ["sending", "waiting"],
  done: ["done"],
};

const element = document.querySelector("[data-queue]");
const part = (name) => element.querySelector(`[data-${name}]`);
const template = document.querySelector("template[data-row]");
const text = textsOf(document.querySelector("template[data-queue-texts]"));
const rows = new Map();

function draw(all) {
  const present = new Set();
  const behind = followersIn(all);
  for (const [name, states] of Object.entries(SECTIONS)) {
    const mine = all.filter((each) => states.includes(each.state));
    if (name === "done") mine.reverse();
    const section = element.querySelector(`[data-section="${name}"]`);
    section.hidden = mine.length === 0;
    section.querySelector("[data-count]").textContent = `(${mine.length})`;
    const more = section.querySelector("[data-more]");
    more.hidden = mine.length <= MOST_ROWS;
    more.textContent = text("more", { n: mine.length - MOST_ROWS });
    const shown = mine.slice(0, MOST_ROWS).map((each) => rowFor(each, behind.get(each.id).size));
    for (const each of mine) present.add(each.id);
    const list = section.querySelector("[data-rows]");
    // What stands where it stood is not touched: a finger may be on its way to a button.
    shown.forEach((row, at) => {
      const there = list.children[at] ?? null;
      if (there !== row) list.insertBefore(row, there);
    });
    while (list.children.length > shown.length) list.lastElementChild.remove();
  }
  for (const id of rows.keys()) if (!present.has(id)) rows.delete(id);
}

/** The unsent entries that go with each, as store.remove takes them. */
function followersIn(all) {
  const behind = new Map(all.map(({ id }) => [id, new Set()]));
  // The newest first: what follows a follower is known by then.
  for (const { id, after, state } of [...all].reverse()) {
    if (state === "done") continue;
    for (const each of after) {
      for (const follower of [id, ...behind.get(id)]) behind.get(each)?.add(follower);
    }
  }
  return behind;
}

function rowFor(entry, behind) {
  const sign = JSON.stringify([entry.state, entry.problem, entry.sent, entry.key, entry.isTakenBack, behind]);
  const known = rows.get(entry.id);
  if (known?.sign === sign) return known.row;
  const row = rowOf(entry, template, text, behind);
  rows.set(entry.id, { sign, row });
  return row;
}

function stateOf({ unsent, waiting = 0, sending = 0 }) {
  const going = waiting + sending;
  if (going && !navigator.onLine) return text("state-offline", { n: going });
  if (going) return text("state-waiting", { n: going });
  return unsent ? text("state-attention", { n: unsent }) : text("state-done");
}

// How far this sending is: what was sent before it is none of it.
let sentBefore = null;
let sentNow = 0;

function showProgress({ waiting = 0, sending = 0, done = 0 }) {
  const going = waiting + sending;
  if (!going || sentBefore === null) sentBefore = done;
  sentNow = done - sentBefore;
  const bar = part("progress");
  bar.max = sentNow + going;
  // One alone has the bar of its own.
  bar.hidden = !going || bar.max === 1 || !navigator.onLine;
  showUpload();
}

// How much has left the phone of the entry that is under way: {id, sent, size, since}.
let upload = null;

function heedUpload(how) {
  const isSame = upload?.id === how.id && upload.sent <= how.sent;
  upload = { ...how, since: isSame ? upload.since : performance.now() };
  if (!isSame) setTimeout(showUpload, QUICK_MS);
  showUpload();
}

function showUpload() {
  const { id, sent, size, since } = upload ?? {};
  const row = rows.get(id)?.row;
  const isSlow = row && performance.now() - since >= QUICK_MS;
  const isGoing = isSlow && row.dataset.state === "sending";
  if (isSlow && !isGoing) upload = null; // its next attempt begins anew
  part("progress").value = sentNow + (isGoing ? sent / size : 0);
  if (!isGoing) return;
  const named = (name) => row.querySelector(`[data-${name}]`);
  named("upload").hidden = false;
  named("upload-bar").value = sent / size;
  const kilobytes = (bytes) => Math.round(bytes / 1000);
  const words = { sent: kilobytes(sent), size: kilobytes(size) };
  named("upload-said").textContent = text(sent < size ? "upload" : "uploaded", words);
}

async function show() {
  const [all, numbers, why] = await Promise.all([entries(), counts(), hold()]);
  draw(all);
  const said = all.length ? stateOf(numbers) : "";
  if (part("state").textContent !== said) part("state").textContent = said;
  showProgress(numbers);
  part("empty").hidden = all.length > 0;
  part("send").hidden = !numbers.waiting;
  for (const each of element.querySelectorAll("[data-hold]")) {
    each.hidden = each.dataset.hold !== why || !numbers.waiting;
  }
  showClock();
  if (new URLSearchParams(location.search).has("ut")) await showLeaving();
}

async function showLeaving() {
  const { unsent, elsewhere } = await countsOfPerson();
  part("leave").hidden = unsent === 0;
  part("elsewhere").hidden = elsewhere === 0;
  part("elsewhere").textContent = text("elsewhere", { n: elsewhere });
}

function showClock() {
  const hours = Math.abs(lag()) / 3_600_000;
  part("clock").hidden = hours === 0;
  const [name, n] = hours < 1 ? ["minutes", Math.round(hours * 60)] : ["hours", Math.round(hours)];
  const off = text(lag() > 0 ? "clock-behind" : "clock-ahead", { off: text(name, { n }) });
  part("clock").textContent = off;
}

const soon = calmly(show, 150);
part("send-now").addEventListener("click", send);
part("forget").addEventListener("click", forgetSent);
onChange(soon);
onUpload(heedUpload);
addEventListener("online", soon);
addEventListener("offline", soon);
await show();
keepSending();
workOffline();
