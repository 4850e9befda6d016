// A count that was begun without a network: its scans are queued behind its beginning.
import { entries, onChange } from "./outbox.js";
import { textsOf } from "./texts.js";

/** @param {HTMLFormElement} form  hidden until there is such a count on this phone */
export async function offerCounting(form) {
  const text = textsOf(document.querySelector("template[data-queue-texts]"));
  const show = async () => {
    const begun = (await entries()).filter((each) => each.body?.place_id !== undefined);
    const last = begun.filter((each) => each.verb === "count" && each.state !== "done").at(-1);
    if (!last) return;
    Object.assign(form.dataset, { stocktake: last.body.id, after: last.id });
    form.querySelector("[data-counting]").textContent = text("counting", { place: last.label });
    form.hidden = false;
  };
  // What stands in the field was scanned in the room before.
  let goOn = null;
  const begin = document.querySelector("form[data-queue=begin]");
  begin.addEventListener("submit", takeFirst, true);
  form.addEventListener("queued", () => {
    goOn?.();
    goOn = null;
  });
  function takeFirst(event) {
    if (form.hidden || !form.elements.codes.value.trim()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    goOn = () => begin.requestSubmit(event.submitter);
    form.requestSubmit();
  }
  onChange(show);
  await show();
}
