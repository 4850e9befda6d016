"""The programme: what a project needs, and which pieces have met the need."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.catalogue.models import Category
from app.impact.rules import FIVE_SOURCES, FulfilmentSource
from app.items.rules import Condition, Suitable
from app.kit.bulk import new_ids
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound, Stale
from app.kit.events import change, publish, revise
from app.kit.i18n import N_
from app.kit.states import advance
from app.kit.text import printable
from app.projects.events import (
    LineFulfilled,
    LineUnfulfilled,
    ProgrammeLineAdded,
    ProgrammeLineCancelled,
    ProgrammeLineEdited,
    ProgrammeLineReopened,
)
from app.projects.models import Fulfilment, ProgrammeLine, Project
from app.projects.queries import (
    fulfilments_visible_to,
    lines_visible_to,
    projects_visible_to,
    standing_count,
)
from app.projects.rules import LineState, LineVerb, ProjectState
from app.projects.service_projects import (
    FILL_IN,
    Command,
    ProjectClosed,
    own_projects,
    require_places,
)

CATEGORY_UNKNOWN = N_("Velg en kategori.")
DATE_PASSED = N_("Datoen er passert. Velg i dag eller senere.")
FROM_ABOVE_TO = N_("«Fra» kan ikke være større enn «til».")

Mm = Annotated[int | None, Field(ge=1, le=20_000)]
Requirement = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=400), AfterValidator(printable)
]
CategoryCode = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(printable)]


class LineCancelled(Conflict):
    title = N_("Linjen i behovsprogrammet er avlyst.")


class LineNotOpen(Conflict):
    title = N_("Linjen kan ikke avlyses slik den står nå.")


class LineNotCancelled(Conflict):
    title = N_("Linjen er ikke avlyst.")


class PieceMeetsLineAlready(Conflict):
    title = N_("Møbelet dekker alt denne linjen.")


class Measured(Command):
    """What is asked of a piece's size, in mm."""

    width_min_mm: Mm = None
    width_max_mm: Mm = None
    depth_min_mm: Mm = None
    depth_max_mm: Mm = None
    height_min_mm: Mm = None
    height_max_mm: Mm = None

    @field_validator("width_max_mm", "depth_max_mm", "height_max_mm")
    @classmethod
    def _from_is_not_above_to(cls, most: int | None, known: ValidationInfo) -> int | None:
        least = known.data.get(str(known.field_name).replace("max", "min"))
        if least is not None and most is not None and least > most:
            raise ValueError(FROM_ABOVE_TO)
        return most


class AddLine(Measured):
    """``quantity`` pieces of a category that the project needs."""

    project_id: UUID
    category_id: CategoryCode
    quantity: int = Field(ge=1, le=100_000)
    requirement: Requirement | None = None
    condition: Condition | None = None
    suitability: Suitable | None = None
    place_id: UUID | None = None
    wanted_date: date | None = None


class EditLine(Measured):
    """Fields that are absent stay as they are; ``version`` is the one the editor saw."""

    programme_line_id: UUID
    version: int
    category_id: CategoryCode | None = None
    quantity: int | None = Field(default=None, ge=1, le=100_000)
    requirement: Requirement | None = None
    condition: Condition | None = None
    suitability: Suitable | None = None
    place_id: UUID | None = None
    wanted_date: date | None = None


class CancelLine(Command):
    programme_line_id: UUID


class ReopenLine(Command):
    programme_line_id: UUID


class Fulfil(Command):
    """A piece meets a line, from one of the five sources."""

    programme_line_id: UUID
    item_id: UUID
    source: FulfilmentSource
    fulfilled_on: date


class Unfulfil(Command):
    programme_line_id: UUID
    item_id: UUID


def add_lines(session: Session, actor: Actor, commands: Sequence[AddLine]) -> list[ProgrammeLine]:
    """Adds lines to the programme. Raises ``Invalid``, ``ProjectClosed``."""
    actor.must(Permission.PROJECT_EDIT)
    own_projects(session, actor, [each.project_id for each in commands])
    require_categories(session, [each.category_id for each in commands])
    require_places(session, actor, [each.place_id for each in commands])
    today = clock_of(session).today()
    if any(each.wanted_date is not None and each.wanted_date < today for each in commands):
        raise Invalid(by_field={"wanted_date": DATE_PASSED})
    now = clock_of(session).now()
    lines = [
        ProgrammeLine(
            **command.model_dump(),
            id=line_id,
            org_id=actor.org_id,
            state=LineState.OPEN,
            created_at=now,
        )
        # Rising ids: lines of one moment stay in the order they were added.
        for command, line_id in zip(commands, new_ids(len(commands)), strict=True)
    ]
    session.add_all(lines)
    publish(
        session,
        [
            ProgrammeLineAdded.of(
                each,
                actor.person_id,
                project_id=each.project_id,
                category_id=each.category_id,
                quantity=each.quantity,
            )
            for each in lines
        ],
    )
    return lines


