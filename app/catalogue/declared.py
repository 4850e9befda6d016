"""What a product model's JSON says of the declaration behind it, which others fill in."""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.catalogue.models import AmountUnit, ProductModel


class ModelDeclarationOut(BaseModel):
    """The environmental declaration that a model has its figures from, and the file it was read of.

    Grams per amount unit, exact, as text; ``declared_quantity`` of ``declared_unit`` is what the
    file states them for, which is empty where it was not kept. ``tier`` is what it is worth today.
    """

    id: UUID
    number: str
    name: str
    program_operator: str | None
    owner: str | None
    issued_on: date | None
    valid_until: date | None
    tier: str
    declared_quantity: Decimal | None
    declared_unit: str | None
    indicator: str
    amount_unit: AmountUnit
    gwp_g: Decimal
    delivery_g: Decimal | None
    end_of_life_g: Decimal | None
    relative_deviation: Decimal | None
    file_sha256: str
    href: str
    file_href: str


Declared: TypeAlias = Callable[
    [Session, UUID, Collection[ProductModel]], Mapping[UUID, ModelDeclarationOut]
]
"""A capability further right knows the declarations: ``panels.DECLARED``."""
