"""The organisation's report on a large ledger: ten years, 200 units, 500 projects.

Entries are written as the ledger writes them, with their whole inputs, in handovers of one to twenty
like pieces, and then added up. ``OMLOP_BENCH_ENTRIES`` makes the ledger smaller while developing.
"""

import os
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import wiring
from app.accounts.actor import Actor, system_actor
from app.accounts.models import Organisation, Unit
from app.accounts.service import Found, found
from app.impact.rules import FIVE_SOURCES, View
from app.kit.bulk import insert_rows, new_ids
from app.kit.db import Database
from app.kit.events import EventRow
from app.ledger.models import LedgerEntry
from app.ledger.summing import add_up_anew
from app.ledger.years import open_period
from app.places.models import PlaceKind
from app.places.service import AddPlace, add_places
from app.projects.service import StartProject, start_project
from app.reports.documents_organisation import as_json
from app.reports.organisation import organisation_report
from app.reports.organisation_figures import Wanted
from app.reports.panels import organisation_savings
from app.reports.service import project_summary
from app.schema import migrate
from bench.harness import Figure, figure
from bench.reports import CATEGORIES, Seed, repeated
from bench.server import Database as Place
from bench.server import databases

ENTRIES = int(os.environ.get("OMLOP_BENCH_ENTRIES", "1000000"))
YEARS = range(2017, 2027)
DIVISIONS, DEPARTMENTS, PROJECTS, PLACES = 10, 19, 500, 100
MORE = ("CABINET_TALL", "PEDESTAL", "SCREEN_DESK", "EQUIP_AID", "CHAIR_STACK", "TABLE_CANTEEN")
A_PIECE_IS_USED, BATCH = 4, 10_000
_ENTRIES = LedgerEntry.metadata.tables["ledger_entry"]


class Large:
    """The organisation that is measured, and what its entries point at."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.seed = Seed(session, actor)
        self.session, self.actor = session, actor
        self.random = random.Random(6)
        now = datetime(2017, 1, 1, tzinfo=UTC)
        self.units: list[UUID] = []
        for division in new_ids(DIVISIONS):
            self._unit(division, self.seed.unit_id, now)
            for department in new_ids(DEPARTMENTS):
                self._unit(department, division, now)
        session.flush()
        added = [AddPlace(kind=PlaceKind.BUILDING, name=f"Bygg {n}") for n in range(PLACES)]
        self.places = [each.id for each in add_places(session, actor, added)]
        started = [StartProject(name=f"P{n}", unit_id=self.units[0]) for n in range(PROJECTS)]
        self.projects = [each.id for each in start_project(session, actor, started)]
        self.event_id = session.scalars(select(EventRow.id).limit(1)).one()
        self.periods = {y: open_period(session, actor.org_id, date(y, 1, 1)) for y in YEARS}
        self.like = {
            (category, source): self.seed.one(source, self.event_id, category)
            for category in (*CATEGORIES, *MORE)
            for source in FIVE_SOURCES
        }
        pieces = max(1, ENTRIES // 2 // A_PIECE_IS_USED)
        self.items = self.seed.items("CHAIR_TASK", pieces)

    def _unit(self, unit_id: UUID, parent_id: UUID, now: datetime) -> None:
        name = f"Enhet {len(self.units)}"
        self.session.add(
            Unit(
                id=unit_id, org_id=self.actor.org_id, name=name, parent_id=parent_id, created_at=now
            )
        )
        self.units.append(unit_id)

    def rows(self) -> Iterator[dict[str, Any]]:
        written = 0
        draw = self.random
        while written < ENTRIES:
            year = draw.choice(YEARS)
            day = date(year, 1, 1) + timedelta(days=draw.randrange(365))
            placed = {
                "org_id": self.actor.org_id,
                "event_id": self.event_id,
                "booked_by_event_id": self.event_id,
                "place_id": draw.choice(self.places),
                "giver_unit_id": draw.choice(self.units),
                "receiver_unit_id": draw.choice(self.units),
                "project_id": draw.choice((None, draw.choice(self.projects))),
                "programme_line_id": None,
                "period_id": self.periods[year],
                "handed_over_on": day,
                "booked_at": datetime(year, day.month, day.day, tzinfo=UTC),
            }
            category = draw.choice((*CATEGORIES, *MORE))
            entries = self.like[category, draw.choice(FIVE_SOURCES)]
            for _ in range(draw.randint(1, 20)):
                item_id = draw.choice(self.items)
                for entry, entry_id in zip(entries, new_ids(2), strict=True):
                    yield {
                        **entry,
                        **placed,
                        "category_id": category,
                        "item_id": item_id,
                        "id": entry_id,
                    }
                    written += 1


def filled(database: Database) -> tuple[Actor, Large]:
    with database.write(is_long=True) as session:
        made = found(
            session,
            Found(
                organisation="Stor",
                name="Ada Prøve",
                email="ada@example.no",
                password="en lang nok setning",
            ),
        )
        actor = system_actor(session.get_one(Organisation, made.id))
        large = Large(session, actor)
    rows = large.rows()
    while part := list(islice(rows, BATCH)):
        with database.write(is_long=True) as session:
            insert_rows(session, _ENTRIES, part)
    with database.write(is_long=True) as session:
        add_up_anew(session, actor.org_id)
    return actor, large


def measured(place: Place) -> list[Figure]:
    migrate(place.url)
    database = Database(place.url, subscribers=wiring.SUBSCRIBERS)
    note = f"{ENTRIES:,} entries over 10 years; read, added up and written as JSON"
    try:
        actor, large = filled(database)
        rows = []
        asked = {
            "of all years by source": Wanted(),
            "of all years by unit": Wanted(by="unit", view=View.NET),
            "of a year by unit": Wanted(by="unit", first_year=2025, last_year=2025),
            "of all years by category": Wanted(by="category"),
            "of all years by place": Wanted(by="place"),
            "of all years by month": Wanted(by="month"),
            "of all years by project": Wanted(by="project"),
            "of a division by category": Wanted(by="category", unit_id=large.units[0]),
        }
        for name, wanted in asked.items():

            def report(wanted: Wanted = wanted) -> None:
                with database.read() as session:
                    as_json(organisation_report(session, actor, wanted))

            runs = repeated(report)
            label = f"organisation report {name}, {place.name}"
            rows.append(figure(label, runs, "ms CPU", must=300, reach=50, note=note))

        def sums() -> None:
            with database.read() as session:
                savings = organisation_savings(session, actor)
            assert savings.gross.uses + savings.net.uses >= ENTRIES

        label = f"organisation's savings so far, {place.name}"
        rows.append(figure(label, repeated(sums), "ms CPU", note=note))

        def project() -> None:
            with database.read() as session:
                project_summary(session, actor, large.projects[0])

        label = f"project summary in a large ledger, {place.name}"
        rows.append(figure(label, repeated(project), "ms CPU", must=200, note=note))
    finally:
        database.close()
    return rows


def measure() -> list[Figure]:
    with databases() as places:
        return [row for place in places for row in measured(place)]
