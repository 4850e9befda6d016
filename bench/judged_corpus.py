"""Pieces on a market and what people look for there, judged without the program's own search.

``judged_pieces.csv`` says what stands on the market, ``judged_queries.csv`` what is asked and which
pieces answer it: those of the categories named (``*`` stands for any letters) that hold all of
``where``. A piece holds ``colour=grå`` when "grå" stands in its colour, ``width=1600`` when that is
its width in mm, ``model=Hev&160`` when both words stand in its model.

``judged_meant.csv`` says what somebody registered with a typing error in its name, and what was meant.
Who makes the same error finds it, and is to be asked. A row without a category is a word that is right,
though rare on this market: nothing is to be asked there.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from random import Random
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.items.commands import NewIdentifier, Register
from app.items.models import Code, IdentifierKind
from app.items.rules import Condition
from app.items.service import register
from app.kit import chance
from app.kit.codes import grouped
from app.kit.db import Database
from app.marketplace.commands import MarketSearch, Offer
from app.marketplace.search import Card, Found, Tile, search_market
from app.marketplace.search_meant import meant
from app.marketplace.service import offer
from bench.organisation import Begun, begin

FOLDER = Path(__file__).resolve().parent
SEED = "judged"
START_MS = 1_700_000_000_000
AT_ONCE = 200
FIRST = 20
"""As many answers as are judged: about what stands on the first page."""


@dataclass(frozen=True)
class Lot:
    """Like pieces, as somebody wrote them down: often with half of it left out."""

    number: int
    category: str
    name: str | None
    maker: str | None
    model: str | None
    colour: str | None
    material: str | None
    width: int | None
    depth: int | None
    height: int | None
    identifier: str
    quantity: int

    def holds(self, fact: str, value: str) -> bool:
        mine = str(getattr(self, {"lot": "number"}.get(fact, fact)) or "").lower()
        if fact in {"width", "depth", "height", "lot", "identifier"}:
            return mine == value.lower()
        return all(part in mine for part in value.lower().split("&"))


@dataclass(frozen=True)
class Query:
    """What somebody types, and the rule for what answers it."""

    language: str
    kind: str
    typed: str
    categories: tuple[str, ...]
    where: tuple[tuple[str, str], ...]

    def is_answered_by(self, lot: Lot) -> bool:
        return any(fnmatchcase(lot.category, each) for each in self.categories) and all(
            lot.holds(fact, value) for fact, value in self.where
        )


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter=";")


@lru_cache(maxsize=1)
def queries() -> tuple[Query, ...]:
    return tuple(
        Query(
            row["language"],
            row["kind"],
            row["query"],
            tuple(row["categories"].split()),
            tuple((fact, value) for fact, _, value in _wheres(row["where"])),
        )
        for row in _rows("judged_queries.csv")
    )


@dataclass(frozen=True)
class Misspelt:
    """A name as it was written on the market, and what was meant: nothing else when it is right."""

    language: str
    written: str
    category: str
    meant: str


@lru_cache(maxsize=1)
def misspelt() -> tuple[Misspelt, ...]:
    return tuple(Misspelt(**row) for row in _rows("judged_meant.csv"))


def _wheres(text: str) -> Iterator[tuple[str, str, str]]:
    return (each.partition("=") for each in text.split())


@lru_cache(maxsize=1)
def lots() -> tuple[Lot, ...]:
    """The same lots each time, those of all categories mixed."""
    random = Random(SEED)
    kinds = [row for row in _rows("judged_pieces.csv") for _ in range(int(row["listings"]))]
    random.shuffle(kinds)
    return tuple(_lot(random, number, row) for number, row in enumerate(kinds))


def _lot(random: Random, number: int, row: dict[str, str]) -> Lot:
    def one(column: str, share: float) -> str | None:
        drawn = random.choice(row[column].split("|"))
        return drawn if random.random() < share else None

    maker, _, model = (one("makes", 0.75) or "").partition(" ")
    colour, material, size = one("colours", 0.85), one("materials", 0.6), one("sizes", 0.7)
    width, depth, height = map(int, size.split("x")) if size else (None, None, None)
    name = one("names", 0.7)
    if name:
        further = [
            "",
            "",
            "",
            "",
            " brukt",
            f" nr {number % 9 + 1}",
            f" {colour}" if colour else "",
        ]
        name += random.choice(further)
    return Lot(
        number,
        row["category"],
        name,
        maker or None,
        model or None,
        colour,
        material,
        width,
        depth,
        height,
        # Every other piece has an inventory number of its own, the others the number of a shop.
        f"NV-2019-{number:04}" if number % 2 or number % 3 == 0 else f"70234500{number:05}",
        random.choice((1, 1, 1, 2, 3)),
    )


def _registration(begun: Begun, lot: Lot) -> Register:
    return Register(
        category_id=lot.category,
        name=lot.name,
        maker=lot.maker,
        model=lot.model,
        colour=lot.colour,
        material=lot.material,
        condition=list(Condition)[lot.number % 4],
        width_mm=lot.width,
        depth_mm=lot.depth,
        height_mm=lot.height,
        owner_unit_id=begun.unit_id,
        place_id=begun.place_ids[lot.number % len(begun.place_ids)],
        is_free=True,
        quantity=lot.quantity,
        identifiers=[NewIdentifier(kind=IdentifierKind.OTHER, value=lot.identifier)],
    )


class Market:
    """All lots on the market of one database, and what its search answers."""

    def __init__(self, database: Database) -> None:
        self._lots = lots()
        self.numbers: dict[UUID, int] = {}
        with chance.given(SEED, START_MS):
            with database.write() as session:
                self.begun = begin(session, places=12)
            for start in range(0, len(self._lots), AT_ONCE):
                with database.write() as session:
                    self._list(session, self._lots[start : start + AT_ONCE])

    def _list(self, session: Session, some: Sequence[Lot]) -> None:
        commands = [_registration(self.begun, lot) for lot in some]
        items = iter(register(session, self.begun.actor, commands))
        offers = []
        for lot in some:
            ids = [next(items).id for _ in range(lot.quantity)]
            self.numbers |= dict.fromkeys(ids, lot.number)
            offers.append(Offer(item_ids=ids))
        offer(session, self.begun.actor, offers)

    def list_misspelt(self, session: Session) -> None:
        """Offers what somebody wrote down wrong, one piece each."""
        nothing = (None,) * 7
        wrong = [each for each in misspelt() if each.category]
        some = [
            Lot(number, each.category, each.written.capitalize(), *nothing, f"FEIL-{number}", 1)
            for number, each in enumerate(wrong, len(self._lots))
        ]
        self._list(session, some)

    def meant(self, session: Session, words: str) -> str | None:
        """What somebody who types the words is asked whether they meant."""
        wanted, today = MarketSearch(words=words), session.info["clock"].now().date()
        actor = self.begun.actor
        total = search_market(session, actor, wanted, today=today, kind=Tile, limit=1).total
        better = meant(session, actor, wanted, total, today)
        return better.words if better else None

    def typed(self, session: Session, query: Query) -> str:
        """What is typed, with a label's own code where the query is for one."""
        if "{" not in query.typed:
            return query.typed
        number = int(dict(query.where)["lot"])
        item_id = next(each for each, lot in self.numbers.items() if lot == number)
        code = session.scalars(select(Code.code).where(Code.item_id == item_id)).one()
        return {
            "{label}": code,
            "{label lower}": code.lower(),
            "{label grouped}": grouped(code),
            "{label spaced}": f"{code[:4]} {code[4:8]} {code[8:]}",
        }[query.typed]

    def search(self, session: Session, query: Query) -> Found[Card]:
        """The first page of answers, and how many there are in all."""
        wanted = MarketSearch(words=self.typed(session, query))
        today = session.info["clock"].now().date()
        return search_market(session, self.begun.actor, wanted, today=today, kind=Card, limit=FIRST)

    def answers(self, session: Session, query: Query) -> list[int]:
        """The first answers, as the numbers of their lots."""
        found = self.search(session, query)
        return [self.numbers[card.item_id] for card in found.cards]


def recall(query: Query, answers: Sequence[int]) -> float:
    """Of the first answers those that are right, by as many as there could have been."""
    right = {lot.number for lot in lots() if query.is_answered_by(lot)}
    return len(right.intersection(answers[:FIRST])) / min(FIRST, len(right))
