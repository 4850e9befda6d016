// Survey mode: each blank label that is scanned is one more piece of the same kind. Every scan is
// looked up, so that a label that cannot be used is heard while the hand is still on the furniture.
import { grouped, read } from "./codes.js";
import { textsOf } from "./texts.js";

const PATIENCE_MS = 1500;
const MOST = 500;

export function start({ element, signal }) {
  const text = textsOf(document.querySelector("template[data-survey-texts]"));
  const form = element.querySelector("form[data-survey]");
  const heard = element.querySelector("[data-heard]");
  const { codes, place_id: place } = form.elements;
  const waiting = new Set();
  const lines = () => codes.value.split("\n").filter((line) => line.trim());

  return async function onCode(found) {
    const code = found.code && grouped(found.code);
    if (found.kind === "wrong-check") return tell("wrong", text("wrong-check"));
    if (found.kind === "foreign") return foreign(found, await lookUp(found.text));
    if (waiting.has(found.code)) return;
    if (lines().some((line) => read(line).code === found.code)) {
      return tell("again", text("again", { code }));
    }
    waiting.add(found.code);
    const hit = await lookUp(found.text);
    waiting.delete(found.code);
    if (hit?.place) return enter(hit.place);
    if (await isFound(hit)) return tell("again", text("found", hit.items[0]));
    if (hit && hit.outcome !== "blank") return refuse(hit);
    if (lines().length >= MOST) return tell("wrong", text("full"));
    codes.value = `${[...lines(), code].join("\n")}\n`;
    codes.scrollTop = codes.scrollHeight;
    codes.dispatchEvent(new Event("input", { bubbles: true }));
    tell("hit", text(hit ? "added" : "unchecked", { code, n: lines().length }));
  };

  // The room's label at the door: from here on everything stands there.
  function enter({ id, label }) {
    place.value = id;
    tell("hit", text("place", { place: label }));
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
    form.elements.identifier_kind.value = hit?.kind ?? "other";
    form.elements.identifier_value.value = hit?.value ?? value.slice(0, 200);
    form.querySelector("[data-more]").open = true;
    tell("foreign", text("foreign", { value }));
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

// What the server knows of it; null where it does not answer in time.
async function lookUp(text) {
  try {
    const answer = await fetch(`/api/v1/look-up?${new URLSearchParams({ text })}`, {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
