"""Goals of units and projects for a year, and whether the organisation compares its units."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.goals.rules import Kind
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org

OF_UNIT = text("unit_id IS NOT NULL")
OF_PROJECT = text("project_id IS NOT NULL")


class GoalSheet(TenantModel):
    """The goals of one unit or one project for a year; what is edited as one."""

    __tablename__ = "goal_sheet"

    year: Mapped[int]
    unit_id: Mapped[UUID | None]
    project_id: Mapped[UUID | None]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("unit_id", "unit"),
            same_org("project_id", "project"),
            CheckConstraint("(unit_id IS NULL) <> (project_id IS NULL)", name="of_one"),
            Index(
                "uq_goal_sheet_unit",
                "org_id",
                "year",
                "unit_id",
                unique=True,
                sqlite_where=OF_UNIT,
                postgresql_where=OF_UNIT,
            ),
            Index(
                "uq_goal_sheet_project",
                "org_id",
                "year",
                "project_id",
                unique=True,
                sqlite_where=OF_PROJECT,
                postgresql_where=OF_PROJECT,
            ),
        )


class Goal(TenantModel):
    """One target: percent for a share, else g, g CO2e or øre of the organisation's currency."""

    __tablename__ = "goal"

    goal_sheet_id: Mapped[UUID]
    kind: Mapped[Kind] = mapped_column(EnumText(Kind))
    target: Mapped[int] = mapped_column(BigInteger)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("goal_sheet_id", "goal_sheet"),
            UniqueConstraint("org_id", "goal_sheet_id", "kind"),
            CheckConstraint("target > 0", name="target"),
        )


class GoalRule(TenantModel):
    """What the organisation has switched off; everything is on until it has said something."""

    __tablename__ = "goal_rule"

    has_leader_board: Mapped[bool]
    has_own_savings: Mapped[bool]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (UniqueConstraint("org_id"),)
