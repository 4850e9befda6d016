"""Handovers as rows, with the events their verbs publish: the ledger's own tests need no more."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.models import GwpBasis, ProductModel
from app.handovers.events import PieceReceived, PieceReturned
from app.handovers.models import Handover, HandoverLine
from app.impact.rules import FulfilmentSource, RedesignLevel, UserCase, WouldHave
from app.items.models import Item
from app.items.rules import Condition, ItemState
from app.kit.db import clock_of
from app.kit.events import publish
from tests.people import Organised

DAY = date(2026, 2, 20)
REUSE = FulfilmentSource.INTERNAL_REUSE


def an_item(session: Session, org: Organised, **changes: Any) -> Item:
    values: dict[str, Any] = {
        "org_id": org.org_id,
        "state": ItemState.IN_USE,
        "category_id": "CHAIR_TASK",
        "lot_id": uuid4(),
        "name": "Kontorstol",
        "condition": Condition.B,
        "amount": Decimal(1),
        "owner_unit_id": org.unit_id,
        "holder_unit_id": org.unit_id,
        "place_id": org.storage_id,
        "created_at": clock_of(session).now(),
    }
    item = Item(**(values | changes))
    session.add(item)
    session.flush()
    return item


def a_declared_model(session: Session, org: Organised, **changes: Any) -> ProductModel:
    """The item of "Regneeksempel C", entered as it is."""
    values: dict[str, Any] = {
        "org_id": org.org_id,
        "category_id": "CHAIR_TASK",
        "maker": "Eksempel",
        "name": "C",
        "mass_g": 25_408,
        "new_price_ore": 428_932,
        "gwp_g": 50_660,
        "delivery_g": 3_621,
        "end_of_life_g": 7_628,
        "service_life_months": 180,
        "gwp_basis": GwpBasis.EPD,
        "epd_number": "C",
        "epd_valid_until": date(2029, 1, 1),
        "created_at": clock_of(session).now(),
    }
    model = ProductModel(**(values | changes))
    session.add(model)
    session.flush()
    return model


@dataclass
class Load:
    """One piece on a trip; ``changes`` are columns of its line."""

    item: Item
    source: FulfilmentSource = REUSE
    changes: dict[str, Any] = field(default_factory=dict)


def a_handover(
    session: Session, org: Organised, loads: Sequence[Load], **changes: Any
) -> list[HandoverLine]:
    """A trip that left on 20 February; nothing is received yet."""
    taken = session.scalar(select(func.max(Handover.number)).where(Handover.org_id == org.org_id))
    values: dict[str, Any] = {
        "org_id": org.org_id,
        "number": (taken or 0) + 1,
        "handed_over_on": DAY,
        "giver_unit_id": org.unit_id,
        "receiver_org_id": org.org_id,
        "receiver_unit_id": org.other_unit_id,
        "to_place_id": org.room_id,
        "created_at": clock_of(session).now(),
    }
    handover = Handover(**(values | changes))
    session.add(handover)
    session.flush()
    lines = [
        HandoverLine(
            **(
                {
                    "org_id": org.org_id,
                    "handover_id": handover.id,
                    "item_id": each.item.id,
                    "receiver_org_id": org.org_id,
                    "source": each.source,
                    "user_case": UserCase.NEW_USER,
                    "would_have": WouldHave.NOT_ANSWERED,
                    "redesign_level": LEVELS.get(each.source),
                }
                | each.changes
            )
        )
        for each in loads
    ]
    session.add_all(lines)
    session.flush()
    return lines


LEVELS = {
    FulfilmentSource.REDESIGNED: RedesignLevel.LIGHT_REFURBISHMENT,
    FulfilmentSource.REDESIGNED_FROM_SURPLUS: RedesignLevel.REMANUFACTURED,
}


def receive(session: Session, lines: Sequence[HandoverLine]) -> list[PieceReceived]:
    """Both sides of a receipt that the ledger hears of: the mark on the line, and the event."""
    for line in lines:
        line.received_at = clock_of(session).now()
    events = [
        PieceReceived(
            org_id=line.org_id,
            subject_id=line.id,
            person_id=None,
            item_id=line.item_id,
            handover_id=line.handover_id,
        )
        for line in lines
    ]
    publish(session, events)
    return events


def give_back(session: Session, line: HandoverLine, event_id: UUID | None) -> None:
    line.undone_at = clock_of(session).now()
    publish(
        session,
        [
            PieceReturned(
                org_id=line.org_id,
                subject_id=line.id,
                person_id=None,
                item_id=line.item_id,
                handover_id=line.handover_id,
                undoes_event_id=event_id,
            )
        ],
    )


def handed_over(
    session: Session, org: Organised, loads: Sequence[Load], **changes: Any
) -> list[PieceReceived]:
    """A whole handover, received."""
    return receive(session, a_handover(session, org, loads, **changes))


def three_years(session: Session, org: Organised) -> list[Any]:
    """Three years: chairs given twice, a sofa redesigned and taken back, equipment, a table sold."""
    chairs = [an_item(session, org) for _ in range(3)]
    sofa = an_item(session, org, category_id="SOFA_2")
    aid = an_item(session, org, category_id="EQUIP_AID")
    table = an_item(session, org, category_id="DESK_SITSTAND")
    handed_over(session, org, [Load(each) for each in chairs], handed_over_on=date(2024, 5, 3))
    taken = a_handover(
        session,
        org,
        [Load(sofa, FulfilmentSource.REDESIGNED), Load(aid)],
        handed_over_on=date(2025, 1, 31),
    )
    receipts = receive(session, taken)
    give_back(session, taken[0], receipts[0].id)
    handed_over(
        session,
        org,
        [Load(chairs[0])],
        handed_over_on=date(2025, 2, 1),
        giver_unit_id=org.other_unit_id,
        receiver_unit_id=org.unit_id,
    )
    handed_over(session, org, [Load(table, FulfilmentSource.SOLD)])
    return chairs
