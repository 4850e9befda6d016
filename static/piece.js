// The page of a piece: a phone keeps it for when there is no network, and then says so.
import { workOffline } from "./modules/offline.js";

const told = document.querySelector("[data-as-kept]");
const show = () => (told.hidden = navigator.onLine);
for (const each of ["online", "offline"]) addEventListener(each, show);
show();
workOffline();

if (document.querySelector("form[data-queue=step]")) {
  import("./modules/steps.js").then(({ queueSteps }) => queueSteps(document));
}
