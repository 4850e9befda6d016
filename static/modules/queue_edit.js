// The edit form of a piece as the API takes it: only what the person changed goes out, so that what
// others change meanwhile in other fields is not set back.
import { mustBeFilled, numberIn, read, UNITS } from "./queue_fields.js";
import { shownOf, typedIn, Unfilled } from "./queue_form.js";

/** @param {HTMLFormElement} form  data-now holds its fields as they are stored */
export function edit(form, text) {
  mustBeFilled(form, text);
  const names = changedIn(form);
  const isOfLot = Boolean(form.elements.whole_lot?.checked);
  if (!names.length) throw new Unfilled("name", text("nothing-changed"));
  const { piece, label } = form.dataset;
  const isWanted = ({ name }) => names.includes(name) || name === "whole_lot";
  return [
    {
      verb: "edit",
      method: "PATCH",
      url: `/api/v1/items/${piece}${isOfLot ? "?whole_lot=true" : ""}`,
      version: Number(form.elements.version.value),
      label,
      body: bodyOf(form, names, text),
      shown: shownOf(form, isWanted),
      typed: typedOf(form, isWanted),
    },
  ];
}

/** What is stored, by field. */
export const nowIn = (form) => JSON.parse(form.dataset.now);

const plain = (value) => value.replaceAll("\r\n", "\n").trim();

function changedIn(form) {
  const now = nowIn(form);
  const names = [...form.elements].filter(({ name, labels }) => name && labels?.length);
  return [...new Set(names.map(({ name }) => name))].filter((name) => {
    return name !== "whole_lot" && plain(form.elements[name].value) !== plain(now[name] ?? "");
  });
}

function bodyOf(form, names, text) {
  const body = {};
  for (const name of names) {
    const field = form.elements[name];
    const [, stem, unit] = /^(\w+)_(cm|kg|kr)$/.exec(name) ?? [];
    if (stem?.startsWith("m_")) body.measurements = measurementsIn(form, text);
    else if (stem) body[`${stem}_${UNITS[unit].unit}`] = numberIn(field, UNITS[unit], text);
    else if (name === "amount") body.amount = String(read(field, text));
    else body[name] = plain(field.value) || null;
  }
  return body;
}

// The API replaces all of them at once.
function measurementsIn(form, text) {
  const isTyped = ({ name, value }) => /^m_\w+_cm$/.test(name) && value.trim();
  const fields = [...form.elements].filter(isTyped);
  return Object.fromEntries(
    fields.map((each) => [each.name.slice(2, -3), numberIn(each, UNITS.cm, text)]),
  );
}

// Its page by its own address: it may have been typed on the one that stands in for it.
function typedOf(form, isWanted) {
  const now = nowIn(form);
  const typed = typedIn(form);
  const fields = typed.fields.filter(([name]) => isWanted({ name }));
  const was = Object.fromEntries(fields.map(([name]) => [name, now[name] ?? ""]));
  return { ...typed, path: `/mobler/${form.dataset.piece}/rediger`, fields, was };
}
