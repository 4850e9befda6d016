"""Stocktakes as JSON."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.fieldwork import queries_stocktake, service_count
from app.fieldwork import service_stocktake as service
from app.fieldwork.models import Stocktake
from app.fieldwork.rules_stocktake import Decision, Sighting, StocktakeState
from app.fieldwork.service_count import Count, Counted, CountUnlabelled, Decide, OneScan
from app.fieldwork.service_move import ScannedText
from app.fieldwork.service_stocktake import Begin, OfStocktake
from app.items.commands import MOST_PIECES
from app.kit.answers import answered
from app.kit.db import Database
from app.kit.errors import Invalid, NotFound
from app.kit.i18n import N_
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.text import Line
from app.kit.web import Answer, Db, IdempotencyKey, link_next
from app.places.queries import place_by_code

router = APIRouter(prefix="/stocktakes", tags=["field work"])


class StocktakeOut(BaseModel):
    """A count of one place. ``lost`` of the ``missing`` have been called lost."""

    id: UUID
    state: StocktakeState
    place_id: UUID
    person_id: UUID | None
    started_at: datetime
    finished_at: datetime | None
    expected: int
    found: int
    missing: int
    unexpected: int
    unlabelled: int
    lost: int

    @classmethod
    def all(cls, session: Session, actor: Actor, rows: list[Stocktake]) -> list["StocktakeOut"]:
        session.flush()  # the counts are read from the database
        counts = queries_stocktake.counts_of(session, actor, [row.id for row in rows])
        return [
            cls(
                id=row.id,
                state=row.state,
                place_id=row.place_id,
                person_id=row.person_id,
                started_at=row.started_at,
                finished_at=row.finished_at,
                expected=counts[row.id].expected,
                found=counts[row.id].found,
                missing=counts[row.id].missing,
                unexpected=counts[row.id].unexpected,
                unlabelled=counts[row.id].unlabelled,
                lost=counts[row.id].lost,
            )
            for row in rows
        ]


class ExpectedOut(BaseModel):
    """A piece that stood there by the register; ``was_met`` when it was scanned."""

    item_id: UUID
    was_met: bool
    decision: Decision | None


class MetOut(BaseModel):
    """A piece that was scanned there, and what that meant."""

    item_id: UUID
    sighting: Sighting
    seen_at: datetime
    decision: Decision | None


class StrayOut(BaseModel):
    """A thing without a label, or a code nobody could place."""

    model_config = ConfigDict(from_attributes=True)

    text: str | None
    kind: Sighting | None
    count: int
    note: str | None


class StocktakeReport(StocktakeOut):
    """With every piece and stray."""

    pieces_expected: list[ExpectedOut]
    pieces_met: list[MetOut]
    strays: list[StrayOut]


class CountedOut(BaseModel):
    """What became of one scan; ``mistyped`` and ``place`` are not kept.

    Of a piece its name, and the ``place`` it is registered in where that is another one.
    """

    text: str
    sighting: Sighting
    item_id: UUID | None
    name: str | None
    place: str | None

    @classmethod
    def all(cls, session: Session, actor: Actor, answers: list[Counted]) -> list["CountedOut"]:
        pieces = queries_stocktake.piece_names(actor, [each.item_id for each in answers])
        places = queries_stocktake.place_labels(actor, [each.elsewhere_id for each in answers])
        names = {row.id: row.name for row in session.execute(pieces)}
        labels = {row.id: row.label for row in session.execute(places)}
        return [
            cls(
                text=each.text,
                sighting=each.sighting,
                item_id=each.item_id,
                name=names[each.item_id] if each.item_id else None,
                place=labels[each.elsewhere_id] if each.elsewhere_id else None,
            )
            for each in answers
        ]


class BeginBody(BaseModel):
    """The place, or the code at its door as it was scanned where nothing could be looked up."""

    model_config = ConfigDict(extra="forbid")

    place_id: UUID | None = None
    code: ScannedText | None = None
    id: UUID | None = None

    def command(self, session: Session, actor: Actor) -> Begin:
        """Raises ``Invalid`` for neither, ``PlaceCodeUnknown`` for a code of no place here."""
        if self.code:
            return Begin(place_id=place_by_code(session, actor, self.code).id, id=self.id)
        if self.place_id is None:
            raise Invalid(by_field={"place_id": N_("Skann rommet, eller velg det i listen.")})
        return Begin(place_id=self.place_id, id=self.id)


class ScansBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    scans: list[OneScan] = Field(min_length=1, max_length=MOST_PIECES)


class UnlabelledBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    count: Annotated[int, Field(ge=1, le=1000)] = 1
    note: Line | None = None
    at: AwareDatetime | None = None


class DecideBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    item_ids: list[UUID] = Field(min_length=1, max_length=5_000)
    decision: Decision
    at: AwareDatetime | None = None


class DecidedOut(BaseModel):
    """How many pieces were settled; the others had changed or been settled before.

    ``relocation_id`` is the move of those moved here, which ``/relocations/{id}/undo`` takes back.
    """

    settled: int
    relocation_id: UUID | None


@router.get("", response_model=list[StocktakeOut], name="stocktakes:list")
def list_stocktakes(
    request: Request,
    actor: SignedIn,
    db: Db,
    place_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT,
) -> Answer:
    """The newest first; of one place, or of all."""
    actor.must(Permission.ITEM_READ)
    query = queries_stocktake.stocktakes_visible_to(actor)
    if place_id is not None:
        query = query.where(Stocktake.place_id == place_id)
    with db.read() as session:
        found = keyset(
            session,
            query,
            [(Stocktake.started_at.expression, True), (Stocktake.id.expression, True)],
            cursor=cursor,
            limit=limit,
            rows=lambda result: list(result.scalars()),
            position=lambda row: (row.started_at, row.id),
        )
        out = StocktakeOut.all(session, actor, found.rows)
    body = [each.model_dump(mode="json") for each in out]
    return JSONResponse(body, headers=link_next(request, found.next))


@router.post("", response_model=StocktakeOut, status_code=201)
def begin(body: BeginBody, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """A new one, or the one that is open in the place: its id is what scans are sent to.

    An ``id`` made by a phone without coverage goes on working for its scans.
    """

    def call(session: Session) -> StocktakeOut:
        command = body.command(session, actor)
        return StocktakeOut.all(session, actor, [service.begin(session, actor, command)])[0]

    actor.must(Permission.ITEM_EDIT)
    return answered(db, actor, key, [body], call, 201)


@router.get("/{stocktake_id}", response_model=StocktakeReport, name="stocktakes:get")
def show(stocktake_id: UUID, actor: SignedIn, db: Db) -> Answer:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        mine = queries_stocktake.stocktakes_visible_to(actor)
        row = session.scalar(mine.where(Stocktake.id == stocktake_id))
        if row is None:
            raise NotFound(N_("Fant ikke tellingen."))
        out = _report(session, actor, row)
    return JSONResponse(out.model_dump(mode="json"))


def _report(session: Session, actor: Actor, row: Stocktake) -> StocktakeReport:
    expected = session.execute(queries_stocktake.expected_rows(actor, row.id))
    met = session.execute(queries_stocktake.scanned_rows(actor, row.id))
    strays = session.scalars(queries_stocktake.strays_of(actor, row.id))
    return StocktakeReport(
        **StocktakeOut.all(session, actor, [row])[0].model_dump(),
        pieces_expected=[
            ExpectedOut(item_id=each.id, was_met=each.kind is not None, decision=each.decision)
            for each in expected
        ],
        pieces_met=[
            MetOut(
                item_id=each.id,
                sighting=each.kind,
                seen_at=each.seen_at,
                decision=each.decision,
            )
            for each in met
        ],
        strays=[StrayOut.model_validate(each) for each in strays],
    )


@router.post("/{stocktake_id}/scans", response_model=list[CountedOut])
def count(
    stocktake_id: UUID, body: ScansBody, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """Each piece counts once, however many phones meet it."""
    command = Count(stocktake_id=stocktake_id, scans=body.scans)

    def call(session: Session) -> list[CountedOut]:
        answers = service_count.count(session, actor, command)
        return CountedOut.all(session, actor, answers)

    return answered(db, actor, key, [command], call)


@router.post("/{stocktake_id}/unlabelled", response_model=StrayOut, status_code=201)
def count_unlabelled(
    stocktake_id: UUID, body: UnlabelledBody, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """``at`` is when, for what waited for coverage: an ended count takes it as it takes scans."""
    command = CountUnlabelled(stocktake_id=stocktake_id, **body.model_dump())

    def call(session: Session) -> StrayOut:
        return StrayOut.model_validate(service_count.count_unlabelled(session, actor, command))

    return answered(db, actor, key, [command], call, 201)


@router.post("/{stocktake_id}/decide", response_model=DecidedOut)
def decide(
    stocktake_id: UUID, body: DecideBody, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """``moved_here`` and ``left`` for pieces met, ``lost`` and ``kept`` for those that were not.

    ``at`` is when it was decided, for what waited for coverage: a piece that was put or seen
    elsewhere after it stays as it is, and is not among the ``settled``.
    """
    command = Decide(stocktake_id=stocktake_id, **body.model_dump())

    def call(session: Session) -> DecidedOut:
        done = service_count.decide(session, actor, command)
        return DecidedOut(settled=done.settled, relocation_id=done.relocation_id)

    return answered(db, actor, key, [command], call)


def _step(
    db: Database,
    actor: Actor,
    key: str | None,
    stocktake_id: UUID,
    verb: Callable[[Session, Actor, OfStocktake], Stocktake],
) -> Answer:
    command = OfStocktake(stocktake_id=stocktake_id)

    def call(session: Session) -> StocktakeOut:
        return StocktakeOut.all(session, actor, [verb(session, actor, command)])[0]

    return answered(db, actor, key, [command], call)


@router.post("/{stocktake_id}/finish", response_model=StocktakeOut)
def finish(stocktake_id: UUID, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """Stays ``open`` where it is named by an own id that went into somebody else's count."""
    return _step(db, actor, key, stocktake_id, service.finish)


@router.post("/{stocktake_id}/reopen", response_model=StocktakeOut)
def reopen(stocktake_id: UUID, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    return _step(db, actor, key, stocktake_id, service.reopen)


@router.post("/{stocktake_id}/cancel", response_model=StocktakeOut)
def cancel(stocktake_id: UUID, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    return _step(db, actor, key, stocktake_id, service.cancel)
