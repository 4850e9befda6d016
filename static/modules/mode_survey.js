// Survey mode: each blank label that is scanned is one more piece of the same kind. Every scan is
// looked up, so that a label that cannot be used is heard while the hand is still on the furniture.
import { grouped, read } from "./codes.js";
import { owner } from "./owner.js";
import { textsOf } from "./texts.js";

const PATIENCE_MS = 1500;
const MOST = 500;
const TONES = { added: "hit", unchecked: "hit" };
const WHY = { 401: "unchecked-sign-in", 409: "unchecked-other-person" };

export function start({ element, signal }) {
  const text = textsOf(document.querySelector("template[data-survey-texts]"));
  const form = element.querySelector("form[data-survey]");
  const heard = element.querySelector("[data-heard]");
  const { codes, place_id: place } = form.elements;
  const rooms = place.dataset.codes.split(" ");
  const waiting = new Set();
  const lines = () => codes.value.split("\n").filter((line) => line.trim());

  return async function onCode(found) {
    const code = found.code && grouped(found.code);
    if (found.kind === "wrong-check") return tell("wrong", text("wrong-check"));
    if (found.kind === "foreign") return foreign(found, (await lookUp(found.text)).hit);
    if (waiting.has(found.code)) return;
    if (lines().some((line) => read(line).code === found.code)) {
      return tell("again", text("again", { code }));
    }
    waiting.add(found.code);
    const { hit, why } = await lookUp(found.text);
    waiting.delete(found.code);
    if (hit?.place) return enter(hit.place);
    if (await isFound(hit)) return tell("again", text("found", hit.items[0]));
    const room = rooms.indexOf(found.code);
    if (!hit && room >= 0) return enterAt(place.options[room + 1]); // after the empty one
    if (!hit && found.kind === "place") return tell("wrong", text("room-unknown"));
    if (hit && hit.outcome !== "blank") return refuse(hit);
    if (lines().length >= MOST) return tell("wrong", text("full"));
    codes.value = `${[...lines(), code].join("\n")}\n`;
    codes.scrollTop = codes.scrollHeight;
    codes.dispatchEvent(new Event("input", { bubbles: true }));
    const said = why ?? "added";
    tell(TONES[said] ?? "foreign", text(said, { code, n: lines().length }));
  };

  // The room's label at the door: from here on everything stands there.
  function enter({ id, label }) {
    place.value = id;
    tell("hit", text("place", { place: label }));
  }

  function enterAt({ value: id, text: label }) {
    enter({ id, label });
  }

  function refuse({ outcome, items: [piece], organisation, withdrawn_by: who }) {
    if (piece) return tell("again", text("taken", piece));
    if (outcome === "elsewhere") return tell("foreign", text("elsewhere", { organisation }));
    if (outcome === "gone") return tell("wrong", text(who ? "gone-by" : "gone", { who }));
    tell("wrong", text("unknown"));
  }

  async function foreign({ text: value }, hit) {
    const [piece] = hit?.items ?? [];
    if (await isFound(hit)) return tell("again", text("found", piece));
    if (piece) return tell("again", text("foreign-known", { value, name: piece.name }));
    const { identifier_kind: kind, identifier_value: field } = form.elements;
    const [before, now] = [field.value.trim(), hit?.value ?? value.slice(0, 200)];
    if (before === now) return tell("again", text("again", { code: value }));
    kind.value = hit?.kind ?? "other";
    field.value = now;
    form.querySelector("[data-more]").open = true;
    // The form holds one.
    tell("foreign", text(before ? "foreign-instead" : "foreign", { value, before }));
  }

  function tell(tone, message) {
    signal(tone);
    heard.dataset.tone = tone;
    heard.textContent = message;
  }
}

// Without an answer the label is told apart as before, and the piece stays lost.
async function isFound(hit) {
  const [piece, ...others] = hit?.items ?? [];
  if (piece?.state !== "lost" || others.length) return false;
  return import("./find.js").then(({ find }) => find(piece.id)).catch(() => false);
}

/**
 * What the server knows of it, or `why` nobody asked it: "unchecked" without a network.
 * @returns {Promise<{hit?: object, why?: string}>}
 */
async function lookUp(text) {
  try {
    const answer = await fetch(`/api/v1/look-up?${new URLSearchParams({ text })}`, {
      headers: { "Omlop-Owner": owner() },
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    // A guest network's log-on page answers anything, but not as our server does.
    if (!answer.headers.has("X-Request-Id")) return { why: "unchecked" };
    if (answer.ok) return { hit: await answer.json() };
    return { why: WHY[answer.status] ?? "unchecked-server" };
  } catch {
    return { why: "unchecked" };
  }
}
