// A count that was begun without a network: its scans are queued behind its beginning. Codes that
// are mended go to any count that is open.
import { entries, entry, onChange } from "./outbox.js";
import { textsOf } from "./texts.js";

/** @param {HTMLFormElement} form  hidden until there is such a count on this phone */
export async function offerCounting(form) {
  const text = textsOf(document.querySelector("template[data-queue-texts]"));
  const heading = form.querySelector("[data-counting]");
  const into = form.querySelector("[data-into]");
  const plain = heading.textContent;
  const isMending = () => "mending" in form.dataset;

  const show = async () => {
    const begun = (await entries()).filter(
      ({ verb, state, body }) => verb === "count" && state !== "done" && body?.place_id !== undefined,
    );
    for (const each of begun) offer(each);
    const last = begun.at(-1);
    if (!last || isMending()) return;
    Object.assign(form.dataset, { stocktake: last.body.id, after: last.id });
    heading.textContent = text("counting", { place: last.label });
    form.hidden = false;
  };

  function offer({ id, body, label }) {
    const { options } = form.elements.stocktake;
    const known = [...options].find((each) => each.value === body.id);
    const option = known ?? new Option(label, body.id);
    option.dataset.after = id;
    if (!known) options.add(option);
  }

  async function mend() {
    into.hidden = false;
    heading.textContent = plain;
    await show();
    const old = await entry(form.dataset.mending);
    // Its own, where that is open still; else the person says which.
    const { stocktake } = form.elements;
    const own = old?.url.split("/")[4];
    const isOpen = [...stocktake.options].some(({ value }) => value === own);
    if (isOpen && !stocktake.value) stocktake.value = own;
  }

  // What stands in the field was scanned in the room before.
  let goOn = null;
  const begin = document.querySelector("form[data-queue=begin]");
  begin.addEventListener("submit", takeFirst, true);
  function takeFirst(event) {
    if (form.hidden || isMending() || !form.elements.codes.value.trim()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    goOn = () => begin.requestSubmit(event.submitter);
    form.requestSubmit();
  }

  form.addEventListener("queued", () => {
    into.hidden = true;
    form.hidden = !form.dataset.stocktake;
    goOn?.();
    goOn = null;
    show();
  });
  form.addEventListener("mending", mend);
  onChange(show);
  await (isMending() ? mend() : show());
}
