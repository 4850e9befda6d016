// Sends the queue: in order, one request an entry, each under its own Idempotency-Key. A lock sees
// to it that of several tabs one sends. What fails for want of a network or of the server waits and
// is tried again; what the server refuses is kept and shown, never dropped.
import { heed } from "./clock.js";
import * as store from "./store.js";
import { upload } from "./upload.js";
import { endOf } from "./verbs.js";

const LOCK = "omlop-outbox";
const PATIENCE_MS = 120_000;
// Of less nobody needs to see how far it is.
const LARGE_BYTES = 50_000;
const MOST_TRIES = 5;
const WAITS_S = [5, 15, 30, 60, 120, 300];
// The server is there but cannot now: the same request may succeed later.
const LATER = new Set([408, 425, 429, 502, 503, 504, 507]);
const CONFLICTS = new Set([409, 410, 412]);

let running = null;
let isWanted = false;
let timer = null;
let failures = 0;

/** Sends what waits of this owner; resolves when nothing more can go now. */
export function drain(owner) {
  isWanted = true;
  if (running) return running;
  const mine = navigator.locks.request(LOCK, async () => {
    while (isWanted) {
      isWanted = false;
      await pass(owner);
    }
    // Here and not when the lock is given back: who asks in between would wait for the next try.
    running = null;
  });
  running = mine;
  return mine.finally(() => {
    if (running === mine) running = null;
  });
}

async function pass(owner) {
  const passed = new Set();
  await ifRoom(store.settle(owner));
  for (;;) {
    const entry = await store.next(owner, passed);
    if (!entry) break;
    // It may have been taken back meanwhile.
    const mark = store.change(entry.id, { state: "sending" }, { from: store.GOING });
    if ((await ifRoom(mark)) === null) continue;
    const outcome = await attempt(entry);
    const isBack = outcome.fields.state === "waiting" && (await store.get(entry.id))?.isTakenBack;
    if (isBack) outcome.fields.state = "held";
    if ("hold" in outcome) await ifRoom(store.setNote(`hold:${owner}`, outcome.hold));
    if (outcome.isWhole) await ifRoom(store.finishFollowers(entry.id, outcome.fields));
    const isKept = await isWritten(entry.id, outcome.fields);
    if (isBack) await store.passOn(entry.id);
    if (outcome.stop) {
      tryLater(owner, outcome.after);
      return;
    }
    if (isKept) failures = 0;
    if (outcome.fields.state === "done") showAnew(owner, entry, outcome.fields.sent?.link);
    if (!isKept || outcome.fields.state === "waiting") passed.add(entry.id);
  }
  if (passed.size) tryLater(owner);
  await ifRoom(store.tidy(owner));
}

// The phone's copy of a piece is from before: an edit that builds on it would meet this one.
// A move's page is kept from now on, to be taken back where there is no network again; a count's too, once.
function showAnew(keepFor, { verb, body }, link) {
  const [, id] = /^\/mobler\/([0-9a-f-]{36})$/.exec(link ?? "") ?? [];
  const worker = navigator.serviceWorker?.controller;
  if (id) worker?.postMessage({ keepFor, pieces: [{ id, isChanged: true }] });
  const isWork = ["move", "undo", "end"].includes(verb) || (verb === "count" && "place_id" in body);
  if (isWork && link) worker?.postMessage({ keepFor, work: link });
}

/** A full phone takes no mark, but what it keeps can be sent, and then there is room again. */
async function ifRoom(writing) {
  try {
    return await writing;
  } catch {
    return undefined;
  }
}

/** Unwritten, an entry waits on; sent anew under its key it does nothing a second time. */
async function isWritten(id, fields) {
  const isDone = fields.state === "done";
  if ((await ifRoom(store.change(id, fields, { drop: isDone }))) !== undefined) return true;
  return isDone && (await ifRoom(store.removeSent(id))) !== undefined;
}

function tryLater(owner, seconds) {
  clearTimeout(timer);
  const wait = seconds ?? WAITS_S[Math.min(failures, WAITS_S.length - 1)];
  failures += 1;
  timer = setTimeout(() => drain(owner), wait * 1000);
}

