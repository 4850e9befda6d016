"""Wishes, and what was found for them and for needs since they were made."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import UtcDateTime
from app.kit.tenancy import PlatformModel, TenantModel, same_org


class Wish(TenantModel):
    """A search of the market that somebody wants to hear of. It stands until it is ended.

    ``wanted`` is the search (``MarketSearch``) as JSON; nothing is asked of it in the database.
    ``wanted_date`` is the last day on which it helps.
    """

    __tablename__ = "wish"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(120))
    wanted: Mapped[dict[str, Any]] = mapped_column(JSON)
    quantity: Mapped[int]
    wanted_date: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            CheckConstraint("quantity BETWEEN 1 AND 10000", name="quantity"),
            Index("ix_wish_person", "org_id", "person_id", "ended_at"),
        )


class Find(TenantModel):
    """What one look found for a need line or a wish: so many ``pieces`` that came since it asked.

    ``stands`` says where they stood then, like ones together, as ``found.Stood`` writes and reads
    it; nothing is asked of it in the database. ``told_at`` is empty until who asked was told.
    """

    __tablename__ = "find"

    need_line_id: Mapped[UUID | None]
    wish_id: Mapped[UUID | None]
    pieces: Mapped[int]
    stands: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("need_line_id", "need_line"),
            same_org("wish_id", "wish"),
            CheckConstraint("(need_line_id IS NULL) <> (wish_id IS NULL)", name="for_one"),
            Index("ix_find_need_line", "org_id", "need_line_id"),
            Index("ix_find_wish", "org_id", "wish_id"),
            Index("ix_find_told", "org_id", "told_at"),
        )


class NeedWatch(PlatformModel):
    """How far an organisation's chain of events was looked through for what is new.

    Numbers of the chain are given in the order of the commits, so nothing slips in behind. What
    partners show was looked through until ``network_on``, and all that who became a partner by
    ``network_at`` had out. ``looks`` counts what was kept: of two
    who looked at once, one keeps.
    """

    __tablename__ = "need_watch"

    org_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("organisation.id"), primary_key=True)
    seq: Mapped[int]
    looks: Mapped[int] = mapped_column(default=0)
    network_on: Mapped[date | None]
    network_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_on: Mapped[date | None]
