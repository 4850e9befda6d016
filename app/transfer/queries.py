"""Imports and mappings an actor sees, and what earlier imports and the organisation have."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.queries import units_visible_to
from app.catalogue.models import AmountUnit, Category
from app.items.models import Item
from app.items.queries import WRONG
from app.items.rules import PRESENT
from app.kit.db import clock_of
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.paging import Page, keyset
from app.places.models import Place, PlaceKind
from app.places.queries import places_visible_to
from app.transfer.mapping import Mapping as SheetMapping
from app.transfer.mapping import built_in
from app.transfer.models import ImportRow, ImportRun, SavedMapping
from app.transfer.rules import Outcome
from app.transfer.states import ImportState
from app.transfer.whereabouts import KnownPlace, KnownUnit

AT_ONCE = 500
Part = TypeVar("Part")


def parted(every: Sequence[Part]) -> Iterator[Sequence[Part]]:
    """In parts small enough for one statement on either database."""
    return (every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE))


def runs_visible_to(actor: Actor) -> Select[ImportRun]:
    """The organisation's imports; one whose rows are still being staged is none yet."""
    return select(ImportRun).where(
        ImportRun.org_id == actor.org_id, ImportRun.state != ImportState.STAGING
    )


def mappings_visible_to(actor: Actor) -> Select[SavedMapping]:
    return select(SavedMapping).where(SavedMapping.org_id == actor.org_id)


def run(session: Session, actor: Actor, run_id: UUID) -> ImportRun:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(runs_visible_to(actor).where(ImportRun.id == run_id))
    if found is None:
        raise NotFound(N_("Fant ikke importen."))
    return found


def staged_run(session: Session, actor: Actor, run_id: UUID) -> ImportRun:
    """As ``run``, also one whose rows are still being staged."""
    found = session.scalar(
        select(ImportRun).where(ImportRun.org_id == actor.org_id, ImportRun.id == run_id)
    )
    if found is None:
        raise NotFound(N_("Fant ikke importen."))
    return found


def newest_runs(
    session: Session, actor: Actor, cursor: str | None, limit: int = 20
) -> Page[ImportRun]:
    return keyset(
        session,
        runs_visible_to(actor),
        [(ImportRun.created_at.expression, True), (ImportRun.id.expression, True)],
        cursor=cursor,
        limit=limit,
        rows=lambda result: result.scalars().all(),
        position=lambda run: (run.created_at, run.id),
    )


def saved_mapping(session: Session, actor: Actor, mapping_id: UUID) -> SavedMapping:
    found = session.scalar(mappings_visible_to(actor).where(SavedMapping.id == mapping_id))
    if found is None:
        raise NotFound(N_("Fant ikke oppsettet."))
    return found


def mapping_named(session: Session, actor: Actor, name: str) -> SheetMapping:
    """The organisation's own mapping of that name, else the built-in one. Raises ``NotFound``."""
    found = session.scalar(mappings_visible_to(actor).where(SavedMapping.name == name))
    if found is not None:
        return SheetMapping.model_validate(found.content)
    known = built_in(name)
    if known is None:
        raise NotFound(
            N_("Det finnes ikke noe oppsett som heter «%(name)s»."), values={"name": name}
        )
    return known


class Earlier(NamedTuple):
    """What an earlier import made of a key."""

    fingerprint: str
    row_id: UUID
    item_id: UUID


@dataclass(frozen=True, slots=True)
class Known:
    """Everything a preview needs of the database, read in one snapshot.

    ``mark`` counts imports that were applied or undone: when it has not moved, no other import has
    come between.
    """

    earlier: Mapping[str, Earlier]
    categories: Mapping[str, AmountUnit]
    category_names: Mapping[str, str]
    places: Sequence[KnownPlace]
    units: Sequence[KnownUnit]
    root_unit_id: UUID | None
    first_place_id: UUID | None
    mark: int
    today: date


def known(session: Session, actor: Actor) -> Known:
    categories = session.execute(
        select(
            Category.id, Category.amount_unit, Category.name_nb, Category.name_sv, Category.name_en
        )
    ).all()
    names = {name: row.id for row in categories for name in (row.name_en, row.name_sv, row.name_nb)}
    places = known_places(session, actor)
    # A building before whatever else there is.
    usual = sorted(places, key=lambda each: each.kind is not PlaceKind.BUILDING)
    units = session.execute(
        units_visible_to(actor)
        .with_only_columns(Unit.id, Unit.name, Unit.cost_centre, Unit.parent_id)
        .order_by(Unit.name, Unit.id)
    ).all()
    roots = [row.id for row in units if row.parent_id is None]
    return Known(
        today=clock_of(session).today(),
        earlier=_earlier(session, actor),
        categories={row.id: row.amount_unit for row in categories},
        category_names=names,
        places=places,
        units=[KnownUnit(row.id, row.name, row.cost_centre) for row in units],
        root_unit_id=roots[0] if roots else None,
        first_place_id=usual[0].id if usual else None,
        mark=mark(session, actor),
    )


