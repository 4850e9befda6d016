// The page of a piece: a phone keeps it for when there is no network, and then says so.
import { sayAsKept } from "./modules/as_kept.js";
import { workOffline } from "./modules/offline.js";

sayAsKept();
workOffline();

if (document.querySelector("form[data-queue=step]")) {
  import("./modules/steps.js").then(({ queueSteps }) => queueSteps(document));
}
