// What the phone keeps of unsent work, in IndexedDB: one record an entry, one a file of it.
// An entry belongs to one person in one organisation, its owner. Each change is one transaction, so
// that a full phone or a closed browser leaves all of it or nothing.
const NAME = "omlop";
const STORES = ["entries", "files", "notes"];
const DONE_KEPT = 100;
export const STATES = ["waiting", "sending", "held", "refused", "conflict", "done"];

export class StorageFull extends Error {
  name = "StorageFull";
}

/**
 * @typedef {object} Entry
 * @property {number} n  its place in the queue
 * @property {string} id
 * @property {string} key  sent as Idempotency-Key: the id, until the person changes what is sent
 * @property {boolean} isPosted  the form was sent under the key, and nobody knows whether it arrived
 * @property {boolean} [maybeThere]  it was sent from the queue, and no answer was heard
 * @property {string | null} postedWith  the id of the one that is, of the same form
 * @property {string} owner  "<person>.<organisation>"
 * @property {string} verb  register, photo, bind, move, count …
 * @property {string} label  what it is about, for the person
 * @property {[string, string][]} shown  what was typed, field by field
 * @property {{path: string, queue: string, fields: [string, string][], labels: object, was?: object} | null} typed  the form
 *   it came from; `was` what its fields began with
 * @property {object} [typedFirst]  `typed` as it was sent, where it was mended before that is known
 * @property {{piece: string, photo: string} | null} [of]  of a change of a photo
 * @property {string} method
 * @property {string} url  under /api/v1
 * @property {number | null} version  of the piece as the person saw it, sent as If-Match
 * @property {any} body  JSON, or the fields beside the files
 * @property {{field: string, name: string, size: number}[]} files
 * @property {string[]} after  ids of entries that must be done first
 * @property {string[]} [ahead]  ids of entries that go first; refused or taken back they hold up nothing
 * @property {string} state  one of STATES
 * @property {object | null} problem  the server's refusal
 * @property {object | null} sent  {link, left, piece, photo, photos}: where it ended, how many lines
 *   did not, the id of what was registered, of the photo, or of all photos of the form it came in
 * @property {string} created_at  by the phone's clock, shown to the person only
 */

let opened = null;

/** @returns {Promise<IDBDatabase>} */
function open() {
  opened ??= opening().catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
}

async function opening() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    const numbered = { keyPath: "n", autoIncrement: true };
    const entries = request.result.createObjectStore("entries", numbered);
    entries.createIndex("id", "id", { unique: true });
    entries.createIndex("turn", ["owner", "state", "n"]);
    const files = request.result.createObjectStore("files", numbered);
    files.createIndex("entry", "entry");
    request.result.createObjectStore("notes", { keyPath: "name" });
  };
  const db = await answered(request);
  // A newer version waits for this page to let go; the next use opens it again.
  db.onversionchange = db.onclose = () => {
    db.close();
    opened = null;
  };
  return db;
}

function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function transaction(mode, work) {
  const db = await open();
  const running = db.transaction(STORES, mode);
  const [entries, files, notes] = STORES.map((name) => running.objectStore(name));
  const ended = new Promise((resolve, reject) => {
    running.oncomplete = resolve;
    running.onabort = () => reject(running.error);
  });
  ended.catch(() => {}); // told below; here it would be nobody's rejection
  try {
    const answer = await work({ entries, files, notes });
    await ended;
    return answer;
  } catch (error) {
    try {
      running.abort();
    } catch {
      // it has ended by itself
    }
    const isFull = [error?.name, running.error?.name].includes("QuotaExceededError");
    throw isFull ? new StorageFull("storage-full", { cause: error }) : error;
  }
}

const read = (work) => transaction("readonly", work);

async function write(work) {
  const answer = await transaction("readwrite", work);
  for (const each of listeners) each();
  channel?.postMessage("changed");
  return answer;
}

const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("omlop-outbox") : null;
const listeners = new Set();
if (channel) channel.onmessage = () => listeners.forEach((each) => each());

/** Called when anything in the queue changed, in this tab or another. */
export function onChange(listener) {
  listeners.add(listener);
}

const span = (owner, state) => IDBKeyRange.bound([owner, state, 0], [owner, state, Infinity]);