const waits = (more = {}) => ({ fields: { state: "waiting" }, stop: true, ...more });

/** What became of one attempt: the entry's new fields, and whether the queue must stand still. */
async function attempt(entry) {
  let response;
  let answer;
  // Without a network nothing leaves the phone; with one, an answer that does not come may be lost.
  const unheard = navigator.onLine ? { state: "waiting", maybeThere: true } : { state: "waiting" };
  try {
    response = await answerTo(entry, await asRequest(entry));
    // A guest network's log-on page answers anything, but not as our server does.
    if (!response.headers.get("X-Request-Id")) return waits({ fields: unheard });
    heed(response);
    answer = await response.json();
  } catch (error) {
    if (!(error instanceof SyntaxError)) return waits({ fields: unheard });
    answer = {};
  }
  if (response.ok) {
    return { fields: { state: "done", problem: null, sent: endOf(entry, answer) }, hold: null };
  }
  return refused(entry, response, { ...answer, status: response.status });
}

function refused(entry, { status, headers }, problem) {
  const kind = String(problem.type ?? "").split("/").pop();
  if (status === 401) return waits({ hold: "sign-in" });
  if (kind === "other-person-signed-in") return waits({ hold: "other-person" });
  if (LATER.has(status)) {
    const after = Number(headers.get("Retry-After")) || undefined;
    return waits({ fields: { state: "waiting", problem }, after, hold: null });
  }
  // The form itself was taken under this key, with its photos; only its answer was lost.
  if (kind === "key-used-for-another" && entry.isPosted) {
    const piece = problem.answer?.item_ids?.[0];
    const photos = Array.isArray(problem.answer) ? problem.answer : [];
    const sent = { link: piece ? `/mobler/${piece}` : null, left: 0, piece, photos };
    return { fields: { state: "done", problem: null, sent }, hold: null, isWhole: true };
  }
  // Its key was forgotten meanwhile, but the piece with the id that we made was not: it arrived.
  if (kind === "item-registered-already" && JSON.stringify(entry.body).includes(problem.id)) {
    const sent = { link: `/mobler/${problem.id}`, left: 0, piece: problem.id };
    return { fields: { state: "done", problem: null, sent }, hold: null };
  }
  // Somebody was before with the very same.
  if (isSameDone(entry, kind, problem)) {
    return { fields: { state: "done", problem: null, sent: endOf(entry, {}) }, hold: null };
  }
  const state = CONFLICTS.has(status) ? "conflict" : "refused";
  const fields = { problem: { ...problem, kind }, state };
  // Heard and refused: nothing of it had arrived.
  if (status < 500) Object.assign(fields, { isPosted: false, maybeThere: false });
  if (status >= 500) {
    fields.tries = entry.tries + 1;
    if (fields.tries < MOST_TRIES) fields.state = "waiting";
  }
  return { fields, hold: null };
}

function answerTo({ id, url, files }, request) {
  const size = files.reduce((sum, each) => sum + each.size, 0);
  if (size >= LARGE_BYTES) return upload(id, url, request, PATIENCE_MS);
  return fetch(url, {
    ...request,
    cache: "no-store",
    credentials: "same-origin",
    redirect: "manual",
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
}

const isSameDone = ({ verb }, kind, { state }) =>
  (verb === "end" && kind === "stocktake-closed" && state === "finished") ||
  (verb === "undo" && kind === "relocation-undone");

async function asRequest(entry) {
  const headers = {
    Accept: "application/json",
    "Idempotency-Key": entry.key,
    "Omlop-Owner": entry.owner,
  };
  if (entry.version) headers["If-Match"] = `"v${entry.version}"`;
  let body;
  if (entry.files.length) {
    body = new FormData();
    for (const [name, value] of Object.entries(entry.body ?? {})) body.append(name, String(value));
    const blobs = await store.filesOf(entry.id);
    entry.files.forEach(({ field, name }, at) => body.append(field, blobs[at], name));
  } else if (entry.body !== null) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(entry.body);
  }
  return { method: entry.method, headers, body };
}
