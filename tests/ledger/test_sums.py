"""The sums beside the ledger are the ledger's, whatever happened and whoever asks."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from alembic import command
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from app.accounts.models import Unit
from app.accounts.rules import Role
from app.impact.rules import FulfilmentSource, Rounded, View
from app.kit.clock import Clock
from app.kit.db import Database, tried
from app.kit.errors import Forbidden
from app.ledger import queries
from app.ledger.models import LedgerEntry
from app.ledger.models_sums import LedgerPieces, LedgerSum
from app.ledger.queries_sums import By, Scope, TwoAtOnce, pieces, pieces_by_year, sum_of, sums
from app.ledger.queries_sums import Role as Side
from app.ledger.rules_sums import EMPTY, Sum, totals
from app.ledger.service import verify
from app.ledger.summing import add_up_anew
from app.ledger.verification_sums import wrong_sum
from app.schema import configuration, migrate
from tests.databases import RolledBackDatabase
from tests.ledger import trips
from tests.ledger.trips import Load
from tests.people import ActorOf, Organised, organised

GROSS, NET = (Scope(view=view) for view in (View.GROSS, View.NET))


def test_every_sum_is_that_of_its_entries(session: Session, org: Organised) -> None:
    trips.three_years(session, org)
    session.info["work"].end(session)

    assert wrong_sum(session, org.org_id) is None
    assert session.scalar(select(LedgerSum.id).limit(1)) is not None


def test_the_whole_is_what_the_ledger_itself_adds_up_to(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    trips.three_years(session, org)

    expected = queries.totals(session, queries.entries_visible_to(actor()))
    for scope in (GROSS, NET):
        found, wanted = sum_of(session, actor(), scope), expected[scope.view]
        assert found.waste_g == wanted.waste_g
        assert found.value_chain_waste_g == wanted.value_chain_waste_g
        assert found.co2e_g == wanted.co2e_g
        assert found.saved_ore == wanted.saved_ore
        assert found.mass_g == wanted.mass_g
        assert (found.uses, found.not_calculated) == (6, 1) == (wanted.uses, wanted.not_calculated)


@pytest.mark.parametrize("by", [each for each in By if each != By.ALL])
def test_the_rows_of_a_report_add_up_to_the_whole(
    session: Session, org: Organised, actor: ActorOf, by: By
) -> None:
    trips.three_years(session, org)
    rows = sums(session, actor(), NET, by)
    whole = sum_of(session, actor(), NET)

    for name in ("mass_g", "new_price_ore", "reference_co2e_g", "uses", "not_calculated"):
        assert sum(getattr(each, name) for each in rows.values()) == getattr(whole, name)
    for name in ("waste_g", "value_chain_waste_g", "co2e_g", "saved_ore"):
        assert sum(getattr(each, name).value for each in rows.values()) == (
            getattr(whole, name).value
        )


def test_a_row_is_of_what_it_is_named_by(session: Session, org: Organised, actor: ActorOf) -> None:
    trips.three_years(session, org)

    def uses(by: By, **scope: Any) -> dict[Any, int]:
        found = sums(session, actor(), Scope(view=View.GROSS, **scope), by)
        return {key: each.uses for key, each in found.items() if each.uses}

    assert uses(By.YEAR) == {2024: 3, 2025: 2, 2026: 1}
    assert uses(By.MONTH) == {202405: 3, 202501: 1, 202502: 1, 202602: 1}
    assert uses(By.SOURCE) == {"internal_reuse": 5, "sold": 1}
    assert uses(By.CATEGORY) == {"CHAIR_TASK": 4, "EQUIP_AID": 1, "DESK_SITSTAND": 1}
    assert uses(By.GIVER) == {org.unit_id: 5, org.other_unit_id: 1}
    assert uses(By.RECEIVER) == {org.other_unit_id: 5, org.unit_id: 1}
    assert uses(By.PLACE) == {org.room_id: 6}
    assert uses(By.PROJECT) == {None: 6}
    assert uses(By.CATEGORY, first_year=2025, last_year=2025) == {"CHAIR_TASK": 1, "EQUIP_AID": 1}
    assert uses(By.YEAR, source=FulfilmentSource.SOLD) == {2026: 1}
    assert uses(By.YEAR, category_id="CHAIR_TASK") == {2024: 3, 2025: 1}
    assert uses(By.CATEGORY, unit_id=org.unit_id) == {"CHAIR_TASK": 1}
    assert uses(By.ALL, unit_id=org.unit_id, role=Side.GIVER) == {"": 5}


def test_a_unit_and_a_place_stand_for_all_below_them(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    trips.three_years(session, org)
    root = session.get_one(Unit, org.unit_id).parent_id
    assert root is not None
    whole = sum_of(session, actor(), GROSS)

    assert sum_of(session, actor(), Scope(view=View.GROSS, unit_id=root)) == whole
    assert sum_of(session, actor(), Scope(view=View.GROSS, place_id=org.building_id)) == whole
    below = Scope(view=View.GROSS, place_id=org.storage_id)
    assert sum_of(session, actor(), below) == EMPTY
    together = {org.unit_id: root, org.other_unit_id: root}
    assert sums(session, actor(), GROSS, By.GIVER, under=together) == {root: whole}


def test_pieces_are_counted_once_a_year_and_once_for_all(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    trips.three_years(session, org)

    assert [pieces(session, actor(), year) for year in (2024, 2025, 2026)] == [3, 2, 1]
    assert pieces(session, actor()) == 5
    assert pieces(session, actor(), 1999) == 0
    assert list(pieces_by_year(session, actor())) == [2024, 2025, 2026]


def test_where_nothing_is_calculated_it_is_said(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    trips.three_years(session, org)
    found = sums(session, actor(), GROSS, By.CATEGORY)

    assert not found["EQUIP_AID"].is_calculated
    assert found["CHAIR_TASK"].is_calculated
    assert not EMPTY.is_calculated


def test_ranges_are_combined_over_category_and_tier_and_not_added_up() -> None:
    one = _group("a", "T3", value=100, low=70, high=140)
    other = _group("b", "T3", value=100, low=60, high=130)

    found = totals([one, one, other])[1]

    assert found.co2e_g == Rounded(300, 300 - round(5200**0.5), 300 + round(7300**0.5))
    assert isinstance(found, Sum)


def _group(category: str, tier: str, **figure: int) -> Any:
    values: dict[str, Any] = defaultdict(int, key=1, category_id=category, currency="NOK")
    values |= {"mass_tier": tier, "co2e_tier": tier, "price_tier": tier}
    ends = {"value": "", "low": "_low", "high": "_high"}
    for name in ("waste_g", "value_chain_waste_g", "co2e_g", "saved_ore"):
        values |= {name + end: figure[each] for each, end in ends.items()}
    whole = ("mass_g", "new_price_ore", "reference_co2e_g", "uses", "not_calculated")
    values |= dict.fromkeys(whole, 1)
    return type("Group", (), values)()


def test_two_ways_to_narrow_at_once_are_refused(session: Session, actor: ActorOf) -> None:
    for scope, by in (
        (Scope(view=View.NET, unit_id=actor().org_id), By.PLACE),
        (Scope(view=View.NET, unit_id=actor().org_id), By.GIVER),
        (Scope(view=View.NET, unit_id=actor().org_id, place_id=actor().org_id), By.ALL),
        (Scope(view=View.NET, project_id=actor().org_id), By.MONTH),
    ):
        with pytest.raises(TwoAtOnce):
            sums(session, actor(), scope, by)


def test_nobody_sees_anothers_sums(
    session: Session, org: Organised, actor: ActorOf, foreign_org: Organised
) -> None:
    trips.three_years(session, org)
    stranger = actor(Role.CONTROLLER, foreign_org)

    assert sum_of(session, stranger, GROSS) == EMPTY
    assert sum_of(session, stranger, Scope(view=View.GROSS, unit_id=org.unit_id)) == EMPTY
    assert (pieces(session, stranger), list(pieces_by_year(session, stranger))) == (0, [])


def test_only_who_may_read_reports_reads_sums(session: Session, actor: ActorOf) -> None:
    nobody = replace(actor(), permissions={})
    for ask in (lambda: sum_of(session, nobody, GROSS), lambda: pieces(session, nobody)):
        with pytest.raises(Forbidden):
            ask()


def test_what_is_taken_back_is_in_no_sum(
    database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        trips.handed_over(session, org, [Load(trips.an_item(session, org))])
        with tried(session, is_kept=False):
            trips.handed_over(session, org, [Load(trips.an_item(session, org))])
            assert sum_of(session, actor(), GROSS).uses == 2
    with database.read() as session:
        assert sum_of(session, actor(), GROSS).uses == 1
        assert pieces(session, actor()) == 1
        assert verify(session, org.org_id).ok


def test_a_use_reversed_in_another_year_leaves_the_closed_one_as_it_was(
    database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        lines = trips.a_handover(
            session, org, [Load(trips.an_item(session, org))], handed_over_on=date(2025, 6, 1)
        )
        (event,) = trips.receive(session, lines)
    with database.write() as session:
        session.execute(text("UPDATE period SET closed_at = '2026-01-15 00:00:00'"))
    with database.write() as session:
        trips.give_back(session, session.merge(lines[0]), event.id)
    with database.read() as session:
        uses = {key: each.uses for key, each in sums(session, actor(), GROSS, By.YEAR).items()}
        assert uses == {2025: 1, 2026: -1}
        assert [pieces(session, actor(), year) for year in (2025, 2026, None)] == [1, -1, 0]
        assert sum_of(session, actor(), GROSS) == EMPTY
        assert wrong_sum(session, org.org_id) is None


@pytest.mark.parametrize(
    ("change", "table"),
    [
        ("UPDATE ledger_sum SET co2e_g = co2e_g + 1 WHERE cut = 'giver'", "ledger_sum"),
        ("DELETE FROM ledger_sum WHERE cut = 'month'", "ledger_sum"),
        ("UPDATE ledger_pieces SET pieces = 7 WHERE year = 2024", "ledger_pieces"),
        ("DELETE FROM ledger_pieces", "ledger_pieces"),
    ],
)
def test_a_sum_that_is_not_its_entries_is_named(
    database: RolledBackDatabase, org: Organised, change: str, table: str
) -> None:
    with database.write() as session:
        trips.three_years(session, org)
    with database.write() as session:
        session.execute(text(change))
    with database.read() as session:
        difference = verify(session, org.org_id).difference
        assert difference is not None
        assert (difference.table, difference.reason) == (table, "not the sum of its entries")
        assert difference.row_id
    with database.write() as session:
        add_up_anew(session, org.org_id)
        assert verify(session, org.org_id).ok


def test_the_migration_adds_up_what_was_booked_before_it(
    new_database: Callable[[], Database], clock: Clock
) -> None:
    database = new_database()
    with database.write() as session:
        orgs = [organised(session, clock, name) for name in ("En", "To")]
    for org in orgs:
        with database.write() as session:
            trips.three_years(session, org)
    config = configuration(database.url)
    command.downgrade(config, "2026_12_01_ledger_sums")
    command.downgrade(config, "-1")
    migrate(database.url)
    with database.write() as session:
        for org in orgs:
            assert wrong_sum(session, org.org_id) is None
        count = session.scalars(select(LedgerSum.id)).all()
        session.execute(delete(LedgerSum))
        session.execute(delete(LedgerPieces))
        for org in orgs:
            assert wrong_sum(session, org.org_id) is not None
        assert len(count) > len(session.scalars(select(LedgerEntry.id)).all()) / 2
    database.close()