ASKED = {"category_id", "condition", "suitability", "quantity", "wanted_date"} | {
    f"{side}_{end}_mm" for side in ("width", "depth", "height") for end in ("min", "max")
}
"""What a piece that is set aside for a line must meet."""


def edit_line(session: Session, actor: Actor, commands: Sequence[EditLine]) -> list[ProgrammeLine]:
    """Changes lines. A changed quantity opens the line again or meets it, as the numbers say."""
    actor.must(Permission.PROJECT_EDIT)
    lines = _own_lines(session, actor, [each.programme_line_id for each in commands])
    revisions = []
    for command in commands:
        line = lines[command.programme_line_id]
        if line.version != command.version:
            raise Stale(version=line.version)
        values = _given(command, line)
        if "category_id" in values:
            require_categories(session, [values["category_id"]])
        require_places(session, actor, [values.get("place_id")])
        wanted = values.get("wanted_date")
        if wanted not in {None, line.wanted_date} and wanted < clock_of(session).today():
            raise Invalid(by_field={"wanted_date": DATE_PASSED})
        changes = change(line, values)
        if changes:
            event = ProgrammeLineEdited.of(
                line,
                actor.person_id,
                project_id=line.project_id,
                asks_for_other=bool(ASKED & changes.keys()),
            )
            revisions.append((event, changes))
    publish(session, [event for event, _ in revisions])
    revise(session, revisions)
    _settle(session, actor, lines.values())
    return [lines[each.programme_line_id] for each in commands]


def cancel_line(
    session: Session, actor: Actor, commands: Sequence[CancelLine]
) -> list[ProgrammeLine]:
    """Gives up what is still open of the lines; the pieces that met them stay in the report."""
    actor.must(Permission.PROJECT_EDIT)
    lines = list(_own_lines(session, actor, [each.programme_line_id for each in commands]).values())
    advance(session, lines, LineVerb.CANCEL, refused=LineNotOpen)
    publish(
        session,
        [
            ProgrammeLineCancelled.of(each, actor.person_id, project_id=each.project_id)
            for each in lines
        ],
    )
    return lines


def reopen_line(
    session: Session, actor: Actor, commands: Sequence[ReopenLine]
) -> list[ProgrammeLine]:
    """Takes cancelled lines up again."""
    actor.must(Permission.PROJECT_EDIT)
    lines = list(_own_lines(session, actor, [each.programme_line_id for each in commands]).values())
    if any(each.state is not LineState.CANCELLED for each in lines):
        raise LineNotCancelled
    advance(session, lines, LineVerb.REOPEN, refused=LineNotCancelled)
    publish(
        session,
        [
            ProgrammeLineReopened.of(each, actor.person_id, project_id=each.project_id)
            for each in lines
        ],
    )
    _settle(session, actor, lines)
    return lines


def fulfil(session: Session, actor: Actor, commands: Sequence[Fulfil]) -> list[Fulfilment]:
    """Notes that pieces meet lines; part of a receipt, whose verb checked who may receive.

    Raises ``LineCancelled``, ``ProjectClosed``, ``PieceMeetsLineAlready``.
    """
    actor.must(Permission.PROJECT_READ)
    if any(each.source not in FIVE_SOURCES for each in commands):
        raise Invalid(by_field={"source": N_("Velg en av de fem kildene.")})
    lines = open_lines(session, actor, [each.programme_line_id for each in commands])
    now = clock_of(session).now()
    made = [
        Fulfilment(
            **command.model_dump(), org_id=actor.org_id, undone_at=None, created_at=now, id=new_id()
        )
        for command in commands
    ]
    try:
        with session.begin_nested():
            session.add_all(made)
            session.flush()  # the unique index must answer inside the savepoint
    except IntegrityError as error:
        raise PieceMeetsLineAlready from error
    publish(
        session,
        [
            LineFulfilled.of(
                lines[each.programme_line_id],
                actor.person_id,
                project_id=lines[each.programme_line_id].project_id,
                item_id=each.item_id,
                source=each.source,
            )
            for each in made
        ],
    )
    _settle(session, actor, lines.values())
    return made


