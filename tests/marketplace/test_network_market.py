"""What crosses between organisations of a network: the listing, the request, the answer, the piece."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organisation, Unit
from app.accounts.rules import Role
from app.handovers.commands_across import GiveToOthers
from app.handovers.service_across import give
from app.items.models import Item
from app.items.rules import ItemState
from app.kit.clock import MovedClock
from app.kit.errors import Forbidden, Invalid, NotFound
from app.ledger.service import verify
from app.marketplace import service, service_outside
from app.marketplace.commands import MarketSearch, OfListing
from app.marketplace.jobs import move_stages
from app.marketplace.models import Listing, ListingItem
from app.marketplace.models_outside import OutsideRequest
from app.marketplace.models_public import BuyerAsk
from app.marketplace.rules import ListingState, OutsideState, Stage
from app.marketplace.search import Tile, search_market
from app.marketplace.service_buyers import mint
from app.marketplace.service_claims import PieceTaken
from app.marketplace.shared import shared_card
from app.networks.service import OfNetwork, leave
from app.places.models import Place
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.marketplace.openings import SLUG
from tests.marketplace.stalls import a_listing, a_request, acting, approved, states
from tests.networks.circles import a_network
from tests.people import Organised, SignedInAs

TODAY = date(2026, 3, 2)
AT_NETWORK: dict[str, Any] = {
    "unit_days": 0,
    "organisation_days": 0,
    "network_days": 0,
    "last_stage": Stage.NETWORK,
}


def handed_over(
    manager: TestClient, theirs: TestClient, row_id: str, database: RolledBackDatabase
) -> None:
    """One piece out and in, then the other: with a receipt on both sides, and books that hold."""
    out, in_ = f"/overleveringer/til-andre/{row_id}", f"/overleveringer/fra-andre/{row_id}"
    assert theirs.get(out).status_code == 403
    assert manager.get(in_).status_code == 404
    page = manager.get(out).text
    held = re.findall(r'name="item_ids" value="([^"]+)"', page)
    assert len(held) == 2
    day = {"handed_over_on": "2026-03-09"}
    assert manager.post(out, data=day).status_code == 422
    for each in held:
        gone = manager.post(out, data=day | {"item_ids": each, "key": each, "signed_name": "Per"})
        assert gone.status_code == 303
        assert "Per" in manager.get(gone.headers["location"]).text
        [line] = re.findall(r'name="handover_line_ids" value="([^"]+)"', theirs.get(in_).text)
        taken = theirs.post(in_, data={"handover_line_ids": line, "signed_name": "Kari"})
        assert taken.status_code == 303
        assert "Kari" in theirs.get(taken.headers["location"]).text
        assert theirs.post(in_, data={"handover_line_ids": line}).status_code == 409
    assert theirs.get("/overleveringer").status_code == 200
    assert "Fremmed kommune" in manager.get("/overleveringer").text
    [row] = manager.get("/api/v1/outside-requests").json()
    assert row["state"] == "received"
    pieces = theirs.get("/api/v1/items").json()
    assert [each["name"] for each in pieces] == ["Kontorstol"] * 2
    with database.read() as session:
        for org_id in session.scalars(select(Organisation.id)):
            assert verify(session, org_id).ok


def found_by(session: Session, org: Organised, words: str = "") -> list[Tile]:
    actor = acting(session, org, Role.EMPLOYEE)
    wanted = MarketSearch(words=words)
    return search_market(session, actor, wanted, today=TODAY, kind=Tile, is_shared=True).cards


def asked(
    session: Session, listing: Listing, asker: Organised, wanted: int = 1, **fields: Any
) -> OutsideRequest:
    command = service_outside.AskOutside(
        listing_id=listing.id, wanted=wanted, place_id=asker.room_id, **fields
    )
    return service_outside.ask_outside(session, acting(session, asker, Role.EMPLOYEE), command)


def answered(session: Session, giver: Organised, row: OutsideRequest, quantity: int) -> None:
    command = service_outside.AnswerOutside(outside_request_id=row.id, quantity=quantity)
    service_outside.answer_outside(session, acting(session, giver), command)


def of(row: OutsideRequest) -> service_outside.OfOutside:
    return service_outside.OfOutside(outside_request_id=row.id)


def test_only_what_has_reached_the_network_is_found_and_only_by_partners(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    a_listing(session, org, name="Skrivebord")
    listing = a_listing(session, org, 2, name="Kontorstol", text="Fine", **AT_NETWORK)
    assert found_by(session, foreign_org) == []
    network = a_network(session, org, foreign_org)
    tiles = found_by(session, foreign_org)
    assert [(each.name, each.count, each.place_label) for each in tiles] == [
        ("Kontorstol", 2, "Prøve helseforetak")
    ]
    for words in ("kontorstoler", "kontorstål"):
        assert [each.name for each in found_by(session, foreign_org, words)] == ["Kontorstol"]
    assert found_by(session, foreign_org, "skrivebord") == []
    assert found_by(session, org) == []
    theirs = acting(session, foreign_org, Role.EMPLOYEE)
    card = shared_card(session, theirs, listing.id, TODAY)
    assert (card.giver, card.text, card.count) == ("Prøve helseforetak", "Fine", 2)
    leave(session, acting(session, foreign_org, Role.ADMIN), OfNetwork(network_id=network.id))
    assert found_by(session, foreign_org) == []
    with pytest.raises(NotFound):
        shared_card(session, theirs, listing.id, TODAY)


def test_the_way_to_the_network_is_shown_to_its_members_alone(
    session: Session, org: Organised, foreign_org: Organised, signed_in_as: SignedInAs
) -> None:
    client, way = signed_in_as(Role.EMPLOYEE), 'href="/marked/nettverket"'
    a_network(session, foreign_org)
    assert way not in client.get("/marked").text
    a_network(session, org)
    assert way in client.get("/marked").text


def test_nothing_of_the_givers_own_is_shared(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
) -> None:
    with database.write() as session:
        a_network(session, org, foreign_org)
        session.get_one(Place, org.room_id).label = "Bygg X › Pasientrom"
        session.get_one(Unit, org.unit_id).name = "Psykiatri"
        listing_id = a_listing(session, org, name="Kontorstol", note="Hemmelig", **AT_NETWORK).id
    client = signed_in_as(Role.EMPLOYEE, foreign_org)
    for path in (
        "/marked/nettverket",
        f"/marked/nettverket/{listing_id}",
        "/api/v1/network-market",
        f"/api/v1/network-market/{listing_id}",
    ):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Kontorstol" in answer.text
        for own in ("Bygg X", "Pasientrom", "Psykiatri", "Hemmelig", "furniture_manager"):
            assert own not in answer.text, (path, own)
    for path in (f"/marked/{listing_id}", f"/api/v1/listings/{listing_id}"):
        assert client.get(path).status_code == 404


def test_pieces_are_asked_for_approved_held_and_handed_over(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    a_network(session, org, foreign_org)
    listing = a_listing(session, org, 3, **AT_NETWORK)
    row = asked(session, listing, foreign_org, 3, note="Ring oss")
    assert (row.org_id, row.asker_org_id) == (org.org_id, foreign_org.org_id)
    answered(session, org, row, 2)
    assert [each.count for each in found_by(session, foreign_org)] == [1]
    held = session.scalars(
        select(ListingItem.item_id).where(ListingItem.left_at.is_not(None))
    ).all()
    with pytest.raises(service.PieceOfferedAlready):
        service.offer(session, acting(session, org), [service.Offer(item_ids=[held[0]])])
    give(session, acting(session, org), GiveToOthers(outside_request_id=row.id))
    gone = session.scalars(select(Item.state).where(Item.id.in_(held))).all()
    assert set(gone) == {ItemState.IN_TRANSIT}
    session.refresh(row)
    assert (row.state, row.approved) == (OutsideState.HANDED_OVER, 2)
    assert listing.state is ListingState.OPEN
    with pytest.raises(service_outside.OutsideAnswered):
        service_outside.cancel_outside(session, acting(session, foreign_org), of(row))


def test_who_waits_at_home_comes_before_the_network(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    a_network(session, org, foreign_org)
    listing = a_listing(session, org, 1, **AT_NETWORK)
    outside = asked(session, listing, foreign_org)
    holder, waiting = a_request(session, org, listing), a_request(session, org, listing)
    approved(session, org, holder, 1)
    approved(session, org, waiting, 1)
    with pytest.raises(PieceTaken):
        answered(session, org, outside, 1)
    cancel = service.OfRequest(request_id=holder.id)
    service.cancel(session, acting(session, org), [cancel])
    assert states(session, waiting) == {"offered": 1}
    with pytest.raises(PieceTaken):
        answered(session, org, outside, 1)


def test_what_is_cancelled_stands_on_the_market_again(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    a_network(session, org, foreign_org)
    listing = a_listing(session, org, 1, **AT_NETWORK)
    row = asked(session, listing, foreign_org)
    answered(session, org, row, 1)
    assert found_by(session, foreign_org) == []
    with pytest.raises(Forbidden):
        service_outside.cancel_outside(session, acting(session, foreign_org, Role.MOVER), of(row))
    service_outside.cancel_outside(session, acting(session, foreign_org, Role.EMPLOYEE), of(row))
    assert [each.count for each in found_by(session, foreign_org)] == [1]
    answered(session, org, asked(session, listing, foreign_org), 1)


def test_bad_wishes_are_refused_at_the_field(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    a_network(session, org, foreign_org)
    listing = a_listing(session, org, 1, **AT_NETWORK)
    with pytest.raises(Invalid):
        asked(session, listing, foreign_org, 2)
    with pytest.raises(Invalid):
        asked(session, listing, foreign_org, wanted_date=date(2026, 3, 1))
    place = {"listing_id": listing.id, "place_id": org.room_id}
    with pytest.raises(Invalid):
        service_outside.ask_outside(
            session,
            acting(session, foreign_org, Role.EMPLOYEE),
            service_outside.AskOutside.model_validate(place),
        )
    row = asked(session, listing, foreign_org)
    with pytest.raises(Invalid):
        answered(session, org, row, 2)
    with pytest.raises(NotFound):
        answered(session, foreign_org, row, 1)
    with pytest.raises(Forbidden):
        service_outside.answer_outside(
            session,
            acting(session, org, Role.EMPLOYEE),
            service_outside.AnswerOutside(outside_request_id=row.id, quantity=1),
        )


def test_when_the_network_ends_what_is_unanswered_is_declined_and_what_is_promised_stands(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    network = a_network(session, org, foreign_org)
    listing = a_listing(session, org, 2, **AT_NETWORK)
    promised, open_ = asked(session, listing, foreign_org), asked(session, listing, foreign_org)
    answered(session, org, promised, 1)
    leave(session, acting(session, foreign_org, Role.ADMIN), OfNetwork(network_id=network.id))
    session.expire_all()
    assert (promised.state, open_.state) == (OutsideState.APPROVED, OutsideState.DECLINED)
    give(session, acting(session, org), GiveToOthers(outside_request_id=promised.id))


def test_a_listing_walks_through_its_four_stages_to_another_organisation_and_to_a_stranger(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    client: TestClient,
    signed_in_as: SignedInAs,
    clock: MovedClock,
) -> None:
    """Over HTTP, under a moved clock, from the founding of the network to the last piece."""
    manager, employee = signed_in_as(), signed_in_as(Role.EMPLOYEE)
    theirs, their_admin = (
        signed_in_as(Role.EMPLOYEE, foreign_org),
        signed_in_as(Role.ADMIN, foreign_org),
    )
    network_id = founded(signed_in_as(Role.ADMIN), their_admin)
    rules = {
        "unit_days": "2",
        "organisation_days": "3",
        "network_days": "10",
        "last_stage": "public",
        "remind_days": "5",
        "version": "0",
    }
    assert manager.post("/marked/trinn", data=rules).status_code == 422  # no public page yet
    public = {"slug": SLUG, "area": "Sola kommune", "is_open": "1", "version": "0"}
    assert manager.post("/marked/apen-side", data=public).status_code == 303
    assert manager.post("/marked/trinn", data=rules).status_code == 303
    with database.write() as session:
        item_ids = [str(each.id) for each in some_items(session, org, 3, name="Kontorstol")]
    [listing] = manager.post("/api/v1/listings", json=[{"item_ids": item_ids}]).json()
    assert listing["stage"] == "unit"
    page = f"/marked/nettverket/{listing['id']}"

    out = f"/ombruk/{SLUG}/{listing['id']}"

    def seen() -> tuple[int, int, int]:
        own = employee.get(f"/marked/{listing['id']}").status_code
        return own, theirs.get(page).status_code, client.get(out).status_code

    assert seen() == (200, 404, 404)
    clock.move(timedelta(days=2))
    move(database)
    assert stage_of(manager, listing["id"]) == "organisation"
    assert seen() == (200, 404, 404)
    clock.move(timedelta(days=5))
    move(database)
    assert stage_of(manager, listing["id"]) == "network"
    assert seen() == (200, 200, 404)

    assert "Prøve helseforetak" in theirs.get("/marked/nettverket").text
    wish = {"wanted": "2", "place_id": str(foreign_org.room_id), "note": "Ring 55 00"}
    assert theirs.post(page, data=wish | {"wanted": "9"}).status_code == 422
    for _ in range(2):
        assert theirs.post(page, data=wish | {"key": "one"}).status_code == 303
    [row] = manager.get("/api/v1/outside-requests").json()
    assert (row["wanted"], row["delivery"]) == (2, "Bygg A › Rom 214")
    assert "Ring 55 00" in manager.get("/marked/utenfra").text
    path = f"/marked/utenfra/{row['id']}"
    assert their_admin.post(f"{path}/svar", data={"quantity": "1"}).status_code == 404
    assert manager.post(f"{path}/svar", data={"quantity": "2"}).status_code == 303
    assert "Godkjent" in theirs.get("/marked/andre").text
    handed_over(manager, theirs, row["id"], database)
    assert stage_of(manager, listing["id"]) == "network"

    clock.move(timedelta(days=14))
    move(database)
    assert stage_of(manager, listing["id"]) == "public"
    assert seen()[2] == 200
    want = {"name": "Kari Nordmann", "email": "kari@example.no", "wanted": "1"}
    assert client.post(out, data=want).status_code == 303
    with database.write() as session:
        [ask] = session.scalars(select(BuyerAsk)).all()
        token = mint(session, ask)
    assert client.post("/ombruk/lenke/bekreft", data={"lenke": token}).status_code == 303
    [row] = manager.get("/api/v1/buyer-asks").json()
    path = f"/marked/kjopere/{row['id']}"
    assert manager.post(f"{path}/svar", data={"quantity": "1"}).status_code == 303
    assert manager.post(f"{path}/hentet", data={"vat_percent": "0"}).status_code == 303
    with database.read() as session:
        states = session.scalars(select(Item.state).where(Item.id.in_(map(UUID, item_ids)))).all()
        assert set(states) == {ItemState.DONATED}
        assert session.get_one(Listing, UUID(listing["id"])).state is ListingState.ENDED
    left = f"/nettverk/{network_id}/ut"
    assert their_admin.post(left, data={"key": "out"}).status_code == 303
    assert "er ute" in signed_in_as(Role.ADMIN).get(f"/nettverk/{network_id}").text


def founded(host: TestClient, member: TestClient) -> str:
    made = host.post("/nettverk/ny", data={"name": "Fylket"})
    assert made.status_code == 303
    network_id = str(made.headers["location"]).rsplit("/", 1)[1].partition("?")[0]
    assert member.get(f"/nettverk/{network_id}").status_code == 404
    path = f"/nettverk/{network_id}"
    wrong = host.post(f"{path}/inviter", data={"organisation": "Ingen"})
    assert wrong.status_code == 422
    assert host.post(f"{path}/inviter", data={"organisation": "Fremmed kommune"}).status_code == 303
    assert "Bli med" in member.get(path).text
    assert member.post(f"{path}/ja", data={"key": "yes"}).status_code == 303
    assert "Prøve helseforetak" in member.get(path).text
    return network_id


def move(database: RolledBackDatabase) -> None:
    class Parts:
        db = database

    move_stages(Parts())  # type: ignore[arg-type]


def stage_of(client: TestClient, listing_id: str) -> str:
    found: str = client.get(f"/api/v1/listings/{listing_id}").json()["stage"]
    return found


def test_who_asked_is_told_no_when_the_listing_is_withdrawn_and_what_was_promised_stands(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    a_network(session, org, foreign_org)
    listing = a_listing(session, org, 3, **AT_NETWORK)
    promised, open_one = asked(session, listing, foreign_org), asked(session, listing, foreign_org)
    answered(session, org, promised, 1)
    service.withdraw(session, acting(session, org), [OfListing(listing_id=listing.id)])
    session.refresh(promised)
    session.refresh(open_one)
    assert (promised.state, open_one.state) == (OutsideState.APPROVED, OutsideState.DECLINED)
