"""Pydantic's findings as messages a person understands, with a pointer to the place."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from app.kit.i18n import N_, gettext

MESSAGES: Mapping[str, str] = {
    "missing": N_("Fyll ut feltet."),
    "string_too_short": N_("Skriv minst %(min_length)s tegn."),
    "string_too_long": N_("Skriv høyst %(max_length)s tegn."),
    "string_type": N_("Fyll ut feltet."),
    "string_pattern_mismatch": N_("Skrivemåten er ikke riktig."),
    "int_parsing": N_("Skriv et helt tall."),
    "int_type": N_("Skriv et helt tall."),
    "int_from_float": N_("Skriv et helt tall."),
    "int_parsing_size": N_("Tallet er for stort."),
    "decimal_parsing": N_("Skriv et tall."),
    "decimal_type": N_("Skriv et tall."),
    "decimal_max_digits": N_("Tallet har for mange sifre."),
    "decimal_max_places": N_("Tallet har for mange desimaler."),
    "decimal_whole_digits": N_("Tallet er for stort."),
    "finite_number": N_("Skriv et tall."),
    "float_parsing": N_("Skriv et tall."),
    "float_type": N_("Skriv et tall."),
    "greater_than": N_("Skriv mer enn %(gt)s."),
    "greater_than_equal": N_("Skriv minst %(ge)s."),
    "less_than": N_("Skriv mindre enn %(lt)s."),
    "less_than_equal": N_("Skriv høyst %(le)s."),
    "bool_parsing": N_("Svar ja eller nei."),
    "bool_type": N_("Svar ja eller nei."),
    "enum": N_("Velg en av mulighetene."),
    "literal_error": N_("Velg en av mulighetene."),
    "uuid_parsing": N_("Velg en av mulighetene."),
    "uuid_type": N_("Velg en av mulighetene."),
    "date_parsing": N_("Skriv en dato, for eksempel 2026-03-01."),
    "date_from_datetime_parsing": N_("Skriv en dato, for eksempel 2026-03-01."),
    "date_from_datetime_inexact": N_("Skriv en dato uten klokkeslett."),
    "date_type": N_("Skriv en dato, for eksempel 2026-03-01."),
    "datetime_parsing": N_("Skriv dato og klokkeslett."),
    "datetime_from_date_parsing": N_("Skriv dato og klokkeslett."),
    "list_type": N_("Her ventes en liste."),
    "too_short": N_("Ta med minst %(min_length)s."),
    "too_long": N_("Ta med høyst %(max_length)s."),
    "dict_type": N_("Her ventes et objekt."),
    "model_type": N_("Her ventes et objekt."),
    "model_attributes_type": N_("Her ventes et objekt."),
    "extra_forbidden": N_("Feltet er ukjent."),
    "json_invalid": N_("Dette er ikke gyldig JSON."),
    "string_unicode": N_("Teksten har ugyldige tegn."),
    "url_parsing": N_("Skriv en adresse."),
}
OTHERWISE = N_("Verdien kan ikke brukes.")


def message(error: Mapping[str, Any]) -> str:
    """One finding in the reader's language. A ``ValueError`` of our own brings its message."""
    context = error.get("ctx") or {}
    if error["type"] == "value_error":
        return gettext(str(context.get("error", OTHERWISE)))
    text = gettext(MESSAGES.get(error["type"], OTHERWISE))
    return text % context if "%(" in text else text


def pointer(location: Sequence[int | str]) -> str:
    """``("body", 0, "name")`` → ``#/0/name`` (RFC 6901, as RFC 9457 shows it)."""
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in location]
    if parts[:1] == ["body"]:
        del parts[0]
    return "/".join(("#", *parts))


def by_field(error: ValidationError) -> dict[str, str]:
    """The first finding of each field, for a form."""
    found: dict[str, str] = {}
    for each in error.errors(include_url=False):
        name = str(each["loc"][0]) if each["loc"] else ""
        found.setdefault(name, message(each))
    return found


def pointers(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Every finding with its place, for a problem document."""
    return [{"pointer": pointer(each["loc"]), "detail": message(each)} for each in errors]
