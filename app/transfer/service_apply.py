"""A preview is applied in one transaction; ``service_undo`` takes it back in one.

Everything is made ready before the lock: under it stand only the proofs that nothing has changed
since the preview, and the writes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Organisation
from app.accounts.rules import Permission
from app.items import service as items
from app.items.commands import MOST_PIECES, Edit, Identify, Register
from app.items.models import Item
from app.items.queries import measurements_of
from app.items.rules import PRESENT
from app.items.service import Registration
from app.kit.bulk import without_collecting
from app.kit.db import clock_of
from app.kit.errors import Conflict, NotFound
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.prepared import send_waiting
from app.kit.states import advance
from app.places import service as places_service
from app.transfer import events, queries
from app.transfer.models import ImportRow, ImportRun
from app.transfer.queries import parted
from app.transfer.rules import Outcome
from app.transfer.service import How, path_in
from app.transfer.states import ImportState, ImportVerb
from app.transfer.whereabouts import Missing, Places


class ImportHasBadRows(Conflict):
    title = N_("Importen har rader med feil. Rett dem, eller velg å hoppe over dem.")


class ImportStale(Conflict):
    """Pieces or imports changed after the preview, so that it no longer says what would happen."""

    title = N_("Møblene er endret etter forhåndsvisningen. Les inn filen på nytt.")


PREVIEW_ANEW = N_("En annen import er gjennomført eller angret siden. Forhåndsvis på nytt.")


class ImportFinished(Conflict):
    title = N_("Importen er alt gjennomført eller angret.")


class OfRun(BaseModel):
    """What a repeated request is recognised by."""

    run_id: UUID
    verb: str
    skip_bad: bool = False


@dataclass(slots=True)
class Updating:
    """An updated row: the edits of its pieces, and how they are taken back."""

    row_id: UUID
    edits: list[Edit]
    identify: list[Identify]
    before: dict[UUID, dict[str, Any]]


@dataclass(slots=True)
class Ready:
    """What applying does, made ready in a snapshot."""

    run_id: UUID
    mark: int
    bad_rows: int
    keys: set[str] = field(default_factory=set)
    new: Registration | None = None
    updates: list[Updating] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    at_missing: list[tuple[int, int]] = field(default_factory=list)
    """The index of a new piece, and that of the missing place it stands in."""
    edits_at: dict[UUID, int] = field(default_factory=dict)


def prepare(session: Session, actor: Actor, run_id: UUID) -> Ready:
    """Reads the staged rows as commands; writes nothing, holds no lock."""
    actor.must(Permission.IMPORT)
    run = queries.run(session, actor, run_id)
    if run.state is not ImportState.PREVIEWED:
        # Refused under the lock; a repeated request meets its kept answer before that.
        return Ready(run_id, 0, 0)
    how = How.model_validate(run.mapping)
    assert how.unit_id is not None
    assert how.place_id is not None
    known = queries.known_places(session, actor)
    if how.place_id not in {each.id for each in known}:
        raise ImportStale
    places = Places(known, how.place_id)
    ready = Ready(run_id, run.report["mark"], run.report["bad_rows"], missing=places.missing)
    rows = session.execute(
        select(ImportRow.id, ImportRow.outcome, ImportRow.key, ImportRow.item_id, ImportRow.fields)
        .where(ImportRow.org_id == actor.org_id, ImportRow.import_run_id == run_id)
        .order_by(ImportRow.row_number)
    )
    updated = []
    registers: list[Register] = []
    missing_at: dict[UUID, int] = {}
    with without_collecting():
        for row_id, outcome, key, item_id, fields in rows:
            ready.keys.add(key)
            if outcome == Outcome.CREATED:
                place = places.find(path_in(fields["values"]))
                for command in _registers(how, place, item_id, fields):
                    registers.append(command)
                    if isinstance(place, int) and command.id is not None:
                        missing_at[command.id] = place
            else:
                updated.append((row_id, item_id, fields))
        ready.new = items.make_ready(session, actor, registers, import_run_id=run_id)
    new = ready.new.items
    lots = {row["lot_id"]: missing_at[row["id"]] for row in new if row["id"] in missing_at}
    ready.at_missing = [
        (at, lots[row["lot_id"]]) for at, row in enumerate(new) if row["lot_id"] in lots
    ]
    for some in parted(updated):
        _edit(session, actor, ready, places, some)
    return ready


def _registers(
    how: How, place: UUID | int, item_id: UUID, fields: dict[str, Any]
) -> Iterator[Register]:
    """The row's commands; one whose place is missing stands in the usual one so far."""
    values = dict(fields["values"])
    values.pop("path", None)
    values["owner_unit_id"] = values.pop("unit", None) or how.unit_id
    values["place_id"] = how.place_id if isinstance(place, int) else place
    if identifiers := values.pop("identifiers", None):
        values["identifiers"] = [{"kind": kind, "value": value} for kind, value in identifiers]
    quantity = values.pop("quantity", 1)
    for first in (item_id, *fields.get("further", ())):
        some = min(quantity, MOST_PIECES)
        yield Register.model_validate({**values, "id": first, "quantity": some})
        values.pop("identifiers", None)
        quantity -= some


