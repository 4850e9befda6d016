// The forms of field work also work without coverage, or say so. data-queue names what a form says.
import { sayAsKept } from "./modules/as_kept.js";
import { workOffline } from "./modules/offline.js";
import { queueForm } from "./modules/queue_form.js";
import * as verbs from "./modules/queue_verbs.js";
import { reach } from "./modules/sending.js";
import { stayOnPage } from "./modules/stays.js";

for (const form of document.querySelectorAll("form[data-queue]")) {
  queueForm(form, verbs[form.dataset.queue]);
}
if (document.querySelector("[data-photo]")) import("./modules/photo_rows.js");
const counting = document.querySelector("form[data-queue=scans][data-queue-only]");
if (counting) import("./modules/queue_counting.js").then((each) => each.offerCounting(counting));
const beginning = document.querySelector("form[data-queue=survey]");
if (beginning) import("./modules/queue_survey.js").then((each) => each.beginSurveys(beginning));
if (document.querySelector("[data-count-page]")) {
  import("./modules/count_page.js").then((each) => each.watchCount());
} else if (document.querySelector("[data-waits-for]")) {
  import("./modules/waiting.js").then((each) => each.watchWaiting(undefined, each.renewPage));
}
sayAsKept();
stayOnPage();
// While there is a network the phone learns how far its clock is off.
reach();
workOffline();