async function* rows(source, range) {
  const request = source.openCursor(range);
  for (let cursor = await answered(request); cursor; cursor = await answered(request)) {
    yield cursor.value;
    cursor.continue();
  }
}

/**
 * All or none. Throws StorageFull when the phone has no room; what was kept before still is.
 * @param {{entry: Entry, blobs: Blob[]}[]} added
 */
export function add(added) {
  return write(async ({ entries, files }) => {
    for (const { entry, blobs } of added) {
      entry.n = await answered(entries.add(entry));
      for (const [at, blob] of blobs.entries()) {
        await answered(files.add({ entry: entry.id, at, blob }));
      }
    }
    return added.map(({ entry }) => entry);
  });
}

/** The owner's entries, the oldest first. */
export async function list(owner) {
  const whole = IDBKeyRange.bound([owner], [owner, []]);
  const found = await read(({ entries }) => answered(entries.index("turn").getAll(whole)));
  return found.sort((one, other) => one.n - other.n);
}

/** All owners with entries here who are this person, in whichever organisation. */
export async function ownersOf(person) {
  const whole = IDBKeyRange.bound([`${person}.`], [`${person}.\uffff`]);
  const found = await read(({ entries }) => answered(entries.index("turn").getAll(whole)));
  return [...new Set(found.map((each) => each.owner))];
}

/** How many entries of the owner stand in each state. */
export function count(owner) {
  return read(async ({ entries }) => {
    const turn = entries.index("turn");
    const numbers = await Promise.all(
      STATES.map((state) => answered(turn.count(span(owner, state)))),
    );
    return Object.fromEntries(STATES.map((state, at) => [state, numbers[at]]));
  });
}

export function get(id) {
  return read(({ entries }) => answered(entries.index("id").get(id)));
}

/** @returns {Promise<Blob[]>} */
export async function filesOf(id) {
  const found = await read(({ files }) => answered(files.index("entry").getAll(id)));
  return found.sort((one, other) => one.at - other.at).map((each) => each.blob);
}

// It is not known yet whether the server has the form.
const UNKNOWN = new Set(["waiting", "sending", "held"]);
export const GOING = ["sending", "waiting"];

async function* going(entries, owner) {
  for (const state of GOING) yield* rows(entries.index("turn"), span(owner, state));
}

/**
 * The first entry whose turn it is: not in `passed`, all that it follows is done, and the server is
 * known not to have it with its form. It waits, or a full phone could not write that it does again:
 * only for who holds the lock of the sending, since then nothing is being sent.
 */
export function next(owner, passed) {
  return read(async ({ entries }) => {
    for await (const entry of going(entries, owner)) {
      if (passed.has(entry.id)) continue;
      if (entry.state === "sending" && entry.isTakenBack) continue;
      const named = (id) => answered(entries.index("id").get(id));
      const posted = entry.postedWith && (await named(entry.postedWith));
      if (posted?.isPosted && UNKNOWN.has(posted.state)) continue;
      const before = await Promise.all(entry.after.map(named));
      // What is no longer there was done and tidied away; deleting takes its followers with it.
      if (!before.every((each) => !each || each.state === "done")) continue;
      const ahead = await Promise.all((entry.ahead ?? []).map(named));
      if (!ahead.some((each) => GOING.includes(each?.state))) return entry;
    }
    return null;
  });
}

/**
 * Changes an entry that stands in one of the states `from`; with `drop` its files go.
 * Gives the entry as it is now, or null when it is gone or stands elsewhere.
 */
export function change(id, fields, { from = STATES, drop = false } = {}) {
  return write(async ({ entries, files }) => {
    const entry = await answered(entries.index("id").get(id));
    if (!entry || !from.includes(entry.state)) return null;
    Object.assign(entry, fields);
    await answered(entries.put(entry));
    if (drop) await dropFiles(files, id);
    return entry;
  });
}

/**
 * Holds an entry that is not being sent, or marks that one that is shall be held if that fails: in one
 * transaction, since between two of them the sending may end. Gives the entry, or null.
 */
export function takeBack(id) {
  return write(async ({ entries }) => {
    const entry = await answered(entries.index("id").get(id));
    if (!entry || ["held", "done"].includes(entry.state)) return null;
    if (entry.state === "sending") entry.isTakenBack = true;
    else entry.state = "held";
    await answered(entries.put(entry));
    return entry;
  });
}

