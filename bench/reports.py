"""The project report and the organisation's sums, in one process: what a request adds is elsewhere.

Rows are written as the ledger writes them, with their whole inputs, and not played as a story.
What was measured is checked against what was written.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app import wiring
from app.accounts.actor import Actor, system_actor
from app.accounts.models import Organisation, Unit
from app.accounts.service import Found, found
from app.impact.queries import factors_of
from app.impact.rules import FIVE_SOURCES, Facts, FulfilmentSource, UserCase, WouldHave
from app.items.models import Item
from app.items.rules import Condition, ItemState
from app.kit.db import Database
from app.kit.events import EventRow
from app.ledger.models import LedgerEntry
from app.ledger.rules import Entry, entries_for
from app.ledger.summing import write_sums
from app.ledger.years import open_period
from app.places.models import PlaceKind
from app.places.service import AddPlace, add_places
from app.projects.models import Fulfilment
from app.projects.service import AddLine, StartProject, add_lines, start_project
from app.reports.documents import as_json
from app.reports.panels import organisation_savings
from app.reports.service import project_report
from app.schema import migrate
from bench.harness import ROUNDS, Figure, cpu_ms, figure
from bench.server import Database as Place
from bench.server import databases

SIZES = (200, 2_000)
ORGANISATION_ENTRIES = 100_000
BATCH = 5_000
DAY = date(2026, 3, 2)
CATEGORIES = ("CHAIR_TASK", "DESK_SITSTAND", "CHAIR_VISITOR", "TABLE_MEETING_S", "SOFA_2")
COLUMNS = [each.name for each in fields(Entry)]


class Seed:
    """Writes projects into one organisation."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session, self.actor = session, actor
        (self.place,) = add_places(
            session, actor, [AddPlace(kind=PlaceKind.BUILDING, name="Bygg A")]
        )
        self.unit_id = session.scalars(
            select(Unit.id).where(Unit.org_id == actor.org_id).limit(1)
        ).one()
        self.factors = factors_of(session)

    def project(self, name: str, pieces: int) -> UUID:
        """A project with five lines, each met by pieces of the five sources in turn."""
        (made,) = start_project(
            self.session, self.actor, [StartProject(name=name, unit_id=self.unit_id)]
        )
        each = pieces // len(CATEGORIES)
        lines = add_lines(
            self.session,
            self.actor,
            [
                AddLine(project_id=made.id, category_id=category, quantity=each)
                for category in CATEGORIES
            ],
        )
        for line in lines:
            items = self.items(line.category_id, each)
            self.fulfil(line.id, items)
            self.book(made.id, line.id, line.category_id, items)
        return made.id

    def items(self, category_id: str, count: int) -> list[UUID]:
        rows = [
            {
                "id": uuid4(),
                "org_id": self.actor.org_id,
                "state": ItemState.IN_USE,
                "category_id": category_id,
                "lot_id": uuid4(),
                "name": "Møbel",
                "condition": Condition.B,
                "amount": Decimal(1),
                "owner_unit_id": self.unit_id,
                "holder_unit_id": self.unit_id,
                "place_id": self.place.id,
                "created_at": datetime(2026, 3, 2, tzinfo=UTC),
            }
            for _ in range(count)
        ]
        self.session.execute(insert(Item), rows)
        return [each["id"] for each in rows]  # type: ignore[misc]

    def fulfil(self, line_id: UUID, items: list[UUID]) -> None:
        self.session.execute(
            insert(Fulfilment),
            [
                {
                    "org_id": self.actor.org_id,
                    "programme_line_id": line_id,
                    "item_id": item_id,
                    "source": FIVE_SOURCES[number % 5],
                    "fulfilled_on": DAY,
                    "created_at": datetime(2026, 3, 2, tzinfo=UTC),
                }
                for number, item_id in enumerate(items)
            ],
        )

    def book(
        self, project_id: UUID | None, line_id: UUID | None, category_id: str, items: list[UUID]
    ) -> None:
        rows = self.entries(project_id, line_id, category_id, items)
        while part := list(islice(rows, BATCH)):
            self.session.execute(insert(LedgerEntry), part)
            write_sums(self.session, part)

    def entries(
        self, project_id: UUID | None, line_id: UUID | None, category_id: str, items: list[UUID]
    ) -> Iterator[dict[str, Any]]:
        event_id = self.session.scalars(
            select(EventRow.id).where(EventRow.org_id == self.actor.org_id).limit(1)
        ).one()
        placed = {
            "org_id": self.actor.org_id,
            "event_id": event_id,
            "booked_by_event_id": event_id,
            "category_id": category_id,
            "giver_unit_id": self.unit_id,
            "receiver_unit_id": self.unit_id,
            "place_id": self.place.id,
            "project_id": project_id,
            "programme_line_id": line_id,
            "period_id": open_period(self.session, self.actor.org_id, DAY),
            "booked_at": datetime(2026, 3, 2, tzinfo=UTC),
        }
        like = {source: self.one(source, event_id, category_id) for source in FIVE_SOURCES}
        for number, item_id in enumerate(items):
            for entry in like[FIVE_SOURCES[number % 5]]:
                yield {**entry, **placed, "item_id": item_id}

    def one(
        self, source: FulfilmentSource, event_id: UUID, category_id: str
    ) -> list[dict[str, Any]]:
        """The entries of one piece: those of like pieces differ by the piece alone."""
        facts = Facts(
            handed_over_on=DAY,
            source=source,
            category_code=category_id,
            user_case=UserCase.NEW_USER,
            would_have=WouldHave.NOT_ANSWERED,
            would_discard=True,
        )
        entries = entries_for(event_id=event_id, item_id=uuid4(), facts=facts, factors=self.factors)
        return [{name: getattr(each, name) for name in COLUMNS} for each in entries]


