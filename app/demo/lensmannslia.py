"""The project Lensmannslia: 200 pieces needed, met by the five sources 124, 14, 40, 18 and 4.

The shares are those of Vestre Viken's slides (2021): 62 % internal reuse, 7 % redesigned, 20 %
redesigned from surplus, 9 % bought used and 2 % new. The pieces, units and prices are made up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo.stage import Stage
from app.handovers.models import HandoverLine
from app.handovers.service import Donation, HandOver, Receive, Record, hand_over, receive, record
from app.impact.rules import FulfilmentSource, RedesignLevel, WouldHave
from app.items.models import Item
from app.items.rules import Condition
from app.kit.clock import MovedClock
from app.marketplace.commands import Approve, Order, OrderLine
from app.marketplace.models import Listing, ListingItem, RequestLine, Reservation
from app.marketplace.rules import ReservationState
from app.marketplace.service import approve, order
from app.planning.names import THEN_USED
from app.planning.service_fix import FixPlan, fix_plan
from app.projects.models import ProgrammeLine, Project
from app.projects.rules import ProjectKind
from app.projects.service import AddLine, StartProject, add_lines, start_project

NAME = "Lensmannslia"
VAN = "VAN_DIESEL_KM"
TRIP_M = 24_000

S = FulfilmentSource


@dataclass(frozen=True)
class Need:
    """One programme line, by the model of the demo that meets it, and how many from each source."""

    model: str
    category: str
    requirement: str
    internal: int = 0
    redesigned: int = 0
    surplus: int = 0
    used: int = 0
    new: int = 0

    @property
    def quantity(self) -> int:
        return self.internal + self.redesigned + self.surplus + self.used + self.new


NEEDS = (
    Need("hev", "DESK_SITSTAND", "Hev–senk, 160 × 80 cm", internal=40, surplus=16, new=4),
    Need("skift", "CHAIR_TASK", "Justerbar, sort eller blå", internal=46, redesigned=6, used=8),
    Need("runde", "CHAIR_MEETING", "Svivel, lett å tørke av", internal=18, redesigned=4, used=10),
    Need("samling", "TABLE_MEETING_S", "6–8 plasser", internal=2, surplus=6),
    Need("hoy", "CABINET_TALL", "Låsbart", internal=8, surplus=12),
    Need("pause", "SOFA_2", "Toseter, nytt trekk der det trengs", internal=4, redesigned=4),
    Need("trille", "PEDESTAL", "Under pulten", surplus=6),
    Need("stumtjener", "COAT_STAND", "Ett i hver gang", internal=6),
)

# Model of the surplus → which of its pieces are taken apart, and how much of each is built in.
DONORS = {"hev": "fast", "samling": "fast", "hoy": "lav", "trille": "lav"}


def play(
    session: Session,
    stage: Stage,
    clock: MovedClock,
    stock: dict[str, list[UUID]],
    models: dict[str, UUID],
) -> Project:
    """Plays the project from start to last receipt.

    ``stock`` is model → free pieces' ids, ``models`` is model → product model's id.
    """
    manager, leader = stage.actors["project"], stage.actors["manager"]
    place = stage.place("Lensmannslia › 2. etasje › Kontorer")
    (project,) = start_project(
        session,
        manager,
        [
            StartProject(
                name=NAME,
                kind=ProjectKind.MOVE,
                unit_id=stage.unit("Lensmannslia DPS"),
                place_id=place,
                from_date=date(2026, 2, 2),
                until_date=date(2026, 6, 12),
                goal_percent=80,
                budget_ore=85_000_000,
                description="DPS flytter inn i Lensmannslia. Målet er minst 80 % ombruk.",
            )
        ],
    )
    lines = add_lines(
        session,
        manager,
        [
            AddLine(
                project_id=project.id,
                category_id=each.category,
                quantity=each.quantity,
                requirement=each.requirement,
            )
            for each in NEEDS
        ],
    )
    clock.move(timedelta(days=2))
    session.flush()
    fix_plan(session, manager, [FixPlan(project_id=project.id, alternative=THEN_USED)])
    clock.move(timedelta(days=7))
    _internal(session, stage, clock, project, lines)
    for need, line in zip(NEEDS, lines, strict=True):
        clock.move(timedelta(days=4))
        for command in _by_hand(need, line, clock.today(), stock, models):
            record(session, leader, [command])
    return project


def _internal(
    session: Session, stage: Stage, clock: MovedClock, project: Project, lines: list[ProgrammeLine]
) -> None:
    """Ordered in the market by the project manager, approved, driven over and received."""
    wanted = {
        line.category_id: OrderLine(
            listing_id=line.id,
            wanted=need.internal,
            programme_line_id=line.id,
            would_have=WouldHave.WOULD_BUY_NEW,
        )
        for need, line in zip(NEEDS, lines, strict=True)
        if need.internal
    }
    order_lines = []
    for listing_id, category_id in open_listings(session, stage.org_id):
        chosen = wanted.pop(category_id, None)
        if chosen is not None:
            order_lines.append(chosen.model_copy(update={"listing_id": listing_id}))
    (request,) = order(
        session,
        stage.actors["project"],
        [
            Order(
                unit_id=project.unit_id,
                place_id=project.place_id,
                project_id=project.id,
                wanted_date=clock.today() + timedelta(days=30),
                note="Til innflyttingen i Lensmannslia.",
                lines=order_lines,
            )
        ],
    )
    clock.move(timedelta(days=2))
    approved = approve(
        session,
        stage.actors["manager"],
        [
            Approve(request_line_id=each.id, quantity=each.wanted)
            for each in _lines(session, stage.org_id, request.id)
        ],
    )
    clock.move(timedelta(days=12))
    for each in approved:
        clock.move(timedelta(days=1))
        reservations = session.scalars(
            select(Reservation.id).where(
                Reservation.org_id == stage.org_id,
                Reservation.request_line_id == each.id,
                Reservation.state == ReservationState.APPROVED,
            )
        )
        (handover,) = hand_over(
            session,
            stage.actors["driver"],
            [
                HandOver(
                    reservation_ids=list(reservations),
                    handed_over_on=clock.today(),
                    vehicle=VAN,
                    distance_m=TRIP_M,
                    transport_ore=240_000,
                    cleaning_ore=9_000,
                    handling_ore=12_000,
                    costs_complete=True,
                )
            ],
        )
        _receive(session, stage, handover.id)


def _receive(session: Session, stage: Stage, handover_id: UUID) -> None:
    ids = session.scalars(
        select(HandoverLine.id).where(
            HandoverLine.org_id == stage.org_id, HandoverLine.handover_id == handover_id
        )
    )
    receive(session, stage.actors["manager"], [Receive(handover_line_ids=list(ids))])


def _lines(session: Session, org_id: UUID, request_id: UUID) -> list[RequestLine]:
    query = select(RequestLine).where(
        RequestLine.org_id == org_id, RequestLine.request_id == request_id
    )
    return list(session.scalars(query))


def lines_of(session: Session, org_id: UUID, request_id: UUID) -> list[UUID]:
    """Ids of a request's lines."""
    return [line.id for line in _lines(session, org_id, request_id)]


