// Parts of a page that are fetched anew while the rest of it, a camera for one, stays as it is.
import { owner } from "./owner.js";
import { clearRefusal, showRefusal } from "./refusal.js";
import { post } from "./sending.js";

const QUIET_MS = 700;
let timer = null;

/** Fetches the page when nothing has happened for a moment, and shows its parts marked data-renewed. */
export function renewSoon() {
  clearTimeout(timer);
  timer = setTimeout(() => renew().catch(() => {}), QUIET_MS);
}

async function renew() {
  const answer = await fetch(location.pathname, { redirect: "manual" });
  if (!answer.ok || answer.headers.get("Omlop-Owner") !== owner()) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const each of document.querySelectorAll("[data-renewed]")) {
    const now = page.querySelector(`[data-renewed="${each.dataset.renewed}"]`);
    // What a person has under the thumb does not move away.
    if (now && !each.contains(document.activeElement)) each.replaceChildren(...now.childNodes);
  }
}

/**
 * Forms inside such parts, and those marked data-in-place, are sent without leaving the page. Only
 * what led on was done; else the form stays as it is filled, under its key. What the server refuses
 * is shown at its fields, all else is told.
 * @param {(ending: {to?: string, said?: string, lost?: boolean, why?: string},
 *   form: HTMLFormElement) => void} tell  what became of the form, as post() says it
 */
export function settleInPlace(tell) {
  // On the way down: other listeners see that the form is taken care of.
  document.addEventListener("submit", (event) => take(event, tell), true);
}

async function take(event, tell) {
  const { target: form, submitter } = event;
  if (!form.matches("[data-in-place], [data-renewed] form")) return;
  event.preventDefault();
  if (form.dataset.sending) return;
  form.dataset.sending = "1";
  const ending = await post(form, submitter);
  delete form.dataset.sending;
  if (ending.refused) return void showRefusal(form, ending.refused);
  tell(ending, form);
  if (!ending.to) return;
  clearRefusal(form);
  form.reset();
  form.elements.key.value = crypto.randomUUID();
  await renew().catch(() => {});
}
