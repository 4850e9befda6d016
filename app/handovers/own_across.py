"""The receiver's own handovers of what came from another organisation."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Organisation
from app.accounts.numbers import next_number
from app.handovers.commands_across import ReceiveFromOthers
from app.handovers.models import Handover, HandoverLine
from app.handovers.service_trips import Trip, require_destination, require_trip
from app.impact.rules import FulfilmentSource, WouldHave
from app.items.service_taken_facts import in_own_money
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.marketplace.models_outside import OutsideDelivery, OutsideRequest
from app.projects.models import ProgrammeLine


def own_handovers(
    session: Session,
    actor: Actor,
    row: OutsideRequest,
    command: ReceiveFromOthers,
    theirs: Sequence[HandoverLine],
) -> tuple[list[Handover], list[HandoverLine]]:
    """One for each day on which the giver's left, of that day; the lines stand as the giver's do.

    The trip that brought them is the last one's, so that it counts once.
    """
    delivery = session.scalar(
        select(OutsideDelivery).where(
            OutsideDelivery.org_id == actor.org_id,
            OutsideDelivery.giver_org_id == row.org_id,
            OutsideDelivery.outside_request_id == row.id,
        )
    )
    unit_id, place_id = command.to_unit_id, command.to_place_id
    if delivery is not None:
        unit_id, place_id = unit_id or delivery.unit_id, place_id or delivery.place_id
    unit_id, place_id = require_destination(session, actor, unit_id, place_id)
    giver = session.get_one(Organisation, row.org_id)
    found = session.execute(
        select(Handover.id, Handover.handed_over_on).where(
            Handover.org_id == row.org_id, Handover.id.in_({each.handover_id for each in theirs})
        )
    )
    days = {each.id: each.handed_over_on for each in found}
    last = max(days.values())
    require_trip(
        session, Trip(handed_over_on=last, vehicle=command.vehicle, distance_m=command.distance_m)
    )
    programme_line_id = delivery.programme_line_id if delivery is not None else None
    project_id = _project(session, actor, programme_line_id)
    by_day = {
        day: Handover(
            id=new_id(),
            org_id=actor.org_id,
            number=next_number(session, actor.org_id, "handover"),
            handed_over_on=day,
            supplier=giver.name,
            receiver_org_id=actor.org_id,
            receiver_unit_id=unit_id,
            to_place_id=place_id,
            project_id=project_id,
            vehicle=command.vehicle if day == last else None,
            distance_m=command.distance_m if day == last else None,
            transport_ore=command.transport_ore if day == last else None,
            person_id=actor.person_id,
            created_at=clock_of(session).now(),
        )
        for day in sorted(set(days.values()))
    }
    money = giver.currency, actor.currency
    lines = [
        HandoverLine(
            id=new_id(),
            org_id=actor.org_id,
            handover_id=by_day[days[each.handover_id]].id,
            receiver_org_id=actor.org_id,
            programme_line_id=programme_line_id,
            source=FulfilmentSource.BOUGHT_USED,
            would_have=delivery.would_have if delivery else WouldHave.NOT_ANSWERED,
            need_recorded_before=delivery is not None and delivery.need_recorded_before,
            price_ore=in_own_money(session, _paid(each), *money, days[each.handover_id]),
            cleaning_ore=command.cleaning_ore,
            handling_ore=command.handling_ore,
            costs_complete=command.costs_complete,
        )
        for each in theirs
    ]
    return list(by_day.values()), lines


def _paid(line: HandoverLine) -> int | None:
    """What the giver asked for the piece; nothing for what was given."""
    return 0 if line.source is FulfilmentSource.DONATED else line.price_ore


def _project(session: Session, actor: Actor, programme_line_id: UUID | None) -> UUID | None:
    return session.scalar(
        select(ProgrammeLine.project_id).where(
            ProgrammeLine.org_id == actor.org_id, ProgrammeLine.id == programme_line_id
        )
    )
