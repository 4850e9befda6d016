// Look-up: what was scanned is shown at once, with what can be done next; the camera goes on.
import { grouped } from "./codes.js";

const SIGNALS = { piece: "hit", place: "hit", foreign: "foreign", "wrong-check": "wrong" };
const STEPS = "form[data-queue=step]";

export function start({ element, say, text, signal }) {
  const shown = element.querySelector("#hit");
  const check = element.querySelector("[data-check]");
  const field = element.querySelector("[name=kode]");
  const cutOff = element.querySelector("[data-cut-off]");
  let asked = 0;
  let room = null;
  queueSteps(shown);

  return async function onCode(found) {
    const mine = ++asked;
    signal(SIGNALS[found.kind]);
    field.value = found.code || found.text.slice(0, 200);
    say("looking");
    cutOff.hidden = true;
    try {
      const answer = await ask(found);
      if (mine !== asked) return; // another label was scanned meanwhile
      if (follow(answer)) return;
      await show(answer, shown);
      check.textContent = answer.ok ? "" : text("failed");
      if (!answer.ok) return;
      const lost = shown.querySelector("[data-find]");
      if (lost && (await isFound(lost))) {
        if (mine !== asked) return;
        await show(await ask(found), shown);
        check.textContent = text("found");
      }
      room = roomNow(room, shown);
      if (room && (await isSeen(shown, room)) && mine === asked) {
        check.textContent = `${check.textContent} ${text("seen")} ${room.name}.`.trim();
      }
    } catch {
      if (mine === asked) offer(cutOff, found, shown);
    } finally {
      if (mine === asked) say("aim");
    }
  };
}

const ask = (found) =>
  fetch(`/skann?${new URLSearchParams({ kode: found.text })}`, {
    headers: { "HX-Request": "true", "HX-Request-Type": "partial" },
  });

// Whoever has read the label at a door is in the room for a while. Where a building's or a floor's was
// read, nobody knows in which.
function roomNow(before, shown) {
  const place = shown.querySelector("[data-place]");
  if (!place) return before;
  const { place: id, name } = place.dataset;
  return id ? { id, name, at: Date.now() } : null;
}

/** The one piece that is shown was scanned here; what several share says nothing of any of them. */
async function isSeen(shown, room) {
  const { keep: piece } = shown.querySelector("[data-keep]")?.dataset ?? {};
  if (!piece) return false;
  const { sight } = await import("./sight.js");
  return sight(piece, room);
}

// Few scans need it, so the first one does not wait for it.
async function isFound(lost) {
  const { find } = await import("./find.js");
  return find(lost.dataset.find, lost.dataset.key);
}

// A blank label leads to its registration, and a session that ran out to the sign-in page.
function follow(answer) {
  const next = answer.headers.get("HX-Redirect") ?? (answer.redirected ? location.href : null);
  if (next) location.assign(next);
  return Boolean(next);
}

// Where it cannot be had, the phone keeps no piece either.
const withKept = (use) => import("./kept.js").then(use, () => {});

// Without a network nobody can say whose the code is; the person who holds the piece can.
function offer(cutOff, found, shown) {
  const code = found.code ? grouped(found.code) : found.text;
  const part = (name) => cutOff.querySelector(`[data-${name}]`);
  part("value").textContent = code;
  shown.replaceChildren();
  cutOff.hidden = false;
  if (!part("move")) return; // who may only look
  const register = found.code ? { code } : { identifier_value: code };
  part("register").search = new URLSearchParams(register);
  part("move").search = new URLSearchParams({ codes: found.kind === "place" ? found.text : code });
  part("register").hidden = found.kind === "place";
  withKept((kept) => kept.offerMore(part("move").parentElement, found));
}

// Without it they go their own way, as forms do.
async function queueSteps(shown) {
  if (!shown.querySelector(STEPS)) return;
  await import("./steps.js").then((each) => each.queueSteps(shown), () => {});
}

async function show(answer, shown) {
  if (!answer.ok) return;
  const part = new DOMParser().parseFromString(await answer.text(), "text/html");
  // A script that comes with a part does not run; a button may be pressed before steps.js is there.
  if (part.querySelector(STEPS)) await import("../early.js").catch(() => {});
  shown.replaceChildren(...part.body.childNodes);
  shown.scrollIntoView({ block: "nearest" });
  queueSteps(shown);
  if (shown.querySelector("[data-keep]")) withKept((kept) => kept.keepPieces(shown));
}
