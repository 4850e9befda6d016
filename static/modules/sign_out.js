// Signing out of a phone that others use too. Unsent work is asked about on the queue's page; what
// a person's pages and sent entries said goes at once.
import { counts, discardAll, forgetSent } from "./outbox.js";

/** @param {HTMLFormElement} form  data-leaving says what becomes of unsent work: keep, discard */
export async function leave(form) {
  const { leaving } = form.dataset;
  const { unsent } = await counts();
  if (unsent && !leaving) {
    location.assign("/ko?ut=1");
    return;
  }
  if (leaving === "discard") await discardAll();
  await forgetSent();
  const names = (await globalThis.caches?.keys()) ?? [];
  const own = names.filter((each) => each.startsWith("omlop-pages:"));
  await Promise.all(own.map((each) => caches.delete(each)));
  form.submit();
}
