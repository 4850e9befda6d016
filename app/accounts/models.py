"""Organisations as trees of units; people, their memberships and roles; how they sign in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.accounts.rules import Role
from app.kit.chance import new_id
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import PlatformModel, TenantModel, same_org


class Organisation(PlatformModel):
    """The tenant."""

    __tablename__ = "organisation"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    currency: Mapped[str] = mapped_column(String(3), default="NOK")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Unit(TenantModel):
    """A node of the organisation's tree: clinic, school, department."""

    __tablename__ = "unit"

    name: Mapped[str] = mapped_column(String(120))
    parent_id: Mapped[UUID | None]
    cost_centre: Mapped[str | None] = mapped_column(String(40))
    leader_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  (SQLAlchemy reads a plain dict)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("parent_id", "unit"),
            UniqueConstraint("org_id", "parent_id", "name"),
            CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_its_own_parent"),
        )


class Deputy(TenantModel):
    """Somebody who approves for a unit when its leader does not."""

    __tablename__ = "deputy"

    unit_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (same_org("unit_id", "unit"), UniqueConstraint("org_id", "unit_id", "person_id"))


class Person(PlatformModel):
    """A human being; may belong to several organisations."""

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    language: Mapped[str] = mapped_column(String(8), default="nb")
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Membership(TenantModel):
    """A person in an organisation, with a home unit. Ended, not deleted: history needs it."""

    __tablename__ = "membership"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    home_unit_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("home_unit_id", "unit"),
            UniqueConstraint("org_id", "person_id"),
            Index("ix_membership_person", "person_id"),
        )


class RoleGrant(TenantModel):
    """A role of a member, for the whole organisation or for one unit and what lies below it."""

    __tablename__ = "role_grant"

    membership_id: Mapped[UUID]
    role: Mapped[Role] = mapped_column(EnumText(Role))
    unit_id: Mapped[UUID | None]

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("membership_id", "membership"),
            same_org("unit_id", "unit"),
            UniqueConstraint("org_id", "membership_id", "role", "unit_id"),
        )


class LoginSession(PlatformModel):
    """A signed-in browser. The cookie holds a random token; only its SHA-256 is kept."""

    __tablename__ = "login_session"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    org_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ApiToken(TenantModel):
    """A person's key to the API, in one organisation. Only its SHA-256 is kept."""

    __tablename__ = "api_token"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SetUp(PlatformModel):
    """The one-time secret of the set-up page; spent by a conditional UPDATE."""

    __tablename__ = "set_up"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    spent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Attempt(PlatformModel):
    """Tries on a guessable secret or a public form, counted per key and quarter of an hour."""

    __tablename__ = "attempt"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    window: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(default=0)


class NumberSeries(PlatformModel):
    """The next number of an organisation's requests or projects, drawn in the insert's transaction."""

    __tablename__ = "number_series"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)
