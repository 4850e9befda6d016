// What else is done with a piece that is registered: photos of it, codes for it.
import { read } from "./codes.js";
import { photosIn } from "./queue_fields.js";
import { shownOf, typedIn, Unfilled } from "./queue_form.js";

// Its page by its own address: it may have been typed on the one that stands in for it.
const typedOn = (form, page) => ({ ...typedIn(form), path: `/mobler/${form.dataset.piece}/${page}` });

export function photos(form, text) {
  const { files } = form.elements.photos;
  if (!files.length) throw new Unfilled("photos", text("no-photos"));
  const { piece, label } = form.dataset;
  const { of_lot: lot, taken } = form.elements;
  const more = taken?.value ? { taken: taken.value } : {};
  const found = photosIn(form, piece, { label, isOfLot: Boolean(lot?.checked), more });
  // Each stands alone: one that is refused does not hold up the others.
  return found.map((each) => ({ ...each, shown: shownOf(form), typed: typedOn(form, "bilder") }));
}

const ALL = "/api/v1/photos";
// By the end of the form's address.
const CHANGES = {
  flytt: ({ photo_id: { value }, later }) => {
    return { url: `${ALL}/move`, body: { photo_id: value, later: Boolean(later) } };
  },
  merk: ({ photo_id: { value }, taken }) => {
    return { url: `${ALL}/mark`, body: { photo_id: value, taken: taken?.value ?? null } };
  },
  fjern: ({ photo_id: { value } }) => ({ method: "DELETE", url: `${ALL}/${value}` }),
  slett: ({ photo_id: { value } }) => ({ url: `${ALL}/${value}/purge` }),
};

/** What is done with a photo that is there: its place among the others, its mark, or that it goes. */
export function photoChange(form) {
  const { piece, label } = form.dataset;
  const what = form.querySelector("button").textContent.trim();
  const asked = CHANGES[form.getAttribute("action").split("/").pop()](form.elements);
  const { value: photo } = form.elements.photo_id;
  return [{ verb: "photo-change", label: `${label}: ${what}`, typed: null, of: { piece, photo }, ...asked }];
}

/** A foreign code, or a blank label, for the piece whose label is scanned. */
export function bind(form, text) {
  const { value, kind, piece } = form.elements;
  const code = value.value.trim();
  if (!code) throw new Unfilled("value", text("no-code"));
  const label = read(piece.value);
  if (label.kind !== "piece") throw new Unfilled("piece", text("no-piece"));
  const body = { value: code, kind: kind.value || null, piece: label.code, only_if_free: true };
  // Also where the code came with the page, it is part of what was typed.
  const typed = { ...typedIn(form), path: "/skann/knytt" };
  return [{ verb: "bind", url: "/api/v1/bindings", label: code, shown: shownOf(form), typed, body }];
}

/** The blank label that was stuck on the piece instead of its old one. */
export function replaceLabel(form, text) {
  const { code, kind } = read(form.elements.code.value);
  if (kind !== "piece") throw new Unfilled("code", text("no-label"));
  const { piece, label } = form.dataset;
  return [
    {
      verb: "bind",
      url: `/api/v1/items/${piece}/label`,
      label,
      shown: shownOf(form),
      typed: typedOn(form, "etikett"),
      body: { code },
    },
  ];
}

/** One step of its way, by the button that names it; there is nothing typed to mend in it. */
export function step(form) {
  const { piece, label } = form.dataset;
  const what = form.querySelector("button").textContent.trim();
  const url = `/api/v1/items/${form.elements.verb.value}`;
  const body = [{ item_id: piece }];
  return [{ verb: "step", url, label: `${label}: ${what}`, body, typed: null }];
}
