"""Assessments: what an expert says is to be done with a piece, and whether patients may use it."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.items.commands import Command, Note, Ore
from app.items.events import ItemAssessed
from app.items.models import Assessment, Item
from app.items.queries import items_visible_to
from app.items.queries_assessed import still_here
from app.items.rules import PRESENT, Suitability, Verdict
from app.items.service_lifecycle import ItemNotThere, locked
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Invalid, NotFound
from app.kit.events import publish
from app.kit.i18n import N_


class Assess(Command):
    """Of one piece, or with ``of_lot`` of all pieces of its lot that are still here.

    ``cost_ore`` is for each piece; ``assessed_on`` is today when it is not said.
    """

    item_id: UUID
    verdict: Verdict
    suitability: Suitability | None = None
    cost_ore: Ore | None = None
    note: Note | None = None
    assessed_on: date | None = None
    of_lot: bool = False


def assess(session: Session, actor: Actor, commands: Sequence[Assess]) -> list[Assessment]:
    """Keeps the verdicts; of each piece the one of the newest day counts.

    Raises ``ItemNotThere`` for a piece that has left.
    """
    actor.must(Permission.ITEM_ASSESS)
    today = clock_of(session).today()
    made = []
    for command in commands:
        on = command.assessed_on or today
        if on > today:
            raise Invalid(by_field={"assessed_on": N_("Datoen er ikke kommet ennå.")})
        items = _pieces(session, actor, command)
        rows = _rows(session, actor, command, items, on)
        session.add_all(rows)
        publish(
            session,
            [
                ItemAssessed.of(
                    item,
                    actor.person_id,
                    assessment_id=row.id,
                    verdict=row.verdict,
                    suitability=row.suitability,
                )
                for item, row in zip(items, rows, strict=True)
            ],
        )
        made += rows
    return made


def _pieces(session: Session, actor: Actor, command: Assess) -> list[Item]:
    """The named piece first, all locked."""
    ids = [command.item_id]
    if command.of_lot:
        one = session.scalar(items_visible_to(actor).where(Item.id == command.item_id))
        if one is None:
            raise NotFound(N_("Fant ikke møbelet."))
        like = still_here(actor, one.lot_id)
        ids += session.scalars(like.with_only_columns(Item.id).order_by(Item.id))
    items = locked(session, actor, ids, Permission.ITEM_ASSESS)
    for item in items:
        if item.state not in PRESENT:
            raise ItemNotThere(id=str(item.id), state=item.state.value)
    return items


def _rows(
    session: Session, actor: Actor, command: Assess, items: Sequence[Item], on: date
) -> list[Assessment]:
    """The new rows. Those that were the newest give way, unless they are of a later day."""
    ids = [item.id for item in items]
    of_items = (Assessment.org_id == actor.org_id, Assessment.item_id.in_(ids))
    newest = (*of_items, Assessment.is_newest)
    later = set(
        session.scalars(select(Assessment.item_id).where(*newest, Assessment.assessed_on > on))
    )
    session.execute(
        update(Assessment)
        .where(*newest, Assessment.assessed_on <= on)
        .values(is_newest=False)
        .execution_options(synchronize_session="fetch")
    )
    now = clock_of(session).now()
    return [
        Assessment(
            id=new_id(),
            org_id=actor.org_id,
            item_id=item.id,
            verdict=command.verdict,
            suitability=command.suitability,
            cost_ore=command.cost_ore,
            note=command.note,
            person_id=actor.person_id,
            assessed_on=on,
            created_at=now,
            is_newest=item.id not in later,
        )
        for item in items
    ]