def _edit(
    session: Session,
    actor: Actor,
    ready: Ready,
    places: Places,
    rows: Sequence[tuple[UUID, UUID, dict[str, Any]]],
) -> None:
    """The edits of some updated rows; pieces that have changed since the preview are not found."""
    versions = {
        UUID(item): version for _, _, fields in rows for item, version in fields["versions"].items()
    }
    found = {
        item.id: item
        for some in parted(list(versions))
        for item in session.scalars(
            select(Item).where(
                Item.org_id == actor.org_id, Item.id.in_(some), Item.state.in_(PRESENT)
            )
        )
    }
    if any(each not in found or found[each].version != versions[each] for each in versions):
        raise ImportStale
    measured = measurements_of(session, actor, list(versions))
    for row_id, first, fields in rows:
        changes = dict(fields["changes"])
        identifiers = changes.pop("identifiers", [])
        if unit := changes.pop("unit", None):
            changes["owner_unit_id"] = UUID(unit)
        if "path" in changes:
            place = places.find(path_in(changes))
            del changes["path"]
            if isinstance(place, int):
                ready.edits_at[row_id] = place
                place = places.usual
            changes["place_id"] = place
        row = Updating(row_id, [], [], {})
        for item_id in [UUID(each) for each in fields["versions"]] if changes else []:
            own = dict(changes)
            if "measurements" in changes:
                own["measurements"] = measured.get(item_id, {}) | changes["measurements"]
            item, before = found[item_id], {}
            for name in own:
                is_column = name != "measurements"
                before[name] = getattr(item, name) if is_column else measured.get(item_id, {})
            row.before[item_id] = before
            row.edits.append(
                Edit.model_validate({**own, "item_id": item_id, "version": item.version})
            )
        row.identify = [
            Identify.model_validate({"item_id": first, "kind": kind, "value": value})
            for kind, value in identifiers
        ]
        ready.updates.append(row)


def apply(session: Session, actor: Actor, ready: Ready, *, skip_bad: bool = False) -> ImportRun:
    """Registers and edits everything, or nothing.

    Raises ``ImportHasBadRows``, ``ImportFinished``, and ``ImportStale`` when the preview no longer
    says what would happen.
    """
    actor.must(Permission.IMPORT)
    run = locked(session, actor, ready.run_id)
    if run.state is not ImportState.PREVIEWED:
        raise ImportFinished(state=run.state.value)
    if ready.bad_rows and not skip_bad:
        raise ImportHasBadRows(bad_rows=ready.bad_rows)
    # Unchanged rows are not staged, so that any other import may have been about them.
    if queries.mark(session, actor) != ready.mark and (
        run.report["unchanged"] or ready.keys & queries.keys_since(session, actor, run.created_at)
    ):
        raise ImportStale(PREVIEW_ANEW)
    _add_places(session, actor, ready)
    created = _enter(session, actor, ready)
    try:
        _update(session, actor, ready)
    except (items.ItemStale, items.ItemNotThere, NotFound) as problem:
        raise ImportStale from problem
    updated = len(ready.updates)
    now = clock_of(session).now()
    advance(session, [run], ImportVerb.APPLY, refused=ImportFinished, values={"applied_at": now})
    event = events.ImportApplied.of(run, actor.person_id, created=created, updated=updated)
    publish(session, [event])
    return run


def _enter(session: Session, actor: Actor, ready: Ready) -> int:
    """The new pieces; what they point to may be gone since the snapshot, which the keys tell."""
    if ready.new is None:
        return 0
    try:
        with without_collecting():
            # Not the snapshot's: who looks for what is new since a moment must not miss a piece.
            ready.new.happen_at(clock_of(session).now())
            items.enter(session, actor, ready.new)
        send_waiting(session)
    except IntegrityError as problem:
        raise ImportStale from problem
    return len(ready.new.items)


def locked(session: Session, actor: Actor, run_id: UUID) -> ImportRun:
    """The run, alone: two imports of one organisation are applied one after the other."""
    session.execute(
        select(Organisation.id)
        .where(Organisation.id == actor.org_id)
        .with_for_update(key_share=True)
    )
    run = session.scalar(
        queries.runs_visible_to(actor).where(ImportRun.id == run_id).with_for_update(of=ImportRun)
    )
    if run is None:
        raise NotFound(N_("Fant ikke importen."))
    return run


def _add_places(session: Session, actor: Actor, ready: Ready) -> None:
    made: list[UUID] = []
    for missing in ready.missing:
        parent = missing.parent_id
        if missing.parent_index is not None:
            parent = made[missing.parent_index]
        command = places_service.AddPlace(kind=missing.kind, name=missing.name, parent_id=parent)
        try:
            (place,) = places_service.add_places(session, actor, [command])
        except places_service.PlaceNameTaken as problem:
            raise ImportStale from problem
        made.append(place.id)
    for at, missing_at in ready.at_missing:
        assert ready.new is not None
        ready.new.put_in(at, made[missing_at])
    for row in ready.updates:
        if row.row_id in ready.edits_at:
            place_id = {"place_id": made[ready.edits_at[row.row_id]]}
            row.edits = [each.model_copy(update=place_id) for each in row.edits]


def _update(session: Session, actor: Actor, ready: Ready) -> None:
    """The edits, in parts; each row then keeps what its pieces were before."""
    edits = [each for row in ready.updates for each in row.edits]
    after: dict[UUID, int] = {}
    for some in parted(edits):
        edited = items.edit(session, actor, some)
        session.flush()  # the version a later undo looks for is given by the flush
        after |= {item.id: item.version for item in edited}
    if identify := [each for row in ready.updates for each in row.identify]:
        items.identify(session, actor, identify)
    for row in ready.updates:
        if row.before:
            _remember(session, actor, row, after)


def _remember(session: Session, actor: Actor, row: Updating, after: dict[UUID, int]) -> None:
    kept = session.scalars(
        select(ImportRow).where(ImportRow.org_id == actor.org_id, ImportRow.id == row.row_id)
    ).one()
    undo = [
        Edit.model_validate({**before, "item_id": item_id, "version": after[item_id]}).model_dump(
            mode="json", exclude_unset=True
        )
        for item_id, before in row.before.items()
    ]
    kept.fields = {**kept.fields, "undo": undo}
