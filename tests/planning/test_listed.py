"""A day that moves under what is on the market, and who is told of it."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.items.rules import Fate
from app.kit.db import clock_of
from app.main import make_templates
from app.marketplace import service as market
from app.marketplace.models import Listing, ListingItem, RequestLine
from app.marketplace.rules import Stage
from app.notices.jobs import buyer_letter_of
from app.notices.models import Notice
from app.notices.models_buyers import BuyerLetter
from app.notices.service_buyers import claim
from app.planning.service_listed import lock_listings
from app.planning.service_release import OfferReleased, Replan, offer_released, replan
from tests.marketplace.openings import a_public_page, confirmed, said_yes
from tests.marketplace.test_network_market import answered, asked
from tests.networks.circles import a_network
from tests.people import Organised
from tests.planning.test_allocate import SOON, releases

ActorOf = Callable[..., Actor]


def test_a_listing_follows_the_day_its_pieces_come_free_and_who_ordered_them_is_told(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager, employee, leader = actor(), actor(Role.EMPLOYEE), actor(Role.APPROVER)
    project, rows = releases(session, manager, org, 3, gone_by=date(2026, 4, 20))
    ids = [each.id for each in rows]
    offered = OfferReleased(project_id=project.id, release_ids=ids)
    (listing,) = offer_released(session, manager, offered)

    def order(who: Actor) -> RequestLine:
        line = market.OrderLine(listing_id=listing.id, wanted=1)
        asked = market.Order(
            unit_id=org.other_unit_id, place_id=org.storage_id, project_id=None, lines=[line]
        )
        (request,) = market.order(session, who, [asked])
        query = select(RequestLine).where(RequestLine.request_id == request.id)
        return session.scalars(query).one()

    given, waiting = order(employee), order(leader)
    market.approve(session, manager, [market.Approve(request_line_id=given.id, quantity=1)])

    def move(**plan: object) -> tuple[date, date | None]:
        command = {"project_id": project.id, "release_ids": ids, **plan}
        replan(session, manager, Replan.model_validate(command))
        found = session.get_one(Listing, listing.id, populate_existing=True)
        return found.from_date, found.until_date

    def told() -> list[tuple[object, object]]:
        rows = session.scalars(select(Notice).where(Notice.kind == "request_day_moved"))
        return sorted((str(each.person_id), each.values["day"]) for each in rows)

    assert move(gone_by=date(2026, 6, 1)) == (SOON, date(2026, 4, 20))
    assert told() == []  # the day is the same
    assert move(free_from=date(2026, 5, 1)) == (date(2026, 5, 1), date(2026, 5, 20))
    assert {each[0] for each in told()} == {str(employee.person_id), str(leader.person_id)}
    assert {each[1] for each in told()} == {"2026-05-01"}
    assert waiting.approved == 0
    assert move(fate=Fate.OFFER, free_from=SOON)[0] == SOON
    by_hand = session.get_one(Listing, listing.id)
    by_hand.from_date = date(2026, 4, 10)
    assert move(free_from=date(2026, 4, 12))[0] == date(2026, 4, 10), "somebody chose it"


def test_a_piece_that_was_taken_off_its_listing_moves_it_no_more(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    project, rows = releases(session, manager, org, 3)
    ids = [each.id for each in rows]
    offered = OfferReleased(project_id=project.id, release_ids=ids)
    (listing,) = offer_released(session, manager, offered)
    gone = update(ListingItem).where(ListingItem.item_id == rows[0].item_id)
    session.execute(gone.values(left_at=clock_of(session).now()))
    later, latest = date(2026, 5, 1), date(2026, 6, 1)

    def first_day(*release_ids: UUID, day: date) -> date:
        replan(
            session,
            manager,
            Replan(project_id=project.id, release_ids=list(release_ids), free_from=day),
        )
        return session.get_one(Listing, listing.id, populate_existing=True).from_date

    assert first_day(ids[0], day=latest) == SOON
    assert first_day(ids[1], day=later) == later, "the latest of those that stand on it"
    assert first_day(ids[2], day=later) == later, "the one that left is no reason for its day"
    assert list(lock_listings(session, org.org_id, [rows[0].item_id])) == []


def test_another_organisation_that_asked_for_a_piece_is_told_of_its_new_day(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    a_network(session, org, foreign_org)
    project, rows = releases(session, manager, org, 3)
    ids = [each.id for each in rows]
    offered = OfferReleased(project_id=project.id, release_ids=ids)
    (listing,) = offer_released(session, manager, offered)
    listing.stage = Stage.NETWORK
    given, waiting = asked(session, listing, foreign_org, 2), asked(session, listing, foreign_org)
    answered(session, org, given, 2)
    session.info.pop("told")  # the answer was another transaction

    def told() -> set[tuple[object, ...]]:
        query = select(Notice).where(Notice.kind == "outside_answered")
        return {
            (each.org_id, each.subject_id, each.values["pieces"], each.values["day"])
            for each in session.scalars(query)
            if each.values["step"] == "outside-day-moved"
        }

    def move(**plan: object) -> None:
        command = {"project_id": project.id, "release_ids": ids, **plan}
        replan(session, manager, Replan.model_validate(command))

    move(gone_by=date(2026, 6, 1))
    assert told() == set(), "the day is the same"
    move(free_from=date(2026, 5, 1))
    assert told() == {
        (foreign_org.org_id, given.id, 2, "2026-05-01"),
        (foreign_org.org_id, waiting.id, 1, "2026-05-01"),
    }


def test_a_buyer_who_asked_for_a_piece_gets_a_letter_with_its_new_day(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    a_public_page(session, org)
    project, rows = releases(session, manager, org, 3)
    ids = [each.id for each in rows]
    offered = OfferReleased(project_id=project.id, release_ids=ids)
    (listing,) = offer_released(session, manager, offered)
    listing.stage = Stage.PUBLIC
    given, asking = confirmed(session, listing, 2), confirmed(session, listing)
    said_yes(session, org, given, 2)

    def told() -> set[UUID]:
        query = select(BuyerLetter.buyer_ask_id).where(BuyerLetter.kind == "buyer_moved")
        return set(session.scalars(query))

    def move(**plan: object) -> None:
        command = {"project_id": project.id, "release_ids": ids, **plan}
        replan(session, manager, Replan.model_validate(command))

    move(gone_by=date(2026, 6, 1))
    assert told() == set(), "the day is the same"
    move(free_from=date(2026, 5, 1))
    assert told() == {given.id, asking.id}
    of_day = select(BuyerLetter.id).where(BuyerLetter.kind == "buyer_moved")
    for letter in [claim(session, each) for each in session.scalars(of_day).all()]:
        assert letter is not None
        assert letter.values["day"] == date(2026, 5, 1)
        said = buyer_letter_of(letter, make_templates(), "https://ombruk.example")
        assert "1. mai 2026" in said.text.replace("\xa0", " ")
        assert "1. mai 2026" in said.html.replace("\xa0", " ")
