"""What rests on weak factors, and what others would change, recomputed and never written."""

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.impact.commands import SetOverride
from app.impact.rules import View
from app.impact.service_own import set_overrides
from app.kit.db import clock_of
from app.ledger import queries_factors
from app.ledger.models import LedgerEntry, Period
from app.ledger.queries_factors import TooManyToCompare, compared, weak_factors
from app.ledger.rules_factors import BOOKED, DAY, NOW, SET, Choice, Row, weakest
from tests.databases import RolledBackDatabase
from tests.ledger import trips
from tests.ledger.trips import Load
from tests.people import Organised, SignedInAs

ActorOf = Callable[..., Actor]


def lighter(session: Session, actor: Actor) -> None:
    """Task chairs at 40 kg CO2e instead of 60."""
    given = {
        "category_id": "CHAIR_TASK",
        "kind": "gwp",
        "version": 0,
        "value": 40_000,
        "source": "Veid",
        "reason": "Lettere",
    }
    set_overrides(session, actor, [SetOverride.model_validate(given)])


def booked(session: Session, org: Organised, chairs: int = 2) -> None:
    items = [trips.an_item(session, org) for _ in range(chairs)]
    items.append(trips.an_item(session, org, category_id="DESK_SITSTAND", name="Pult"))
    trips.handed_over(session, org, [Load(each) for each in items])


def test_weak_factors_weigh_by_what_rests_on_them() -> None:
    rows = [
        Row("CHAIR", "T3", "T3", 600, 100, 2, 0),
        Row("CHAIR", "T1", "T1", 300, 700, 1, 0),
        Row("DESK", "T5", "T1", -100, 200, 1, 0),
        Row("LAMP", None, "T3", 0, 0, 1, 1),
    ]
    chair, desk = weakest(rows)
    assert (chair.category_id, chair.co2e_g, chair.saved_ore) == ("CHAIR", 600, 100)
    assert (chair.co2e_share, chair.saved_share) == (Fraction(6, 10), Fraction(1, 10))
    assert (desk.co2e_tier, desk.price_tier) == ("T5", None)
    assert (desk.co2e_share, desk.saved_share) == (Fraction(1, 10), Fraction(0))
    assert weakest([]) == []


def test_what_is_not_calculated_weighs_nothing_and_is_counted_and_never_0() -> None:
    rows = [
        Row("CHAIR", "T3", "TR", 600, 0, 2, 0),
        Row("DESK", "T3", "T3", 400, 100, 1, 0),
        Row("DESK", "T3", "TR", 100, 0, 3, 0),
        Row("TROLLEY", None, "T3", 0, 50, 4, 4),
        Row("LAMP", "T1", "TR", 100, 0, 5, 0),
        # Booked without a rate, taken back and booked with one.
        Row("SOFA", "T3", "TR", 0, 0, 0, 0),
        Row("SOFA", "T3", "T3", 200, 25, 1, 0),
    ]
    found = {each.category_id: each for each in weakest(rows)}
    assert [*found] == ["DESK", "CHAIR", "TROLLEY", "SOFA", "LAMP"]
    sums = {
        name: (each.co2e_g, each.saved_ore, each.uses, each.not_calculated, each.unpriced)
        for name, each in found.items()
    }
    assert sums == {
        "CHAIR": (600, None, 2, 0, 2),
        "DESK": (500, 100, 4, 0, 3),
        "TROLLEY": (None, 50, 4, 4, 0),
        "LAMP": (0, None, 5, 0, 5),
        "SOFA": (200, 25, 1, 0, 0),
    }
    assert (found["CHAIR"].price_tier, found["LAMP"].co2e_tier) == ("TR", None)
    assert found["SOFA"].price_tier == "T3"


