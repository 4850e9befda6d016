"""Entries by hand: redesigned, from surplus, bought used, new."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.handovers import service
from app.handovers.models import Handover, HandoverLine
from app.handovers.service import Record, Undo
from app.impact.rules import UserCase
from app.items.models import Donor, Item
from app.items.rules import ItemState
from app.kit.errors import Forbidden, Invalid, NotFound
from app.kit.events import EventRow, Revision
from app.marketplace import service as market
from app.projects.models import Fulfilment
from app.projects.rules import ProjectState
from app.projects.service import CancelLine, LineCancelled, ProjectClosed, cancel_line
from tests.factories import an_item, some_items
from tests.handovers.orders import ON, an_order
from tests.people import Organised
from tests.projects.rows import a_line, a_project

ActorOf = Callable[..., Actor]


def a_record(org: Organised, source: str, **changes: Any) -> Record:
    fields = {
        "source": source,
        "handed_over_on": ON,
        "to_unit_id": org.other_unit_id,
        "to_place_id": org.room_id,
        **changes,
    }
    if "programme_line_id" not in fields and source != "redesigned":
        fields.setdefault("category_id", "CHAIR_TASK")
    return Record.model_validate(fields)


def lines_of(session: Session, handover: Handover) -> list[HandoverLine]:
    return list(
        session.scalars(select(HandoverLine).where(HandoverLine.handover_id == handover.id))
    )


@pytest.mark.parametrize("source", ["bought_used", "new"])
def test_bought_pieces_are_registered_received_and_meet_the_line(
    session: Session, org: Organised, actor: ActorOf, source: str
) -> None:
    project = a_project(session, actor(), org, place_id=org.room_id)
    line = a_line(session, actor(), project, quantity=3)
    (handover,) = service.record(
        session,
        actor(Role.PROJECT_MANAGER),
        [
            Record.model_validate(
                {
                    "source": source,
                    "programme_line_id": line.id,
                    "handed_over_on": ON,
                    "quantity": 3,
                    "price_ore": 120_000,
                    "supplier": "Bruktmøbler AS",
                }
            )
        ],
    )
    items = session.scalars(select(Item)).all()
    assert {each.state for each in items} == {ItemState.IN_USE}
    assert {(each.owner_unit_id, each.place_id) for each in items} == {(org.unit_id, org.room_id)}
    assert (handover.supplier, handover.giver_unit_id) == ("Bruktmøbler AS", None)
    assert {each.price_ore for each in lines_of(session, handover)} == {120_000}
    assert all(each.received_at for each in lines_of(session, handover))
    assert {each.source for each in session.scalars(select(Fulfilment))} == {source}
    assert line.state == "fulfilled"
    received = select(func.count()).where(EventRow.kind == "piece-received")
    assert session.scalar(received) == 3


def test_own_pieces_are_redesigned_for_the_same_user_and_keep_their_identity(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    items = some_items(session, org, 2)
    (handover,) = service.record(
        session,
        actor(),
        [
            a_record(
                org,
                "redesigned",
                item_ids=[each.id for each in items],
                to_unit_id=org.unit_id,
                redesign_ore=180_000,
                redesign_level="reupholstery",
                removed_g=2_000,
            )
        ],
    )
    lines = lines_of(session, handover)
    assert {each.item_id for each in lines} == {each.id for each in items}
    assert {(e.user_case, e.redesign_ore, e.removed_g) for e in lines} == {
        (UserCase.SAME_USER, 180_000, 2_000)
    }
    assert session.scalar(select(func.count()).select_from(Item)) == 2


def test_pieces_built_from_surplus_point_at_donors_that_are_dismantled(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    donors = some_items(session, org, 2, mass_g=10_000)
    (handover,) = service.record(
        session,
        actor(),
        [
            a_record(
                org,
                "redesigned_from_surplus",
                quantity=4,
                donors=[{"item_id": each.id, "built_in_g": 8_000} for each in donors],
            )
        ],
    )
    assert {each.state for each in donors} == {ItemState.DISMANTLED}
    built = session.scalars(select(Donor)).all()
    assert [each.built_in_g for each in built] == [4_000] * 4
    assert {each.donor_id for each in built} == {each.id for each in donors}
    assert {each.item_id for each in built} == {
        each.item_id for each in lines_of(session, handover)
    }
    assert handover.giver_unit_id == org.unit_id


def test_what_is_left_of_a_donor_can_be_built_in_later_but_not_more(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    donor = an_item(session, org, mass_g=10_000)

    def built_in(grams: int) -> Record:
        return a_record(
            org,
            "redesigned_from_surplus",
            donors=[{"item_id": donor.id, "built_in_g": grams}],
        )

    service.record(session, actor(), [built_in(6_000)])
    with pytest.raises(Invalid) as refused:
        service.record(session, actor(), [built_in(4_001)])
    assert "6,0" in refused.value.by_field["donors"]
    service.record(session, actor(), [built_in(4_000)])
    total = select(func.sum(Donor.built_in_g)).where(Donor.donor_id == donor.id)
    assert session.scalar(total) == 10_000


def test_a_donor_gives_no_more_than_its_categorys_default_mass(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    donor = an_item(session, org)  # a task chair: 15 kg by the factor set
    too_much = a_record(
        org, "redesigned_from_surplus", donors=[{"item_id": donor.id, "built_in_g": 15_001}]
    )
    with pytest.raises(Invalid) as refused:
        service.record(session, actor(), [too_much])
    assert list(refused.value.by_field) == ["donors"]
    assert donor.state is ItemState.IN_USE
    assert session.scalars(select(Handover)).all() == []


def test_a_piece_weighs_at_least_what_is_built_into_it(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    donor = an_item(session, org)
    heavy = a_record(
        org,
        "redesigned_from_surplus",
        mass_g=5_000,
        donors=[{"item_id": donor.id, "built_in_g": 8_000}],
    )
    with pytest.raises(Invalid) as refused:
        service.record(session, actor(), [heavy])
    assert list(refused.value.by_field) == ["mass_g"]


def test_the_same_donor_twice_is_refused(session: Session, org: Organised, actor: ActorOf) -> None:
    donor = an_item(session, org)
    twice = a_record(
        org,
        "redesigned_from_surplus",
        donors=[{"item_id": donor.id, "built_in_g": 1_000}] * 2,
    )
    with pytest.raises(Invalid) as refused:
        service.record(session, actor(), [twice])
    assert list(refused.value.by_field) == ["donors"]


def test_a_reserved_donor_is_refused(session: Session, org: Organised, actor: ActorOf) -> None:
    ordered = an_order(session, org, 1)
    taken = a_record(
        org,
        "redesigned_from_surplus",
        donors=[{"item_id": ordered.items[0].id, "built_in_g": 1_000}],
    )
    with pytest.raises(service.ItemClaimed):
        service.record(session, actor(), [taken])
    assert ordered.items[0].state is ItemState.IN_USE


def test_a_donor_on_offer_is_refused(session: Session, org: Organised, actor: ActorOf) -> None:
    item = an_item(session, org)
    market.offer(session, actor(), [market.Offer(item_ids=[item.id])])
    offered = a_record(
        org, "redesigned_from_surplus", donors=[{"item_id": item.id, "built_in_g": 1_000}]
    )
    with pytest.raises(service.ItemOnOffer):
        service.record(session, actor(), [offered])


def test_another_organisations_donor_piece_or_line_is_not_found_and_unchanged(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    foreign = an_item(session, foreign_org)
    donor = a_record(
        org, "redesigned_from_surplus", donors=[{"item_id": foreign.id, "built_in_g": 1_000}]
    )
    piece = a_record(org, "redesigned", item_ids=[foreign.id])
    stranger = actor(where=foreign_org)
    foreign_line = a_line(session, stranger, a_project(session, stranger, foreign_org))
    line = a_record(org, "new", programme_line_id=foreign_line.id)
    for command in (donor, piece, line):
        with pytest.raises(NotFound):
            service.record(session, actor(), [command])
    assert foreign.state is ItemState.IN_USE
    assert session.scalars(select(Handover)).all() == []


def test_a_cancelled_line_or_closed_project_takes_no_entry(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    line, other = (a_line(session, actor(), project) for _ in range(2))
    cancel_line(session, actor(), [CancelLine(programme_line_id=line.id)])
    with pytest.raises(LineCancelled):
        service.record(session, actor(), [a_record(org, "new", programme_line_id=line.id)])
    project.state = ProjectState.CLOSED
    session.flush()
    with pytest.raises(ProjectClosed):
        service.record(session, actor(), [a_record(org, "new", programme_line_id=other.id)])
    assert session.scalars(select(Item)).all() == []


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("price_ore", {"price_ore": -1}),
        ("redesign_ore", {"redesign_ore": -1}),
        ("quantity", {"quantity": 0}),
        ("quantity", {"quantity": 501}),
        ("mass_g", {"mass_g": 0}),
        ("width_mm", {"width_mm": 20_001}),
        ("donors", {"donors": [{"item_id": "0" * 32, "built_in_g": -5}]}),
        ("kilden", {"source": "internal_reuse"}),
        ("donormøbel", {"source": "redesigned_from_surplus"}),
        ("møblene", {"source": "redesigned"}),
        ("supplier", {"supplier": "A\x00B"}),
    ],
)
def test_an_entry_that_can_not_be_is_refused(
    org: Organised, field: str, wrong: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=field):
        a_record(org, **{"source": "new", **wrong})


def test_a_day_after_tomorrow_is_refused(session: Session, org: Organised, actor: ActorOf) -> None:
    late = a_record(org, "new", handed_over_on=date(2026, 3, 4))
    with pytest.raises(Invalid) as refused:
        service.record(session, actor(), [late])
    assert list(refused.value.by_field) == ["handed_over_on"]


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.CONTROLLER, Role.SURVEYOR])
def test_who_may_not_hand_over_records_nothing(
    session: Session, org: Organised, actor: ActorOf, role: Role
) -> None:
    with pytest.raises(Forbidden):
        service.record(session, actor(role), [a_record(org, "new")])


def test_an_undone_entry_no_longer_meets_the_line_and_frees_its_donors_mass(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    line = a_line(
        session, actor(), a_project(session, actor(), org, place_id=org.room_id), quantity=1
    )
    donor = an_item(session, org, mass_g=9_000)

    def surplus() -> Record:
        return Record.model_validate(
            {
                "source": "redesigned_from_surplus",
                "programme_line_id": line.id,
                "handed_over_on": ON,
                "donors": [{"item_id": donor.id, "built_in_g": 9_000}],
            }
        )

    (handover,) = service.record(session, actor(), [surplus()])
    (made,) = lines_of(session, handover)
    service.undo(session, actor(), [Undo(handover_line_ids=[made.id])])
    assert line.state == "open"
    assert session.scalars(select(Donor)).all() == []
    (kept,) = session.scalars(select(Revision).where(Revision.field == "donors"))
    assert kept.before == [f"{donor.id} 9000"]
    service.record(session, actor(), [surplus()])
    assert line.state == "fulfilled"
