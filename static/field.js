// The forms of field work also work without coverage, or say so. data-queue names what a form says.
import { workOffline } from "./modules/offline.js";
import { queueForm } from "./modules/queue_form.js";
import * as verbs from "./modules/queue_verbs.js";
import { reach } from "./modules/sending.js";
import { stayOnPage } from "./modules/stays.js";

for (const form of document.querySelectorAll("form[data-queue]")) {
  queueForm(form, verbs[form.dataset.queue]);
}
const counting = document.querySelector("form[data-queue-only]");
if (document.querySelector("[data-photo]")) import("./modules/photo_rows.js");
if (counting) import("./modules/queue_counting.js").then((each) => each.offerCounting(counting));
stayOnPage();
// While there is a network the phone learns how far its clock is off.
reach();
workOffline();
