"""On any history of handovers and undoings the ledger sums to what folding it again gives."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.handovers.models import HandoverLine
from app.impact.rules import (
    Estimate,
    Factors,
    Facts,
    FulfilmentSource,
    Transport,
    UserCase,
    View,
    WouldHave,
    estimate,
    is_event,
    read_factor_set,
    with_months_served,
)
from app.kit.clock import MovedClock
from app.ledger.models import LedgerEntry
from app.ledger.rules import FIGURES, months_between
from app.ledger.service import verify
from tests.databases import RolledBackDatabase
from tests.ledger import trips
from tests.ledger.trips import Load
from tests.people import organised

PIECES = 4
START = date(2024, 1, 1)
SOURCES = (
    FulfilmentSource.INTERNAL_REUSE,
    FulfilmentSource.REDESIGNED,
    FulfilmentSource.BOUGHT_USED,
    FulfilmentSource.SOLD,
    FulfilmentSource.NEW,
)
CATEGORIES = ("CHAIR_TASK", "SOFA_2", "EQUIP_AID", "DESK_SITSTAND")

HAND_OVER = st.tuples(
    st.just("hand over"),
    st.lists(st.integers(0, PIECES - 1), min_size=1, max_size=PIECES, unique=True),
    st.integers(0, 1500),
    st.sampled_from(SOURCES),
    st.sampled_from(WouldHave),
    st.sampled_from(UserCase),
)
UNDO = st.tuples(st.just("undo"), st.integers(0, 30))
HISTORIES = st.lists(st.one_of(HAND_OVER, HAND_OVER, UNDO), max_size=10)


@dataclass(frozen=True)
class Use:
    """What the model remembers of one received piece."""

    line_id: UUID
    event_id: UUID
    piece: int
    order: int
    facts: Facts


@cache
def factors() -> Factors:
    return Factors(read_factor_set("2025.1"))


def folded(uses: Sequence[Use]) -> dict[View, dict[str, int]]:
    """Sums by folding the standing uses of each piece, later ones shortening earlier ones."""
    sums: dict[View, dict[str, int]] = {view: defaultdict(int) for view in View}
    for piece in range(PIECES):
        own = sorted(
            (each for each in uses if each.piece == piece and is_event(each.facts)),
            key=lambda each: (each.facts.handed_over_on, each.order),
        )
        for number, use in enumerate(own):
            found = estimate(use.facts, factors())
            _add(sums[View.GROSS], found, View.GROSS)
            if number + 1 < len(own):
                served = months_between(
                    use.facts.handed_over_on, own[number + 1].facts.handed_over_on
                )
                found = with_months_served(found.inputs, served)
            _add(sums[View.NET], found, View.NET)
    return sums


def _add(sums: dict[str, int], found: Estimate, view: View) -> None:
    figures = found.figures(view)
    for name in ("waste_g", "value_chain_waste_g", "co2e_g", "saved_ore"):
        rounded = getattr(figures, name)
        if rounded is not None:
            for bound, value in (
                ("", rounded.value),
                ("_low", rounded.low),
                ("_high", rounded.high),
            ):
                sums[name + bound] += value
    sums["mass_g"] += found.mass_g
    sums["new_price_ore"] += found.new_price_ore
    sums["reference_co2e_g"] += found.reference_co2e_g or 0


def booked(database: RolledBackDatabase, org_id: UUID) -> dict[View, dict[str, int]]:
    sums: dict[View, dict[str, int]] = {view: defaultdict(int) for view in View}
    with database.read() as session:
        for row in session.scalars(select(LedgerEntry).where(LedgerEntry.org_id == org_id)):
            for name in FIGURES:
                sums[row.view][name] += getattr(row, name) or 0
    return sums


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(HISTORIES)
def test_any_history_sums_to_what_folding_it_again_gives(
    database: RolledBackDatabase, history: list[Any]
) -> None:
    with database.write() as session:
        org = organised(session, database.clock, f"Prøve {uuid4().hex[:8]}")
        items = [
            trips.an_item(session, org, category_id=CATEGORIES[number]) for number in range(PIECES)
        ]
    uses: list[Use] = []
    for order, step in enumerate(history):
        # Two receipts of one piece on one day stand in the order they came in.
        assert isinstance(database.clock, MovedClock)
        database.clock.move(timedelta(minutes=1))
        if step[0] == "undo" and uses:
            use = uses.pop(step[1] % len(uses))
            with database.write() as session:
                line = session.get_one(HandoverLine, use.line_id)
                trips.give_back(session, line, use.event_id)
        elif step[0] == "hand over":
            _, pieces, days, source, would_have, user_case = step
            day = START + timedelta(days=days)
            changes = {"would_have": would_have, "user_case": user_case}
            with database.write() as session:
                loads = [Load(items[piece], source, changes) for piece in pieces]
                lines = trips.a_handover(session, org, loads, handed_over_on=day, distance_m=0)
                events = trips.receive(session, lines)
            for piece, line, event in zip(pieces, lines, events, strict=True):
                facts = Facts(
                    handed_over_on=day,
                    source=source,
                    category_code=CATEGORIES[piece],
                    user_case=user_case,
                    would_have=would_have,
                    would_discard=True,
                    redesign_level=trips.LEVELS.get(source),
                    transport=Transport(distance_m=0),
                )
                uses.append(Use(line.id, event.id, piece, order, facts))
        with database.read() as session:
            found = verify(session, org.org_id)
        assert found.ok, found.difference
    booked_sums, folded_sums = booked(database, org.org_id), folded(uses)
    for view in View:
        names = booked_sums[view].keys() | folded_sums[view].keys()
        assert {name: booked_sums[view][name] for name in names} == {
            name: folded_sums[view][name] for name in names
        }
