"""Organisations are kept apart by the schema: every reference carries the organisation's id.

An ordinary foreign key proves only that the row exists. ``(org_id, x_id) → x(org_id, id)`` proves
that it is the organisation's own.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.chance import new_id


class Model(DeclarativeBase):
    """Base of all tables.

    Constraints are named from the first day, so that a migration can change them on both databases.
    """

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        """What a table adds to its keys: references, unique indexes, checks."""
        return ()


class PlatformModel(Model):
    """A row that belongs to no organisation: people, codes, national factors."""

    __abstract__ = True

    @declared_attr.directive
    def __table_args__(cls) -> Any:  # noqa: N805  (SQLAlchemy hands in the class)
        return cls.constraints()


class TenantModel(Model):
    """A row of one organisation."""

    __abstract__ = True

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-2)
    org_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), sort_order=-1)

    @declared_attr.directive
    def __table_args__(cls) -> Any:  # noqa: N805
        return (UniqueConstraint("org_id", "id"), *cls.constraints())


def same_org(column: str, table: str) -> ForeignKeyConstraint:
    """A reference to a row of the same organisation."""
    return ForeignKeyConstraint(["org_id", column], [f"{table}.org_id", f"{table}.id"])


def other_org(org_column: str, column: str, table: str) -> ForeignKeyConstraint:
    """A reference into another organisation, paired with that organisation's id."""
    return ForeignKeyConstraint([org_column, column], [f"{table}.org_id", f"{table}.id"])