def test_a_weighty_category_stands_first(session: Session, org: Organised, actor: ActorOf) -> None:
    booked(session, org, 3)
    session.flush()
    found = weak_factors(session, actor())
    assert {each.category_id for each in found} == {"CHAIR_TASK", "DESK_SITSTAND"}
    assert found[0].category_id == "CHAIR_TASK"
    whole = session.scalar(
        select(func.sum(LedgerEntry.co2e_g)).where(LedgerEntry.view == View.GROSS)
    )
    assert sum(each.co2e_g or 0 for each in found) == whole
    assert sum(each.co2e_share for each in found) == 1
    assert weak_factors(session, actor(), 1999) == []


def test_what_an_own_factor_would_have_changed_in_the_open_period_alone(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    booked(session, org)
    lighter(session, actor())
    entries = session.scalars(select(LedgerEntry.id)).all()
    found = compared(session, actor(), Choice(BOOKED), Choice(NOW))
    gross, net = found.total(View.GROSS), found.total(View.NET)
    assert (found.entries, found.left_out) == (6, 0)
    # Two chairs of 20 000 g less; the desk and all money stay.
    assert gross.co2e_after - gross.co2e_before == -40_000
    assert gross.saved_after == gross.saved_before
    # d 0.8 · 96/180 of it, each entry rounded by itself.
    assert net.co2e_after - net.co2e_before == pytest.approx(-17_067, abs=2)
    assert not found.by_category["DESK_SITSTAND"][View.GROSS].changes
    today = clock_of(session).today()
    for choice in (Choice(SET), Choice(DAY, today - timedelta(days=1))):
        same = compared(session, actor(), Choice(BOOKED), choice)
        assert not same.total(View.GROSS).changes, choice
    back = compared(session, actor(), Choice(DAY, today), Choice(SET)).total(View.GROSS)
    assert back.co2e_after - back.co2e_before == 40_000
    assert session.scalars(select(LedgerEntry.id)).all() == entries
    session.scalars(select(Period)).one().closed_at = clock_of(session).now()
    session.flush()
    assert compared(session, actor(), Choice(BOOKED), Choice(NOW)).entries == 0


def test_more_than_can_be_computed_here_is_refused(
    session: Session, org: Organised, actor: ActorOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked(session, org)
    monkeypatch.setattr(queries_factors, "MOST_ENTRIES", 5)
    with pytest.raises(TooManyToCompare):
        compared(session, actor(), Choice(BOOKED), Choice(NOW))


def test_others_entries_are_not_among_them(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    booked(session, foreign_org)
    assert compared(session, actor(), Choice(BOOKED), Choice(NOW)).entries == 0
    assert weak_factors(session, actor()) == []


def test_the_pages_and_their_twins(
    database: RolledBackDatabase, org: Organised, actor: ActorOf, signed_in_as: SignedInAs
) -> None:
    manager = actor()
    with database.write() as session:
        booked(session, org)
        lighter(session, manager)
    client = signed_in_as(Role.FURNITURE_MANAGER)
    weak = client.get("/svake-faktorer").text
    assert "Kontorstol" in weak
    assert "CO2e T3, pris T3" in weak
    assert client.get("/svake-faktorer?ar=x").status_code == 422
    text = client.get("/faktorsammenligning").text.replace("\xa0", " ")
    assert "-40,0 kg CO2e" in text or "−40,0 kg CO2e" in text
    wrong = client.get("/faktorsammenligning?fra=day&fra_dag=i%20gar&til=nothing")
    assert wrong.status_code == 422
    assert 'id="field-fra_dag-error"' in wrong.text
    assert 'id="field-til-error"' in wrong.text
    found = client.get("/api/v1/factor-comparison?before=booked&after=now").json()
    assert found["gross"]["co2e_after_g"] - found["gross"]["co2e_before_g"] == -40_000
    assert client.get("/api/v1/factor-comparison?before=day").status_code == 422
    assert client.get("/api/v1/factor-comparison?after=x").status_code == 422
    assert [each["category_id"] for each in client.get("/api/v1/weak-factors").json()]
