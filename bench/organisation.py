"""What every measured database begins with: an organisation, its places, a token to sign in by."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from app import wiring
from app.accounts.actor import Actor, actor_of, hashed
from app.accounts.models import ApiToken, Person, Unit
from app.accounts.service import Found, found
from app.demo.furniture import MODELS
from app.items.commands import Register
from app.items.rules import Condition
from app.items.service import register
from app.kit.clock import Clock
from app.kit.db import Database
from app.places.models import PlaceKind
from app.places.service import AddPlace, add_places
from app.schema import migrate

TOKEN = "bench"


def signed_in(token: str) -> dict[str, str]:
    """What a request with the token is sent with."""
    return {"Authorization": f"Bearer {token}"}


HEADERS = signed_in(TOKEN)


@dataclass(frozen=True)
class Begun:
    """Who registers, and where."""

    actor: Actor
    unit_id: UUID
    place_ids: Sequence[UUID]

    def lot(self, number: int, quantity: int) -> Register:
        """The ``number``th lot: models, conditions and places take turns."""
        look = MODELS[number % len(MODELS)]
        return Register(
            category_id=look.category,
            maker=look.maker,
            model=look.name,
            colour=look.colour,
            condition=list(Condition)[number % 4],
            width_mm=look.width,
            depth_mm=look.depth,
            height_mm=look.height,
            owner_unit_id=self.unit_id,
            place_id=self.place_ids[number % len(self.place_ids)],
            is_free=True,
            quantity=quantity,
        )


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """A migrated database as the program itself opens it.

    What is written gets its statistics at the end, and PostgreSQL's map of what everybody sees: it
    makes both by itself, but within a minute, and a round that came before or after it would be
    measured with another plan. The market's statements take it three times as long without the map.
    """
    migrate(url)
    database = Database(url, subscribers=wiring.SUBSCRIBERS, clock=Clock())
    try:
        yield database
        if not database.is_sqlite:
            vacuumed(url)
    finally:
        database.close()


def vacuumed(url: str) -> None:
    """As PostgreSQL's own daemon leaves it when it has been by."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def begin(session: Session, places: int, *, name: str = "Bench", token: str = TOKEN) -> Begun:
    """An organisation, founded by its verb, with so many places, and a token to sign in by."""
    email = f"{name.lower()}@bench.example"
    organisation = found(
        session, Found(organisation=name, name=name, email=email, password="x" * 20)
    )
    person_id = session.scalars(select(Person.id).where(Person.email == email)).one()
    session.add(
        ApiToken(
            org_id=organisation.id,
            person_id=person_id,
            name="bench",
            token_hash=hashed(token),
            created_at=session.info["clock"].now(),
        )
    )
    actor = actor_of(session, organisation.id, person_id)
    assert actor is not None
    commands = [AddPlace(kind=PlaceKind.BUILDING, name=f"Bygg {n}") for n in range(places)]
    ids = [each.id for each in add_places(session, actor, commands)]
    unit_id = session.scalars(select(Unit.id).where(Unit.org_id == organisation.id)).one()
    return Begun(actor, unit_id, ids)


def furnish(database: Database, begun: Begun, pieces: int, lot: int) -> list[UUID]:
    """So many pieces in lots of ``lot``, registered by the verb itself; their ids."""
    made: list[UUID] = []
    while len(made) < pieces:
        first = len(made) // lot
        lots = range(first, min(first + 4_000 // lot, pieces // lot))
        with database.write() as session:
            commands = [begun.lot(number, lot) for number in lots]
            made += [item.id for item in register(session, begun.actor, commands)]
    return made
