// Small conveniences. Every page works without them, so nothing here may be the only way.

import { focusFirstError } from "./modules/errors.js";
import { closeMenus } from "./modules/menus.js";
import { guardForms } from "./modules/forms.js";

focusFirstError(document);
closeMenus();
guardForms();

// What htmx puts into the page gets the same treatment as what came with it.
document.addEventListener("htmx:after:swap", () => focusFirstError(document));

// Unsent work of this person in this organisation: outbox.js leaves the mark.
const owner = document.querySelector('meta[name="omlop-owner"]')?.content;
const mayWait = () => owner && localStorage.getItem(`omlop-queue:${owner}`) !== null;
if (mayWait()) import("./modules/queue_watch.js").then(({ watchQueue }) => watchQueue());

// Signing out leaves it behind: the queue's page asks first.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("action") !== "/logg-ut" || "leaving" in form.dataset || !mayWait()) return;
  event.preventDefault();
  location.assign("/ko?ut=1");
});
