// A survey that is begun without a network. The phone makes its id, so that what is registered in it can
// name it before the server has heard of it.
import { lag } from "./clock.js";
import { entries, entry } from "./outbox.js";
import { mustBeFilled } from "./queue_fields.js";
import { shownOf } from "./queue_form.js";

const SHELL = "/kartlegging/ny";

/** Where it goes on while it waits. */
export const wayTo = (id) => `${SHELL}?${new URLSearchParams({ kartlegging: id })}`;

export function survey(form, text) {
  mustBeFilled(form, text);
  const valueOf = (name) => form.elements[name]?.value.trim() || null;
  const fields = ["id", "name", "place_id", "project_id", "free_from"];
  const body = Object.fromEntries(fields.map((name) => [name, valueOf(name)]));
  const shown = shownOf(form);
  return [{ verb: "survey", url: "/api/v1/surveys", label: body.name, shown, body, joins: true }];
}

/** The form it is begun with: what waits is gone on with at once. */
export function beginSurveys(form) {
  const { id } = form.elements;
  if (!id.value) id.value = crypto.randomUUID();
  form.addEventListener("queued", () => {
    const begun = id.value;
    id.value = crypto.randomUUID();
    location.assign(wayTo(begun));
  });
}

/** The last survey that was begun here and waits yet. */
async function begunHere() {
  const isBegun = ({ verb, state }) => verb === "survey" && ["waiting", "sending"].includes(state);
  return (await entries()).findLast(isBegun) ?? null;
}

/**
 * The page that the phone kept, and marked so, is of an earlier survey than the last that was begun here.
 * Neither one that is asked for nor a piece that is mended is left.
 */
export async function leaveForBegun(form) {
  const asked = new URLSearchParams(location.search);
  if (!("kept" in document.documentElement.dataset) || asked.has("ko") || asked.has("kartlegging")) return;
  const begun = await begunHere();
  if (!begun) return;
  const at = Date.parse(begun.created_at) + lag();
  if (at > Date.parse(form.dataset.since)) location.replace(wayTo(begun.body.id));
}

/** A piece that is mended stays in its survey, whichever one the page is of. */
export async function mendInItsOwn(form) {
  const own = form.dataset.pieces;
  const mend = async () => {
    const old = await entry(form.dataset.mending);
    if (old?.url.startsWith("/api/v1/surveys/")) form.dataset.pieces = old.url;
  };
  form.addEventListener("mending", mend);
  form.addEventListener("queued", () => (form.dataset.pieces = own));
  if ("mending" in form.dataset) await mend();
}

/** The form of a piece, on the page that stands in for the survey's own. Hidden until it is known. */
export async function goOnWithBegun(form) {
  const asked = new URLSearchParams(location.search);
  const all = await entries();
  const mended = all.find(({ id }) => id === asked.get("ko"));
  const named = asked.get("kartlegging") ?? mended?.url.split("/")[4] ?? (await begunHere())?.body.id;
  const begin = all.findLast(({ verb, body }) => verb === "survey" && body.id === named);
  if (!named || (!begin && !mended)) {
    document.querySelector("[data-no-survey]").hidden = false;
    return;
  }
  // The server knows it by now: its own page says more.
  if (begin?.state === "done" && !mended && navigator.onLine) {
    location.replace(`/kartlegging/${named}/registrer`);
    return;
  }
  if (begin) nameIt(form, begin);
  form.dataset.pieces = `/api/v1/surveys/${named}/pieces`;
  form.hidden = false;
}

function nameIt(form, { id, body }) {
  form.dataset.after = id;
  document.querySelector("[data-survey-name]").textContent = body.name;
  document.title = document.title.replace(/^[^–]+/, `${body.name} `);
  document.querySelector("[data-begun-here]").hidden = false;
  const { place_id: place } = form.elements;
  if (!place.value && body.place_id) place.value = body.place_id;
}
