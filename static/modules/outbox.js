// The queue of unsent work as pages use it. What is in it survives a reload, a restart and days
// without coverage; store.js keeps it and sync.js sends it.
import { owner } from "./owner.js";
import * as store from "./store.js";
import { drain } from "./sync.js";

export { onChange, StorageFull } from "./store.js";

const OURS = /^\/api\/v1\/[^\\\s]+$/;
// Set while anything may be unsent, so that app.js need not open the database on every page.
const FLAG = "omlop-queue:";

/**
 * Puts one request into the queue and starts sending; see `addAll`.
 * @returns {Promise<import("./store.js").Entry>}
 */
export async function add(wanted) {
  return (await addAll([wanted]))[0];
}

/**
 * Several requests, kept all or none: a registration and its photos.
 *
 * Each is `{verb, url, body}`, and may have `method` (POST), `version` (what the person saw, sent as
 * If-Match), `label` and `shown` (what the person sees of it), `typed` (the form that it came from, to
 * mend it in), `files` as `{field, name, blob}` (then the body's fields stand beside them in a form),
 * `after` (ids of entries that must be done first), `ahead` (of those that only go first) and an `id` of
 * its own, so that another can name it. With `state` "held" it waits for the person. `of` names what it is
 * about where the request does not. What was sent as a form and lost is `isPosted`, with the form's `key`;
 * what came with it in the form is `postedWith` it.
 *
 * Throws StorageFull when the phone has no room: then none of it was kept, and all that was queued
 * before still is.
 */
export async function addAll(wanted) {
  const whose = owner();
  if (!whose) throw new Error("nobody is signed in on this page");
  const kept = await store.add(wanted.map((each) => entryOf(each, whose)));
  mark(whose);
  navigator.storage?.persist?.().catch(() => {}); // asked for, not relied on
  send();
  return kept;
}

// What is kept is kept: a phone too full for the mark still sends from this page and from the queue's.
function mark(whose) {
  try {
    localStorage.setItem(FLAG + whose, "1");
  } catch {
    // no room for it
  }
}

function entryOf(wanted, whose) {
  const { id = crypto.randomUUID(), verb, label = "", shown = [], typed = null } = wanted;
  const { method = "POST", version = null, url, body = null, files = [], after = [], ahead = [] } = wanted;
  const { key = id, isPosted = false, postedWith = null, state = "waiting", of = null } = wanted;
  if (!OURS.test(url)) throw new TypeError(`not a path of the API: ${url}`);
  return {
    blobs: files.map(({ blob }) => blob),
    entry: {
      id,
      key,
      isPosted,
      postedWith,
      owner: whose,
      verb,
      label,
      shown,
      typed,
      of,
      method,
      url,
      version,
      body,
      files: files.map(({ field, name, blob }) => ({ field, name, size: blob.size })),
      after,
      ahead,
      state,
      problem: null,
      tries: 0,
      sent: null,
      created_at: new Date().toISOString(),
    },
  };
}

/** Sends what waits; safe to call at any time, from any tab. */
export async function send() {
  const whose = owner();
  if (!whose) return;
  await drain(whose);
  const { unsent } = await counts();
  if (unsent === 0) localStorage.removeItem(FLAG + whose);
}

/** Sends now, when the network returns and when the page comes to the front. */
export function keepSending() {
  addEventListener("online", send);
  addEventListener("pageshow", send);
  document.addEventListener("visibilitychange", () => document.hidden || send());
  return send();
}

/** This person's entries in this organisation, the oldest first. */
export async function entries() {
  const whose = owner();
  return whose ? store.list(whose) : [];
}

// This person in every organisation: signing out leaves them all.
const owners = async () => (owner() ? store.ownersOf(owner().split(".")[0]) : []);

/** How many of this person are unsent: in all organisations, and in others than this one. */
export async function countsOfPerson() {
  const numbers = { unsent: 0, elsewhere: 0 };
  for (const whose of await owners()) {
    const { unsent } = await counts(whose);
    numbers.unsent += unsent;
    if (whose !== owner()) numbers.elsewhere += unsent;
  }
  return numbers;
}

/** How many stand in each state; `unsent` is all but the done. */
export async function counts(whose = owner()) {
  const found = whose ? await store.count(whose) : {};
  const { done = 0, ...others } = found;
  return { ...found, unsent: Object.values(others).reduce((sum, each) => sum + each, 0), done };
}

/** Why the queue stands still: "sign-in", "other-person" or null. */
export async function hold() {
  const whose = owner();
  return whose ? store.note(`hold:${whose}`) : null;
}

/** One entry, where it is this person's. */
export async function entry(id) {
  const found = await store.get(id);
  return found?.owner === owner() ? found : null;
}

/** How a file out of the queue is called: whoever takes it into a form again knows it by that. */
const nameInQueue = (id, at, name) => `ko~${id}~${at}~${name}`;

/** Whether the file came out of this entry, and is not another one that was chosen anew. */
export const isOf = (id, file) => file.name.startsWith(`ko~${id}~`);

/** The files of an entry and of those that follow it. */
export async function filesOf(id) {
  const mine = (await entries()).filter((each) => each.id === id || each.after.includes(id));
  const found = await Promise.all(
    mine.map(async ({ id: each, files }) => {
      const blobs = await store.filesOf(each);
      const named = (at) => nameInQueue(each, at, files[at].name);
      return blobs.map((blob, at) => new File([blob], named(at), { type: blob.type }));
    }),
  );
  return found.flat();
}

/** Sends an entry again, with another `body` where one is given. */
export async function retry(id, fields = {}) {
  if (!(await entry(id))) return;
  const from = ["held", "refused", "conflict"];
  // Another body is another request: under the old key the server would refuse it.
  const isOther = "body" in fields;
  const key = isOther ? { key: crypto.randomUUID(), isPosted: false } : {};
  const anew = { state: "waiting", problem: null, tries: 0, isTakenBack: false };
  await store.change(id, { ...fields, ...key, ...anew }, { from });
  send();
}

/** Keeps what was typed instead, for when it is known whether what was sent had arrived. */
export async function keepTyped(id, { typed, shown }) {
  const found = await entry(id);
  if (!found) return;
  const typedFirst = found.typedFirst ?? found.typed;
  await store.change(id, { typed, shown, typedFirst }, { from: ["held"] });
}

/**
 * Takes an entry back: it stays as it was typed, and is not sent until `retry`. One that is being sent
 * just now is taken back if that does not succeed.
 */
export async function takeBack(id) {
  if (!(await entry(id))) return;
  const now = await store.takeBack(id);
  if (now?.state === "held") await store.passOn(id);
  send();
}

/** Throws an entry away, and what cannot be without it: a registration's photos, a count's scans. */
export async function discard(id) {
  if (await entry(id)) {
    await store.passOn(id);
    await store.remove([id]);
  }
  send();
}

/** Takes the sent ones off the list. */
export const forgetSent = () => store.tidy(owner(), 0);

/** As this person leaves: what they sent is forgotten, with `isAll` also what is not sent. */
export async function leaveAll({ isAll }) {
  for (const whose of await owners()) {
    if (!isAll) {
      await store.tidy(whose, 0);
      continue;
    }
    await store.removeAll(whose);
    localStorage.removeItem(FLAG + whose);
  }
}
