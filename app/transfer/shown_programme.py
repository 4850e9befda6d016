"""The preview of a programme's sheet, for people and for programs."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.models import Category
from app.catalogue.queries import category_name
from app.kit.i18n import date, gettext
from app.kit.units import size_limits
from app.projects.names import asked_of
from app.projects.queries import place_labels
from app.projects.service import AddLine
from app.transfer.models_programme import ProgrammeSheet
from app.transfer.service_programme import commands_of
from app.transfer.values import Text

SHOWN_ROWS = 200


class BadCellOut(BaseModel):
    row: int
    column: str
    header: str
    value: str
    reason: str

    @classmethod
    def all(cls, kept: Sequence[Mapping[str, Any]]) -> "list[BadCellOut]":
        """Those of a preview, with their reasons in the reader's language."""
        return [
            cls(
                row=each["row"],
                column=each["column"],
                header=each["header"],
                value=each["value"],
                reason=Text(each["reason"], each["values"]).shown(gettext),
            )
            for each in kept
        ]


class ProgrammeSheetOut(BaseModel):
    """A sheet that was read for a project: what it would add, and what cannot be used."""

    id: UUID
    project_id: UUID
    file_name: str
    is_applied: bool
    lines: int
    bad: list[BadCellOut]
    unused: list[str]

    @classmethod
    def of(cls, row: ProgrammeSheet) -> "ProgrammeSheetOut":
        return cls(
            id=row.id,
            project_id=row.project_id,
            file_name=row.file_name,
            is_applied=row.applied_at is not None,
            lines=len(row.content["lines"]),
            bad=BadCellOut.all(row.content["bad"]),
            unused=row.content["unused"],
        )


def sheet_page(session: Session, actor: Actor, row: ProgrammeSheet) -> dict[str, Any]:
    """What the preview's page shows; of long lists the first rows."""
    out = ProgrammeSheetOut.of(row)
    first = [
        (each["row"], line)
        for each, line in zip(row.content["lines"][:SHOWN_ROWS], commands_of(row), strict=False)
    ]
    found = session.scalars(
        select(Category).where(Category.id.in_({line.category_id for _, line in first}))
    )
    called = {each.id: category_name(each) for each in found}
    places = place_labels(session, actor, {line.place_id for _, line in first})
    bad_rows = {each.row for each in out.bad}
    return {
        "lines": [
            (
                number,
                called[line.category_id],
                line.quantity,
                " · ".join(e for e in (line.requirement, size_limits(line), asked_of(line)) if e),
                " · ".join(e for e in (places.get(line.place_id), _day(line)) if e),
            )
            for number, line in first
        ],
        "line_count": out.lines,
        "pieces": sum(each["fields"]["quantity"] for each in row.content["lines"]),
        "bad": [
            (each.row, f"{each.column} · {each.header}", each.value, each.reason)
            for each in out.bad[:SHOWN_ROWS]
        ],
        "bad_count": len(bad_rows),
        "unused": out.unused,
    }


def _day(line: AddLine) -> str | None:
    return date(line.wanted_date) if line.wanted_date else None
