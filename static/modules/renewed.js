// Parts of a page that are fetched anew while the rest of it, a camera for one, stays as it is.
const QUIET_MS = 700;
let timer = null;

/** Fetches the page when nothing has happened for a moment, and shows its parts marked data-renewed. */
export function renewSoon() {
  clearTimeout(timer);
  timer = setTimeout(() => renew().catch(() => {}), QUIET_MS);
}

async function renew() {
  const answer = await fetch(location.pathname, { redirect: "manual" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const each of document.querySelectorAll("[data-renewed]")) {
    const now = page.querySelector(`[data-renewed="${each.dataset.renewed}"]`);
    // What a person has under the thumb does not move away.
    if (now && !each.contains(document.activeElement)) each.replaceChildren(...now.childNodes);
  }
}

/**
 * Forms inside such parts, and those marked data-in-place, are sent without leaving the page; what
 * is refused is shown by the page that refuses it.
 * @param {(isDone: boolean) => void} tell
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
  const status = await post(form, submitter);
  delete form.dataset.sending;
  if (status >= 400) return void form.submit();
  tell(status !== null);
  if (status === null) return;
  form.reset();
  form.elements.key.value = crypto.randomUUID();
  await renew().catch(() => {});
}

/** The answer's status, 0 for one that leads on, null where it did not arrive. */
async function post(form, submitter) {
  try {
    const body = new URLSearchParams(new FormData(form, submitter));
    return (await fetch(form.action, { method: "POST", body, redirect: "manual" })).status;
  } catch {
    return null;
  }
}
