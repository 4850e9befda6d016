"""What is all promised is found beside the market's search: one may stand in the queue for it."""

import pytest
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.kit.db import clock_of
from app.kit.errors import Invalid
from app.marketplace import service
from app.marketplace.commands import MarketSearch
from app.marketplace.search_promised import promised_for
from app.marketplace.service_outside_queue import offer_due
from app.marketplace.service_sale import CancelBuyer, cancel_buyer
from app.marketplace.service_waiting import pass_on
from tests.databases import RolledBackDatabase
from tests.marketplace.openings import a_public_listing, confirmed, fetched, said_yes
from tests.marketplace.queues import freed, taken
from tests.marketplace.stalls import a_listing, a_request, acting, approved, states
from tests.people import Organised, SignedInAs


def found(session: Session, org: Organised, **wanted: object) -> list[str]:
    session.flush()
    search = MarketSearch.model_validate(wanted)
    today = clock_of(session).today()
    return [
        str(each.listing_id) for each in promised_for(session, acting(session, org), search, today)
    ]


def test_only_open_listings_with_nothing_left_are_found(session: Session, org: Organised) -> None:
    listing, holder = taken(session, org, 2)
    a_listing(session, org)  # with a piece left
    assert found(session, org) == [str(listing.id)]
    freed(session, org, holder)
    assert found(session, org) == []
    approved(session, org, a_request(session, org, listing, 2), 2)
    withdraw = service.OfListing(listing_id=listing.id)
    service.withdraw(session, acting(session, org), [withdraw])
    assert found(session, org) == []


def test_what_is_held_outside_is_found_and_ordered_and_waited_for(
    session: Session, org: Organised
) -> None:
    listing = a_public_listing(session, org, 1)
    holder = said_yes(session, org, confirmed(session, listing), 1)
    assert found(session, org) == [str(listing.id)]
    assert found(session, org, words="sofa") == []
    with pytest.raises(Invalid):
        a_request(session, org, listing, 2)
    own = a_request(session, org, listing)
    approved(session, org, own, 1)
    assert states(session, own) == {"waiting": 1}
    off = CancelBuyer(buyer_ask_id=holder.id)
    cancel_buyer(session, acting(session, org), off)
    offer_due(session)
    pass_on(session, acting(session, org), [listing.id])
    assert states(session, own) == {"offered": 1}


def test_what_has_gone_outside_is_not_waited_for(session: Session, org: Organised) -> None:
    listing = a_public_listing(session, org, 2)
    first, _ = (
        said_yes(session, org, confirmed(session, listing, email=email), 1)
        for email in ("a@example.no", "b@example.no")
    )
    fetched(session, org, first)
    assert found(session, org) == [str(listing.id)]
    with pytest.raises(Invalid):
        a_request(session, org, listing, 2)
    a_request(session, org, listing, 1)


def test_words_and_filters_hold_for_them_too(session: Session, org: Organised) -> None:
    listing = a_listing(session, org, name="Konferansestol", width_mm=600)
    approved(session, org, a_request(session, org, listing), 1)
    own = [str(listing.id)]
    assert found(session, org, words="konferansestol") == own
    assert found(session, org, words="sofa") == []
    assert found(session, org, category_id="CHAIR_TASK", width_min_mm=500) == own
    assert found(session, org, width_min_mm=700) == []
    assert found(session, org, place_id=org.building_id, condition=["A", "B", "C", "D"]) == own
    assert found(session, org, place_id=org.storage_id) == []
    assert found(session, org, count=5) == own


def test_another_organisations_are_not_found(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    taken(session, foreign_org)
    assert found(session, org) == []


def test_they_stand_below_few_hits_on_the_page_and_in_json(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        listing = a_listing(session, org, name="Konferansestol")
        approved(session, org, a_request(session, org, listing), 1)
        listing_id = str(listing.id)
    employee = signed_in_as(Role.EMPLOYEE)
    page = employee.get("/marked?words=konferansestol").text
    assert "du kan stille deg i kø" in page
    assert page.count(f"/marked/{listing_id}") == 1
    assert "stille deg i kø" not in employee.get("/marked?words=sofa").text
    assert "stille deg i kø" not in employee.get("/marked").text
    json = employee.get("/api/v1/market?words=konferansestol").json()
    assert (json["total"], json["cards"]) == (0, [])
    assert [each["listing_id"] for each in json["promised"]] == [listing_id]