def repeated(work: Callable[[], object]) -> list[float]:
    work()
    return [cpu_ms(work) for _ in range(ROUNDS)]


def measured(place: Place) -> list[Figure]:
    migrate(place.url)
    database = Database(place.url, subscribers=wiring.SUBSCRIBERS)
    try:
        with database.write() as session:
            made = found(
                session,
                Found(
                    organisation="Måling",
                    name="Ada Prøve",
                    email="ada@example.no",
                    password="en lang nok setning",
                ),
            )
            actor = system_actor(session.get_one(Organisation, made.id))
            seed = Seed(session, actor)
            projects = {size: seed.project(f"Prosjekt {size}", size) for size in SIZES}
        rows = []
        for size, project_id in projects.items():

            def report(project_id: UUID = project_id, size: int = size) -> None:
                with database.read() as session:
                    document = project_report(session, actor, project_id)
                assert len(document.pieces) == size
                as_json(document)

            rows.append(
                figure(
                    f"project report of {size:,} pieces, {place.name}",
                    repeated(report),
                    "ms CPU",
                    note="read, added up and written as JSON; the database server's time is not in it",
                )
            )
        with database.write() as session:
            booked = 2 * sum(SIZES)
            pieces = (ORGANISATION_ENTRIES - booked) // 2
            seed.session = session
            seed.book(None, None, "CHAIR_TASK", seed.items("CHAIR_TASK", pieces))

        def sums() -> None:
            with database.read() as session:
                savings = organisation_savings(session, actor)
            assert savings.gross.uses == ORGANISATION_ENTRIES // 2

        rows.append(
            figure(
                f"organisation's savings, {ORGANISATION_ENTRIES:,} entries, {place.name}",
                repeated(sums),
                "ms CPU",
                note="gross and net with combined range, as the start page shows them",
            )
        )
    finally:
        database.close()
    return rows


def measure() -> list[Figure]:
    with databases() as places:
        return [row for place in places for row in measured(place)]
