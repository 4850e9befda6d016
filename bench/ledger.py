"""The ledger: the chain walked, every entry recomputed, and receipts booked.

The chain's walk reads and hashes every event and entry; recomputing multiplies out every stored
value again. Both are entries a second; ``omlop verify`` does both.
"""

import time
from collections.abc import Callable
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app import wiring
from app.accounts.models import Organisation, Unit
from app.handovers.events import PieceReceived
from app.handovers.models import Handover, HandoverLine
from app.impact.rules import FulfilmentSource, UserCase, WouldHave
from app.items.models import Item
from app.items.rules import Condition, ItemState
from app.kit import chain
from app.kit.clock import Clock
from app.kit.db import Database
from app.kit.events import publish
from app.ledger import verification, verification_entries
from app.ledger.service import verify
from app.places.models import Place, PlaceKind
from app.schema import migrate
from bench.harness import Figure, figure
from bench.server import databases

PIECES = 24_000
"""Three links each: several processes walk them, for some time longer than it takes to start them."""
A_TRIP = 500
ROUNDS = 3
EVERYTHING = "chain, sums, receipts and everything else that verify looks at"


def _organisation(database: Database) -> tuple[UUID, UUID, UUID]:
    now = database.clock.now()
    with database.write() as session:
        organisation = Organisation(name="Målt helseforetak", created_at=now)
        session.add(organisation)
        session.flush()
        chain.begin(session, organisation.id)
        unit = Unit(org_id=organisation.id, name="Drift", created_at=now)
        place = Place(
            org_id=organisation.id,
            kind=PlaceKind.STORAGE,
            name="Lager",
            label="Lager",
            created_at=now,
        )
        session.add_all([unit, place])
        session.flush()
        return organisation.id, unit.id, place.id


def _trip(
    session: Session, number: int, org_id: UUID, unit_id: UUID, place_id: UUID
) -> list[PieceReceived]:
    """A trip of task chairs, not yet received, and the events of its receipt."""
    now = session.info["clock"].now()
    handover = {
        "id": uuid4(),
        "org_id": org_id,
        "number": number,
        "handed_over_on": now.date(),
        "giver_unit_id": unit_id,
        "receiver_org_id": org_id,
        "receiver_unit_id": unit_id,
        "vehicle": "VAN_DIESEL_KM",
        "distance_m": 40_000,
        "transport_ore": 300_000,
        "created_at": now,
    }
    items = [
        {
            "id": uuid4(),
            "org_id": org_id,
            "state": ItemState.IN_USE,
            "category_id": "CHAIR_TASK",
            "lot_id": uuid4(),
            "name": "Kontorstol",
            "condition": Condition.B,
            "width_mm": 650,
            "depth_mm": 650,
            "height_mm": 1100,
            "amount": Decimal(1),
            "owner_unit_id": unit_id,
            "holder_unit_id": unit_id,
            "place_id": place_id,
            "created_at": now,
            "version": 1,
        }
        for _ in range(A_TRIP)
    ]
    lines = [
        {
            "id": uuid4(),
            "org_id": org_id,
            "handover_id": handover["id"],
            "item_id": item["id"],
            "receiver_org_id": org_id,
            "source": FulfilmentSource.INTERNAL_REUSE,
            "user_case": UserCase.NEW_USER,
            "would_have": WouldHave.NOT_ANSWERED,
        }
        for item in items
    ]
    session.execute(insert(Item), items)
    session.execute(insert(Handover), [handover])
    session.execute(insert(HandoverLine), lines)
    return [
        PieceReceived(
            org_id=org_id,
            subject_id=line["id"],
            person_id=None,
            item_id=line["item_id"],
            handover_id=handover["id"],
        )
        for line in lines
    ]


def _timed(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def _verified(url: str, booked: list[float]) -> tuple[list[float], list[float], list[float]]:
    """Links walked, entries recomputed and entries verified a second; adds pieces booked a second."""
    migrate(url)
    database = Database(url, subscribers=wiring.SUBSCRIBERS, clock=Clock())
    org_id, unit_id, place_id = _organisation(database)
    for number in range(1, PIECES // A_TRIP + 1):
        with database.write() as session:
            events = _trip(session, number, org_id, unit_id, place_id)
            booked.append(A_TRIP / _timed(lambda: publish(session, events)))  # noqa: B023
    walked, recomputed, verified = [], [], []
    for _ in range(ROUNDS):
        with database.read() as session:
            seconds = _timed(lambda: verification.chain_holds(session, org_id))
            walked.append(3 * PIECES / seconds)
        with database.read() as session:
            seconds = _timed(lambda: verification_entries.entries_hold(session, org_id))
            recomputed.append(2 * PIECES / seconds)
        with database.read() as session:
            seconds = _timed(lambda: verify(session, org_id))
            verified.append(2 * PIECES / seconds)
    database.close()
    return walked, recomputed, verified


def measure() -> list[Figure]:
    booked: list[float] = []
    with databases() as (sqlite, *servers):
        walked, recomputed, verified = _verified(sqlite.url, booked)
        on_servers = [(each.name, _verified(each.url, [])[2]) for each in servers]
    return [
        figure("booked pieces a second", booked, "/s", better="higher", note=f"trips of {A_TRIP}"),
        figure(
            "chain walked, rows a second",
            walked,
            "/s",
            must=50_000,
            reach=150_000,
            better="higher",
            note=f"{3 * PIECES} rows",
        ),
        figure("entries recomputed a second", recomputed, "/s", better="higher"),
        figure(
            "verify, entries a second",
            verified,
            "/s",
            must=50_000,
            reach=150_000,
            better="higher",
            note=EVERYTHING,
        ),
        *(
            figure(
                f"verify on {name}, entries a second",
                runs,
                "/s",
                must=50_000,
                reach=150_000,
                better="higher",
                note=EVERYTHING,
            )
            for name, runs in on_servers
        ),
    ]
