"""Needs, their lines, and what was decided at each step of the reuse ladder."""

import hashlib
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.items.rules import Suitable
from app.kit.canonical import canonical
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org
from app.needs.rules import NEED_MACHINE, NeedState, Outcome, Reason, Step


class Need(TenantModel):
    """What somebody requires, for a unit."""

    __tablename__ = "need"
    machine = NEED_MACHINE

    number: Mapped[int]
    state: Mapped[NeedState] = mapped_column(EnumText(NeedState))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    unit_id: Mapped[UUID]
    place_id: Mapped[UUID | None]
    project_id: Mapped[UUID | None]
    wanted_date: Mapped[date | None]
    budget_ore: Mapped[int | None] = mapped_column(BigInteger)
    text: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("unit_id", "unit"),
            same_org("place_id", "place"),
            same_org("project_id", "project"),
            UniqueConstraint("org_id", "number"),
            Index("ix_need_state", "org_id", "state"),
            Index("ix_need_person", "org_id", "person_id"),
        )


class NeedLine(TenantModel):
    """So many pieces of a category, and what they have to be."""

    __tablename__ = "need_line"

    need_id: Mapped[UUID]
    category_id: Mapped[str] = mapped_column(ForeignKey("category.id"))
    quantity: Mapped[int]
    requirement: Mapped[str | None] = mapped_column(String(400))
    width_min_mm: Mapped[int | None]
    width_max_mm: Mapped[int | None]
    depth_min_mm: Mapped[int | None]
    depth_max_mm: Mapped[int | None]
    height_min_mm: Mapped[int | None]
    height_max_mm: Mapped[int | None]
    programme_line_id: Mapped[UUID | None]
    suitability: Mapped[Suitable | None] = mapped_column(EnumText(Suitable))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("need_id", "need"),
            same_org("programme_line_id", "programme_line"),
            CheckConstraint("quantity BETWEEN 1 AND 10000", name="quantity"),
            Index("ix_need_line_need", "org_id", "need_id"),
        )


class LadderStep(TenantModel):
    """One decision at one step. It is never changed: another decision is another row.

    ``number`` counts the decisions on a line from 1: two at once are never both the next.
    ``matches`` is what there was to choose from, as it was shown to who decided. ``quantity`` is how
    many pieces the step gave, 0 when it was left.
    """

    __tablename__ = "ladder_step"

    need_line_id: Mapped[UUID]
    number: Mapped[int]
    step: Mapped[Step] = mapped_column(EnumText(Step))
    outcome: Mapped[Outcome] = mapped_column(EnumText(Outcome))
    quantity: Mapped[int]
    matches: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    reason: Mapped[Reason | None] = mapped_column(EnumText(Reason))
    reason_text: Mapped[str | None] = mapped_column(Text)
    request_line_id: Mapped[UUID | None]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("need_line_id", "need_line"),
            same_org("request_line_id", "request_line"),
            CheckConstraint(
                "(outcome = 'taken' AND quantity > 0) OR (outcome <> 'taken' AND quantity = 0)",
                name="quantity",
            ),
            CheckConstraint("outcome <> 'refused' OR reason IS NOT NULL", name="reason"),
            UniqueConstraint("org_id", "need_line_id", "number"),
        )

    def sha256(self) -> str:
        """Of all that the decision says. Its event holds it, and the chain holds the event."""
        said = canonical({name: getattr(self, name) for name in SAID})
        return hashlib.sha256(said.encode()).hexdigest()


SAID = (
    "id",
    "need_line_id",
    "number",
    "step",
    "outcome",
    "quantity",
    "matches",
    "reason",
    "reason_text",
    "request_line_id",
    "person_id",
    "decided_at",
)
"""Named one by one: a column that comes later changes no decision of before."""
