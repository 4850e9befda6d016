// Yours and theirs: an edit that another came before. Theirs is read from the piece's own form as
// it is now, which knows each field's name and the words of each choice. What is chosen of mine goes
// out on top of their version; the entry keeps all that was typed.
import { discard, retry, takeBack } from "./outbox.js";
import { edit, nowIn } from "./queue_edit.js";

const WHOSE = ["yours", "theirs-now"];

/** Shows the choice in `element`, as soon as there is a network to ask for theirs. */
export async function offerChoice(element, entry, text) {
  element.hidden = false;
  const form = await formOf(entry).catch(() => null);
  if (form) {
    element.replaceChildren(choiceOf(form, entry, text));
    return;
  }
  element.textContent = text("theirs-later");
  const again = () => element.isConnected && offerChoice(element, entry, text);
  addEventListener("online", again, { once: true });
}

async function formOf({ typed, owner }) {
  const headers = { "Omlop-Owner": owner };
  const answer = await fetch(typed.path, { headers, cache: "no-store" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return answer.ok ? page.querySelector("form[data-queue=edit]") : null;
}

function choiceOf(form, entry, text) {
  const now = nowIn(form);
  const isOpen = ([name, mine]) => name !== "whole_lot" && mine !== (now[name] ?? "");
  const asked = entry.typed.fields.filter(isOpen);
  const choice = document.createElement("form");
  choice.className = "queue-choice";
  for (const [name, mine] of asked) choice.append(rowOf(form, entry, { name, mine, now, text }));
  choice.append(tapsOf(choice, asked, entry, text));
  choice.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = new FormData(choice);
    send(form, entry, asked.filter(([name]) => chosen.get(name) === "yours"), text);
  });
  return choice;
}

/** One field: what I typed, and what stands there now. */
function rowOf(form, { id, typed }, { name, mine, now, text }) {
  const row = document.querySelector("template[data-choice]").content.cloneNode(true);
  const theirs = now[name] ?? "";
  row.querySelector("legend").textContent = typed.labels[name] ?? name;
  const inputs = [...row.querySelectorAll("input")];
  for (const [at, value] of [mine, theirs].entries()) {
    const input = inputs[at];
    Object.assign(input, { name, value: WHOSE[at], id: `${id}-${name}-${at}` });
    input.nextElementSibling.htmlFor = input.id;
    row.querySelectorAll("[data-words]")[at].textContent = wordsOf(form, name, value) || text("empty");
  }
  // A place may be gone by now. Where nobody else touched the field, there is nothing to decide.
  inputs[0].disabled = !isThere(form, name, mine);
  inputs[0].checked = !inputs[0].disabled && theirs === (typed.was?.[name] ?? "");
  return row;
}

function tapsOf(choice, asked, entry, text) {
  const taps = document.createElement("div");
  taps.className = "field-taps";
  const tap = (name, more, call) => {
    const button = Object.assign(document.createElement("button"), { textContent: text(name), ...more });
    button.className = "ds-button";
    button.dataset.variant = more.type === "submit" ? "primary" : "secondary";
    if (call) button.addEventListener("click", call);
    taps.append(button);
  };
  if (!asked.length) {
    taps.append(Object.assign(document.createElement("p"), { textContent: text("same-already") }));
    tap("forget-it", { type: "button" }, () => discard(entry.id));
    return taps;
  }
  const all = (whose) => () => {
    for (const each of choice.querySelectorAll(`input[value=${whose}]:enabled`)) each.checked = true;
  };
  if (asked.length > 1) {
    tap("all-yours", { type: "button" }, all("yours"));
    tap("all-theirs", { type: "button" }, all("theirs-now"));
  }
  tap("choose", { type: "submit" });
  return taps;
}

/** Theirs, with what was chosen of mine on top, as a change of their version. */
function send(form, entry, mine, text) {
  if (!mine.length) return takeBack(entry.id);
  for (const [name, value] of mine) form.elements[name].value = value;
  if (form.elements.whole_lot) form.elements.whole_lot.checked = entry.url.includes("?");
  const [{ url, version, body }] = edit(form, text);
  return retry(entry.id, { url, version, body });
}

/** The choices of a field, or null where one writes freely. */
function choicesOf(field) {
  if (field instanceof RadioNodeList) return [...field];
  return field.options ? [...field.options] : null;
}

const isThere = (form, name, value) =>
  choicesOf(form.elements[name])?.some((each) => each.value === value) ?? true;

function wordsOf(form, name, value) {
  const found = choicesOf(form.elements[name])?.find((each) => each.value === value);
  return (found?.text ?? found?.labels[0].textContent ?? value).trim();
}
