"""How long it takes to match a programme of 2,000 lines, and to open its project's page.

100,000 pieces stand free, four of each kind, condition and place; another project will release
20,000 more. Half of the lines have limits on size, every third on condition, every second a day.
"""

import tempfile
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.demo.furniture import MODELS
from app.items.rules import Condition, Fate
from app.kit.bulk import new_ids
from app.kit.db import Database
from app.planning.queries_lines import open_lines
from app.planning.queries_ordered import ordered_for
from app.planning.queries_supply import piles
from app.planning.rules_match import matched
from app.planning.views_plan import plan_of
from app.projects.models import Project, Release
from app.projects.queries import lines_of
from app.projects.rules import ReleaseState
from app.projects.service import AddLine, StartProject, add_lines, start_project
from bench.harness import Figure, figure, wall_ms
from bench.load import Requests, send
from bench.organisation import HEADERS, Begun, begin, furnish, opened
from bench.server import databases, serving

PIECES, RELEASES, LINES, PLACES, LOT = 100_000, 20_000, 2_000, 500, 4
MUST_SECONDS, MUST_P99_MS = 3, 150
ROUNDS = 3


def _line(project_id: UUID, number: int, today: date) -> AddLine:
    look = MODELS[number % len(MODELS)]
    return AddLine(
        project_id=project_id,
        category_id=look.category,
        quantity=1 + number % 60,
        width_max_mm=(look.width or 1_000) + 10 * (number % 20) if number % 2 else None,
        condition=list(Condition)[number // 3 % 4] if number % 3 == 0 else None,
        wanted_date=today + timedelta(days=number % 90) if number % 2 else None,
    )


def _release(session: Session, begun: Begun, project_id: UUID, ids: list[UUID]) -> None:
    today = session.info["clock"].today()
    shared = {
        "org_id": begun.actor.org_id,
        "project_id": project_id,
        "state": ReleaseState.PLANNED,
        "fate": Fate.OFFER,
        "created_at": session.info["clock"].now(),
        "version": 1,
    }
    session.execute(
        insert(Release),
        [
            {**shared, "id": row_id, "item_id": each, "free_from": today + timedelta(days=n % 60)}
            for n, (row_id, each) in enumerate(zip(new_ids(len(ids)), ids, strict=True))
        ],
    )


def arranged(database: Database) -> tuple[Begun, Project, Project]:
    """The large project, and one as most are."""
    with database.write() as session:
        begun = begin(session, PLACES)
    ids = furnish(database, begun, PIECES + RELEASES, LOT)
    today = database.clock.today()
    with database.write(is_long=True) as session:
        started = [StartProject(name=each, unit_id=begun.unit_id) for each in ("A", "B", "C")]
        large, giver, usual = start_project(session, begun.actor, started)
        _release(session, begun, giver.id, ids[PIECES:])
        for project, count in ((large, LINES), (usual, 40)):
            new = [_line(project.id, number, today) for number in range(count)]
            add_lines(session, begun.actor, new)
    return begun, large, usual


def _figures(name: str, database: Database) -> tuple[list[Figure], list[UUID]]:
    begun, large, usual = arranged(database)
    today = database.clock.today()
    counts: dict[str, int] = {}

    def match() -> None:
        with database.read() as session:
            rows = session.scalars(lines_of(begun.actor, large.id)).all()
            ordered = ordered_for(session, begun.actor, [each.id for each in rows])
            lines = open_lines(session, begun.actor, rows, ordered)
            categories = {each.asked.category_id for each in lines}
            found = piles(session, begun.actor, large.id, categories, today)
            supply = matched(lines, found, today)
        counts["piles"] = len(found)
        counts["got"] = sum(each.total for each in supply.values())

    def plan() -> None:
        with database.read() as session:
            plan_of(session, begun.actor, large, today)

    runs = [wall_ms(match) / 1000 for _ in range(ROUNDS)]
    note = f"{LINES:,} lines, {counts['piles']:,} piles, {counts['got']:,} pieces given"
    rows = [
        figure(f"matching of a programme, {name}", runs, "s", must=MUST_SECONDS, note=note),
        figure(
            f"its plan with four alternatives, {name}",
            [wall_ms(plan) / 1000 for _ in range(ROUNDS)],
            "s",
        ),
    ]
    return rows, [usual.id, large.id]


def measure() -> list[Figure]:
    rows: list[Figure] = []
    with databases() as found:
        for each in found:
            with opened(each.url.replace("+psycopg", "")) as database:
                own, ids = _figures(each.name, database)
            rows += own
            with tempfile.TemporaryDirectory() as folder, serving(each, Path(folder)) as server:
                for what, project_id in zip(("40 lines", "2,000 lines"), ids, strict=True):
                    asked = Requests([f"/prosjekter/{project_id}"], headers=HEADERS)
                    send(server.url, asked, connections=1, seconds=2)
                    answered = send(server.url, asked, connections=1, seconds=5)
                    rows.append(
                        figure(
                            f"project page of {what}, p99, {each.name}",
                            [answered.p99_ms],
                            "ms",
                            must=MUST_P99_MS,
                            note=f"{answered.count} pages, {answered.failed} failed",
                        )
                    )
    return rows
