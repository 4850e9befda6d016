"""How long it takes to look through 500 new pieces for 1,000 open needs and as many wishes.

The pieces are singles of the demo's models, each put on the market by itself: nothing is alike, so
nothing is looked at once for many. All needs are for categories that the pieces are of, half of
them with limits on their size, and every second one names a day.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update

from app.demo.furniture import MODELS
from app.kit.db import Database
from app.marketplace.commands import MarketSearch, Offer
from app.marketplace.service import offer
from app.needs.found import found_since
from app.needs.models_wish import Find, NeedWatch, Wish
from app.needs.service import NewNeedLine, SubmitNeed, submit
from app.needs.service_watch import keep
from bench.harness import Figure, cpu_ms, figure, wall_ms
from bench.organisation import Begun, begin, furnish, opened
from bench.server import databases

NEEDS, PIECES, PLACES = 1_000, 500, 50
MUST_SECONDS = 5
ROUNDS = 3


def _need(begun: Begun, number: int, today: date) -> SubmitNeed:
    look = MODELS[number % len(MODELS)]
    most = (look.width or 1_000) + 100 if number % 2 else None
    wanted = today + timedelta(days=30) if number % 2 else None
    line = NewNeedLine(category_id=look.category, quantity=5, width_max_mm=most)
    return SubmitNeed(unit_id=begun.unit_id, wanted_date=wanted, lines=[line])


def _wish(begun: Begun, number: int, now: datetime) -> Wish:
    """Every fourth with words, which the index is asked for."""
    look = MODELS[number % len(MODELS)]
    search = MarketSearch(category_id=look.category, words="" if number % 4 else look.name)
    return Wish(
        org_id=begun.actor.org_id,
        person_id=begun.actor.person_id,
        name=look.name,
        wanted=search.model_dump(mode="json", exclude_defaults=True),
        quantity=5,
        created_at=now,
    )


def arranged(database: Database) -> Begun:
    """The needs first, with the mark behind them, then the pieces on the market."""
    with database.write() as session:
        begun = begin(session, PLACES)
    today = database.clock.today()
    with database.write() as session:
        submit(session, begun.actor, [_need(begun, each, today) for each in range(NEEDS)])
        session.add_all(_wish(begun, each, database.clock.now()) for each in range(NEEDS))
    look_through(database, begun.actor.org_id)
    ids = furnish(database, begun, PIECES, lot=1)
    with database.write() as session:
        offer(session, begun.actor, [Offer(item_ids=[each]) for each in ids])
    return begun


def look_through(database: Database, org_id: UUID) -> int:
    """What the job does: reads to the end of the chain, and keeps. Gives the number of finds."""
    count = 0
    while True:
        with database.read() as session:
            found = found_since(session, org_id)
        if found.is_done:
            return count
        with database.write() as session:
            keep(session, org_id, found)
        count += sum(len(each.stands) for each in found.finds)


def _figures(name: str, database: Database) -> Sequence[Figure]:
    begun = arranged(database)
    org_id = begun.actor.org_id
    with database.read() as session:
        mark = session.scalars(select(NeedWatch.seq)).one()
    runs, spent, finds = [], [], 0

    def look() -> None:
        spent.append(cpu_ms(lambda: look_through(database, org_id)))

    for _ in range(ROUNDS):
        with database.write() as session:
            session.execute(delete(Find))
            session.execute(update(NeedWatch).values(seq=mark))
        runs.append(wall_ms(look))
        with database.read() as session:
            finds = sum(len(each) for each in session.scalars(select(Find.stands)))
    note = f"{PIECES:,} pieces, {NEEDS:,} needs, {NEEDS:,} wishes: {finds:,} finds"
    return [
        figure(
            f"matching of 1,000 open needs against 500 new pieces, {name}",
            [each / 1000 for each in runs],
            "s",
            must=MUST_SECONDS,
            note=note,
        ),
        figure(f"the same in this process, {name}", spent, "ms CPU"),
    ]


def measure() -> list[Figure]:
    rows: list[Figure] = []
    with databases() as found:
        for each in found:
            with opened(each.url.replace("+psycopg", "")) as database:
                rows += _figures(each.name, database)
    return rows
