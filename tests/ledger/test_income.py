"""Income from outside: recorded with a number, reversed by a row, and never among the savings."""

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Membership, RoleGrant
from app.accounts.rules import Role
from app.handovers.models import HandoverLine
from app.handovers.service import Undo, undo
from app.handovers.service_promised import FetchedByBuyer
from app.impact.rules import FulfilmentSource, View
from app.items.models import Item
from app.items.rules import Fate, ItemState
from app.kit.clock import MovedClock
from app.kit.errors import Forbidden, Invalid, NotFound
from app.kit.events import publish
from app.kit.units import vat_within
from app.ledger.models import LedgerEntry
from app.ledger.models_income import ExternalIncome
from app.ledger.queries_income import income_so_far, incomes_between, sums_of
from app.ledger.service_income import (
    IncomeReversedAlready,
    RecordIncome,
    ReverseIncome,
    forget_income_buyers,
    record_income,
    reverse_income,
)
from app.marketplace.models import ListingItem
from app.marketplace.rules import Terms
from app.marketplace.rules_public import BuyerState
from app.marketplace.service_buyers import BuyerAnswered
from app.marketplace.service_outside_pieces import held_here
from app.marketplace.service_sale import BuyerForgotten, OfBuyer, take_back_buyer
from app.projects.events import ItemReleaseGone
from app.projects.models import Release
from app.projects.rules import ReleaseState
from tests.databases import RolledBackDatabase
from tests.marketplace.openings import (
    a_public_listing,
    a_public_page,
    confirmed,
    fetched,
    said_yes,
)
from tests.marketplace.stalls import acting
from tests.people import Organised, SignedInAs
from tests.projects.rows import a_project

TODAY = date(2026, 3, 2)


def recorded(session: Session, org: Organised, **changes: object) -> ExternalIncome:
    values = {
        "sold_on": TODAY,
        "what": "20 stoler",
        "buyer": "Brukthandelen AS",
        "amount_ore": 125_000,
        "vat_percent": 25,
    }
    command = RecordIncome.model_validate(values | changes)
    return record_income(session, acting(session, org), command)


def incomes(session: Session, org: Organised) -> list[ExternalIncome]:
    query = select(ExternalIncome).where(ExternalIncome.org_id == org.org_id)
    return list(session.scalars(query.order_by(ExternalIncome.number)))


def gross(session: Session, org: Organised) -> Sequence[LedgerEntry]:
    session.flush()
    query = select(LedgerEntry).where(LedgerEntry.org_id == org.org_id)
    return session.scalars(query.where(LedgerEntry.view == View.GROSS)).all()


def test_what_a_buyer_fetched_is_income_and_the_givers_waste(
    session: Session, org: Organised
) -> None:
    listing = a_public_listing(session, org, 3, terms=Terms.PRICE, price_ore=25_000)
    ask = confirmed(session, listing, 2)
    said_yes(session, org, ask, 2)
    assert incomes(session, org) == []
    fetched(session, org, ask, vat_percent=25)
    [row] = incomes(session, org)
    assert (row.number, row.amount_ore, row.vat_ore, row.net_ore) == (1, 50_000, 10_000, 40_000)
    assert (row.buyer, row.contact, row.sold_on) == ("Kari Nordmann", "kari@example.no", TODAY)
    assert row.what.startswith("2 × ")
    # What left books its waste, and nothing of the price.
    standing = list(gross(session, org))
    assert {each.source for each in standing} == {FulfilmentSource.SOLD}
    assert len(standing) == 2
    assert all(each.waste_g > 0 and each.co2e_g == 0 for each in standing)
    assert "sale_income" not in standing[0].inputs["values"]
    [line, _] = session.scalars(select(HandoverLine)).all()
    with pytest.raises(FetchedByBuyer):
        undo(session, acting(session, org), [Undo(handover_line_ids=[line.id])])


def test_what_was_not_fetched_after_all_is_back_with_its_income_reversed_and_can_be_fetched_again(
    session: Session, org: Organised
) -> None:
    listing = a_public_listing(session, org, 2, terms=Terms.PRICE, price_ore=25_000)
    ask = said_yes(session, org, confirmed(session, listing, 2), 2)
    back = OfBuyer(buyer_ask_id=ask.id)
    with pytest.raises(BuyerAnswered):
        take_back_buyer(session, acting(session, org), back)
    fetched(session, org, ask)
    sold = select(Item).where(Item.state == ItemState.SOLD)
    pieces = session.scalars(sold).all()
    places = {each.id: each.place_id for each in pieces}
    with pytest.raises(Forbidden):
        take_back_buyer(session, acting(session, org, Role.SURVEYOR), back)
    take_back_buyer(session, acting(session, org), back)
    assert {each.state for each in pieces} == {ItemState.IN_USE}
    assert {each.id: each.place_id for each in pieces} == places
    assert (ask.state, ask.over_at) == (BuyerState.APPROVED, None)
    assert sum(each.waste_g for each in gross(session, org)) == 0
    assert [each.amount_ore for each in incomes(session, org)] == [50_000, -50_000]
    with pytest.raises(BuyerAnswered):
        take_back_buyer(session, acting(session, org), back)
    # The promise stands: nobody else gets the pieces, and they are sold another day.
    assert session.scalars(held_here(ask)).all() == sorted(places)
    fetched(session, org, ask)
    take_back_buyer(session, acting(session, org), back)
    assert [each.amount_ore for each in incomes(session, org)] == [50_000, -50_000] * 2
    fetched(session, org, ask)
    reverse_income(
        session,
        acting(session, org),
        ReverseIncome(income_id=incomes(session, org)[-1].id, reason="Feil"),
    )
    take_back_buyer(session, acting(session, org), back)
    assert sum(each.amount_ore for each in incomes(session, org)) == 0
    ask.blanked_at = ask.asked_at
    fetched(session, org, ask)
    with pytest.raises(BuyerForgotten):
        take_back_buyer(session, acting(session, org), back)


