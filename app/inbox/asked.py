"""A filter in an address read leniently: what can not be read is said at its field, filters nothing."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import QueryParams

from app.kit.text import printable
from app.kit.validation import by_field

Wanted = TypeVar("Wanted", bound=BaseModel)


def asked_in(
    kind: type[Wanted], params: QueryParams
) -> tuple[Wanted, dict[str, Any], dict[str, str]]:
    """The filter, the address it stands in, and what is wrong with it."""
    query = {
        name: text
        for name in kind.model_fields
        if (text := params.get(name, "").replace("\x00", "")[:200].strip())
    }
    errors: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, text in query.items():
        try:
            values[name] = printable(text)
        except ValueError as error:
            errors[name] = str(error)
    try:
        return kind.model_validate(values), query, errors
    except ValidationError as problem:
        for name, text in by_field(problem).items():
            values.pop(name, None)
            errors[name] = text
    return kind.model_validate(values), query, errors
