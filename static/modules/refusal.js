// A refused form as the server shows it, put into the page that stands open: there the photos still
// are, which a form that the browser shows anew would have lost.
import { sameForm } from "./sending.js";

const ERRORS = "[data-field=validation]";

/** Takes the messages of an earlier refusal away. */
export function clearRefusal(form) {
  document.getElementById("error-summary")?.remove();
  for (const old of form.querySelectorAll(ERRORS)) old.remove();
  for (const old of form.querySelectorAll("[aria-invalid]")) old.removeAttribute("aria-invalid");
}

/** @param {Document} page  the server's answer, with the same form in it */
export function showRefusal(form, page) {
  clearRefusal(form);
  const theirs = sameForm(page, form);
  for (const each of theirs.querySelectorAll(ERRORS)) {
    const input = document.getElementById(each.id.replace(/-error$/, ""));
    input?.setAttribute("aria-invalid", "true");
    input?.closest(".ds-field, fieldset")?.append(each);
    input?.closest("details")?.setAttribute("open", "");
  }
  // Of many codes some were taken, and the field keeps the others under a new key. An edit that met
  // another one builds on that from now on.
  for (const each of theirs.querySelectorAll("textarea, input[name=key], input[name=version]")) {
    const mine = form.elements[each.name];
    if (!mine || mine.value === each.value) continue;
    mine.value = each.value;
    mine.dispatchEvent(new Event("input", { bubbles: true }));
  }
  for (const each of document.querySelectorAll("[data-renewed]")) {
    const now = page.querySelector(`[data-renewed="${each.dataset.renewed}"]`);
    each.replaceChildren(...(now?.childNodes ?? []));
  }
  const errors = page.getElementById("error-summary");
  if (errors) form.before(errors);
  const first = errors ?? document.querySelector("[data-renewed=conflict] > *");
  first?.setAttribute("tabindex", "-1");
  first?.focus();
  document.title = page.title;
}
