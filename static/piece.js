// The page of a piece: a phone keeps it for when there is no network, and then says so.
import { workOffline } from "./modules/offline.js";

const told = document.querySelector("[data-as-kept]");
const show = () => (told.hidden = navigator.onLine);
for (const each of ["online", "offline"]) addEventListener(each, show);
show();
workOffline();

// Its buttons wait for the network as forms do.
const steps = document.querySelectorAll("form[data-queue=step]");
if (steps.length) {
  const [{ queueForm }, { step }] = await Promise.all([
    import("./modules/queue_form.js"),
    import("./modules/queue_piece.js"),
  ]);
  for (const form of steps) queueForm(form, step);
}