def test_a_sale_over_json_has_the_vat_that_the_organisation_states(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        a_public_page(session, org, vat_percent=25)
        listing = a_public_listing(session, org, 2, terms=Terms.PRICE, price_ore=25_000)
        asks = [confirmed(session, listing, email=f"{each}@example.no") for each in "ab"]
        ids = [str(said_yes(session, org, each, 1).id) for each in asks]
    client = signed_in_as()
    path = "/api/v1/buyer-asks/hand-over"
    assert client.post(path, json={"buyer_ask_id": ids[0]}).status_code == 200
    given = {"buyer_ask_id": ids[1], "vat_percent": 0}
    assert client.post(path, json=given).status_code == 200
    with database.read() as session:
        assert [each.vat_ore for each in incomes(session, org)] == [5_000, 0]


def test_what_is_given_away_is_no_income(session: Session, org: Organised) -> None:
    ask = confirmed(session, a_public_listing(session, org))
    said_yes(session, org, ask, 1)
    fetched(session, org, ask)
    assert incomes(session, org) == []


def test_a_mistake_is_reversed_by_a_row_of_its_own_once(session: Session, org: Organised) -> None:
    row = recorded(session, org)
    wrong = ReverseIncome(income_id=row.id, reason="Feil beløp")
    back = reverse_income(session, acting(session, org), wrong)
    assert (back.number, back.amount_ore, back.vat_ore) == (2, -125_000, -25_000)
    for income_id in (row.id, back.id):
        again = ReverseIncome(income_id=income_id, reason="En gang til")
        with pytest.raises(IncomeReversedAlready):
            reverse_income(session, acting(session, org), again)
    sums = sums_of(session, incomes_between(acting(session, org), None, None))
    assert (sums.rows, sums.amount_ore, sums.vat_ore, sums.net_ore) == (2, 0, 0, 0)


def test_bad_sales_are_refused_and_others_see_nothing(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    with pytest.raises(Invalid) as refused:
        recorded(session, org, sold_on=TODAY + timedelta(days=1))
    assert list(refused.value.by_field) == ["sold_on"]
    for field, value in (("amount_ore", 0), ("vat_percent", 101), ("buyer", " ")):
        with pytest.raises(ValueError, match=field):
            recorded(session, org, **{field: value})
    row = recorded(session, org)
    reason = ReverseIncome(income_id=row.id, reason="Nei")
    with pytest.raises(NotFound):
        reverse_income(session, acting(session, foreign_org), reason)
    with pytest.raises(Forbidden):
        reverse_income(session, acting(session, org, Role.CONTROLLER), reason)


def test_who_answers_for_some_units_alone_neither_sees_nor_records_what_is_everybodys(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        row_id = recorded(session, org).id
        of_it = select(Membership.id).where(
            Membership.org_id == org.org_id,
            Membership.person_id == org.person_ids[Role.FURNITURE_MANAGER],
        )
        session.execute(
            update(RoleGrant)
            .where(RoleGrant.membership_id.in_(of_it))
            .values(unit_id=org.other_unit_id)
        )
    client = signed_in_as()
    pages = ("", "/fil.csv", "/ny", f"/{row_id}", f"/{row_id}/pdf")
    paths = [f"/inntekter{each}" for each in pages]
    paths += [f"/api/v1/external-incomes{each}" for each in ("", f"/{row_id}")]
    assert {each: client.get(each).status_code for each in paths} == dict.fromkeys(paths, 403)
    sale = {"sold_on": "2026-02-27", "what": "Stoler", "buyer": "Kari", "amount_ore": 100}
    reverse = {"income_id": str(row_id), "reason": "Nei"}
    for path, body in (("", sale), ("/reverse", reverse)):
        answer = client.post(f"/api/v1/external-incomes{path}", json=body)
        assert answer.status_code == 403
    assert "/inntekter" not in client.get("/").text
    # Sales are told of on the first page also before anything has been reused.
    assert "Dette har virksomheten solgt" in signed_in_as(Role.CONTROLLER).get("/").text
    assert "/inntekter" in signed_in_as(Role.CONTROLLER).get("/").text
    with database.read() as session:
        assert len(incomes(session, org)) == 1


def test_the_buyer_is_blanked_when_accounts_need_not_be_kept(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    row = recorded(session, org, contact="Gata 1")
    clock.move(timedelta(days=365 * 5))
    assert forget_income_buyers(session) == 0
    clock.move(timedelta(days=400))
    assert forget_income_buyers(session) == 1
    session.refresh(row)
    assert (row.buyer, row.contact, row.amount_ore) == ("", None, 125_000)


def test_a_period_is_shown_printed_and_taken_out_as_csv(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    client = signed_in_as()
    sale = {
        "sold_on": "2026-02-27",
        "what": "=20 stoler",
        "buyer": "Brukthandelen AS",
        "amount_kr": "1 250",
        "vat_percent": "25",
        "key": "one",
    }
    assert client.post("/inntekter/ny", data=sale | {"amount_kr": "mye"}).status_code == 422
    for _ in range(2):
        assert client.post("/inntekter/ny", data=sale).status_code == 303
    with database.write() as session:
        recorded(session, org)
    assert "2 500,00" in client.get("/inntekter").text.replace("\xa0", " ")
    february = "/inntekter?fra=2026-02-01&til=2026-02-28"
    assert "Brukthandelen" in client.get(february).text
    assert "Ingen salg i denne perioden" in client.get("/inntekter?til=2026-01-31").text
    assert client.get("/inntekter?fra=tull").status_code == 200
    text = client.get("/inntekter/fil.csv?fra=2026-02-01&til=2026-02-28").content.decode(
        "utf-8-sig"
    )
    [head, row] = list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text else ","))
    assert head[0] == "Bilag"
    assert row[:4] == ["1", "2026-02-27", "'=20 stoler", "Brukthandelen AS"]
    [first] = client.get("/api/v1/external-incomes?last=2026-02-28").json()
    page = client.get(f"/inntekter/{first['id']}").text.replace("\xa0", " ")
    assert "Fakturagrunnlag 1" in page
    assert "1 000,00" in page
    back = f"/inntekter/{first['id']}/tilbakefor"
    assert client.post(back, data={"reason": ""}).status_code == 422
    assert client.post(back, data={"reason": "Feil kjøper"}).status_code == 303
    assert client.post(back, data={"reason": "Feil kjøper"}).status_code == 409
    assert signed_in_as(Role.CONTROLLER).get("/inntekter").status_code == 200
    assert signed_in_as(Role.EMPLOYEE).get("/inntekter").status_code == 403


@pytest.mark.parametrize(
    ("amount", "percent", "vat"),
    [
        (12_500, 25, 2_500),
        (10_000, 0, 0),
        (1, 25, 0),
        (11_500, 15, 1_500),
        (3, 100, 2),
        (1, 100, 0),
    ],
)
def test_the_tax_in_a_price_is_taken_out_half_even(amount: int, percent: int, vat: int) -> None:
    assert vat_within(amount, percent) == vat


def test_a_project_s_report_shows_what_its_pieces_brought_beside_the_savings(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs, clock: MovedClock
) -> None:
    with database.write() as session:
        manager = acting(session, org)
        project = a_project(session, manager, org)
        listing = a_public_listing(session, org, 3, terms=Terms.PRICE, price_ore=25_000)
        own = select(ListingItem.item_id).where(ListingItem.listing_id == listing.id)
        first, second, _ = session.scalars(own.order_by(ListingItem.item_id))
        session.add(
            Release(
                org_id=org.org_id,
                project_id=project.id,
                item_id=first,
                state=ReleaseState.FREE,
                fate=Fate.SELL,
                free_from=TODAY,
                created_at=database.clock.now(),
            )
        )
        # The second one was the project's once, and left it to go on inside.
        old = Release(
            org_id=org.org_id,
            project_id=project.id,
            item_id=second,
            state=ReleaseState.GONE,
            fate=Fate.SELL,
            free_from=TODAY,
            created_at=database.clock.now(),
        )
        session.add(old)
        session.flush()
        told = {"project_id": project.id, "release_id": old.id}
        gone = ItemReleaseGone(org_id=org.org_id, subject_id=second, person_id=None, **told)
        publish(session, [gone])
        clock.move(timedelta(minutes=5))
        ask = said_yes(session, org, confirmed(session, listing, 3), 3)
        fetched(session, org, ask, vat_percent=25)
        recorded(session, org)
        project_id, ask_id = project.id, ask.id
    client = signed_in_as()
    path = f"/api/v1/projects/{project_id}/report"
    report = client.get(path).json()
    # A third of 75 000 øre with VAT: the other two pieces were no project's.
    assert report["external_income"] == {"sales": 1, "net_ore": 20_000, "vat_ore": 5_000}
    assert report["totals"]["gross"]["saved_ore"]["value"] == 0
    assert "Ekstern inntekt" in client.get(f"/prosjekter/{project_id}/rapport").text
    with database.write() as session:
        take_back_buyer(session, acting(session, org), OfBuyer(buyer_ask_id=ask_id))
    assert client.get(path).json()["external_income"]["sales"] == 0
    with database.read() as session:
        so_far = income_so_far(session, acting(session, org))
        assert (so_far.rows, so_far.net_ore) == (1, 100_000)
