// Opens the pages of field work without a network. Only GET, only this origin; the API, photos and
// all other pages go to the network as if this were not here. The server puts SHELL in front.
//
// The files of a release are kept for everybody. Pages are a person's own: they lie in a cache that
// is named by the owner. It goes when a form may make somebody else the one who is signed in, and
// with the first page of somebody else.
const FILES = `omlop-files:${SHELL.release}`;
const PAGES = "omlop-pages:";
const PATIENCE_MS = 4000;
const FRESH_MS = 3_600_000;
const GATEWAYS = [502, 503, 504];
// What is kept of a piece that was looked at, and of how many pieces.
const OF_PIECE = ["", "/rediger", "/bilder"];
const MOST_PIECES = 30;
const PIECE = /^\/mobler\/[0-9a-f-]{36}(\/rediger|\/bilder)?$/;
// A count, a move or a survey that was looked at, and how many of them are kept.
const WORK = /^\/(varetelling|flytt|kartlegging)\/[0-9a-f-]{36}$/;
const FORM = /^\/kartlegging\/[0-9a-f-]{36}\/registrer$/;
const GO_ON = "/kartlegging/videre";
const MOST_WORK = 12;
const LABEL = /^\/i\/([0-9a-z-]+)$/i;

// How the last page came, so that its modules come from the same release.
let isCutOff = false;
let keptAt = -Infinity;
const piecesKept = new Map();
// The latest forgetting; no page is looked for before it is over.
let forgetting = null;

addEventListener("install", (event) => event.waitUntil(fillShell().then(() => skipWaiting())));
addEventListener("activate", (event) => event.waitUntil(dropOld().then(() => clients.claim())));
let turn = Promise.resolve();
addEventListener("message", (event) => {
  turn = turn.then(() => keep(event.data)).catch(() => {});
  event.waitUntil(turn);
});
addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  const isDoor = request.method === "POST" && SHELL.doors.includes(pathname);
  if (isDoor) event.waitUntil((forgetting = forgetOthers(null)));
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(event, pathname));
  else if (pathname.startsWith("/static/")) event.respondWith(file(request));
});

async function fillShell() {
  const files = await caches.open(FILES);
  await files.addAll(SHELL.files.map((each) => new Request(each, { cache: "no-cache" })));
  // Without cookies: it must say nothing of who happened to be signed in.
  await files.add(new Request(SHELL.last, { credentials: "omit", cache: "no-store" }));
}

async function dropOld() {
  for (const name of await caches.keys()) {
    if (name.startsWith("omlop-files:") && name !== FILES) await caches.delete(name);
  }
}

async function page(event, pathname) {
  const isKept = SHELL.pages.includes(pathname) || PIECE.test(pathname) || WORK.test(pathname);
  const kept = isKept ? await keptPage(pathname) : null;
  try {
    const asked = fetch(event.request);
    // Also an answer that came too late to be shown tells who is signed in now.
    event.waitUntil(asked.then(heed, () => {}));
    // An older count, move or survey would deny what was just done with it: it is for no network only.
    const isOfNow = !kept || WORK.test(pathname);
    const response = await inTime(asked, isOfNow ? null : PATIENCE_MS);
    if (kept && GATEWAYS.includes(response.status)) throw new Error("the server is away");
    isCutOff = false;
    return response;
  } catch {
    isCutOff = true;
    const piece = await pieceOf(pathname);
    if (piece) return Response.redirect(`/mobler/${piece}`);
    const survey = await surveyAt(pathname);
    if (survey) return Response.redirect(`${GO_ON}?kartlegging=${survey}`);
    const files = await caches.open(FILES);
    const shown = kept && pathname === GO_ON ? await goingOn(kept, event.request.url) : kept;
    return shown ?? (await files.match(SHELL.last)) ?? Response.error();
  }
}

async function heed({ headers }) {
  const owner = headers.get("Omlop-Owner");
  if (owner) await forgetOthers(owner);
}

async function file(request) {
  const files = await caches.open(FILES);
  const kept = await files.match(request);
  // A hash in the address: it is this very content, or it is not there.
  if (kept && new URL(request.url).search) return kept;
  const same = kept ?? (await files.match(request, { ignoreSearch: true }));
  if (same && isCutOff) return same;
  try {
    return await inTime(fetch(request), same ? PATIENCE_MS : null);
  } catch (error) {
    if (same) return same;
    throw error;
  }
}

function inTime(promise, ms) {
  if (ms === null) return promise;
  return Promise.race([
    promise,
    new Promise((_, reject) => setTimeout(() => reject(new Error("too slow")), ms)),
  ]);
}

