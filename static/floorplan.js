// The plan of a floor: pieces are dragged, tapped or moved by keys. Without this, forms do it.
import { showPlan } from "./modules/plan.js";
import { letZoom } from "./modules/plan_zoom.js";

const page = document.querySelector(".plan-page");
if (page) letZoom(page);
if (page?.matches("[data-plan]")) showPlan(page);
