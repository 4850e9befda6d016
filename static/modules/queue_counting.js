// A count that was begun without a network: what is done in it is queued behind its beginning. Codes
// that are mended go to any count that is open.
import { entries, entry, onChange } from "./outbox.js";
import { textsOf } from "./texts.js";

const isBeginning = ({ verb, state, body }) =>
  verb === "count" && state !== "done" && body?.place_id !== undefined;

/** @param {HTMLFormElement} form  hidden until there is such a count on this phone */
export async function offerCounting(form) {
  const text = textsOf(document.querySelector("template[data-queue-texts]"));
  const heading = form.querySelector("[data-counting]");
  const into = form.querySelector("[data-into]");
  const plain = heading.textContent;
  const isMending = () => "mending" in form.dataset;
  // What else is done in the count: things without a label, its end.
  const others = [...document.querySelectorAll("form[data-counted]")];

  const show = async () => {
    const all = await entries();
    const ended = all.filter(({ verb, state }) => verb === "end" && state !== "held");
    const over = new Set(ended.map(({ url }) => url.split("/")[4]));
    const begun = all.filter(isBeginning);
    for (const each of begun) offer(each);
    const last = begun.filter(({ body }) => !over.has(body.id)).at(-1);
    if (isMending()) return setHidden(true, others);
    if (over.has(form.dataset.stocktake)) leave();
    if (last) enter(last);
  };

  function enter({ id, body, label }) {
    for (const each of [form, ...others]) {
      Object.assign(each.dataset, { stocktake: body.id, after: id, room: label });
    }
    heading.textContent = text("counting", { place: label });
    setHidden(false, [form, ...others]);
  }

  function leave() {
    for (const each of [form, ...others]) {
      delete each.dataset.stocktake;
      delete each.dataset.after;
    }
    setHidden(true, [form, ...others]);
  }

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

  // What stands in the field was scanned in the room before, or before the end.
  let goOn = null;
  let isTakingFirst = false;
  // Who presses their own button after it could not be kept asks for nothing more.
  form.addEventListener("submit", () => isTakingFirst || (goOn = null), true);
  const begin = document.querySelector("form[data-queue=begin]");
  for (const each of [begin, ...others]) each.addEventListener("submit", takeFirst, true);
  function takeFirst(event) {
    if (form.hidden || isMending() || !form.elements.codes.value.trim()) return;
    const { currentTarget: next, submitter } = event;
    event.preventDefault();
    event.stopImmediatePropagation();
    goOn = () => next.requestSubmit(submitter);
    isTakingFirst = true;
    form.requestSubmit();
    isTakingFirst = false;
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

function setHidden(isHidden, forms) {
  for (const each of forms) each.hidden = isHidden;
}
