// A form that is posted by its page and not by the browser, so that what is lost on the way ends on
// the page, with what was typed, and not on the browser's own page of errors.
import { heed } from "./clock.js";
import { owner } from "./owner.js";

const PATIENCE_MS = 4000;
// The least a phone may take for an answer, and what it gets more for its photos: 10 kB a second.
const ANSWER_MS = 10_000;
const SLOWEST_BYTES_MS = 10;
const MOST_MS = 60_000;
// The server is there but cannot now, as in sync.js.
const LATER = new Set([408, 425, 429, 502, 503, 504, 507]);

/** "here", "away", or why this person's work cannot be taken: "sign-in", "other-person". */
export async function reach() {
  if (!navigator.onLine) return "away";
  try {
    const answer = await fetch("/api/v1/me", {
      headers: { "Omlop-Owner": owner() },
      cache: "no-store",
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!isOurs(answer)) return "away";
    heed(answer);
    if (answer.status === 401) return "sign-in";
    if (answer.status === 409) return "other-person";
    return answer.ok ? "here" : "away";
  } catch {
    return "away";
  }
}

// A guest network's log-on page answers anything, but not as our server does.
const isOurs = ({ headers }) => headers.has("X-Request-Id");

/**
 * What became of the form: it leads on `to` a page, it is `refused` with its own page, the server
 * `said` something else, or nobody knows whether it arrived: `lost`. `why` tells of a sign-in that
 * ran out.
 * @returns {Promise<{to?: string, refused?: Document, said?: string, lost?: boolean, why?: string}>}
 */
export async function post(form, submitter) {
  const data = new FormData(form, submitter);
  const isMultipart = form.enctype === "multipart/form-data";
  const size = [...data.values()].reduce((sum, each) => sum + (each.size ?? 0), 0);
  let answer;
  let markup;
  try {
    answer = await fetch(submitter?.getAttribute("formaction") ?? form.action, {
      method: "POST",
      body: isMultipart ? data : new URLSearchParams(data),
      headers: { "Omlop-Owner": owner(), "Omlop-Follow": "script" },
      redirect: "manual",
      signal: AbortSignal.timeout(Math.min(MOST_MS, ANSWER_MS + size / SLOWEST_BYTES_MS)),
    });
    if (!isOurs(answer) || LATER.has(answer.status)) return { lost: true };
    markup = await answer.text();
  } catch {
    return { lost: true };
  }
  const to = answer.headers.get("HX-Redirect");
  if (to?.startsWith("/logg-inn")) return { why: "sign-in" };
  if (to) return { to };
  const page = new DOMParser().parseFromString(markup, "text/html");
  if (sameForm(page, form)) return { refused: page };
  return { said: saidBy(page) };
}

/** The form as it stands in another page. */
export function sameForm(page, form) {
  return page.querySelector(`form[action="${CSS.escape(form.getAttribute("action"))}"]`);
}

function saidBy(page) {
  const words = [...page.querySelectorAll("main h1, main .lead")].map((each) => each.textContent);
  return words.map((each) => each.trim()).join(" ");
}
