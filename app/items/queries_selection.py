"""Which pieces a person has ticked."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.items.models import Item
from app.items.models_table import SelectedItem, Selection
from app.items.queries import WRONG
from app.kit.db import clock_of

KEPT = timedelta(days=14)
"""A selection that nobody touches for so long is forgotten."""


def _ticked(session: Session, actor: Actor, *columns: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(SelectedItem)
        .join(
            Selection,
            (Selection.org_id == SelectedItem.org_id) & (Selection.id == SelectedItem.selection_id),
        )
        .where(
            Selection.org_id == actor.org_id,
            Selection.person_id == actor.person_id,
            Selection.touched_at > clock_of(session).now() - KEPT,
        )
    )


def is_selected(session: Session, actor: Actor) -> ColumnElement[bool]:
    """A condition on pieces: the actor has ticked it."""
    return exists(
        _ticked(session, actor, SelectedItem.id).where(
            SelectedItem.org_id == Item.org_id, SelectedItem.item_id == Item.id
        )
    )


def selected_ids(session: Session, actor: Actor) -> Sequence[UUID]:
    """What the actor has ticked, in the order it was; pieces that turned out mistakes are not."""
    own = (Item.org_id == SelectedItem.org_id) & (Item.id == SelectedItem.item_id)
    query = _ticked(session, actor, SelectedItem.item_id).join(Item, own)
    return session.scalars(query.where(Item.state.not_in(WRONG)).order_by(SelectedItem.id)).all()
