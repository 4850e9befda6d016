"""Building and moving projects: what they need, what met the need, and what comes free."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.impact.rules import FulfilmentSource
from app.items.rules import Condition, Fate, Suitable
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org
from app.projects.rules import (
    LINE_MACHINE,
    PROJECT_MACHINE,
    RELEASE_MACHINE,
    UNALLOCATED,
    LineState,
    ProjectKind,
    ProjectState,
    ReleaseState,
)

LIVE_ONLY = text("state IN ('planned', 'free', 'allocated')")


class Project(TenantModel):
    """``all_new_brief``: the brief was all new furniture, so what moves along counts as reuse.

    From ``budget_warn_percent`` of the budget on its page warns; above one that ``budget_is_limit``
    nothing is bought.
    """

    __tablename__ = "project"
    machine = PROJECT_MACHINE

    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(160))
    state: Mapped[ProjectState] = mapped_column(EnumText(ProjectState))
    kind: Mapped[ProjectKind] = mapped_column(EnumText(ProjectKind))
    unit_id: Mapped[UUID]
    place_id: Mapped[UUID | None]
    from_date: Mapped[date | None]
    until_date: Mapped[date | None]
    budget_ore: Mapped[int | None] = mapped_column(BigInteger)
    budget_warn_percent: Mapped[int] = mapped_column(default=80)
    budget_is_limit: Mapped[bool] = mapped_column(default=False)
    goal_percent: Mapped[int | None]
    all_new_brief: Mapped[bool] = mapped_column(default=False)
    description: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("unit_id", "unit"),
            same_org("place_id", "place"),
            UniqueConstraint("org_id", "number"),
            CheckConstraint("goal_percent BETWEEN 0 AND 100", name="goal"),
            CheckConstraint("budget_warn_percent BETWEEN 1 AND 100", name="budget_warn"),
        )


class ProjectMember(TenantModel):
    __tablename__ = "project_member"

    project_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(80))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("project_id", "project"),
            UniqueConstraint("org_id", "project_id", "person_id"),
        )


class ProjectMilestone(TenantModel):
    """A day of the project's timeline that everybody has to know."""

    __tablename__ = "project_milestone"

    project_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(120))
    day: Mapped[date]
    is_reached: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("project_id", "project"),
            Index("ix_project_milestone_project", "org_id", "project_id", "day"),
        )


class ProgrammeLine(TenantModel):
    """Category × quantity × requirement. ``condition`` is the worst that will do."""

    __tablename__ = "programme_line"
    machine = LINE_MACHINE

    project_id: Mapped[UUID]
    state: Mapped[LineState] = mapped_column(EnumText(LineState))
    category_id: Mapped[str] = mapped_column(ForeignKey("category.id"))
    quantity: Mapped[int]
    requirement: Mapped[str | None] = mapped_column(String(400))
    width_min_mm: Mapped[int | None]
    width_max_mm: Mapped[int | None]
    depth_min_mm: Mapped[int | None]
    depth_max_mm: Mapped[int | None]
    height_min_mm: Mapped[int | None]
    height_max_mm: Mapped[int | None]
    condition: Mapped[Condition | None] = mapped_column(EnumText(Condition))
    suitability: Mapped[Suitable | None] = mapped_column(EnumText(Suitable))
    place_id: Mapped[UUID | None]
    wanted_date: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("project_id", "project"),
            same_org("place_id", "place"),
            CheckConstraint("quantity BETWEEN 1 AND 100000", name="quantity"),
            Index("ix_programme_line_project", "org_id", "project_id"),
        )


class Fulfilment(TenantModel):
    """A piece that meets a programme line. One standing fulfilment per piece."""

    __tablename__ = "fulfilment"

    programme_line_id: Mapped[UUID]
    item_id: Mapped[UUID]
    source: Mapped[FulfilmentSource] = mapped_column(EnumText(FulfilmentSource))
    fulfilled_on: Mapped[date]
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("programme_line_id", "programme_line"),
            same_org("item_id", "item"),
            Index("ix_fulfilment_line", "org_id", "programme_line_id"),
            Index("ix_fulfilment_item", "org_id", "item_id"),
            Index(
                "uq_fulfilment_standing",
                "org_id",
                "programme_line_id",
                "item_id",
                unique=True,
                sqlite_where=text("undone_at IS NULL"),
                postgresql_where=text("undone_at IS NULL"),
            ),
        )


class Release(TenantModel):
    """A piece that comes free with a project. At most one live release a piece."""

    __tablename__ = "release"
    machine = RELEASE_MACHINE
    remembered = UNALLOCATED

    project_id: Mapped[UUID]
    item_id: Mapped[UUID]
    state: Mapped[ReleaseState] = mapped_column(EnumText(ReleaseState))
    state_before: Mapped[ReleaseState | None] = mapped_column(EnumText(ReleaseState))
    fate: Mapped[Fate] = mapped_column(EnumText(Fate))
    free_from: Mapped[date]
    gone_by: Mapped[date | None]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("project_id", "project"),
            same_org("item_id", "item"),
            CheckConstraint("gone_by >= free_from", name="dates"),
            Index("ix_release_project", "org_id", "project_id", "state"),
            Index("ix_release_item", "org_id", "item_id"),
            Index(
                "ix_release_due",
                "free_from",
                sqlite_where=text("state = 'planned'"),
                postgresql_where=text("state = 'planned'"),
            ),
            Index(
                "uq_release_live",
                "org_id",
                "item_id",
                unique=True,
                sqlite_where=LIVE_ONLY,
                postgresql_where=LIVE_ONLY,
            ),
        )
