"""What was done to many pieces, as its page shows it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.fieldwork import queries_bulk
from app.fieldwork.models import BulkAction, BulkActionLine
from app.items.models import Item
from app.items.queries import items_visible_to
from app.kit.i18n import gettext


@dataclass(frozen=True, slots=True)
class BulkRow:
    """One code of the list. ``reason`` is why nothing was done, or why it stays done."""

    text: str
    item_id: UUID | None
    name: str | None
    is_done: bool
    is_undone: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class BulkShown:
    action: BulkAction
    who: str | None
    rows: list[BulkRow]

    @property
    def refused(self) -> list[BulkRow]:
        return [each for each in self.rows if not each.is_done]

    @property
    def stayed(self) -> list[BulkRow]:
        """Done, and not taken back though the action was."""
        return [each for each in self.rows if each.is_done and each.reason]

    @property
    def done(self) -> list[BulkRow]:
        return [each for each in self.rows if each.is_done and not each.reason]


def shown(session: Session, actor: Actor, action: BulkAction) -> BulkShown:
    """Three queries, however many lines."""
    lines = list(session.scalars(queries_bulk.lines_of(actor, action.id)))
    named = items_visible_to(actor).with_only_columns(Item.id, Item.name)
    names: dict[Any, str] = {
        row.id: row.name
        for row in session.execute(named.where(Item.id.in_({each.item_id for each in lines})))
    }
    who = session.scalar(select(Person.name).where(Person.id == action.person_id))
    return BulkShown(action, who, [_row(each, names) for each in lines])


def _row(line: BulkActionLine, names: dict[Any, str]) -> BulkRow:
    said = line.refused or line.kept
    return BulkRow(
        text=line.text,
        item_id=line.item_id,
        name=names.get(line.item_id),
        is_done=line.refused is None,
        is_undone=line.is_undone,
        reason=gettext(said) if said else None,
    )
