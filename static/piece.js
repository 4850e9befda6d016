// The page of a piece: a phone keeps it for when there is no network, and then says so.
import { workOffline } from "./modules/offline.js";

const told = document.querySelector("[data-as-kept]");
const show = () => (told.hidden = navigator.onLine);
for (const each of ["online", "offline"]) addEventListener(each, show);
show();
workOffline();

// Its buttons wait for the network as forms do.
const KNOWN = new Set(["done", "refused", "conflict"]);
const steps = document.querySelectorAll("form[data-queue=step]");
if (steps.length) {
  const [{ queueForm }, { step }, { entries }] = await Promise.all([
    import("./modules/queue_form.js"),
    import("./modules/queue_piece.js"),
    import("./modules/outbox.js"),
  ]);
  // With one step on its way nobody knows which are possible after it.
  const hideAll = () => steps.forEach((form) => (form.hidden = true));
  const isOnItsWay = ({ verb, state, body }) =>
    verb === "step" && !KNOWN.has(state) && body[0].item_id === steps[0].dataset.piece;
  for (const form of steps) {
    form.addEventListener("queued", hideAll);
    queueForm(form, step);
  }
  if ((await entries()).some(isOnItsWay)) hideAll();
}
