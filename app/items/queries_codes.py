"""What a code leads to, the print batches, and what strangers reported."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import Actor, Errand, Who
from app.accounts.models import Attempt, Organisation
from app.catalogue.models import Category
from app.items.models import Code, FoundReport, Item
from app.items.queries import WRONG
from app.kit.db import Database
from app.kit.i18n import locale
from app.kit.prepared import Prepared

_NAMES = {"sv": Category.name_sv, "en": Category.name_en}


@dataclass(frozen=True, slots=True)
class Found:
    """What everybody may know of a code (guarantees A15), and the ids it leads to.

    ``category_name`` and ``item_id`` are empty while it is blank, ``is_gone`` when the piece was a
    wrong registration or the code was cancelled.
    """

    code: str
    org_id: UUID
    organisation_name: str
    item_id: UUID | None
    category_name: str | None
    is_gone: bool


_owner = aliased(Organisation)


def _with_code(found: Who, language: str) -> Who:
    """What a code leads to, for a statement that holds the code."""
    category_name: ColumnElement[str] = _NAMES.get(  # type: ignore[assignment]
        language, Category.name_nb
    )
    return (
        found.outerjoin(_owner, _owner.id == Code.org_id)
        .outerjoin(Item, (Item.org_id == Code.org_id) & (Item.id == Code.item_id))
        .outerjoin(Category, Category.id == Item.category_id)
        .add_columns(
            Code.org_id,
            Code.item_id,
            Code.cancelled_at,
            _owner.name.label("organisation_name"),
            Item.state,
            category_name.label("category_name"),
        )
    )


@lru_cache
def _by_code(language: str) -> Prepared:
    code = select().select_from(Code).where(Code.code == bindparam("read"))
    return Prepared(_with_code(code, language))


@lru_cache
def _errand(language: str) -> Errand:
    def with_code(who: Who) -> Who:
        # A label of another organisation is found too: it leads to that one's page for strangers.
        return _with_code(who.outerjoin(Code, Code.code == bindparam("read")), language)

    return Errand(with_code)


def find_by_code(session: Session, code: str) -> Found | None:
    """One query, columns only: nothing of person, place, price or photo is even read.

    ``code`` is as ``kit.codes.read_code`` gives it.
    """
    return _found(code, _by_code(locale()).first(session, {"read": code}))


def scanned(request: Request, code: str) -> tuple[Actor | None, Found | None]:
    """Who scans, and what the code leads to, in one statement and without a session."""
    actor, row = _errand(locale()).asked(request, {"read": code})
    if actor is None:
        database: Database = request.app.state.db
        row = next(iter(database.glance(_by_code(locale()), {"read": code})), None)
    return actor, _found(code, row)


def _found(code: str, row: Any) -> Found | None:
    if row is None or row.org_id is None:
        return None
    is_gone = row.cancelled_at is not None or row.state in WRONG
    return Found(code, row.org_id, row.organisation_name, row.item_id, row.category_name, is_gone)


def is_used_up(session: Session, key: str, window: int, most: int) -> bool:
    """Whether this key has had all its tries of this window."""
    count = session.scalar(
        select(Attempt.count).where(Attempt.key == key, Attempt.window == window)
    )
    return count is not None and count >= most


def found_reports_visible_to(actor: Actor) -> Select[FoundReport]:
    return select(FoundReport).where(FoundReport.org_id == actor.org_id)


def found_reports_shown(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Reports with the piece's name, for the list."""
    return (
        select(
            FoundReport.id,
            FoundReport.state,
            FoundReport.text,
            FoundReport.contact,
            FoundReport.created_at,
            FoundReport.item_id,
            Item.name.label("item_name"),
        )
        .join(Item, (Item.org_id == FoundReport.org_id) & (Item.id == FoundReport.item_id))
        .where(FoundReport.org_id == actor.org_id)
    )
