"""Pieces that a project releases: what comes free, when, and what is planned for it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.items.rules import Fate
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org
from app.projects.rules import RELEASE_MACHINE, UNALLOCATED, ReleaseState

LIVE_ONLY = text("state IN ('planned', 'free', 'allocated')")


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