def unfulfil(session: Session, actor: Actor, commands: Sequence[Unfulfil]) -> list[Fulfilment]:
    """Takes fulfilments back, as part of undoing a handover; met lines open again."""
    actor.must(Permission.PROJECT_READ)
    wanted = {(each.programme_line_id, each.item_id) for each in commands}
    lines = _locked(session, actor, [line_id for line_id, _ in wanted])
    query = fulfilments_visible_to(actor).where(
        Fulfilment.programme_line_id.in_(lines),
        Fulfilment.item_id.in_({item_id for _, item_id in wanted}),
    )
    undone = [
        each
        for each in session.scalars(query.order_by(Fulfilment.id).with_for_update(of=Fulfilment))
        if (each.programme_line_id, each.item_id) in wanted
    ]
    now = clock_of(session).now()
    for each in undone:
        each.undone_at = now
    publish(
        session,
        [
            LineUnfulfilled.of(
                lines[each.programme_line_id],
                actor.person_id,
                project_id=lines[each.programme_line_id].project_id,
                item_id=each.item_id,
            )
            for each in undone
        ],
    )
    _settle(session, actor, lines.values())
    return undone


def open_lines(session: Session, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, ProgrammeLine]:
    """The lines by id, locked, which can still be met. Raises ``LineCancelled``, ``ProjectClosed``."""
    lines = _locked(session, actor, ids)
    if any(each.state is LineState.CANCELLED for each in lines.values()):
        raise LineCancelled
    closed = projects_visible_to(actor).where(
        Project.id.in_({each.project_id for each in lines.values()}),
        Project.state == ProjectState.CLOSED,
    )
    if session.scalars(closed).first() is not None:
        raise ProjectClosed
    return lines


def _locked(session: Session, actor: Actor, ids: Iterable[UUID]) -> dict[UUID, ProgrammeLine]:
    wanted = set(ids)
    query = lines_visible_to(actor).where(ProgrammeLine.id.in_(wanted)).order_by(ProgrammeLine.id)
    locked = query.with_for_update(of=ProgrammeLine).execution_options(populate_existing=True)
    found = {each.id: each for each in session.scalars(locked)}
    if len(found) < len(wanted):
        raise NotFound(N_("Fant ikke linjen i behovsprogrammet."))
    return found


def _own_lines(session: Session, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, ProgrammeLine]:
    lines = _locked(session, actor, ids)
    own_projects(session, actor, [each.project_id for each in lines.values()])
    return lines


def _settle(session: Session, actor: Actor, lines: Iterable[ProgrammeLine]) -> None:
    """Lets each line's state follow its numbers."""
    by_id = {each.id: each for each in lines if each.state is not LineState.CANCELLED}
    session.flush()  # the count below must see what was just added, undone or edited
    found = session.execute(standing_count(actor, list(by_id)))
    counts = Counter({each[0]: each[1] for each in found})
    met = [e for e in by_id.values() if e.state is LineState.OPEN and counts[e.id] >= e.quantity]
    opened = [
        e for e in by_id.values() if e.state is LineState.FULFILLED and counts[e.id] < e.quantity
    ]
    advance(session, met, LineVerb.FULFIL)
    advance(session, opened, LineVerb.REOPEN)


def _given(command: EditLine, line: ProgrammeLine) -> dict[str, Any]:
    names = command.model_fields_set - {"programme_line_id", "version"}
    values = {name: getattr(command, name) for name in names}
    wrong: dict[str, str] = {
        name: FILL_IN
        for name in ("category_id", "quantity")
        if name in values and values[name] is None
    }
    for side in ("width", "depth", "height"):
        least_name, most_name = f"{side}_min_mm", f"{side}_max_mm"
        least = values.get(least_name, getattr(line, least_name))
        most = values.get(most_name, getattr(line, most_name))
        if least is not None and most is not None and least > most:
            wrong[most_name] = FROM_ABOVE_TO
    if wrong:
        raise Invalid(by_field=wrong)
    return values


def require_categories(session: Session, ids: Sequence[str]) -> None:
    """Raises ``Invalid`` at ``category_id`` where one of them is no category."""
    wanted = set(ids)
    found = session.scalars(select(Category.id).where(Category.id.in_(wanted)))
    if unknown := wanted - set(found):
        raise Invalid(by_field={"category_id": CATEGORY_UNKNOWN}, where={"category_id": unknown})
