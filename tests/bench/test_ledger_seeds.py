"""The ledgers that reports are measured on are ledgers: what is booked in them is added up."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.kit.db import Database
from app.ledger.models import LedgerEntry
from app.ledger.models_sums import LedgerSum
from app.ledger.rules_sums import Cut
from bench import periods, reports
from bench.server import Database as Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place("SQLite", f"sqlite:///{tmp_path / 'bench.db'}", None)


def _entries_and_uses(url: str) -> tuple[int, int]:
    database = Database(url)
    with database.read() as session:
        entries = session.scalar(select(func.count()).select_from(LedgerEntry))
        uses = session.scalar(select(func.sum(LedgerSum.uses)).where(LedgerSum.cut == Cut.WHOLE))
    database.close()
    return int(entries or 0), int(uses or 0)


def test_reports_are_measured_on_projects_and_an_organisation(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "SIZES", (10,))
    monkeypatch.setattr(reports, "ORGANISATION_ENTRIES", 60)
    figures = reports.measured(place)
    assert len(figures) == 2
    assert _entries_and_uses(place.url) == (60, 60)


def test_a_year_is_printed_of_entries_that_are_added_up(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(periods, "A_CATEGORY", 5)
    periods._filled(place.url)
    assert _entries_and_uses(place.url) == (40, 40)
