"""Fields of the inventory's filter whose facts lie in capabilities further right."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.accounts.actor import Actor


@dataclass(frozen=True)
class Further:
    """One such field; a table of the composition root names them.

    ``options`` are what a person chooses from, ``condition`` is of pieces.
    """

    label: str
    options: Callable[[Session, Actor], list[tuple[str, str]]]
    condition: Callable[[Actor, Any], ColumnElement[bool]]


def further(session: Session) -> Mapping[str, Further]:
    """By the names of their fields: what the composition root gave to the sessions."""
    found: Mapping[str, Further] = session.info.get("filters", {})
    return found
