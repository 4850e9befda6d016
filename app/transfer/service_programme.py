"""A sheet becomes a project's programme: kept as a preview, then added in one go."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.catalogue.models import Category
from app.kit.chance import new_id
from app.kit.db import changed_rows, clock_of
from app.kit.errors import Conflict, Invalid, NotFound, TooLarge
from app.kit.i18n import N_
from app.kit.text import sayable
from app.places.models import Place
from app.places.queries import places_visible_to
from app.projects.models import ProgrammeLine
from app.projects.service import AddLine, add_lines
from app.projects.service_projects import own_projects
from app.transfer.headed import bad_as_json
from app.transfer.models_programme import ProgrammeSheet
from app.transfer.programme_sheet import MOST_LINES, Programme, Words, words_of


class TooManyProgrammeLines(TooLarge):
    title = N_("Regnearket har for mange linjer for ett behovsprogram.")


class SheetAppliedAlready(Conflict):
    title = N_("Linjene i regnearket er alt lagt inn.")


class SheetHasBadRows(Conflict):
    title = N_("Noen rader kan ikke brukes. Rett dem, eller legg inn resten uten dem.")


class KeepSheet(BaseModel):
    """A sheet that was read for a project."""

    model_config = ConfigDict(extra="forbid")

    project_id: UUID
    file_name: str = Field(max_length=1_000)
    sha256: str = Field(max_length=64)


class ApplySheet(BaseModel):
    """``skip_bad`` adds the rows that can be used and leaves the bad ones."""

    model_config = ConfigDict(extra="forbid")

    programme_sheet_id: UUID
    skip_bad: bool = False


def sheets_visible_to(actor: Actor) -> Select[ProgrammeSheet]:
    return select(ProgrammeSheet).where(ProgrammeSheet.org_id == actor.org_id)


def sheet_of(session: Session, actor: Actor, programme_sheet_id: UUID) -> ProgrammeSheet:
    """Raises ``NotFound`` for another organisation's as for none."""
    query = sheets_visible_to(actor).where(ProgrammeSheet.id == programme_sheet_id)
    found = session.scalar(query)
    if found is None:
        raise NotFound(N_("Fant ikke regnearket."))
    return found


def known_words(session: Session, actor: Actor) -> Words:
    """What the cells are looked up in."""
    categories = session.scalars(select(Category)).all()
    places = session.execute(
        places_visible_to(actor).with_only_columns(Place.id, Place.name, Place.label)
    )
    return words_of(
        [(each.id, (each.name_nb, each.name_sv, each.name_en)) for each in categories],
        [(row.id, row.name, row.label) for row in places],
    )


def keep_sheet(
    session: Session, actor: Actor, command: KeepSheet, found: Programme
) -> ProgrammeSheet:
    """Keeps the preview. Raises ``TooManyProgrammeLines``, and ``Invalid`` for an empty sheet."""
    actor.must(Permission.PROJECT_EDIT)
    own_projects(session, actor, [command.project_id])
    if not found.lines and not found.bad:
        raise Invalid(by_field={"file": N_("Regnearket har ingen rader under overskriften.")})
    if len(found.lines) > MOST_LINES:
        raise TooManyProgrammeLines(
            N_("Det har %(found)s linjer; grensen er %(limit)s."),
            values={"found": len(found.lines), "limit": MOST_LINES},
        )
    row = ProgrammeSheet(
        id=new_id(),
        org_id=actor.org_id,
        project_id=command.project_id,
        file_name=sayable(command.file_name)[-200:],
        content=_as_json(found),
        person_id=actor.person_id,
        created_at=clock_of(session).now(),
    )
    session.add(row)
    return row


def apply_sheet(
    session: Session, actor: Actor, commands: Sequence[ApplySheet]
) -> list[ProgrammeLine]:
    """Adds the sheet's lines once. Raises ``SheetAppliedAlready``, ``SheetHasBadRows``."""
    actor.must(Permission.PROJECT_EDIT)
    lines: list[ProgrammeLine] = []
    for command in commands:
        row = sheet_of(session, actor, command.programme_sheet_id)
        if row.content["bad"] and not command.skip_bad:
            raise SheetHasBadRows
        own_projects(session, actor, [row.project_id])
        claimed = session.execute(
            update(ProgrammeSheet)
            .where(ProgrammeSheet.org_id == actor.org_id, ProgrammeSheet.id == row.id)
            .where(ProgrammeSheet.applied_at.is_(None))
            .values(applied_at=clock_of(session).now())
        )
        if changed_rows(claimed) != 1:
            raise SheetAppliedAlready
        lines += add_lines(session, actor, commands_of(row))
    return lines


def commands_of(row: ProgrammeSheet) -> list[AddLine]:
    """What the sheet's good rows would add."""
    return [
        AddLine.model_validate({**each["fields"], "project_id": row.project_id})
        for each in row.content["lines"]
    ]


def _as_json(found: Programme) -> dict[str, Any]:
    return {
        "lines": [{"row": each.number, "fields": _plain(each.fields)} for each in found.lines],
        "bad": bad_as_json(found.bad),
        "unused": found.unused,
    }


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: v if isinstance(v, int | str) else str(v) for name, v in fields.items()}
