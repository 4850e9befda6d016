"""A good row → what ``Register`` and ``Edit`` take, as JSON; and what was left out or cut.

Pure. What an item has no field for is kept in its note, so that nothing of the sheet is lost. An
amount is never invented: a piece that is counted in kg or m² and has no mass or measurements is
registered as a draft.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from operator import attrgetter
from typing import Any
from uuid import UUID

from app.catalogue.models import AmountUnit
from app.kit.i18n import N_
from app.transfer.category_words import OTHER
from app.transfer.pieces import Piece
from app.transfer.rules import Good
from app.transfer.rules import Warning as Warned
from app.transfer.values import Text
from app.transfer.whereabouts import Units, path_of

MOST_NOTE_CHARACTERS = 5_000
_MOST = {"maker": 120, "model": 120, "colour": 60, "material": 60}
_SAME = ("name", "maker", "model", "colour", "material", "condition",
         "width_mm", "depth_mm", "height_mm", "mass_g", "new_price_ore")  # fmt: skip
EDITABLE = ("category_id", *_SAME, "amount", "note")
"""Fields an updated row can change; measurements, unit and place beside them."""

_SAME_OF = attrgetter(*_SAME)
_ONE = Decimal(1)
_BY_CONTENTS = re.compile(r"=[0-9a-f]{32}:\d+")
_NO_AMOUNT = Text(N_("Verken kategori eller vekt er kjent: registreres som utkast."))
_NO_AREA = Text(N_("Kategorien telles i m², men målene mangler: registreres som utkast."))
_NO_MASS = Text(N_("Kategorien telles i kg, men vekten mangler: registreres som utkast."))
_NO_UNIT = Text(N_("Fant ingen enhet med dette navnet: den valgte enheten brukes."))
_CUT = N_("Teksten er lengre enn %(limit)s tegn; resten står i merknaden.")
_QUANTITY = N_("Antallet er endret fra %(before)s til %(after)s; det må rettes for hånd.")


def is_own_key(key: str) -> bool:
    """Whether the key stands in the sheet, and is not made of the row's contents."""
    return bool(key) and not (key.startswith("=") and _BY_CONTENTS.fullmatch(key))


def registration(
    good: Good, units: Units, amount_units: Mapping[str, AmountUnit]
) -> tuple[dict[str, Any], list[Warned]]:
    """The row's values; the keys are fields of ``Register``, and ``unit`` and ``path``."""
    piece = good.piece
    warnings: list[Warned] = []
    cut: list[str] = []
    values = _own(good, warnings, cut)
    amount, why = _amount(piece, amount_units[values["category_id"]])
    if amount is None:
        values["is_draft"] = True
        warnings.append(Warned(good.number, "draft", piece.category_text or piece.name, why))
    elif amount != 1:
        values["amount"] = str(amount)
    if piece.quantity > 1:
        values["quantity"] = piece.quantity
    if piece.measurements:
        values["measurements"] = dict(piece.measurements)
    if identifiers := _identifiers(good):
        values["identifiers"] = identifiers
    unit = _unit(good, units, warnings)
    if unit is not None:
        values["unit"] = str(unit)
    if path := path_of(piece):
        values["path"] = [[kind.value, name] for kind, name in path]
    if lines := _lines(piece, cut, has_unit=unit is not None):
        values["note"] = "\n".join(lines)[:MOST_NOTE_CHARACTERS].strip()
    return values, warnings


def _own(good: Good, warnings: list[Warned], cut: list[str]) -> dict[str, Any]:
    """The fields that are the same in sheet and item; whole texts of those cut go to ``cut``."""
    piece = good.piece
    same = zip(_SAME, _SAME_OF(piece), strict=True)
    values: dict[str, Any] = {field: value for field, value in same if value is not None}
    values["category_id"] = piece.category_code or OTHER
    for field, most in _MOST.items():
        if field in values and len(values[field]) > most:
            whole: str = values[field]
            warnings.append(Warned(good.number, "cut", whole, Text(_CUT, {"limit": most})))
            cut.append(whole)
            values[field] = whole[:most].rstrip()
    return values


def _unit(good: Good, units: Units, warnings: list[Warned]) -> UUID | None:
    piece = good.piece
    if piece.unit is None and piece.cost_centre is None:
        return None
    found = units.find(piece.unit, piece.cost_centre)
    if found is None:
        named = piece.unit or piece.cost_centre or ""
        warnings.append(Warned(good.number, "unknown_unit", named, _NO_UNIT))
    return found


def _amount(piece: Piece, unit: AmountUnit) -> tuple[Decimal | None, Text]:
    """Kilograms from the mass, square metres from the two longest sides; ``None`` is unknown."""
    if unit is AmountUnit.PIECE:
        return _ONE, _NO_AMOUNT
    if unit is AmountUnit.KG:
        if piece.mass_g is not None:
            return Decimal(piece.mass_g) / 1000, _NO_AMOUNT
        return None, _NO_MASS if piece.category_code else _NO_AMOUNT
    sides = sorted(each for each in (piece.width_mm, piece.depth_mm, piece.height_mm) if each)
    if len(sides) < 2:
        return None, _NO_AREA
    area = (Decimal(sides[-1]) * sides[-2] / 1_000_000).quantize(Decimal("0.001"))
    return (area, _NO_AREA) if area else (None, _NO_AREA)


def _identifiers(good: Good) -> list[list[str]]:
    found = [["import_key", good.key]] if is_own_key(good.key) else []
    if good.piece.serial:
        found.append(["serial", good.piece.serial])
    if good.piece.ean:
        found.append(["ean", good.piece.ean])
    return found


def _lines(piece: Piece, cut: list[str], *, has_unit: bool) -> list[str]:
    """What the item has no field for, a line each, in the language of the installation."""
    lines = [piece.note] if piece.note else []
    if piece.description and piece.description != piece.name:
        lines.append(piece.description)
    lines += cut
    if piece.category_text and not piece.category_code:
        lines.append(f"Kategori: {piece.category_text}")
    if acquired := piece.acquired_on or piece.acquired_year:
        lines.append(f"Anskaffet: {acquired}")
    if piece.unit and not has_unit:
        lines.append(f"Enhet: {piece.unit}")
    if piece.cost_centre and not has_unit:
        lines.append(f"Kostnadssted: {piece.cost_centre}")
    if piece.photo:
        lines.append(f"Bilde: {piece.photo}")
    return lines


def changes(
    number: int, before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Warned]]:
    """What the sheet says otherwise than it did; what it no longer says stays as it is.

    Only what changed in the sheet is set, so that work done on a piece since is not taken back.
    """
    changed = {
        field: after[field]
        for field in (*EDITABLE, "measurements", "unit", "path")
        if field in after and after[field] != before.get(field)
    }
    if "category_id" in changed and "amount" not in after and "amount" in before:
        changed["amount"] = "1"
    known = before.get("identifiers", ())
    fresh = [each for each in after.get("identifiers", ()) if each not in known]
    if fresh:
        changed["identifiers"] = fresh
    count = before.get("quantity", 1), after.get("quantity", 1)
    if count[0] == count[1]:
        return changed, []
    text = Text(_QUANTITY, {"before": count[0], "after": count[1]})
    return changed, [Warned(number, "quantity", str(count[1]), text)]
