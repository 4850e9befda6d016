"""The inventory's filter told in words: one chip for each part of it, with the way out of it."""

from collections.abc import Sequence
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.items import choices, names
from app.items.filters import InventoryFilter
from app.items.queries_asked import Asked, typed_name
from app.items.queries_further import further
from app.kit.i18n import N_, gettext
from app.kit.page import url


def chips(request: Request, session: Session, actor: Actor, asked: Asked) -> list[dict[str, str]]:
    """Each filter in force in words, with the address of the table without it."""
    readable = _readable(session, actor, asked.wanted)
    found = []
    others = [(each.label, (name,)) for name, each in further(session).items()]
    for label, names_of in (*_LABELS, *others):
        values = [
            readable.get(str(each), each)
            for name in names_of
            for each in _listed(asked.form.get(typed_name(name)), typed_name(name))
            if name in asked.wanted.chosen
        ]
        if values:
            query = asked.without([typed_name(name) for name in names_of])
            text = f"{gettext(label)}: {', '.join(values)}"
            found.append({"text": text, "href": url(request, "items:browse", query=query)})
    return found


def _listed(value: Any, name: str) -> list[str]:
    """What was typed in one field, with its unit and which end of a range it is."""
    if isinstance(value, list):
        return [str(each) for each in value]
    if not value:
        return []
    unit = {"_cm": "\xa0cm", "_kg": "\xa0kg", "_kr": "\xa0kr"}.get(name[-3:], "")
    end = "≥\xa0" if "_min" in name else "≤\xa0" if "_max" in name else ""
    day = {"registered_from": "fra", "seen_from": "fra", "registered_until": "til"}.get(name, "")
    text = {"true": N_("Med"), "false": N_("Uten")}.get(str(value))
    if name == "is_selected":
        return [gettext(N_("bare de") if value == "true" else N_("uten dem"))]
    if text is not None and name.startswith("has_"):
        return [gettext(text).lower()]
    return [f"{gettext(day)} {value}" if day else f"{end}{value}{unit}"]


_LABELS: Sequence[tuple[str, tuple[str, ...]]] = (
    (N_("Kategori"), ("category_id",)),
    (N_("Sted"), ("place_id",)),
    (N_("Eier"), ("owner_unit_id",)),
    (N_("Brukes av"), ("holder_unit_id",)),
    (N_("Status"), ("state",)),
    (N_("Tilstand"), ("condition",)),
    (N_("Produsent"), ("maker",)),
    (N_("Modell"), ("model",)),
    (N_("Farge"), ("colour",)),
    (N_("Materiale"), ("material",)),
    (N_("Bredde"), ("width_min_mm", "width_max_mm")),
    (N_("Dybde"), ("depth_min_mm", "depth_max_mm")),
    (N_("Høyde"), ("height_min_mm", "height_max_mm")),
    (N_("Vekt"), ("mass_min_g", "mass_max_g")),
    (N_("Nypris"), ("new_price_min_ore", "new_price_max_ore")),
    (N_("Registrert"), ("registered_from", "registered_until")),
    (N_("Sist sett"), ("seen_from",)),
    (N_("Ikke sett siden"), ("unseen_since",)),
    (N_("Sist sett i"), ("seen_place_id",)),
    (N_("Sist sett av"), ("seen_by",)),
    (N_("Bilde"), ("has_photo",)),
    (N_("Etikett"), ("has_label",)),
    (N_("Egnethet"), ("suitability",)),
    (N_("Valgte"), ("is_selected",)),
    (N_("Parti"), ("lot_id",)),
)


def _readable(session: Session, actor: Actor, wanted: InventoryFilter) -> dict[str, str]:
    """Ids and codes in the filter as people know them."""
    found = {each.value: gettext(text) for each, text in names.STATES.items()}
    found |= {each.value: gettext(text) for each, text in names.CONDITIONS.items()}
    found |= {each.value: gettext(text) for each, text in names.SUITABILITIES.items()}
    if wanted.category_id:
        found |= {
            str(key): text
            for _, options in choices.category_options(session)
            for key, text in options
        }
    if wanted.place_id or wanted.seen_place_id:
        found |= {str(key): text for key, text in choices.place_options(session, actor)}
    if wanted.owner_unit_id or wanted.holder_unit_id:
        options = choices.unit_options(session, actor)
        found |= {str(key): text.strip("\xa0") for key, text in options}
    for name, each in further(session).items():
        if name in wanted.chosen:
            found |= dict(each.options(session, actor))
    return found
