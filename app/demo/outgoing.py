"""What is driven, and what goes out of use for good: a run sheet to come, and two decisions."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo.lensmannslia import TRIP_M, VAN
from app.demo.stage import STORAGE, Stage
from app.disposals import service as disposals
from app.disposals.rules import Fate, Reason
from app.handovers.service_run import PlanRun, plan_run
from app.items.models import Item
from app.items.rules import ItemState
from app.kit.clock import MovedClock
from app.marketplace.models import Reservation
from app.marketplace.rules import ReservationState


def play(session: Session, stage: Stage, clock: MovedClock) -> None:
    _drives(session, stage, clock)
    clock.move(timedelta(minutes=12))
    _goes(session, stage, clock)


def _drives(session: Session, stage: Stage, clock: MovedClock) -> None:
    """What was approved and not fetched yet, on one van."""
    waiting = session.scalars(
        select(Reservation.id).where(
            Reservation.org_id == stage.org_id, Reservation.state == ReservationState.APPROVED
        )
    )
    plan = PlanRun(
        driven_on=clock.today() + timedelta(days=1),
        area="Bygg A",
        vehicle=VAN,
        driver_id=stage.actors["driver"].person_id,
        base_place_id=stage.place(STORAGE),
        distance_m=TRIP_M,
        note="Heisen i bygg A er opptatt mellom 11 og 12.",
        reservation_ids=list(waiting),
    )
    plan_run(session, stage.actors["driver"], plan)


def _goes(session: Session, stage: Stage, clock: MovedClock) -> None:
    """Benches that broke: one decision is signed, the other waits for its signature."""
    worn = session.scalars(
        select(Item.id)
        .where(Item.org_id == stage.org_id, Item.state == ItemState.IN_USE)
        .where(Item.category_id == "CHAIR_VISITOR")
        .order_by(Item.condition.desc(), Item.id)
        .limit(5)
    ).all()
    signed = disposals.Propose(
        item_ids=list(worn[:3]),
        fate=Fate.RECYCLE,
        reason=Reason.UNSAFE,
        reason_text="Sveisen i understellet har sprukket på alle tre.",
        not_offered_why="Kan ikke brukes trygt, og reparasjon koster mer enn nytt understell.",
        receiver="Fjordvik gjenvinning",
    )
    decision = disposals.propose(session, stage.actors["caretaker"], signed)
    clock.move(timedelta(minutes=25))
    disposals.decide(session, stage.actors["manager"], disposals.Decide(disposal_id=decision.id))
    waiting = disposals.Propose(
        item_ids=list(worn[3:]),
        fate=Fate.DISPOSE,
        reason=Reason.HYGIENE,
        not_offered_why="Skumplasten er våt tvers gjennom.",
    )
    disposals.propose(session, stage.actors["caretaker"], waiting)
