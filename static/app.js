// Small conveniences. Every page works without them, so nothing here may be the only way.

import { focusFirstError } from "./modules/errors.js";
import { closeMenus } from "./modules/menus.js";
import { guardForms } from "./modules/forms.js";
import { owner } from "./modules/owner.js";

focusFirstError(document);
closeMenus();
guardForms();

// What htmx puts into the page gets the same treatment as what came with it.
document.addEventListener("htmx:after:swap", () => focusFirstError(document));

// Unsent work of this person in this organisation: outbox.js leaves the mark.
if (localStorage.getItem(`omlop-queue:${owner()}`)) {
  import("./modules/queue_watch.js").then(({ watchQueue }) => watchQueue());
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("action") !== "/logg-ut") return;
  event.preventDefault();
  const submit = () => form.submit();
  import("./modules/sign_out.js").then(({ leave }) => leave(form)).catch(submit);
});
