// One entry of the queue as the person sees it: what it is, what the server said, what can be done.
import { read } from "./codes.js";
import { discard, retry, takeBack } from "./outbox.js";

const TONES = {
  waiting: "info",
  sending: "accent",
  held: "neutral",
  refused: "danger",
  conflict: "warning",
  done: "success",
};

const TAKEN = ["code-taken", "identifier-taken"];

/** @param {number} behind  how many unsent entries follow it, and go with it */
export function rowOf(entry, template, text, behind) {
  const row = template.content.firstElementChild.cloneNode(true);
  const part = (name) => row.querySelector(`[data-${name}]`);
  row.dataset.state = entry.state;
  const verb = text(`verb-${entry.verb}`) || entry.verb;
  part("label").textContent = entry.label || verb;
  part("tag").textContent = text(entry.state);
  part("tag").dataset.color = TONES[entry.state];
  part("what").textContent = whatOf(entry, verb, text);
  show(part("problem"), said(entry, text));
  if (entry.shown.length) {
    row.querySelector(".queue-typed").hidden = false;
    const shown = entry.shown.flatMap(([name, value]) => [item("dt", name), item("dd", value)]);
    part("shown").append(...shown);
  }
  part("taps").append(...tapsOf(entry, text, behind));
  if (entry.state === "conflict" && TAKEN.includes(entry.problem.kind)) {
    showTheirs(part("theirs"), entry.problem, text);
  }
  if (isEditedElsewhere(entry)) {
    import("./queue_choice.js").then((each) => each.offerChoice(part("choice"), entry, text));
  }
  return row;
}

function item(name, content) {
  return Object.assign(document.createElement(name), { textContent: content });
}

function show(element, content) {
  element.textContent = content;
  element.hidden = !content;
}

function whatOf(entry, verb, text) {
  const when = new Date(entry.created_at).toLocaleString(document.documentElement.lang, {
    dateStyle: "short",
    timeStyle: "short",
  });
  const size = Math.round(entry.files.reduce((sum, each) => sum + each.size, 0) / 1000);
  const parts = [verb, when];
  if (size) parts.push(text("files", { size }));
  if (entry.state === "sending" && entry.isTakenBack) parts.push(text("taking-back"));
  if (entry.state === "waiting" && entry.after.length) parts.push(text("follows"));
  return parts.join(" · ");
}

function said({ state, problem, sent, typed }, text) {
  if (sent?.left) return text(`${sent.said ?? "left"}-${sent.left === 1 ? "one" : "many"}`, { n: sent.left });
  if (!problem || state === "done") return "";
  const fields = new Set((problem.errors ?? []).map((each) => atField(each, typed?.labels)));
  return [...fields].join(" ") || (problem.detail ?? problem.title ?? text("no-answer"));
}

// The pointer is that of the request, "#/0/category_id"; the form calls it "Kategori".
function atField({ pointer, detail }, labels) {
  const label = labels?.[pointer.split("/").pop()];
  return label ? `${label}: ${detail}` : detail;
}

function tapsOf(entry, text, behind) {
  const tap = (name, call, variant = "secondary") => {
    const button = item("button", text(name, { n: behind }));
    button.type = "button";
    button.className = "ds-button";
    button.dataset.variant = variant;
    button.addEventListener("click", call);
    return button;
  };
  const link = (name, href) => {
    const found = Object.assign(item("a", text(name)), { href, className: "ds-button" });
    found.dataset.variant = "secondary";
    return found;
  };
  const back = tap("take-back", () => takeBack(entry.id), "tertiary");
  if (entry.state === "waiting") return [back];
  // In weak coverage it is under way for most of the time.
  if (entry.state === "sending") return entry.isTakenBack ? [] : [back];
  if (entry.state === "done") return entry.sent?.link ? [link("open", entry.sent.link)] : [];
  const again = () => tap(entry.state === "held" ? "send" : "retry", () => retry(entry.id));
  const first = firstOf(entry, tap, again);
  const mend = entry.typed ? [link("mend", `${entry.typed.path}?ko=${entry.id}`)] : [];
  const there = pageOf(entry).map((href) => link("open", href));
  if (entry.state !== "held") return [...first, ...mend, ...there, back];
  const all = behind ? `discard-${behind === 1 ? "one" : "many"}` : "discard";
  const gone = tap(all, () => discard(entry.id), "tertiary");
  gone.dataset.color = "danger";
  return [...first, ...mend, gone];
}

function firstOf(entry, tap, again) {
  if (isEditedElsewhere(entry)) return []; // its choice stands above
  if (entry.typedFirst) return []; // sent as it was, it would lose what was mended
  if (isCodeTaken(entry)) return [withoutCode(entry, tap)];
  const { kind } = entry.state === "conflict" ? entry.problem : {};
  if (kind === "code-taken") return []; // sent again, it would be theirs again
  if (kind === "identifier-taken") {
    const body = { ...entry.body, only_if_free: false };
    return [tap("bind-too", () => retry(entry.id, { body }))];
  }
  return [again()];
}

// Where a count that took no more is begun again, and what it took is seen.
const pageOf = ({ verb, state, url }) =>
  ["count", "unlabelled", "decide", "end"].includes(verb) && state === "conflict" && url.split("/")[5]
    ? [`/varetelling/${url.split("/")[4]}`]
    : [];

const isEditedElsewhere = ({ verb, state, problem }) =>
  verb === "edit" && state === "conflict" && problem.kind === "item-stale";

const isCodeTaken = ({ verb, problem }) => verb === "register" && problem?.kind === "code-taken";

// The piece is kept as it was typed; it gets a new code and label instead of the taken one.
function withoutCode(entry, tap) {
  const body = entry.body.map((each) => ({
    ...each,
    codes: (each.codes ?? []).filter((code) => read(code).code !== entry.problem.code),
  }));
  return tap("without-code", () => retry(entry.id, { body }));
}

async function showTheirs(element, { kind, code, value }, text) {
  try {
    const asked = new URLSearchParams({ text: code ?? value });
    const answer = await fetch(`/api/v1/look-up?${asked}`);
    const [piece] = (await answer.json()).items ?? [];
    if (piece) show(element, text(kind === "code-taken" ? "theirs" : "theirs-too", piece));
  } catch {
    // Without a network the server's own words stand alone.
  }
}