def redesigned(session: Session, org_id: UUID, category_id: str) -> list[UUID]:
    """Pieces of a category that were handed over repaired or redesigned, in their order."""
    rows = session.scalars(
        select(Item.id)
        .join(
            HandoverLine,
            (HandoverLine.org_id == Item.org_id) & (HandoverLine.item_id == Item.id),
        )
        .where(Item.org_id == org_id, Item.category_id == category_id)
        .where(HandoverLine.source == S.REDESIGNED)
        .order_by(Item.id)
    )
    return list(rows)


def open_listings(session: Session, org_id: UUID) -> list[tuple[UUID, str]]:
    """Open listings with the category of their pieces, the largest first."""
    rows = session.execute(
        select(Listing.id, Item.category_id, Item.id)
        .join(
            ListingItem,
            (ListingItem.org_id == Listing.org_id) & (ListingItem.listing_id == Listing.id),
        )
        .join(Item, (Item.org_id == ListingItem.org_id) & (Item.id == ListingItem.item_id))
        .where(Listing.org_id == org_id, ListingItem.left_at.is_(None))
    )
    counted: dict[tuple[UUID, str], int] = {}
    for listing_id, category_id, _ in rows:
        counted[listing_id, category_id] = counted.get((listing_id, category_id), 0) + 1
    return sorted(counted, key=lambda each: (-counted[each], str(each[1])))


def _by_hand(
    need: Need,
    line: ProgrammeLine,
    on: date,
    stock: dict[str, list[UUID]],
    models: dict[str, UUID],
) -> Iterator[Record]:
    """What was mended, built and bought for one line."""
    if need.redesigned:
        taken = [stock[need.model].pop() for _ in range(need.redesigned)]
        yield Record(
            source=S.REDESIGNED,
            programme_line_id=line.id,
            handed_over_on=on,
            item_ids=taken,
            supplier="Omtrekk og Sånt AS",
            redesign_ore=145_000,
            redesign_level=RedesignLevel.REUPHOLSTERY,
            would_have=WouldHave.WOULD_BUY_NEW,
            vehicle=VAN,
            distance_m=TRIP_M,
            transport_ore=120_000,
        )
    if need.surplus:
        donors = [stock[DONORS[need.model]].pop() for _ in range(need.surplus)]
        yield Record(
            source=S.REDESIGNED_FROM_SURPLUS,
            programme_line_id=line.id,
            handed_over_on=on,
            quantity=need.surplus,
            category_id=need.category,
            product_model_id=models[need.model],
            name=f"{NAME_OF[need.model]} av overskudd",
            maker="Snekkeriet på huset",
            condition=Condition.A,
            donors=[Donation(item_id=each, built_in_g=14_000) for each in donors],
            redesign_ore=190_000,
            would_have=WouldHave.WOULD_BUY_NEW,
            vehicle=VAN,
            distance_m=TRIP_M,
            transport_ore=120_000,
        )
    for source, count, supplier, price in (
        (S.BOUGHT_USED, need.used, "Brukt og Bra AS", 155_000),
        (S.NEW, need.new, "Rammeavtale møbler", 790_000),
    ):
        if count:
            yield Record(
                source=source,
                programme_line_id=line.id,
                handed_over_on=on,
                quantity=count,
                category_id=need.category,
                product_model_id=models[need.model],
                name=NAME_OF[need.model],
                supplier=supplier,
                price_ore=price,
                would_have=WouldHave.WOULD_BUY_NEW,
            )


NAME_OF = {
    "hev": "Hev–senk-pult",
    "skift": "Kontorstol",
    "runde": "Møteromsstol",
    "samling": "Møtebord",
    "hoy": "Høyt skap",
    "trille": "Skuffeseksjon",
}
