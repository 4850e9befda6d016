"""The table's address read leniently: what can not be read is said at its field, filters nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from starlette.datastructures import QueryParams

from app.items.filters import InventoryFilter
from app.items.inventory import InventoryColumn
from app.items.queries_list import Sorting
from app.kit.forms import UNITS
from app.kit.i18n import N_, gettext
from app.kit.text import printable
from app.kit.validation import by_field

MANY = ("state", "condition")
_TYPED_AS = {
    name: name.removesuffix(kept) + typed
    for name in InventoryFilter.model_fields
    for typed, (kept, _) in UNITS.items()
    if name.endswith(kept) and kept != "_m"
}
"""Fields typed in other units: ``width_min_mm`` → ``width_min_cm``."""
FIELDS = tuple(_TYPED_AS.get(name, name) for name in InventoryFilter.model_fields)


@dataclass(frozen=True)
class Asked:
    """A filter and an order, what was typed for them, and what could not be read."""

    wanted: InventoryFilter
    sorting: Sorting
    form: Mapping[str, Any]
    errors: Mapping[str, str]

    @property
    def query(self) -> dict[str, Any]:
        """The address of the same table, from its start."""
        order = {"sort": self.sorting.by.value, "order": "desc" if self.sorting.is_down else "asc"}
        is_usual = self.sorting == Sorting()
        return {name: value or None for name, value in self.form.items()} | (
            {} if is_usual else order
        )

    def without(self, names: Sequence[str]) -> dict[str, Any]:
        """The address without some fields of the filter."""
        return {name: value for name, value in self.query.items() if name not in names}


def typed_name(name: str) -> str:
    """What a field of the filter is called in the page's form."""
    return _TYPED_AS.get(name, name)


def asked_in(params: QueryParams) -> Asked:
    """Reads the filter and the order out of an address."""
    form: dict[str, Any] = {
        name: params.get(name, "")[:200].strip() for name in FIELDS if name not in MANY
    }
    form |= {name: [each for each in params.getlist(name) if each][:20] for name in MANY}
    errors: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name in InventoryFilter.model_fields:
        typed = typed_name(name)
        if not form[typed]:
            continue
        try:
            values[name] = _value(name, form[typed])
        except ValueError as error:
            errors[typed] = gettext(str(error))
    wanted = _readable(values, errors)
    return Asked(wanted, _sorting(params, errors), form, errors)


def _value(name: str, typed: Any) -> Any:
    if name in MANY:
        return typed
    text = printable(typed)
    for kept, convert in UNITS.values():
        if name in _TYPED_AS and name.endswith(kept):
            return convert(text)
    return text


def _readable(values: dict[str, Any], errors: dict[str, str]) -> InventoryFilter:
    try:
        return InventoryFilter.model_validate(values)
    except ValidationError as problem:
        for name, text in by_field(problem).items():
            values.pop(name, None)
            errors[typed_name(name)] = text
    return InventoryFilter.model_validate(values)


def _sorting(params: QueryParams, errors: dict[str, str]) -> Sorting:
    by, order = params.get("sort", ""), params.get("order", "")
    if not by:
        return Sorting()
    try:
        return Sorting(InventoryColumn(by), _DIRECTIONS[order])
    except (ValueError, KeyError):
        errors["sort"] = gettext(N_("Velg en av mulighetene."))
        return Sorting()


_DIRECTIONS = {"desc": True, "asc": False, "": False}
