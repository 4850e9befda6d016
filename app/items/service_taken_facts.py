"""What is known of each piece that comes from another organisation: its maker's codes, its verdict."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Organisation
from app.impact.queries import factors_of
from app.impact.rules import MissingRateError, exchange_rate
from app.items.events import ItemAssessed
from app.items.models import Assessment, IdentifierKind, Item, ItemIdentifier
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.events import publish

MAKERS = (IdentifierKind.EAN, IdentifierKind.SERIAL)
"""Foreign codes that are the piece's own; an asset tag is the giver's."""


def in_own_money(
    session: Session, ore: int | None, theirs: str, ours: str, day: date
) -> int | None:
    """An amount of the giver's in the receiver's money; empty where no rate of that day is known."""
    if ore is None or theirs == ours:
        return ore
    try:
        rate, _ = exchange_rate(factors_of(session).rates, theirs, ours, day)
    except MissingRateError:
        return None
    return round(ore * rate)


def copy_codes(session: Session, receiver: Actor, giver_id: UUID, new: Mapping[UUID, Item]) -> None:
    """The codes of their makers, of each piece its own. ``new`` is by the giver's piece."""
    rows = session.scalars(
        select(ItemIdentifier)
        .where(ItemIdentifier.org_id == giver_id, ItemIdentifier.item_id.in_(new))
        .where(ItemIdentifier.kind.in_(MAKERS))
    )
    session.add_all(
        ItemIdentifier(
            id=new_id(),
            org_id=receiver.org_id,
            item_id=new[each.item_id].id,
            kind=each.kind,
            value=each.value,
        )
        for each in rows
    )


def copy_verdicts(
    session: Session,
    receiver: Actor,
    giver_id: UUID,
    new: Mapping[UUID, Item],
) -> None:
    """The verdict that counts, without who gave it and what was noted for those inside."""
    now, today = clock_of(session).now(), clock_of(session).today()
    money = session.get_one(Organisation, giver_id).currency, receiver.currency
    rows = session.scalars(
        select(Assessment)
        .where(Assessment.org_id == giver_id, Assessment.item_id.in_(new), Assessment.is_newest)
        .order_by(Assessment.id)
    )
    copies = [
        Assessment(
            id=new_id(),
            org_id=receiver.org_id,
            item_id=new[each.item_id].id,
            verdict=each.verdict,
            suitability=each.suitability,
            cost_ore=in_own_money(session, each.cost_ore, *money, today),
            assessed_on=each.assessed_on,
            created_at=now,
            is_newest=True,
        )
        for each in rows
    ]
    session.add_all(copies)
    by_id = {each.id: each for each in new.values()}
    publish(
        session,
        [
            ItemAssessed.of(
                by_id[each.item_id],
                None,
                assessment_id=each.id,
                verdict=each.verdict,
                suitability=each.suitability,
            )
            for each in copies
        ],
    )
