// The buttons that change a piece's state wait for the network as forms do, on its page and under a scan.
import { entries } from "./outbox.js";
import { queueForm } from "./queue_form.js";
import { step } from "./queue_piece.js";

const ON_ITS_WAY = new Set(["waiting", "sending"]);

/** @param {ParentNode} part  with the buttons of one piece, and the words of what became of them */
export async function queueSteps(part) {
  const steps = part.querySelectorAll("form[data-queue=step]");
  if (!steps.length) return;
  // With one step on its way nobody knows which are possible after it.
  const hideAll = () => steps.forEach((form) => (form.hidden = true));
  const isOnItsWay = ({ verb, state, body }) =>
    verb === "step" && ON_ITS_WAY.has(state) && body[0].item_id === steps[0].dataset.piece;
  for (const form of steps) {
    form.addEventListener("queued", hideAll);
    queueForm(form, step);
  }
  if ((await entries()).some(isOnItsWay)) hideAll();
}
