// The plan of a floor: pieces are dragged, tapped or moved by keys. Without this, forms do it.
import { showPlan } from "./modules/plan.js";

const part = document.querySelector("[data-plan]");
if (part) showPlan(part);
