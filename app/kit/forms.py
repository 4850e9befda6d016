"""A posted form as the same command that JSON and import use.

``Submission`` keeps what was typed, so that a refused form shows it again. Fields typed in other
units (cm, kg, kr) are named by the unit: ``width_cm`` fills the command's ``width_mm``.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_args

from annotated_types import Ge, Le
from fastapi import Request
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from starlette.datastructures import UploadFile

from app.kit.errors import Invalid
from app.kit.i18n import N_, gettext
from app.kit.text import printable
from app.kit.units import (
    dm3_from_m3,
    g_from_kg,
    m_from_km,
    mm_from_cm,
    ore_from_kr,
    typed_scaled,
)
from app.kit.validation import by_field

Command = TypeVar("Command", bound=BaseModel)

FILL_IN = N_("Fyll ut feltet.")
STALE = N_("Noen andre har endret dette. Se over, og lagre på nytt.")

UNITS: Mapping[str, tuple[str, Callable[[str], int]]] = {
    "_cm": ("_mm", mm_from_cm),
    "_kg": ("_g", g_from_kg),
    "_kr": ("_ore", ore_from_kr),
    "_km": ("_m", m_from_km),
    "_m3": ("_dm3", dm3_from_m3),
}

PAST_LIMIT = ("greater_than_equal", "less_than_equal")
BETWEEN = N_("Skriv mellom %(least)s og %(most)s %(unit)s.")
AT_LEAST = N_("Skriv minst %(least)s %(unit)s.")
AT_MOST = N_("Skriv høyst %(most)s %(unit)s.")


@dataclass
class Submission(Generic[Command]):
    """What was posted: ``raw`` as typed (last value of each name), ``many`` all values."""

    command: type[Command]
    raw: dict[str, str]
    many: dict[str, list[str]]
    files: dict[str, list[UploadFile]] = field(default_factory=dict)

    @property
    def key(self) -> str | None:
        """The form's idempotency key."""
        return self.raw.get("key", "").replace("\x00", "")[:128] or None

    def valid(self, **given: Any) -> Command:
        """The command. ``given`` are values that do not come from the form, such as the path's id.

        Raises ``Invalid`` with a message for each field, under the name the form uses.
        """
        errors: dict[str, str] = {}
        values, typed_as = self._values(errors)
        values.update(given)
        try:
            command = self.command.model_validate(values)
        except ValidationError as error:
            found = {typed_as.get(name, name): text for name, text in self._said(error, typed_as)}
            raise Invalid(by_field={**found, **errors}) from error
        if errors:
            raise Invalid(by_field=errors)
        return command

    def _said(self, error: ValidationError, typed_as: Mapping[str, str]) -> list[tuple[str, str]]:
        """Each field's message; limits are said in the unit that was typed."""
        passed = {str(each["loc"][0]) for each in error.errors() if each["type"] in PAST_LIMIT}
        said = by_field(error)
        for name in passed & said.keys():
            unit = typed_as.get(name, name)[-3:]
            if unit in UNITS and typed_as[name] != name:
                said[name] = _limits(self.command.model_fields[name], unit)
        return list(said.items())

    def _values(self, errors: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
        values: dict[str, Any] = {}
        typed_as: dict[str, str] = {}
        for name, info in self.command.model_fields.items():
            typed = _typed_name(name, self.raw)
            if typed is None:
                continue
            source, convert = typed
            typed_as[name] = source
            try:
                values |= self._value(name, info, source, convert)
            except ValueError as error:
                errors[source] = gettext(str(error))
        return values, typed_as

    def _value(
        self, name: str, info: FieldInfo, source: str, convert: Callable[[str], Any]
    ) -> dict[str, Any]:
        """The field's value under its name; nothing when an optional field was left empty."""
        if _is_list(info.annotation):
            return {name: [printable(each) for each in self.many[source] if each.strip()]}
        text = printable(self.raw[source]).strip()
        if text:
            return {name: convert(text)}
        if _takes_none(info.annotation):
            return {name: None}
        if info.is_required():
            raise ValueError(FILL_IN)
        return {}


def _typed_name(name: str, raw: Mapping[str, str]) -> tuple[str, Callable[[str], Any]] | None:
    if name in raw:
        return name, str
    for typed, (kept, convert) in UNITS.items():
        if name.endswith(kept):
            source = name.removesuffix(kept) + typed
            if source in raw:
                return source, convert
    return None


def _limits(info: FieldInfo, unit: str) -> str:
    """The message with both of the field's limits, or the one it has."""
    _, convert = UNITS[unit]
    limits = {
        name: typed_scaled(value, convert("1"))
        for name, value in _bounds([*info.metadata, info.annotation])
    }
    text = BETWEEN if len(limits) > 1 else AT_LEAST if "least" in limits else AT_MOST
    return gettext(text, **limits, unit=unit.removeprefix("_").replace("3", "³"))


def _bounds(parts: Sequence[Any]) -> Iterator[tuple[str, int]]:
    """Limits of an annotation, also of one that stands inside ``| None``."""
    for part in parts:
        if isinstance(part, Ge):
            yield "least", int(str(part.ge))
        elif isinstance(part, Le):
            yield "most", int(str(part.le))
        else:
            inside = part.metadata if isinstance(part, FieldInfo) else get_args(part)
            yield from _bounds(inside)


def _takes_none(annotation: Any) -> bool:
    return type(None) in getattr(annotation, "__args__", ())


def _is_list(annotation: Any) -> bool:
    parts = (annotation, *getattr(annotation, "__args__", ()))
    return any(getattr(part, "__origin__", None) in (list, tuple, Sequence) for part in parts)


def submitted(command: type[Command]) -> Callable[[Request], Awaitable[Submission[Command]]]:
    """A dependency that reads the posted form. It costs no thread and no database."""

    async def read(request: Request) -> Submission[Command]:
        form = await request.form()
        raw: dict[str, str] = {}
        many: dict[str, list[str]] = {}
        files: dict[str, list[UploadFile]] = {}
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                if value.filename:
                    files.setdefault(name, []).append(value)
                continue
            raw[name] = value
            many.setdefault(name, []).append(value)
        return Submission(command, raw, many, files)

    return read
