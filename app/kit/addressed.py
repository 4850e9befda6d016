"""Bodies of JSON routes some of whose fields the address names, or If-Match."""

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

Command = TypeVar("Command", bound=BaseModel)


def of_address(*names: str) -> ConfigDict:
    """The configuration of such a body: ``names`` are no fields of it in the API's description."""

    def hide(schema: dict[str, Any]) -> None:
        for name in names:
            schema.get("properties", {}).pop(name, None)

    return ConfigDict(extra="forbid", json_schema_extra=hide)


def completed(command: type[Command], given: BaseModel, **named: Any) -> Command:
    """The command that the body makes with what is ``named`` elsewhere, which it cannot change."""
    return command.model_validate({**given.model_dump(exclude_unset=True), **named})
