// Counting a room: each scan is counted at once and said by name, and one tap settles what is odd,
// while the camera goes on. Without a network a scan waits in the queue, under the same key.
import { heed, now } from "./clock.js";
import { grouped } from "./codes.js";
import { add, StorageFull } from "./outbox.js";
import { owner } from "./owner.js";
import { watchQueue } from "./queue_watch.js";
import { renewSoon } from "./renewed.js";
import { textsOf } from "./texts.js";

const PATIENCE_MS = 4000;
const LEAVING_MS = 12_000;
const TONES = {
  found: "hit",
  was_lost: "hit",
  again: "again",
  unexpected: "foreign",
  on_its_way: "foreign",
  several: "foreign",
  unknown: "foreign",
};

export function start({ element, scanner, signal }) {
  const text = textsOf(document.querySelector("template[data-count-texts]"));
  const heard = element.querySelector("[data-heard]");
  const taps = Object.fromEntries(
    [...element.querySelectorAll("[data-tap]")].map((each) => [each.dataset.tap, each]),
  );
  const url = `/api/v1/stocktakes/${element.dataset.stocktake}/scans`;
  const queued = new Set();
  const asked = new Set();
  // What became of a tap: count_page.js.
  element.addEventListener("told", ({ detail: { tone, message, why } }) => {
    tell(tone, message);
    taps["sign-in"].hidden = why !== "sign-in";
    if (tone === "hit") heard.focus({ preventScroll: true });
    else heard.scrollIntoView({ block: "center" });
  });
  // What is read while the count is being ended would come too late.
  document.addEventListener("submit", ({ target }) => {
    if (target.matches("[data-in-place], [data-renewed] form, [data-queue]:not([data-queue=end])")) return;
    scanner.close();
    setTimeout(reopen, LEAVING_MS); // the form was lost on its way, and the page still stands
  });
  // Its end waits in the queue, and is taken back.
  const reopen = () => element.hidden || scanner.open();
  let isEnding = false;
  document.addEventListener("waiting", () => {
    if (element.hidden === isEnding) return;
    isEnding = element.hidden;
    if (isEnding) scanner.close();
    else scanner.open();
  });
  if (element.hidden) scanner.close();

  return async function onCode(found) {
    if (element.hidden) return;
    const code = found.code ? grouped(found.code) : found.text;
    if (found.kind === "wrong-check") return tell("wrong", text("mistyped"));
    if (queued.has(code)) return tell("again", text("again", { name: code }));
    if (asked.has(code)) return;
    asked.add(code);
    await count(found, code).finally(() => asked.delete(code));
  };

  async function count({ text: scanned }, code) {
    const id = crypto.randomUUID();
    const body = { scans: [{ text: scanned, at: now() }] };
    const answer = await sent(id, body);
    if (answer.why) return keep(id, body, code, answer.why);
    if (!answer.ok) return tell("wrong", answer.problem.detail || answer.problem.title);
    const [{ sighting, item_id: item, name, place }] = answer.scans;
    const said = place && sighting === "unexpected" ? text(sighting, { name, place }) : "";
    tell(TONES[sighting] ?? "wrong", said || text(`met-${sighting}`, { name: name ?? code, code }));
    if (sighting === "unexpected") offer("move", { item_ids: item });
    if (sighting === "place") offer("room", { code: scanned });
    renewSoon();
  }

  /** What the server says of it, or `why` it must wait: no network, no sign-in, somebody else's. */
  async function sent(id, body) {
    try {
      const answer = await fetch(url, {
        method: "POST",
        headers: {
          Accept: "application/json",
          "Content-Type": "application/json",
          "Idempotency-Key": id,
          "Omlop-Owner": owner(),
        },
        body: JSON.stringify(body),
        redirect: "manual",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const isOurs = answer.headers.has("X-Request-Id");
      if (isOurs) heed(answer);
      if (answer.ok && isOurs) return { ok: true, scans: await answer.json() };
      if (!isOurs) return { why: "queued" };
      if (answer.status === 401) return { why: "queued-sign-in" };
      if (answer.status === 429 || answer.status >= 500) return { why: "queued-server" };
      const problem = await answer.json();
      const isOther = problem.type?.endsWith("other-person-signed-in");
      return isOther ? { why: "queued-other-person" } : { ok: false, problem };
    } catch {
      return { why: "queued" };
    }
  }

  async function keep(id, body, code, why) {
    try {
      await add({ id, verb: "count", url, label: code, shown: [[text("code"), code]], body });
      queued.add(code);
      tell(why === "queued" ? "hit" : "foreign", text(why, { code }));
      watchQueue();
    } catch (error) {
      tell("wrong", text(error instanceof StorageFull ? "full" : "not-queued", { code }));
    }
  }

  function offer(name, fields = {}) {
    for (const [each, form] of Object.entries(taps)) form.hidden = each !== name;
    for (const [field, value] of Object.entries(fields)) taps[name].elements[field].value = value;
    if (name) taps[name].elements.key.value = crypto.randomUUID();
  }

  function tell(tone, message) {
    offer(null);
    signal(tone);
    heard.dataset.tone = tone;
    heard.textContent = message;
  }
}
