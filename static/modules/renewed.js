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
  const markup = await answer.text();
  const page = new DOMParser().parseFromString(markup, "text/html");
  await keepCopy(answer, markup);
  for (const each of document.querySelectorAll("[data-renewed]")) {
    const now = page.querySelector(`[data-renewed="${each.dataset.renewed}"]`);
    // What a person has under the thumb does not move away.
    if (now && !each.contains(document.activeElement)) each.replaceChildren(...now.childNodes);
  }
  document.dispatchEvent(new CustomEvent("renewed"));
}

// Where the phone keeps the page, it keeps it as it is now.
async function keepCopy({ headers }, markup) {
  const pages = `omlop-pages:${owner()}`;
  try {
    const kept = await globalThis.caches?.match(location.pathname, { cacheName: pages });
    if (!kept) return;
    await (await caches.open(pages)).put(location.pathname, new Response(markup, { headers }));
  } catch {
    // A full phone keeps what it has.
  }
}

/**
 * Forms inside such parts, and those marked data-in-place, are sent without leaving the page. Only
 * what is through is emptied; else the form stays as it is filled, under its key. What the server
 * refuses is shown at its fields, all else is told.
 * @param {(ending: {to?: string, said?: string, lost?: boolean, why?: string},
 *   form: HTMLFormElement) => Promise<boolean>} tell  what became of the form, as post() says it;
 *   gives whether it is through
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
  const isThrough = !ending.refused && (await tell(ending, form));
  delete form.dataset.sending;
  if (ending.refused) return void showRefusal(form, ending.refused);
  if (!isThrough) return;
  clearRefusal(form);
  form.reset();
  form.elements.key.value = crypto.randomUUID();
  if (ending.to) await renew().catch(() => {});
}
