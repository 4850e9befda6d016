// The registration form as the API takes it, with its photos behind it. What must be filled in is;
// what else may be wrong the server says when it comes.
import { mustBeFilled, numberIn, photosIn, read, UNITS } from "./queue_fields.js";
import { shownOf } from "./queue_form.js";

const TEXTS = [
  "category_id", "product_model_id", "name", "maker", "model", "colour", "material", "condition",
  "place_id", "owner_unit_id", "note",
];

export function register(form, text) {
  mustBeFilled(form, text);
  const id = crypto.randomUUID();
  const key = crypto.randomUUID();
  const body = { id, ...textsIn(form), ...modelIn(form), ...codesIn(form), ...numbersIn(form, text) };
  const name = body.name ?? form.elements.category_id.selectedOptions[0].text.trim();
  const label = body.quantity > 1 ? `${name} × ${body.quantity}` : name;
  const photos = photosIn(form, id, { label, isOfLot: body.quantity > 1, after: [key] });
  const url = form.dataset.pieces ?? "/api/v1/items";
  const { after } = form.dataset;
  const asked = { id: key, verb: "register", url, label, body: [body], after: after ? [after] : [] };
  return [{ ...asked, shown: shownOf(form) }, ...photos];
}

function textsIn(form) {
  const given = TEXTS.map((name) => [name, form.elements[name]?.value.trim()]);
  return {
    ...Object.fromEntries(given.filter(([, value]) => value)),
    is_free: form.elements.is_free.checked,
    is_draft: Boolean(form.elements.is_draft?.checked),
  };
}

// A model that was typed: found by models.js, or kept as the piece's own words.
function modelIn({ elements: { product_model: field, model } }) {
  if (field?.dataset.id) return { product_model_id: field.dataset.id };
  const typed = field?.value.trim().slice(0, 120);
  return typed && !model.value.trim() ? { model: typed } : {};
}

function numbersIn(form, text) {
  const count = numberIn(form.elements.quantity, { factor: 1 }, text) ?? Math.max(1, linesOf(form).length);
  const found = { measurements: {}, quantity: count };
  const amount = form.elements.amount?.value.trim();
  if (amount) found.amount = String(read(form.elements.amount, text));
  for (const field of form.elements) {
    const [, name, typed] = /^(\w+)_(cm|kg|kr)$/.exec(field.name) ?? [];
    if (!typed || !field.value.trim()) continue;
    const value = numberIn(field, UNITS[typed], text);
    if (name.startsWith("m_")) found.measurements[name.slice(2)] = value;
    else found[`${name}_${UNITS[typed].unit}`] = value;
  }
  return found;
}

const linesOf = (form) => form.elements.codes.value.split(/[\s,;]+/).filter(Boolean);

function codesIn(form) {
  const codes = linesOf(form);
  const value = form.elements.identifier_value.value.trim();
  const kind = form.elements.identifier_kind.value;
  return { codes, identifiers: value ? [{ kind, value }] : [] };
}
