// Fields of a piece's forms as the API takes them. Numbers are read as the server reads the form's
// (app/kit/units.py).
import { Unfilled } from "./queue_form.js";

/** What a field's name ends with: the API's unit, how many of it there are in one, its limits. */
export const UNITS = {
  cm: { unit: "mm", factor: 10, least: 1, most: 20_000 },
  kg: { unit: "g", factor: 1000, least: 1, most: 5_000_000 },
  kr: { unit: "ore", factor: 100, least: 0, most: 100_000_000_000 },
};

export function mustBeFilled(form, text) {
  const empty = [...form.elements].find((each) => each.required && !each.value.trim());
  if (empty) throw new Unfilled(empty.name, text("required"));
}

/** A whole number of the API's unit, or null where nothing is typed. */
export function numberIn(field, { factor, least = -Infinity, most = Infinity }, text) {
  if (!field.value.trim()) return null;
  const value = Math.round(read(field, text) * factor);
  if (least <= value && value <= most) return value;
  // The server would say it too, but in units that nobody typed.
  const shown = (limit) => (limit / factor).toLocaleString(document.documentElement.lang);
  throw new Unfilled(field.name, text("not-between", { least: shown(least), most: shown(most) }));
}

export function read(field, text) {
  const plain = field.value.replace(/[\s']/g, "").replace("−", "-");
  const value = Number(plain.includes(",") ? plain.replaceAll(".", "").replace(",", ".") : plain);
  if (!Number.isFinite(value)) throw new Unfilled(field.name, text("not-a-number"));
  return value;
}

/** The chosen photos of a piece in their order, each an entry of the queue. */
export function photosIn(form, id, { label, isOfLot, more = {}, after }) {
  return [...form.elements.photos.files].map((blob, at) => ({
    verb: "photo",
    url: `/api/v1/items/${id}/photos`,
    label,
    body: { of_lot: isOfLot, ...more },
    // Never the phone's own name for it, which can tell when it was taken.
    files: [{ field: "photo", name: `bilde-${at + 1}${endingOf(blob.name)}`, blob }],
    ...(after && { after }),
  }));
}

const endingOf = (name) => /\.\w+$/.exec(name)?.[0] ?? "";