async function keptPage(pathname) {
  await forgetting;
  const name = (await caches.keys()).find((each) => each.startsWith(PAGES));
  return name ? (await (await caches.open(name)).match(pathname)) ?? null : null;
}

/** With null, everybody's. */
async function forgetOthers(owner) {
  for (const name of await caches.keys()) {
    if (name.startsWith(PAGES) && name !== PAGES + owner) await caches.delete(name);
  }
}

/** The id of the piece behind a label, where the phone keeps it. */
async function pieceOf(pathname) {
  const [, code] = LABEL.exec(pathname) ?? [];
  const kept = code ? await keptPage(`/I/${code.replaceAll("-", "").toUpperCase()}`) : null;
  return kept ? kept.text() : null;
}

/** The survey whose form this is, where that is kept at the address that is the same for all. */
async function surveyAt(pathname) {
  const kept = FORM.test(pathname) ? await keptPage(GO_ON) : null;
  return kept && (await kept.text()).includes(pathname) ? pathname.split("/")[2] : null;
}

/** The kept form, marked as such: survey.js may know of a newer one. Null where another is asked for. */
async function goingOn(kept, url) {
  const named = new URL(url).searchParams.get("kartlegging");
  const markup = await kept.text();
  if (named && !markup.includes(`/kartlegging/${named}/registrer`)) return null;
  return new Response(markup.replace("<html", "<html data-kept"), { headers: kept.headers });
}

async function keep({ keepFor: owner, changed, pieces = [], work = null }) {
  await keepPages(owner, changed);
  if (!pieces.length && !work) return;
  await forgetOthers(owner);
  const pages = await caches.open(PAGES + owner);
  if (WORK.test(work) && (await keepPage(pages, owner, work))) await dropOldWork(pages);
  for (const each of pieces) await keepPiece(pages, owner, each);
  await dropOldPieces(pages);
}

// The pages as this person sees them now, for when there is no network: all of them once an hour,
// and meanwhile the one that has changed.
async function keepPages(owner, changed) {
  const isFresh = performance.now() - keptAt < FRESH_MS && (await caches.has(PAGES + owner));
  const wanted = isFresh ? SHELL.pages.filter((each) => each === changed) : SHELL.pages;
  if (!wanted.length) return;
  await forgetOthers(owner);
  const pages = await caches.open(PAGES + owner);
  for (const path of wanted) await keepPage(pages, owner, path);
  if (!isFresh) keptAt = performance.now();
}

/** Whether it is the owner's, and is kept. */
async function keepPage(pages, owner, path) {
  const headers = { "Omlop-Owner": owner };
  const response = await fetch(path, { cache: "no-store", headers });
  const isTheirs = response.ok && response.headers.get("Omlop-Owner") === owner;
  if (!isTheirs || response.redirected) return false;
  await pages.put(path, response);
  return true;
}

// A piece that was looked at, and where its label leads. With `isChanged` only one that is kept.
async function keepPiece(pages, owner, { id, code, version = null, isChanged = false }) {
  const path = `/mobler/${id}`;
  const isKept = Boolean(await pages.match(path));
  const before = isKept ? piecesKept.get(id) : null;
  const isSame = before && (version === null || before.version === version);
  const isFresh = isSame && performance.now() - before.at < FRESH_MS;
  if (isChanged ? !isKept : isFresh) return;
  for (const each of OF_PIECE) {
    if (!(await keepPage(pages, owner, path + each))) return;
  }
  if (code) await pages.put(`/I/${code}`, new Response(id));
  piecesKept.set(id, { version: version ?? before?.version ?? null, at: performance.now() });
}

// A cache gives its keys in the order in which they were put.
const pathsIn = async (pages) => (await pages.keys()).map(({ url }) => new URL(url).pathname);

async function dropOldWork(pages) {
  const paths = (await pathsIn(pages)).filter((each) => WORK.test(each));
  for (const path of paths.slice(0, -MOST_WORK)) await pages.delete(path);
}

async function dropOldPieces(pages) {
  const paths = await pathsIn(pages);
  const ids = paths.filter((each) => PIECE.test(each)).map((each) => each.split("/")[2]);
  const newest = new Set([...new Set(ids.reverse())].slice(0, MOST_PIECES));
  for (const path of paths) {
    const label = path.startsWith("/I/") ? await pages.match(path) : null;
    const id = label ? await label.text() : PIECE.test(path) && path.split("/")[2];
    if (id && !newest.has(id)) await pages.delete(path);
  }
}
