// Signing out of a phone that others use too. Unsent work is asked about on the queue's page; what
// a person's pages and sent entries said goes at once.
import { countsOfPerson, leaveAll } from "./outbox.js";

const PATIENCE_MS = 10_000;

/** @param {HTMLFormElement} form  data-leaving says what becomes of unsent work: keep, discard */
export async function leave(form) {
  const { leaving } = form.dataset;
  const { unsent } = await countsOfPerson();
  if (unsent && !leaving) {
    location.assign("/ko?ut=1");
    return;
  }
  // A phone that only forgot would still be signed in when the network is back.
  if (!(await isSignedOut(form))) {
    form.closest("details")?.removeAttribute("open"); // it would lie over what is said
    stay(document.getElementById("flash"));
    return;
  }
  await leaveAll({ isAll: leaving === "discard" });
  const names = (await globalThis.caches?.keys()) ?? [];
  const own = names.filter((each) => each.startsWith("omlop-pages:"));
  await Promise.all(own.map((each) => caches.delete(each)));
  location.assign("/logg-inn");
}

function stay(told) {
  const wrap = document.createElement("div");
  const said = document.createElement("p");
  wrap.className = "wrap";
  said.className = "flash-text";
  said.textContent = told.dataset.stays;
  wrap.append(said);
  told.replaceChildren(wrap);
  told.scrollIntoView({ block: "nearest" });
}

/** Whether the server has ended the login; what it says of that is for the page that it leads to. */
async function isSignedOut(form) {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(form.action, { method: "POST", redirect: "manual", signal });
    return answer.type === "opaqueredirect";
  } catch {
    return false;
  }
}
