"""A form that registers pieces as the command that JSON and import use, and its refusals."""

from typing import Any

from app.items import choices
from app.items.commands import Register
from app.items.service_codes import CodeCancelled, CodeTaken, CodeUnknown
from app.kit.errors import Invalid, Problem
from app.kit.forms import Submission
from app.kit.i18n import gettext
from app.kit.images import PhotoRefused


def errors_of(problem: Problem) -> dict[str, str]:
    """A refusal as messages at the form's fields; what is about no field stands at the top."""
    if isinstance(problem, Invalid) and problem.by_field:
        return {name: gettext(text) for name, text in problem.by_field.items()}
    text = gettext(problem.detail or problem.title)
    text = text % problem.values if problem.values else text
    if isinstance(problem, PhotoRefused):
        return {"photos": text}
    return {"codes" if isinstance(problem, CodeUnknown | CodeTaken | CodeCancelled) else "": text}


def registration_in(form: Submission[Register]) -> Register:
    """The command of a form that registers pieces. Raises ``Invalid`` at the form's own fields."""
    given: dict[str, Any] = {}
    errors: dict[str, str] = {}
    try:
        given["measurements"] = choices.measurements_in(form.raw)
    except Invalid as problem:
        errors |= problem.by_field
    value = form.raw.get("identifier_value", "").strip()
    if value:
        given["identifiers"] = [
            {"kind": form.raw.get("identifier_kind") or "other", "value": value}
        ]
    typed = " ".join(form.many.get("codes", [])).replace(",", " ").replace(";", " ")
    given["codes"] = typed.split()
    try:
        command = form.valid(**given)
    except Invalid as problem:
        found = dict(problem.by_field)
        if "identifiers" in found:
            found["identifier_value"] = found.pop("identifiers")
        raise Invalid(by_field={**found, **errors}) from problem
    if errors:
        raise Invalid(by_field=errors)
    return command
