"""A stocktake as its page shows it: found, missing, unexpected, unlabelled; and the history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.accounts.rules import Permission
from app.fieldwork import names_stocktake, queries_stocktake
from app.fieldwork.models import Stocktake
from app.fieldwork.queries_stocktake import Counts
from app.fieldwork.rules_stocktake import (
    EXPECTED,
    MOVABLE,
    OPEN_TO_CHANGE,
    Decision,
    Sighting,
    StocktakeState,
)
from app.items import names
from app.items.queries import codes_of
from app.items.rules import MACHINE, PRESENT, ItemState, ItemVerb
from app.kit import codes
from app.kit.i18n import gettext
from app.kit.states import allows
from app.places.rules import SEPARATOR


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the report. ``note`` says what is odd; the flags say what one tap may do."""

    id: UUID
    name: str
    code: str
    place: str
    note: str
    decision: str
    can_move: bool
    can_leave: bool
    can_miss: bool
    can_keep: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """A stocktake in a list. ``room`` is the last part of the place, ``around`` the others."""

    id: UUID
    place_id: UUID
    place: str
    state: str
    tone: str
    is_open: bool
    who: str
    started_at: datetime
    finished_at: datetime | None
    counts: Counts

    @property
    def room(self) -> str:
        return self.place.rpartition(SEPARATOR)[2]

    @property
    def around(self) -> str:
        return self.place.rpartition(SEPARATOR)[0]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the page says. ``elsewhere`` are expected pieces that have moved or left since."""

    summary: Summary
    found: list[Piece]
    missing: list[Piece]
    elsewhere: list[Piece]
    unexpected: list[Piece]
    others: list[Piece]
    unlabelled: list[tuple[int, str]]
    strays: list[tuple[str, str]]
    can_reopen: bool

    @property
    def movable(self) -> list[Piece]:
        return [each for each in self.unexpected if each.can_move]

    @property
    def missable(self) -> list[Piece]:
        return [each for each in self.missing if each.can_miss]


def summaries(session: Session, actor: Actor, rows: Sequence[Stocktake]) -> list[Summary]:
    """Five queries, however many."""
    counts = queries_stocktake.counts_of(session, actor, [row.id for row in rows])
    labels = _labels(session, actor, {row.place_id for row in rows})
    people = {row.person_id for row in rows if row.person_id}
    named = session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))
    who = {row.id: row.name for row in named}
    return [
        Summary(
            id=row.id,
            place_id=row.place_id,
            place=labels[row.place_id],
            state=gettext(names_stocktake.STATES[row.state]),
            tone=names_stocktake.STATE_TONES.get(row.state, "neutral"),
            is_open=row.state is StocktakeState.OPEN,
            who=who.get(row.person_id, gettext("Systemet")) if row.person_id else "",
            started_at=row.started_at,
            finished_at=row.finished_at,
            counts=counts[row.id],
        )
        for row in rows
    ]


def report(session: Session, actor: Actor, row: Stocktake) -> Report:
    """What was expected, what was met, and what may be done about each difference now."""
    expected = session.execute(queries_stocktake.expected_rows(actor, row.id)).all()
    scanned = session.execute(queries_stocktake.scanned_rows(actor, row.id)).all()
    make = _Pieces(session, actor, row, [*expected, *scanned])
    expected_ids = {each.id for each in expected}
    unmet = [each for each in expected if each.kind is None]
    missing = [each for each in unmet if _is_still_here(row, each)]
    met_beside = [each for each in scanned if each.id not in expected_ids]
    beside = [each for each in met_beside if each.kind in MOVABLE]
    found = [each for each in scanned if each.id in expected_ids or each.kind is Sighting.FOUND]
    odd = (Sighting.ON_ITS_WAY, Sighting.HAS_LEFT)
    strays = session.scalars(queries_stocktake.strays_of(actor, row.id)).all()
    return Report(
        summary=summaries(session, actor, [row])[0],
        found=make.all(found),
        missing=make.all(missing),
        elsewhere=make.all(each for each in unmet if not _is_still_here(row, each)),
        unexpected=make.all(beside),
        others=make.all(each for each in met_beside if each.kind in odd),
        unlabelled=[(each.count, each.note or "") for each in strays if each.text is None],
        strays=[
            (each.text, gettext(names_stocktake.SIGHTINGS[each.kind]))
            for each in strays
            if each.text is not None and each.kind is not None
        ],
        can_reopen=row.state is StocktakeState.FINISHED and actor.may(Permission.ITEM_EDIT),
    )


def _is_still_here(row: Stocktake, piece: Any) -> bool:
    """By the register it ought to be in the room yet, or was called lost because it is not."""
    is_lost = piece.decision is Decision.LOST
    return is_lost or (piece.place_id == row.place_id and piece.state in EXPECTED)


class _Pieces:
    """Makes the rows of a report, with the names that all of them need read once."""

    def __init__(
        self, session: Session, actor: Actor, row: Stocktake, pieces: Sequence[Any]
    ) -> None:
        self._actor = actor
        self._row = row
        self._codes = codes_of(session, actor, list({each.id for each in pieces}))
        self._labels = _labels(session, actor, {each.place_id for each in pieces})

    def all(self, pieces: Any) -> list[Piece]:
        return [self._made(each) for each in pieces]

    def _made(self, piece: Any) -> Piece:
        is_here = piece.place_id == self._row.place_id
        is_settled = piece.decision is not None and piece.decision not in OPEN_TO_CHANGE
        may = self._actor.may(Permission.ITEM_EDIT, piece.owner_unit_id) and not is_settled
        is_movable = piece.kind in MOVABLE and piece.state in PRESENT - {ItemState.LOST}
        can_move = may and is_movable and not is_here
        is_missing = (
            piece.kind is None and is_here and self._row.state is StocktakeState.FINISHED and may
        )
        code = self._codes.get(piece.id)
        return Piece(
            id=piece.id,
            name=piece.name,
            code=codes.grouped(code) if code else "",
            place="" if is_here else self._labels[piece.place_id],
            note=_note(piece),
            decision=gettext(names_stocktake.DECISIONS[piece.decision]) if piece.decision else "",
            can_move=can_move,
            can_leave=can_move and piece.decision is None,
            can_miss=is_missing and allows(MACHINE, piece.state, ItemVerb.MISS),
            can_keep=is_missing and piece.decision is None,
        )


_USUAL = frozenset({ItemState.IN_USE, ItemState.AVAILABLE})


def _note(piece: Any) -> str:
    if piece.kind is Sighting.WAS_LOST and piece.state is not ItemState.LOST:
        return gettext("Var savnet, er funnet igjen")
    return "" if piece.state in _USUAL else gettext(names.STATES[piece.state])


def _labels(session: Session, actor: Actor, ids: set[UUID]) -> dict[UUID, str]:
    rows = session.execute(queries_stocktake.place_labels(actor, list(ids)))
    return {row.id: row.label for row in rows}