async function dropFiles(files, id) {
  const keys = await answered(files.index("entry").getAllKeys(id));
  for (const key of keys) await answered(files.delete(key));
}

/** What came with a form that the server has taken: it is done with it, and its files go. */
export function finishFollowers(id, fields) {
  return write(async ({ entries, files }) => {
    for (const entry of await answered(entries.getAll())) {
      if (entry.postedWith !== id || entry.state === "done") continue;
      await answered(entries.put({ ...entry, ...fields }));
      await dropFiles(files, entry.id);
    }
  });
}

/**
 * What asks under the form's key whether it arrived goes aside: another of the same form asks instead,
 * and this one is then done with it or stands alone. What only follows it cannot ask.
 */
export function passOn(id) {
  return write(async ({ entries }) => {
    const first = await answered(entries.index("id").get(id));
    if (!first?.isPosted || first.state === "sending") return;
    const isMate = ({ postedWith, after, state }) =>
      postedWith === id && !after.includes(id) && state !== "done";
    const [next, ...others] = (await answered(entries.getAll())).filter(isMate);
    if (!next) return;
    await answered(entries.put({ ...next, key: first.key, isPosted: true, postedWith: null }));
    const own = { key: crypto.randomUUID(), isPosted: false };
    for (const each of [{ ...first, ...own }, ...others]) {
      await answered(entries.put({ ...each, postedWith: next.id }));
    }
  });
}

/**
 * What a closed browser left half-sent waits again, or is held where it was being taken back. Only for
 * who holds the lock of the sending.
 */
export async function settle(owner) {
  const left = (await count(owner)).sending;
  if (!left) return;
  const back = await write(async ({ entries }) => {
    const found = await answered(entries.index("turn").getAll(span(owner, "sending")));
    for (const entry of found) {
      const state = entry.isTakenBack ? "held" : "waiting";
      await answered(entries.put({ ...entry, state, maybeThere: true }));
    }
    return found.filter((each) => each.isTakenBack);
  });
  for (const { id } of back) await passOn(id);
}

/** Deletes what is not being sent, and everything that follows it, with the files. */
export function remove(ids) {
  return write(async ({ entries, files }) => {
    const all = await answered(entries.getAll());
    const gone = new Set(ids);
    for (let before = -1; before !== gone.size; ) {
      before = gone.size;
      for (const entry of all) {
        if (entry.state !== "done" && entry.after.some((id) => gone.has(id))) gone.add(entry.id);
      }
    }
    for (const entry of all) {
      if (!gone.has(entry.id) || entry.state === "sending") continue;
      await answered(entries.delete(entry.n));
      await dropFiles(files, entry.id);
    }
  });
}

/** Deletes one entry that was sent, and its files; what follows it may go. */
export function removeSent(id) {
  return write(async ({ entries, files }) => {
    const n = await answered(entries.index("id").getKey(id));
    if (n !== undefined) await answered(entries.delete(n));
    await dropFiles(files, id);
    return true;
  });
}

/** Deletes everything of the owner, also what is being sent: it must not be sent again. */
export function removeAll(owner) {
  return write(async ({ entries, files }) => {
    for (const state of STATES) {
      for (const { n, id } of await answered(entries.index("turn").getAll(span(owner, state)))) {
        await answered(entries.delete(n));
        await dropFiles(files, id);
      }
    }
  });
}

/** Keeps the newest of what is sent; with `keep` 0 none of it. */
export async function tidy(owner, keep = DONE_KEPT) {
  const surplus = (await count(owner)).done - keep;
  if (surplus <= 0) return;
  await write(async ({ entries }) => {
    const keys = await answered(entries.index("turn").getAllKeys(span(owner, "done"), surplus));
    for (const key of keys) await answered(entries.delete(key));
  });
}

/** A remembered value that belongs to no entry, such as why the queue stands still. */
export async function note(name) {
  return (await read(({ notes }) => answered(notes.get(name))))?.value ?? null;
}

export async function setNote(name, value) {
  if ((await note(name)) === value) return;
  await write(({ notes }) =>
    answered(value === null ? notes.delete(name) : notes.put({ name, value })),
  );
}
