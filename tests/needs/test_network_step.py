"""The ladder's step at the network: what partners have, asked for or left with a reason."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.kit.clock import MovedClock
from app.kit.errors import Invalid
from app.marketplace import service as market
from app.marketplace import service_outside
from app.marketplace.models_outside import OutsideRequest
from app.marketplace.rules import OutsideState
from app.marketplace.service_outside import OfOutside
from app.marketplace.service_outside_queue import accept_outside, offer_due
from app.needs import service_ladder
from app.needs.matching import matches_of
from app.needs.models import NeedLine
from app.needs.outputs import NeedLineOut
from app.needs.queries import decisions_by_line
from app.needs.rules import Outcome, Reason, Step
from app.needs.service import Leave, Take
from app.needs.service_ladder import MatchesChanged, NotThisStep, mark
from app.networks.service import OfNetwork
from app.networks.service import leave as leave_network
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing, a_request, acting, approved
from tests.marketplace.test_network_market import AT_NETWORK, answered
from tests.needs.test_found import looked
from tests.needs.test_ladder import a_need, decided, left, line_of
from tests.networks.circles import a_network
from tests.people import Organised, SignedInAs
from tests.projects.rows import a_project


def at_network(session: Session, nurse: Actor, org: Organised, **changes: object) -> NeedLine:
    """A line of five whose own organisation has been looked through."""
    line = line_of(session, nurse, a_need(session, nurse, org, **changes))
    left(session, nurse, line, Step.OWN_UNIT, Step.ORGANISATION)
    return line


def next_of(session: Session, nurse: Actor, line: NeedLine) -> Step | None:
    return NeedLineOut.all(session, nurse, [line])[0].next_step


def took(session: Session, nurse: Actor, line: NeedLine, listing_id: object, quantity: int) -> None:
    command = Take.model_validate(
        {
            "need_line_id": line.id,
            "step": Step.NETWORK,
            "quantity": quantity,
            "listing_id": listing_id,
        }
    )
    service_ladder.take(session, nurse, [command])


def the_request(session: Session) -> OutsideRequest:
    return session.scalars(select(OutsideRequest)).one()


def test_without_a_network_nobody_is_asked(session: Session, org: Organised) -> None:
    nurse = acting(session, org, Role.EMPLOYEE)
    line = at_network(session, nurse, org)
    assert next_of(session, nurse, line) is Step.REPAIR_OR_REDESIGN
    with pytest.raises(NotThisStep):
        left(session, nurse, line, Step.NETWORK)


def test_what_a_partner_has_is_asked_for_where_the_need_is(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    a_network(session, org, foreign_org)
    listing = a_listing(session, foreign_org, 4, name="Kontorstol", **AT_NETWORK)
    a_listing(session, foreign_org, 2, name="Bare deres")
    nurse = acting(session, org, Role.EMPLOYEE)
    day = date(2026, 5, 1)
    project = a_project(session, acting(session, org), org, from_date=day)
    line = at_network(session, nurse, org, place_id=org.room_id, project_id=project.id)
    assert next_of(session, nurse, line) is Step.NETWORK
    took(session, nurse, line, listing.id, 3)
    row = the_request(session)
    assert (row.org_id, row.asker_org_id) == (foreign_org.org_id, org.org_id)
    assert (row.wanted, row.delivery) == (3, "Bygg A › Rom 214")
    assert row.project_date == day, "it has a project's place in the queue"
    assert decided(session, nurse, line)[-1] == (Step.NETWORK, Outcome.TAKEN, 3)
    answered(session, foreign_org, row, 2)
    assert decided(session, nurse, line)[-1] == (Step.NETWORK, Outcome.TAKEN, 2)


def test_a_no_from_the_partner_is_missing_again(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    a_network(session, org, foreign_org)
    listing = a_listing(session, foreign_org, 4, **AT_NETWORK)
    nurse = acting(session, org, Role.EMPLOYEE)
    line = at_network(session, nurse, org)
    took(session, nurse, line, listing.id, 4)
    row = the_request(session)
    assert row.delivery == "Medisin"
    no = service_outside.AnswerOutside(outside_request_id=row.id, quantity=0)
    service_outside.answer_outside(session, acting(session, foreign_org), no)
    assert row.state is OutsideState.DECLINED
    assert decided(session, nurse, line)[-1] == (Step.NETWORK, Outcome.TAKEN, 0)
    assert next_of(session, nurse, line) is Step.NETWORK


def test_the_rest_of_what_was_asked_for_waits_for_the_line_and_counts_when_it_comes(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    a_network(session, org, foreign_org)
    listing = a_listing(session, foreign_org, 4, **AT_NETWORK)
    nurse = acting(session, org, Role.EMPLOYEE)
    line = at_network(session, nurse, org)
    took(session, nurse, line, listing.id, 3)
    holder = a_request(session, foreign_org, listing, 3)
    approved(session, foreign_org, holder, 3)
    answered(session, foreign_org, the_request(session), 1)

    def got() -> tuple[int, int, int]:
        last = decisions_by_line(session, nurse, [line.id])[line.id][-1]
        return last.quantity, last.waiting, last.lost

    assert got() == (1, 2, 0)
    manager = acting(session, foreign_org)
    market.cancel(session, manager, [market.OfRequest(request_id=holder.id)])
    assert offer_due(session) == 1
    rest = session.scalars(select(OutsideRequest).where(OutsideRequest.wanted == 2)).one()
    accept_outside(session, nurse, OfOutside(outside_request_id=rest.id))
    assert got() == (3, 0, 0)


def test_what_was_asked_for_is_not_offered_to_the_line_again(
    session: Session, org: Organised, foreign_org: Organised, clock: MovedClock
) -> None:
    a_network(session, org, foreign_org)
    listing = a_listing(session, foreign_org, 4, **AT_NETWORK)
    nurse = acting(session, org, Role.EMPLOYEE)
    need = a_need(session, nurse, org)
    line = line_of(session, nurse, need)
    left(session, nurse, line, Step.OWN_UNIT, Step.ORGANISATION)
    took(session, nurse, line, listing.id, 3)
    found = matches_of(session, nurse, need, line, Step.NETWORK, clock.today())
    assert [(each.count, each.place, each.unit, each.item_id) for each in found] == [
        (1, "Fremmed kommune", "", None)
    ]


def test_what_is_left_gets_a_reason_and_what_there_was_is_frozen(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    a_network(session, org, foreign_org)
    listing = a_listing(session, foreign_org, 4, name="Kontorstol", **AT_NETWORK)
    nurse = acting(session, org, Role.EMPLOYEE)
    line = at_network(session, nurse, org)
    with pytest.raises(Invalid) as refused:
        service_ladder.leave(session, nurse, [Leave(need_line_id=line.id, step=Step.NETWORK)])
    assert list(refused.value.by_field) == ["reason"]
    stale = Leave(need_line_id=line.id, step=Step.NETWORK, reason=Reason.TOO_FAR, seen=mark([]))
    with pytest.raises(MatchesChanged):
        service_ladder.leave(session, nurse, [stale])
    no = Leave(need_line_id=line.id, step=Step.NETWORK, reason=Reason.TOO_FAR)
    [row] = service_ladder.leave(session, nurse, [no])
    [kept] = row.matches
    assert (kept["name"], kept["place"], kept["count"]) == ("Kontorstol", "Fremmed kommune", 4)
    assert kept["listing_id"] == str(listing.id)
    assert next_of(session, nurse, line) is Step.REPAIR_OR_REDESIGN


def test_too_many_or_anothers_listing_is_refused(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    a_network(session, org, foreign_org)
    listing = a_listing(session, foreign_org, 2, **AT_NETWORK)
    hidden = a_listing(session, foreign_org, 2)
    nurse = acting(session, org, Role.EMPLOYEE)
    line = at_network(session, nurse, org)
    for listing_id, quantity, field in (
        (listing.id, 3, "quantity"),
        (hidden.id, 1, "listing_id"),
        (None, 1, "listing_id"),
    ):
        with pytest.raises(Invalid) as refused:
            took(session, nurse, line, listing_id, quantity)
        assert list(refused.value.by_field) == [field]
    assert session.scalars(select(OutsideRequest)).all() == []


def test_who_joins_later_looks_there_before_buying_and_who_leaves_keeps_the_record(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    nurse = acting(session, org, Role.EMPLOYEE)
    line = at_network(session, nurse, org)
    left(session, nurse, line, Step.REPAIR_OR_REDESIGN)
    network = a_network(session, org, foreign_org)
    assert next_of(session, nurse, line) is Step.NETWORK
    left(session, nurse, line, Step.NETWORK)
    assert next_of(session, nurse, line) is Step.BUY_USED
    out = OfNetwork(network_id=network.id)
    leave_network(session, acting(session, foreign_org, Role.ADMIN), out)
    assert decided(session, nurse, line)[-1] == (Step.NETWORK, Outcome.NONE, 0)


def test_the_page_shows_the_partners_pieces_and_the_record_what_became_of_them(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
    clock: MovedClock,
) -> None:
    with database.write() as session:
        a_network(session, org, foreign_org)
        listing_id = a_listing(session, foreign_org, 4, name="Kontorstol", **AT_NETWORK).id
        line = at_network(session, acting(session, org, Role.EMPLOYEE), org)
        line_id, need_id = line.id, line.need_id
    client = signed_in_as(Role.EMPLOYEE)
    page = client.get(f"/behov/{need_id}").text
    assert f"/marked/nettverket/{listing_id}" in page
    assert "Fremmed kommune" in page
    shown = client.get(f"/api/v1/need-lines/{line_id}/matches?step=network").json()
    assert [each["count"] for each in shown["matches"]] == [4]
    taken = {
        "step": "network",
        "quantity": "4",
        "listing_id": str(listing_id),
        "seen": shown["seen"],
        "key": "one",
    }
    for _ in range(2):
        assert client.post(f"/behov/linjer/{line_id}/ta", data=taken).status_code == 303
    record = client.get(f"/behov/{need_id}/protokoll").text
    assert "Forespørsel 1" in record
    assert "dette ble tatt" in record
    clock.move(timedelta(minutes=1))
    assert "4 × Kontorstol" in client.get("/marked/andre").text


def test_what_comes_after_a_step_was_left_is_taken_from_its_page(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
) -> None:
    with database.write() as session:
        a_network(session, org, foreign_org)
        nurse = acting(session, org, Role.EMPLOYEE)
        refused_id = a_listing(session, foreign_org, 1, name="Nei takk", **AT_NETWORK).id
        line = at_network(session, nurse, org)
        left(session, nurse, line, Step.NETWORK)
        line_id, need_id = line.id, line.need_id
    client = signed_in_as(Role.EMPLOYEE)
    assert "Kommet til siden" not in client.get(f"/behov/{need_id}").text
    with database.write() as session:
        theirs_id = a_listing(session, foreign_org, 2, name="Kontorstol", **AT_NETWORK).id
        ours_id = a_listing(session, org, 3, name="Kontorstol").id
    looked(database, org)
    page = client.get(f"/behov/{need_id}").text
    assert page.count("Kommet til siden") == 2
    assert f'value="{refused_id}"' not in page
    for step, listing_id, taken in (("network", theirs_id, 2), ("own_unit", ours_id, 3)):
        seen = client.get(f"/api/v1/need-lines/{line_id}/matches?step={step}").json()["seen"]
        assert f'name="seen" value="{seen}"' in page
        form = {"step": step, "listing_id": str(listing_id), "seen": seen, "key": step}
        where = f"/behov/linjer/{line_id}/ta"
        too_many = client.post(where, data=form | {"quantity": str(taken + 1)})
        assert too_many.status_code == 422
        assert f'href="#quantity-{listing_id}-{line_id}"' in too_many.text
        assert f'id="quantity-{listing_id}-{line_id}"' in too_many.text
        old = client.post(where, data=form | {"quantity": "1", "seen": "x" * 64})
        assert old.status_code == 409
        assert client.post(where, data=form | {"quantity": str(taken)}).status_code == 303
    with database.read() as session:
        nurse = acting(session, org, Role.EMPLOYEE)
        line = session.get_one(NeedLine, line_id)
        assert decided(session, nurse, line)[-2:] == [
            (Step.NETWORK, Outcome.TAKEN, 2),
            (Step.OWN_UNIT, Outcome.TAKEN, 3),
        ]
    assert "Kommet til siden" not in client.get(f"/behov/{need_id}").text
