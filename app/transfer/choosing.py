"""The page's choices as a mapping: which column is which field, units, currency, category words."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from app.kit.errors import Invalid
from app.kit.i18n import N_
from app.transfer.headers import Field, plain
from app.transfer.mapping import Mapping as SheetMapping

OWN_NAME = "Eget oppsett"
LENGTH_UNITS = ("mm", "cm", "dm", "m", "in")
MASS_UNITS = ("g", "hg", "kg", "t", "lb")
_CHOICES = ("length_unit", "mass_unit", "decimals")


def chosen(
    columns: list[dict[str, Any]], raw: Mapping[str, str], before: SheetMapping | None
) -> SheetMapping:
    """What was chosen, over what the mapping before held. Raises ``Invalid`` by form field."""
    content: dict[str, Any] = before.model_dump() if before else {}
    errors: dict[str, str] = {}
    fields, keys = _columns(columns, raw, errors)
    values: dict[Any, Any] = dict(content.get("values", {}))
    if words := _words(raw):
        values[Field.CATEGORY] = {**values.get(Field.CATEGORY, {}), **words}
    content |= {
        "name": raw.get("name", "").strip() or content.get("name") or OWN_NAME,
        "key": tuple(dict.fromkeys(keys)),
        "columns": fields,
        "ignore": (),
        "is_complete": True,
        "values": values,
        "currency": raw.get("currency", "").strip().upper() or None,
        "rate": rate_in(raw.get("rate", ""), errors),
        "with_vat": {"with": True, "without": False}.get(raw.get("with_vat", "")),
        **{name: raw.get(name) or None for name in _CHOICES},
    }
    if content["rate"] and not content["currency"]:
        errors["currency"] = N_("Skriv valutaen som kursen gjelder, for eksempel SEK.")
    if errors:
        raise Invalid(by_field=errors)
    try:
        return SheetMapping.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]["loc"]
        name = str(first[0]) if first else ""
        raise Invalid(by_field={name: N_("Verdien kan ikke brukes.")}) from error


def _columns(
    columns: list[dict[str, Any]], raw: Mapping[str, str], errors: dict[str, str]
) -> tuple[dict[str, Field], list[str]]:
    """Header → field, and the headers of the key."""
    fields: dict[str, Field] = {}
    keys: list[str] = []
    for number, column in enumerate(columns):
        text = raw.get(f"column-{number}", "")
        if not text or not column["header"]:
            continue
        if text not in list(Field):
            errors[f"column-{number}"] = N_("Velg en av mulighetene.")
        elif text == Field.KEY:
            keys.append(column["header"])
        elif text in fields.values():
            errors[f"column-{number}"] = N_("En annen kolonne er alt valgt for dette.")
        else:
            fields[column["header"]] = Field(text)
    return fields, keys


def _words(raw: Mapping[str, str]) -> dict[str, str]:
    """The sheet's category words and the categories chosen for them."""
    chosen_codes = {
        word: raw.get(f"code-{name.removeprefix('word-')}", "")
        for name, word in raw.items()
        if name.startswith("word-") and word
    }
    return {word: code for word, code in chosen_codes.items() if code}


def rate_in(text: str, errors: dict[str, str]) -> Decimal | None:
    """A rate typed with comma or point."""
    if not text.strip():
        return None
    try:
        rate = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        rate = Decimal(0)
    if not rate.is_finite() or not 0 < rate <= 100_000:
        errors["rate"] = N_("Kursen må være et tall større enn 0.")
        return None
    return rate


def shown_fields(columns: list[dict[str, Any]], mapping: SheetMapping | None) -> list[str]:
    """Each column's field as the form shows it: the key's columns too."""
    keys = {plain(name) for name in mapping.key} if mapping else set()
    return [
        Field.KEY.value if plain(each["header"]) in keys else (each["field"] or "")
        for each in columns
    ]
