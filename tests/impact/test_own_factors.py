"""Own factors: versions that go before the set's rows, are booked with, and alter nothing booked."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Organisation
from app.accounts.rules import Role
from app.impact.commands import RecordRate, SetOverride, WithdrawOverride
from app.impact.models_own import ExchangeRate, FactorOverride
from app.impact.queries import factors_of, usual_prices
from app.impact.queries_own import own_factors
from app.impact.rules import View
from app.impact.service_own import (
    NoOwnFactor,
    RateTaken,
    record_rate,
    set_overrides,
    withdraw_overrides,
)
from app.kit.db import clock_of
from app.kit.errors import Forbidden, Invalid, NotFound, Stale
from app.ledger.models import LedgerEntry
from app.ledger.verification_entries import entries_hold
from tests.databases import RolledBackDatabase
from tests.ledger import trips
from tests.ledger.trips import Load
from tests.people import Organised, SignedInAs

ActorOf = Callable[..., Actor]
GWP: dict[str, Any] = {
    "category_id": "CHAIR_TASK",
    "kind": "gwp",
    "version": 0,
    "value": 40_000,
    "source": "Veid og regnet 2026",
    "reason": "Våre stoler er lettere",
}


def the_set(**changes: Any) -> SetOverride:
    return SetOverride.model_validate(GWP | changes)


def chair_booked(session: Session, org: Organised) -> LedgerEntry:
    chair = trips.an_item(session, org)
    trips.handed_over(session, org, [Load(chair)])
    query = select(LedgerEntry).filter_by(item_id=chair.id, view=View.GROSS, reverses_id=None)
    return session.scalars(query).one()


def test_an_own_factor_counts_from_now_on_and_is_kept_with_what_is_booked(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    before = chair_booked(session, org)
    set_overrides(session, actor(), [the_set(low=30_000, high=50_000, tier="T2")])
    after = chair_booked(session, org)
    gwp = after.inputs["values"]["gwp"]
    assert (gwp["value"], gwp["low"], gwp["high"]) == ("40000", "30000", "50000")
    assert (gwp["tier"], gwp["key"]) == ("T2", "override.CHAIR_TASK.gwp")
    assert gwp["source"].startswith("Veid og regnet 2026 (own factor 1 of ")
    # 60 000 − 40 000 g less; all else of the two is the same.
    assert (before.co2e_g or 0) - (after.co2e_g or 0) == 20_000
    kept = before.inputs["values"]["gwp"]
    assert (kept["value"], kept["key"]) == ("60000", "CHAIR_TASK.gwp")
    assert entries_hold(session, org.org_id) == 4


def test_withdrawing_is_a_version_too_and_the_set_counts_again(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    set_overrides(session, actor(), [the_set()])
    told = {"category_id": "CHAIR_TASK", "kind": "gwp", "reason": "Feil"}
    withdrawn = WithdrawOverride.model_validate(told | {"version": 1})
    withdraw_overrides(session, actor(), [withdrawn])
    assert own_factors(session, org.org_id) == ()
    rows = session.scalars(select(FactorOverride).order_by(FactorOverride.number)).all()
    assert [(each.number, each.value) for each in rows] == [(1, 40_000), (2, None)]
    assert chair_booked(session, org).inputs["values"]["gwp"]["value"] == "60000"
    with pytest.raises(NoOwnFactor):
        again = WithdrawOverride.model_validate(told | {"version": 2})
        withdraw_overrides(session, actor(), [again])
    set_overrides(session, actor(), [the_set(version=2, value=50_000)])
    [own] = own_factors(session, org.org_id)
    assert own.spread.value == 50_000


def test_what_held_at_a_moment_can_be_asked_for(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    set_overrides(session, actor(), [the_set()])
    first = session.scalars(select(FactorOverride)).one()
    earlier = first.created_at - timedelta(seconds=1)
    assert factors_of(session, org_id=org.org_id, until=earlier).overrides == ()
    assert len(factors_of(session, org_id=org.org_id, until=first.created_at).overrides) == 1


def test_of_two_at_once_the_second_is_told(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    set_overrides(session, actor(), [the_set()])
    with pytest.raises(Stale):
        set_overrides(session, actor(), [the_set(value=1)])
    assert [each.spread.value for each in own_factors(session, org.org_id)] == [40_000]


@pytest.mark.parametrize(
    ("tier", "low", "high"),
    [
        ("T1", 36_000, 44_000),
        ("T2", 32_000, 48_000),
        ("T3", 20_667, 94_667),
        ("T4", 24_000, 64_000),
    ],
)
def test_without_a_range_it_is_that_of_the_tier(
    session: Session, org: Organised, actor: ActorOf, tier: str, low: int, high: int
) -> None:
    # T3 errs as far as the row it replaces: 31/60 and 142/60 of the value.
    [row] = set_overrides(session, actor(), [the_set(tier=tier)])
    assert (row.low, row.high) == (low, high)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category_id": "NOWHERE"}, "category_id"),
        ({"category_id": "EQUIP_MEDICAL"}, "kind"),
        ({"category_id": "OTHER_KG", "kind": "mass"}, "kind"),
        ({"kind": "mass", "value": 0}, "value"),
        ({"kind": "service_life", "value": 1_201}, "value"),
        ({"low": 1}, "high"),
        ({"low": 40_001, "high": 50_000}, "low"),
        ({"low": 1, "high": 39_999}, "high"),
        ({"tier": "T6"}, "tier"),
        ({"currency": "NOK"}, "currency"),
        ({"price_year": 2026}, "price_year"),
        ({"kind": "price", "currency": "SEK"}, "currency"),
    ],
)
def test_bad_values_are_refused_at_their_field(
    session: Session, org: Organised, actor: ActorOf, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        set_overrides(session, actor(), [the_set(**changes)])
    assert list(refused.value.by_field) == [field]


def test_a_category_stands_once_with_a_kind(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    with pytest.raises(Invalid):
        set_overrides(session, actor(), [the_set(), the_set()])


def test_only_who_has_the_catalogue_everywhere_sets_factors(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    with pytest.raises(Forbidden):
        set_overrides(session, actor(Role.EMPLOYEE), [the_set()])
    set_overrides(session, actor(where=foreign_org), [the_set()])
    assert own_factors(session, org.org_id) == ()
    with pytest.raises(NotFound):
        set_overrides(session, actor(), [the_set(document_id=org.unit_id)])


def test_a_price_in_kronor_is_converted_by_the_rate_of_the_day(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    today = clock_of(session).today()
    rate = {"currency": "SEK", "quote_currency": "NOK", "source": "Norges Bank"}
    for day, value in ((today - timedelta(days=400), "0.5"), (today - timedelta(days=200), "0.98")):
        record_rate(session, actor(), RecordRate.model_validate(rate | {"rate": value, "day": day}))
    price = {"kind": "price", "value": 500_000, "currency": "SEK", "tier": "T1", "price_year": 2026}
    set_overrides(session, actor(), [the_set(**price)])
    entry = chair_booked(session, org)
    assert entry.new_price_ore == 490_000
    [term] = entry.inputs["values"]["price"]["terms"]
    assert term["factors"] == ["500000", "0.98"]
    assert "Norges Bank" in term["source"]
    assert usual_prices(session, org.org_id)("CHAIR_TASK") == 490_000
    with pytest.raises(RateTaken):
        again = rate | {"rate": "1", "day": today - timedelta(days=200)}
        record_rate(session, actor(), RecordRate.model_validate(again))
    for wrong, field in (
        ({"day": today + timedelta(days=1)}, "day"),
        ({"quote_currency": "SEK"}, "quote_currency"),
    ):
        with pytest.raises(Invalid) as refused:
            bad = rate | {"rate": "1", "day": today} | wrong
            record_rate(session, actor(), RecordRate.model_validate(bad))
        assert list(refused.value.by_field) == [field]


def test_a_rate_is_kept_to_the_last_digit(session: Session, org: Organised, actor: ActorOf) -> None:
    day = date(2026, 1, 2)
    exact = {"currency": "EUR", "quote_currency": "NOK", "rate": "11.5049999999", "day": day}
    record_rate(session, actor(), RecordRate.model_validate(exact | {"source": "Norges Bank"}))
    session.expire_all()
    assert str(session.scalars(select(ExchangeRate)).one().rate) == "11.5049999999"


def test_a_swedish_organisation_counts_by_its_own_prices(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    session.execute(update(Organisation).values(currency="SEK"))
    today = clock_of(session).today()
    rate = {"currency": "SEK", "quote_currency": "NOK", "rate": "0.8", "source": "Norges Bank"}
    record_rate(
        session, actor(), RecordRate.model_validate(rate | {"day": today - timedelta(days=300)})
    )
    assert usual_prices(session, org.org_id)("CHAIR_TASK") == 450_000
    entry = chair_booked(session, org)
    assert (entry.currency, entry.new_price_ore) == ("SEK", 562_500)


@pytest.fixture
def manager(signed_in_as: SignedInAs) -> Any:
    return signed_in_as(Role.FURNITURE_MANAGER)


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def test_a_factor_is_set_on_its_page_with_its_document_and_withdrawn(
    manager: Any, database: RolledBackDatabase, org: Organised
) -> None:
    path = "/egne-faktorer/CHAIR_TASK"
    form = {
        "kind": "price",
        "price-version": "0",
        "price-value": "3 900,50",
        "price-tier": "T1",
        "price-source": "Rammeavtale 2026",
        "price-reason": "Vår egen avtale",
        "price-price_year": "2026",
    }
    files = {"price-file": ("prisliste æ.pdf", PDF, "application/pdf")}
    assert manager.post(path, data=form, files=files).status_code == 303
    text = manager.get(path).text.replace("\xa0", " ")
    for expected in ("3 900 kr", "Rammeavtale 2026", "Vår egen avtale", "prisliste æ.pdf", "2026"):
        assert expected in text, expected
    assert "Egen verdi, T1" in manager.get("/egne-faktorer").text
    found = manager.get("/api/v1/factors/CHAIR_TASK").json()
    [version] = found["versions"]
    assert (version["value"], version["low"], version["high"]) == (390_050, 351_045, 429_055)
    document = manager.get(f"/faktordokumenter/{version['factor_document_id']}")
    assert document.content == PDF
    assert document.headers["content-disposition"].startswith("attachment;")
    stale = manager.post(path, data=form)
    assert stale.status_code == 412
    assert 'name="price-version" value="1"' in stale.text
    empty = manager.post(path, data={"kind": "price", "price-version": "1", "price-value": "mye"})
    assert empty.status_code == 422
    for field in ("price-value", "price-source", "price-reason"):
        assert f'id="field-{field}-error"' in empty.text, field
    refused = manager.post(
        path, data=form, files={"price-file": ("x.pdf", b"MZ", "application/pdf")}
    )
    assert refused.status_code == 415
    undo = {"kind": "price", "price-version": "1", "price-why": "Avtalen er over"}
    assert manager.post(f"{path}/trekk-tilbake", data=undo).status_code == 303
    assert "trukket tilbake" in manager.get(path).text
    assert manager.get("/egne-faktorer/NOWHERE").status_code == 404
    assert manager.post(path, data={"kind": "nothing"}).status_code == 422


def test_the_file_says_which_rows_were_read_from_a_copy(manager: Any) -> None:
    text = manager.get("/egne-faktorer/fil.csv").content.decode("utf-8-sig")
    head = text.splitlines()[0]
    assert "Lest fra kopi av de britiske faktorene" in head
    assert any(
        each.startswith("CHAIR_TASK;Kontorstol;mass;15000;12000;20000;g;piece;")
        for each in text.splitlines()
    )
    assert manager.get("/egne-faktorer/fil.xlsx").content.startswith(b"PK")


def test_the_twin_sets_once_under_a_key(manager: Any, database: RolledBackDatabase) -> None:
    headers = {"Idempotency-Key": "own-1"}
    first = manager.post("/api/v1/factor-overrides", json=[GWP], headers=headers)
    assert first.status_code == 200
    assert (
        manager.post("/api/v1/factor-overrides", json=[GWP], headers=headers).json() == first.json()
    )
    assert manager.post("/api/v1/factor-overrides", json=[GWP]).status_code == 412
    wrong = manager.post("/api/v1/factor-overrides", json=[GWP | {"version": 1, "low": 1}])
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "#/0/high"
    gone = {"category_id": "CHAIR_TASK", "kind": "gwp", "version": 1, "reason": "Feil"}
    assert manager.post("/api/v1/factor-overrides/withdraw", json=[gone]).status_code == 200
    rate = {"currency": "SEK", "quote_currency": "NOK", "rate": "0.98", "source": "NB"}
    today = {"day": "2026-01-02"}
    assert manager.post("/api/v1/exchange-rates", json=rate | today).status_code == 201
    assert manager.get("/api/v1/exchange-rates").json()[0]["rate"] == "0.98"


def test_rates_are_recorded_on_their_page(manager: Any) -> None:
    form = {
        "currency": "sek",
        "quote_currency": "NOK",
        "rate": "0,98",
        "day": "2026-01-02",
        "source": "Norges Bank",
    }
    assert manager.post("/valutakurser", data=form).status_code == 303
    assert "1 SEK = 0,98 NOK" in manager.get("/valutakurser").text
    assert manager.post("/valutakurser", data=form).status_code == 409
    wrong = manager.post("/valutakurser", data=form | {"rate": "x", "currency": "KRONER"})
    assert wrong.status_code == 422
