"""Disposal decisions through their verbs: proposed, signed, delivered, withdrawn."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import PERMISSIONS, Permission, Role
from app.disposals import queries, service
from app.disposals.models import Disposal, DisposalFraction, DisposalPiece
from app.disposals.rules import (
    DISPOSAL_MACHINE,
    DisposalState,
    Fate,
    Fraction,
    Reason,
    fractions_of,
    published_codes,
)
from app.disposals.service import (
    Decide,
    Deliver,
    DisposalDeliveredAlready,
    DisposalOver,
    FractionMass,
    ItemClaimed,
    ItemOnOffer,
    PieceOnDisposal,
    Propose,
    Weigh,
    Withdraw,
    decide,
    deliver,
    propose,
    weigh,
    withdraw,
)
from app.disposals.service_codes import VerifyCode, verify_code
from app.impact.queries import factors_of
from app.items.models import Item
from app.items.rules import ItemState
from app.items.service_lifecycle import ItemNotThere
from app.kit.db import clock_of
from app.kit.errors import Forbidden, Invalid, NotFound
from app.kit.events import EventRow
from app.ledger.models import LedgerEntry
from app.marketplace import service as market
from app.marketplace.commands import OfListing
from tests.factories import an_item, some_items
from tests.handovers.orders import an_order
from tests.people import Organised

ActorOf = Callable[..., Actor]


def proposed(session: Session, actor: Actor, items: list[Item], **changes: object) -> Disposal:
    command = Propose.model_validate(
        {
            "item_ids": [each.id for each in items],
            "fate": Fate.DISPOSE,
            "reason": Reason.WORN_OUT,
            "not_offered_why": "For slitt til å tilbys.",
            "receiver": "Ragn-Sells",
            **changes,
        }
    )
    return propose(session, actor, command)


def fractions(session: Session, disposal: Disposal) -> dict[Fraction, int]:
    query = select(DisposalFraction).where(DisposalFraction.disposal_id == disposal.id)
    return {each.fraction: each.mass_g for each in session.scalars(query)}


def test_nothing_changes_for_the_pieces_until_somebody_signs(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    items = some_items(session, org, 2, mass_g=12_000)
    disposal = proposed(session, actor(Role.SURVEYOR), items)
    assert (disposal.number, disposal.state) == (1, DisposalState.PROPOSED)
    assert {each.state for each in items} == {ItemState.IN_USE}
    decide(session, actor(Role.APPROVER), Decide(disposal_id=disposal.id))
    assert {each.state for each in items} == {ItemState.DISPOSED}
    assert disposal.decided_by_id == actor(Role.APPROVER).person_id
    assert fractions(session, disposal) == {Fraction.MIXED: 24_000}
    assert session.scalars(select(LedgerEntry)).all() == []


@pytest.mark.parametrize("role", list(Role))
def test_who_may_sign_is_one_table(
    session: Session, org: Organised, actor: ActorOf, role: Role
) -> None:
    disposal = proposed(session, actor(), [an_item(session, org)])
    command = Decide(disposal_id=disposal.id)
    if Permission.DISPOSAL_SIGN in PERMISSIONS[role]:
        assert role in {Role.ADMIN, Role.APPROVER, Role.FURNITURE_MANAGER}
        assert decide(session, actor(role), command).state is DisposalState.DECIDED
    else:
        with pytest.raises(Forbidden):
            decide(session, actor(role), command)
        assert disposal.state is DisposalState.PROPOSED


def test_what_is_taken_apart_falls_into_fractions_that_add_up_to_its_mass(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    row = factors_of(session).factor_set.categories["CHAIR_TASK"]
    items = some_items(session, org, 3, mass_g=14_333)
    disposal = proposed(session, actor(), items, fate=Fate.RECYCLE)
    found = fractions(session, disposal)
    assert sum(found.values()) == 3 * 14_333
    metal = sum(each.share for each in row.materials if each.material in {"steel", "aluminium"})
    assert found[Fraction.METAL] == pytest.approx(float(3 * 14_333 * metal), abs=3)
    decide(session, actor(), Decide(disposal_id=disposal.id))
    assert {each.state for each in items} == {ItemState.RECYCLED}


def test_an_unknown_mass_is_the_categorys_and_says_so(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    default = factors_of(session).factor_set.categories["CHAIR_TASK"].mass_g
    assert default is not None
    disposal = proposed(session, actor(), [an_item(session, org)])
    (piece,) = session.scalars(queries.pieces_of(actor(), [disposal.id]))
    assert (piece.mass_g, piece.is_mass_default) == (int(default.value), True)
    unknown = proposed(session, actor(), [an_item(session, org, category_id="EQUIP_MEDICAL")])
    assert fractions(session, unknown) == {}


def test_no_gram_is_lost_or_made_by_rounding() -> None:
    thirds = [
        ("steel", Decimal("0.333")),
        ("glass", Decimal("0.333")),
        ("textile", Decimal("0.334")),
    ]
    for mass in (1, 2, 3, 7, 100, 99_999):
        assert sum(fractions_of(mass, thirds, Fate.RECYCLE).values()) == mass
    assert fractions_of(0, thirds, Fate.RECYCLE) == {}
    assert fractions_of(50, [], Fate.RECYCLE) == {Fraction.MIXED: 50}


def test_what_it_was_offered_as_comes_from_its_own_history(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    (item,) = some_items(session, org, 1)
    (listing,) = market.offer(session, manager, [market.Offer(item_ids=[item.id])])
    with pytest.raises(ItemOnOffer):
        proposed(session, manager, [item], not_offered_why=None)
    market.withdraw(session, manager, [OfListing(listing_id=listing.id)])
    disposal = proposed(session, manager, [item], not_offered_why=None, reason=Reason.NO_TAKER)
    (piece,) = session.scalars(queries.pieces_of(manager, [disposal.id]))
    (offer,) = piece.offers
    assert (offer["listing_id"], offer["stage"], offer["asked"]) == (
        str(listing.id),
        "organisation",
        0,
    )


def test_what_is_missing_is_said_at_its_field(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org)
    for changes, field in (
        ({"not_offered_why": None}, "not_offered_why"),
        ({"reason": Reason.OTHER}, "reason_text"),
        ({"reason": Reason.NO_TAKER}, "reason"),
    ):
        with pytest.raises(Invalid) as refused:
            proposed(session, actor(), [item], **changes)
        assert field in refused.value.by_field
    disposal = proposed(session, actor(), [item], receiver=None)
    with pytest.raises(Invalid) as refused:
        decide(session, actor(), Decide(disposal_id=disposal.id))
    assert refused.value.by_field.keys() == {"receiver"}
    assert item.state is ItemState.IN_USE


def test_a_promised_or_absent_piece_is_not_thrown_away(
    session: Session, org: Organised, actor: ActorOf, foreign_org: Organised
) -> None:
    ordered = an_order(session, org, 1)
    with pytest.raises(ItemClaimed):
        proposed(session, actor(), ordered.items)
    for state in (ItemState.IN_TRANSIT, ItemState.SOLD, ItemState.LOST, ItemState.DISPOSED):
        with pytest.raises(ItemNotThere):
            proposed(session, actor(), [an_item(session, org, state=state)])
    with pytest.raises(NotFound):
        proposed(session, actor(), [an_item(session, foreign_org)])
    with pytest.raises(Forbidden):
        proposed(session, actor(Role.EMPLOYEE), [an_item(session, org)])
    with pytest.raises(NotFound):
        decide(session, actor(), Decide(disposal_id=uuid4()))


def test_a_piece_stands_on_one_decision_at_a_time(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org)
    first = proposed(session, actor(), [item])
    with pytest.raises(PieceOnDisposal):
        proposed(session, actor(), [item])
    withdraw(session, actor(Role.SURVEYOR), Withdraw(disposal_id=first.id, why="Brukes likevel"))
    assert proposed(session, actor(), [item]).number > first.number


def test_a_piece_that_was_promised_since_stops_the_signature(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org)
    disposal = proposed(session, actor(), [item])
    market.offer(session, actor(), [market.Offer(item_ids=[item.id])])
    with pytest.raises(ItemOnOffer):
        decide(session, actor(), Decide(disposal_id=disposal.id))
    assert (disposal.state, item.state) == (DisposalState.PROPOSED, ItemState.IN_USE)


@pytest.mark.parametrize("before", [ItemState.IN_USE, ItemState.AVAILABLE])
def test_a_signed_decision_is_reversed_while_nothing_was_delivered(
    session: Session, org: Organised, actor: ActorOf, before: ItemState
) -> None:
    item = an_item(session, org, is_free=before is ItemState.AVAILABLE)
    disposal = proposed(session, actor(), [item])
    decide(session, actor(), Decide(disposal_id=disposal.id))
    back = Withdraw(disposal_id=disposal.id, why="Feil møbel")
    with pytest.raises(Forbidden):
        withdraw(session, actor(Role.SURVEYOR), back)
    withdraw(session, actor(Role.APPROVER), back)
    assert (disposal.state, item.state) == (DisposalState.WITHDRAWN, before)
    today = clock_of(session).today()
    with pytest.raises(DisposalOver):
        withdraw(session, actor(), back)
    with pytest.raises(DisposalOver):
        decide(session, actor(), Decide(disposal_id=disposal.id))
    with pytest.raises(DisposalOver):
        deliver(session, actor(), Deliver(disposal_id=disposal.id, delivered_on=today))
    kinds = set(session.scalars(select(EventRow.kind).where(EventRow.subject_id == item.id)))
    assert {"item-left", "item-restored"} <= kinds


def test_after_delivery_nothing_is_taken_back(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org)
    disposal = proposed(session, actor(), [item])
    today = clock_of(session).today()
    with pytest.raises(DisposalOver):
        deliver(session, actor(), Deliver(disposal_id=disposal.id, delivered_on=today))
    decide(session, actor(), Decide(disposal_id=disposal.id))
    for wrong in (today + timedelta(days=1), today - timedelta(days=30)):
        with pytest.raises(Invalid):
            deliver(session, actor(), Deliver(disposal_id=disposal.id, delivered_on=wrong))
    deliver(session, actor(), Deliver(disposal_id=disposal.id, delivered_on=today))
    with pytest.raises(DisposalDeliveredAlready):
        withdraw(session, actor(), Withdraw(disposal_id=disposal.id, why="For sent"))
    assert item.state is ItemState.DISPOSED


def test_entered_fractions_replace_the_calculated_and_stand_once_signed(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    disposal = proposed(session, actor(), [an_item(session, org)])
    own = [
        FractionMass(fraction=Fraction.METAL, mass_g=9_000),
        FractionMass(fraction=Fraction.WOOD, mass_g=500),
    ]
    weigh(session, actor(), Weigh(disposal_id=disposal.id, fractions=own))
    assert fractions(session, disposal) == {Fraction.METAL: 9_000, Fraction.WOOD: 500}
    with pytest.raises(Invalid):
        weigh(session, actor(), Weigh(disposal_id=disposal.id, fractions=[own[0], own[0]]))
    decide(session, actor(), Decide(disposal_id=disposal.id))
    with pytest.raises(DisposalOver):
        weigh(session, actor(), Weigh(disposal_id=disposal.id, fractions=own))
    (event,) = session.scalars(select(EventRow).where(EventRow.kind == "disposal-decided"))
    pieces = list(session.scalars(select(DisposalPiece)))
    rows = list(session.scalars(select(DisposalFraction)))
    assert event.payload["document_sha256"] == disposal.sha256(pieces, rows)
    assert event.payload["mass_g"] == 9_500


def test_codes_are_the_organisations_once_it_has_checked_them(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    assert set(published_codes()) == set(Fraction)
    today = clock_of(session).today()
    verified = VerifyCode(
        fraction=Fraction.MIXED, ns_code="9913", eal_code="20 03 07", verified_on=today
    )
    with pytest.raises(Forbidden):
        verify_code(session, actor(Role.SURVEYOR), verified)
    before = proposed(session, actor(), [an_item(session, org)])
    verify_code(session, actor(), verified)
    verify_code(session, actor(), verified)
    after = proposed(session, actor(), [an_item(session, org)])
    codes = {each.disposal_id: each.ns_code for each in session.scalars(select(DisposalFraction))}
    assert codes == {before.id: "9912", after.id: "9913"}
    with pytest.raises(Invalid):
        verify_code(
            session,
            actor(),
            verified.model_copy(update={"verified_on": today + timedelta(days=1)}),
        )


def test_every_state_but_the_last_ones_has_a_way_on() -> None:
    assert set(DisposalState) - DISPOSAL_MACHINE.keys() == {
        DisposalState.DELIVERED,
        DisposalState.WITHDRAWN,
    }
    assert service.ITEM_VERB.keys() == set(Fate)
