// A form that also works without coverage: what it would have sent goes into the queue instead, and
// so does what was lost on its way.
import { addAll, discard, entries, entry, filesOf, retry, StorageFull } from "./outbox.js";
import { watchQueue } from "./queue_watch.js";
import { showRefusal } from "./refusal.js";
import { post, reach } from "./sending.js";
import { textsOf } from "./texts.js";

const HELD = new Set(["sign-in", "other-person"]);
const MENDED = new Set(["held", "refused", "conflict"]);

export class Unfilled extends Error {
  constructor(field, message) {
    super(message);
    this.field = field;
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {(form: HTMLFormElement, text: Function) => object[] | Promise<object[]>} asEntries
 *   what the form says, as entries for the queue; throws Unfilled at the field to be mended first
 */
export async function queueForm(form, asEntries) {
  const text = textsOf(document.querySelector("template[data-queue-texts]"));
  const told = document.querySelector("[data-queued]");
  const say = (words, tone) => {
    told.dataset.color = tone;
    told.querySelector("[data-queued-said]").textContent = words;
    told.querySelector("[data-queued-sign-in]").hidden = true;
    told.hidden = false;
    told.scrollIntoView({ block: "nearest" });
  };
  const tell = (name, tone) => say(text(name), tone);
  // A page that the phone kept would send the key that another form has used since.
  const renewKey = () => (form.elements.key.value = crypto.randomUUID());
  renewKey();
  let isBusy = false;
  let mended = null;

  form.addEventListener("submit", async (event) => {
    const { submitter } = event;
    // The button asks for another page.
    if (submitter?.formMethod === "get") return;
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    submitter?.setAttribute("aria-busy", "true");
    try {
      // What came from the queue goes back there.
      if (mended || "queueOnly" in form.dataset) await keep("queued");
      else await send(submitter);
    } finally {
      isBusy = false;
      submitter?.removeAttribute("aria-busy");
    }
  });

  async function send(submitter) {
    const there = await reach();
    if (there !== "here") return keep(HELD.has(there) ? there : "queued");
    if (await isBehind()) return keep("behind");
    const { to, refused, said, lost, why } = await post(form, submitter);
    if (lost) return keep("lost", form.elements.key.value);
    if (why) return keep(why);
    told.hidden = true;
    if (to) location.assign(form.dataset.next ?? to);
    else if (refused) showRefusal(form, refused);
    else say(hasTyped(form) ? `${said} ${text("stays")}` : said, "danger");
  }

  // Posted at once, the end of a count would overtake the scans that the queue still has.
  async function isBehind() {
    if (form.dataset.queue !== "end") return false;
    return (await asEntries(form, text)).some(({ ahead = [] }) => ahead.length > 0);
  }

  /** `posted` is the key under which the form was sent, where nobody knows whether it arrived. */
  async function keep(why, posted = null) {
    let name = why;
    try {
      const wanted = await asEntries(form, text);
      const { left, isKept, told: said } = await settled(wanted);
      if (!left) return;
      if (!(await isChangedInPlace(wanted))) {
        const sent = posted ? asPosted(left, posted) : left;
        await addAll(sent.map((each, at) => (at ? each : { typed: typedIn(form), ...each })));
        // Discarded, a beginning would take along what waits behind it.
        if (mended && !isKept && !wanted[0].joins) await discard(mended);
      }
      if (said) name = said;
    } catch (error) {
      if (error instanceof Unfilled) complain(form, error);
      else tell(error instanceof StorageFull ? "full" : "failed", "danger");
      return;
    }
    mended = null;
    delete form.dataset.mending;
    tell(name, HELD.has(name) ? "warning" : "success");
    told.querySelector("[data-queued-sign-in]").hidden = name !== "sign-in";
    // What was typed replaces what is stored: emptied, it would show what is no longer so.
    form.hidden = "queueOne" in form.dataset;
    form.reset();
    renewKey();
    form.dispatchEvent(new CustomEvent("queued", { bubbles: true }));
    for (const field of form.querySelectorAll("textarea")) field.dispatchEvent(new Event("input"));
    watchQueue();
  }

  // Scans wait behind the beginning of their count and name it by the id that the phone made.
  async function isChangedInPlace([{ body, label, shown, joins }]) {
    const old = mended && joins && (await entry(mended));
    if (!old || !MENDED.has(old.state)) return false;
    const fields = { label, shown, typed: typedIn(form), body: { ...body, id: old.body.id } };
    await retry(mended, fields);
    return true;
  }

  /** What is `left` to be queued when what is mended may have arrived; none where that was all. */
  async function settled(wanted) {
    const before = mended && (await entry(mended));
    const isUnknown = before?.isPosted || before?.maybeThere || before?.postedWith;
    if (!isUnknown || !["register", "photo"].includes(before.verb)) return { left: wanted };
    const { settle, settlePhoto } = await import("./queue_mend.js");
    const call = before.verb === "photo" ? settlePhoto : settle;
    const { to, said, ...found } = await call(before, form, wanted);
    if (to) location.assign(to);
    else if (said) tell(said, "warning");
    return to ?? said ? {} : { left: wanted, ...found };
  }

  async function openAgain() {
    const asked = new URLSearchParams(location.search);
    // Somebody may have begun to type before this came: that is newer than what is kept.
    const touched = touchedIn(form);
    prefill(form, asked);
    const id = asked.get("ko") ?? (await unsentOf(form));
    const old = id && (await entry(id));
    if (old?.typed?.path !== location.pathname || !isFrom(form, old)) return;
    mended = id;
    fill(form, old.typed.fields, await filesOf(id), touched);
    form.hidden = false;
    form.dataset.mending = id;
    form.dispatchEvent(new CustomEvent("mending"));
    tell(old.typed.isArrived ? "arrived" : "mending", "info");
  }

  try {
    await openAgain();
  } finally {
    // What was sent before this waits for it: early.js.
    form.dataset.ready = "";
    form.dispatchEvent(new CustomEvent("ready"));
  }
}

// Of several forms on a page the entry belongs to the one it was typed in.
function isFrom(form, { typed: { queue } }) {
  const named = queue && document.querySelector(`form[data-queue="${CSS.escape(queue)}"]`);
  return !named || form.dataset.queue === queue;
}

// With data-queue-one an entry that is not sent yet opens again in its form, and is not doubled;
// one that a page left half-sent is among them.
async function unsentOf({ dataset }) {
  if (!("queueOne" in dataset)) return null;
  const isMine = ({ verb, typed, state }) =>
    verb === dataset.queue && typed?.path === location.pathname && state !== "done";
  return (await entries()).findLast(isMine)?.id;
}

// What the address asks for, on a page that the phone kept without it.
const NAMES = { code: "codes", sted: "place_id", kode: "value" };

function prefill(form, asked) {
  for (const [name, value] of asked) {
    const field = form.elements[NAMES[name] ?? name];
    if (name === "key" || field?.value !== "") continue;
    field.value = value;
    field.closest("details")?.setAttribute("open", "");
  }
}

// Under the form's own key: if the server has taken the form, it says so, and does nothing again;
// what came with the first is done with it, and waits only until that is known. A begun count needs none, a second one joins it.
function asPosted([first, ...others], key) {
  if (first.joins) return [first, ...others];
  const { id = crypto.randomUUID() } = first;
  const behind = others.map((each) => ({ ...each, postedWith: id }));
  return [{ ...first, id, key, isPosted: true }, ...behind];
}

/** Says at the field what is to be mended. */
export function complain(form, { field, message }) {
  const input = form.elements[field];
  input.closest("details")?.setAttribute("open", "");
  input.setCustomValidity(message);
  // Whatever is changed may have mended it; the next attempt says whether it did.
  input.form.addEventListener("input", () => input.setCustomValidity(""), { once: true });
  input.reportValidity();
}

/** What the person typed, to fill the form with again, and what the form calls its fields. */
export function typedIn(form) {
  const isKept = ([name, value]) => name !== "key" && typeof value === "string";
  const named = [...form.elements].filter(({ name, labels }) => name && labels?.length);
  return {
    path: location.pathname,
    queue: form.dataset.queue,
    fields: [...new FormData(form)].filter(isKept),
    labels: Object.fromEntries(named.map((each) => [each.name, nameOf(each)])),
  };
}

/** What was typed as the person reads it: each field's label and value. */
export function shownOf(form, isWanted = () => true) {
  const shown = [];
  for (const field of form.elements) {
    if (!isWanted(field) || !field.name || !field.labels?.length || field.type === "file") continue;
    if (isBox(field)) {
      if (field.checked) shown.push([legendOf(field), labelOf(field)]);
      continue;
    }
    const value = field.tagName === "SELECT" ? field.selectedOptions[0]?.text : field.value;
    if (field.value.trim()) shown.push([labelOf(field), value.trim()]);
  }
  return shown;
}

const hasTyped = (form) => [...form.elements].some(({ labels }) => labels?.length);
const isBox = ({ type }) => ["checkbox", "radio"].includes(type);
const nameOf = (field) => (isBox(field) ? legendOf : labelOf)(field);
const labelOf = (field) => wordsOf(field.labels[0]);
const legendOf = (field) =>
  wordsOf(field.closest("fieldset")?.querySelector("legend") ?? field.labels[0]);

function wordsOf(element) {
  const copy = element.cloneNode(true);
  for (const each of copy.querySelectorAll(".must")) each.remove();
  return copy.textContent.replace(/\s+/g, " ").trim();
}

/** The names of the fields that stand otherwise than the page came. */
function touchedIn(form) {
  const defaultOf = ({ options }) => Math.max([...options].findIndex((each) => each.defaultSelected), 0);
  const isTouched = (field) => {
    if (isBox(field)) return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return field.selectedIndex !== defaultOf(field);
    return "defaultValue" in field && field.type !== "file" && field.value !== field.defaultValue;
  };
  return new Set([...form.elements].filter(isTouched).map(({ name }) => name));
}

function fill(form, fields, files, touched) {
  const values = new Map();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  for (const field of form.elements) {
    if (!field.name || field.name === "key" || touched.has(field.name)) continue;
    if (field.type === "file") {
      if (!field.multiple) continue; // the camera's own
      const kept = new DataTransfer();
      for (const each of [...files, ...field.files]) kept.items.add(each);
      field.files = kept.files;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    } else if (field.type === "radio" && !values.has(field.name)) {
      // one of them is always chosen: it was not this that was typed
    } else if (isBox(field)) {
      field.checked = (values.get(field.name) ?? []).includes(field.value);
    } else if (values.has(field.name)) {
      field.value = values.get(field.name).shift() ?? "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
}
