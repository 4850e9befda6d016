"""Moves by scanning as pages and JSON show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.fieldwork import names, queries
from app.fieldwork.models import Relocation, RelocationLine
from app.fieldwork.rules import ARRIVED, RETRIED, MoveOutcome
from app.items.models import Item
from app.items.queries import codes_of, items_ever_visible_to
from app.kit import codes
from app.kit.i18n import gettext
from app.places.models import Place
from app.places.queries import places_visible_to


@dataclass(frozen=True, slots=True)
class Row:
    """One scan: the piece's name and code where there is one, and what became of it."""

    text: str
    item_id: UUID | None
    name: str
    code: str
    came_from: str
    said: str
    tone: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A move by scanning: rows under the place they went to, and those that went nowhere."""

    relocation: Relocation
    who: str
    arrived: list[tuple[str, list[Row]]]
    others: list[Row]
    retried: list[str]
    counts: dict[MoveOutcome, int]
    undoable: int

    @property
    def arrived_count(self) -> int:
        return sum(len(rows) for _, rows in self.arrived)


@dataclass(frozen=True, slots=True)
class Recent:
    """A move in a list: how many pieces arrived, in which place first, and whether in others too."""

    relocation: Relocation
    arrived: int
    place: str
    is_more: bool


def recent(session: Session, actor: Actor, relocations: Sequence[Relocation]) -> list[Recent]:
    """In their order; one query, however many they are."""
    rows = session.execute(queries.arrived_by_place(actor, [each.id for each in relocations])).all()
    arrived: dict[UUID, list[Any]] = {}
    for row in rows:
        arrived.setdefault(row.relocation_id, []).append(row)
    return [
        Recent(
            relocation=each,
            arrived=sum(row.pieces for row in found),
            place=found[0].label if found else "",
            is_more=len(found) > 1,
        )
        for each in relocations
        for found in [arrived.get(each.id, [])]
    ]


def moved(session: Session, actor: Actor, relocation: Relocation) -> Moved:
    """Everything its page says of it."""
    lines = list(session.scalars(queries.lines_of(actor, relocation.id)))
    pieces = _pieces(session, actor, lines)
    labels = _labels(session, actor, lines)
    arrived: dict[UUID, list[Row]] = {}
    others = []
    for line in lines:
        row = _row(line, pieces, labels)
        if line.to_place_id is not None:
            arrived.setdefault(line.to_place_id, []).append(row)
        else:
            others.append(row)
    outcomes = [line.outcome for line in lines]
    return Moved(
        relocation=relocation,
        who=_name(session, relocation.person_id),
        arrived=[(labels[place_id], rows) for place_id, rows in arrived.items()],
        others=others,
        retried=[line.text for line in lines if line.outcome in RETRIED],
        counts={each: outcomes.count(each) for each in MoveOutcome if each in outcomes},
        undoable=sum(
            line.outcome in ARRIVED and line.from_place_id != line.to_place_id for line in lines
        )
        if relocation.undone_at is None
        else 0,
    )


def _row(line: RelocationLine, pieces: dict[UUID, tuple[str, str]], labels: dict[UUID, str]) -> Row:
    name, code = pieces.get(line.item_id, ("", "")) if line.item_id else ("", "")
    has_moved = line.from_place_id is not None and line.from_place_id != line.to_place_id
    return Row(
        text=line.text,
        item_id=line.item_id,
        name=name,
        code=code,
        came_from=labels[line.from_place_id] if has_moved and line.from_place_id else "",
        said=gettext("Flyttet tilbake" if line.is_undone else names.OUTCOMES[line.outcome]),
        tone="neutral" if line.is_undone else names.OUTCOME_TONES.get(line.outcome, "warning"),
    )


def _pieces(
    session: Session, actor: Actor, lines: Sequence[RelocationLine]
) -> dict[UUID, tuple[str, str]]:
    """Name and code of each piece."""
    ids = {line.item_id for line in lines if line.item_id is not None}
    rows = session.execute(
        items_ever_visible_to(actor).with_only_columns(Item.id, Item.name).where(Item.id.in_(ids))
    )
    by_item = codes_of(session, actor, list(ids))
    return {
        row.id: (row.name, codes.grouped(by_item[row.id]) if row.id in by_item else "")
        for row in rows
    }


def _labels(session: Session, actor: Actor, lines: Sequence[RelocationLine]) -> dict[UUID, str]:
    ids = {each for line in lines for each in (line.from_place_id, line.to_place_id) if each}
    query = places_visible_to(actor).with_only_columns(Place.id, Place.label)
    return {row.id: row.label for row in session.execute(query.where(Place.id.in_(ids)))}


def _name(session: Session, person_id: UUID | None) -> str:
    found: Any = session.scalar(select(Person.name).where(Person.id == person_id))
    return found or gettext("Systemet")