def known_places(session: Session, actor: Actor) -> list[KnownPlace]:
    return [
        KnownPlace(*row)
        for row in session.execute(
            places_visible_to(actor)
            .with_only_columns(Place.id, Place.parent_id, Place.kind, Place.name, Place.label)
            .order_by(Place.label, Place.id)
        )
    ]


def _earlier(session: Session, actor: Actor) -> dict[str, Earlier]:
    """By key, the newest applied row whose piece has not been taken out as a mistake."""
    rows = session.execute(
        select(ImportRow.key, ImportRow.fingerprint, ImportRow.id, ImportRow.item_id)
        .join(
            ImportRun,
            (ImportRun.org_id == ImportRow.org_id) & (ImportRun.id == ImportRow.import_run_id),
        )
        .join(Item, (Item.org_id == ImportRow.org_id) & (Item.id == ImportRow.item_id))
        .where(ImportRow.org_id == actor.org_id, ImportRun.state == ImportState.APPLIED)
        .where(Item.state.not_in(WRONG))
        .order_by(ImportRun.applied_at, ImportRun.created_at)
    )
    return {key: Earlier(fingerprint, row, item) for key, fingerprint, row, item in rows}


def mark(session: Session, actor: Actor) -> int:
    counts = session.execute(
        select(func.count(ImportRun.applied_at), func.count(ImportRun.undone_at)).where(
            ImportRun.org_id == actor.org_id
        )
    ).one()
    return int(counts[0]) + int(counts[1])


class Piece(NamedTuple):
    """A piece an updated row speaks of, as it was when the row was previewed."""

    id: UUID
    lot_id: UUID
    version: int


def rows_by_id(
    session: Session, actor: Actor, row_ids: Sequence[UUID]
) -> dict[UUID, dict[str, object]]:
    """The staged values of earlier rows."""
    found: dict[UUID, dict[str, object]] = {}
    for some in parted(row_ids):
        rows = session.execute(
            select(ImportRow.id, ImportRow.fields).where(
                ImportRow.org_id == actor.org_id, ImportRow.id.in_(some)
            )
        )
        found |= {row.id: row.fields for row in rows}
    return found


def pieces_of(session: Session, actor: Actor, first_ids: Iterable[UUID]) -> dict[UUID, list[Piece]]:
    """By a row's first piece, all present pieces of its lot."""
    lot_of: dict[UUID, UUID] = {}
    by_lot: dict[UUID, list[Piece]] = {}
    own = select(Item.id, Item.lot_id, Item.version).where(Item.org_id == actor.org_id)
    for some in parted(list(first_ids)):
        lot_of |= {row.id: row.lot_id for row in session.execute(own.where(Item.id.in_(some)))}
    for some in parted(sorted(set(lot_of.values()))):
        for row in session.execute(
            own.where(Item.lot_id.in_(some), Item.state.in_(PRESENT)).order_by(Item.id)
        ):
            by_lot.setdefault(row.lot_id, []).append(Piece(row.id, row.lot_id, row.version))
    return {first: by_lot.get(lot, []) for first, lot in lot_of.items()}


def keys_since(session: Session, actor: Actor, moment: datetime) -> set[str]:
    """Keys of the imports that were applied or undone since then."""
    changed = (ImportRun.applied_at >= moment) | (ImportRun.undone_at >= moment)
    return set(
        session.scalars(
            select(ImportRow.key)
            .join(
                ImportRun,
                (ImportRun.org_id == ImportRow.org_id) & (ImportRun.id == ImportRow.import_run_id),
            )
            .where(ImportRow.org_id == actor.org_id, changed)
        )
    )


def items_of(session: Session, actor: Actor, run_id: UUID) -> list[tuple[UUID, int]]:
    """The pieces an import made, with their versions; mistakes taken out since are left out."""
    rows = session.execute(
        select(Item.id, Item.version)
        .where(Item.org_id == actor.org_id, Item.import_run_id == run_id)
        .where(Item.state.not_in(WRONG))
        .order_by(Item.id)
    )
    return [(row.id, row.version) for row in rows]


def updates_of(session: Session, actor: Actor, run_id: UUID) -> Sequence[dict[str, Any]]:
    return session.scalars(
        select(ImportRow.fields).where(
            ImportRow.org_id == actor.org_id,
            ImportRow.import_run_id == run_id,
            ImportRow.outcome == Outcome.UPDATED.value,
        )
    ).all()
