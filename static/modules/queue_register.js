// The registration form as the API takes it, with its photos behind it. Numbers are read as the
// server reads the form's (app/kit/units.py), and what must be filled in is; what else may be wrong
// the server says when it comes.
import { shownOf, Unfilled } from "./queue_form.js";

const TEXTS = [
  "category_id", "product_model_id", "name", "maker", "model", "colour", "material", "condition",
  "place_id", "owner_unit_id", "note",
];
const UNITS = { cm: ["mm", 10], kg: ["g", 1000], kr: ["ore", 100] };

export function register(form, text) {
  const empty = [...form.elements].find((each) => each.required && !each.value.trim());
  if (empty) throw new Unfilled(empty.name, text("required"));
  const id = crypto.randomUUID();
  const key = crypto.randomUUID();
  const body = { id, ...textsIn(form), ...modelIn(form), ...codesIn(form), ...numbersIn(form, text) };
  const name = body.name ?? form.elements.category_id.selectedOptions[0].text.trim();
  const label = body.quantity > 1 ? `${name} × ${body.quantity}` : name;
  const photos = [...form.elements.photos.files].map((blob, at) => ({
    verb: "photo",
    url: `/api/v1/items/${id}/photos`,
    label,
    body: { of_lot: body.quantity > 1 },
    // Never the phone's own name for it, which can tell when it was taken.
    files: [{ field: "photo", name: `bilde-${at + 1}${endingOf(blob.name)}`, blob }],
    after: [key],
  }));
  const url = form.dataset.pieces ?? "/api/v1/items";
  const asked = { id: key, verb: "register", url, label, body: [body] };
  return [{ ...asked, shown: shownOf(form) }, ...photos];
}

const endingOf = (name) => /\.\w+$/.exec(name)?.[0] ?? "";

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
  const count = numberIn(form.elements.quantity, 1, text) ?? Math.max(1, linesOf(form).length);
  const found = { measurements: {}, quantity: count };
  const amount = form.elements.amount?.value.trim();
  if (amount) found.amount = String(read(form.elements.amount, text));
  for (const field of form.elements) {
    const [, name, typed] = /^(\w+)_(cm|kg|kr)$/.exec(field.name) ?? [];
    if (!typed || !field.value.trim()) continue;
    const [unit, factor] = UNITS[typed];
    const value = numberIn(field, factor, text);
    if (name.startsWith("m_")) found.measurements[name.slice(2)] = value;
    else found[`${name}_${unit}`] = value;
  }
  return found;
}

function numberIn(field, factor, text) {
  return field.value.trim() ? Math.round(read(field, text) * factor) : null;
}

function read(field, text) {
  const plain = field.value.replace(/[\s']/g, "").replace("−", "-");
  const value = Number(plain.includes(",") ? plain.replaceAll(".", "").replace(",", ".") : plain);
  if (!Number.isFinite(value)) throw new Unfilled(field.name, text("not-a-number"));
  return value;
}

const linesOf = (form) => form.elements.codes.value.split(/[\s,;]+/).filter(Boolean);

function codesIn(form) {
  const codes = linesOf(form);
  const value = form.elements.identifier_value.value.trim();
  const kind = form.elements.identifier_kind.value;
  return { codes, identifiers: value ? [{ kind, value }] : [] };
}
