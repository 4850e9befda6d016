"""What is asked of pieces: the commands of form, JSON, import, command line and demo alike."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.items.models import IdentifierKind, MeasurementKind
from app.items.rules import Condition
from app.kit.i18n import N_
from app.kit.text import PRINTABLE, STRIPPED, Line

MOST_PIECES = 500
"""Pieces of one registration, and registrations of one call."""

MOST_AT_ONCE = 5_000
"""Pieces of all the registrations of one call."""


CategoryId = Annotated[str, Field(min_length=1, max_length=40), PRINTABLE]
Name = Line
Words = Annotated[str, STRIPPED, Field(max_length=120), PRINTABLE]
ShortWords = Annotated[str, STRIPPED, Field(max_length=60), PRINTABLE]
Note = Annotated[str, STRIPPED, Field(max_length=5000), PRINTABLE]
Reason = Annotated[str, STRIPPED, Field(min_length=3, max_length=1000), PRINTABLE]
Millimetres = Annotated[int, Field(ge=1, le=20_000)]
Grams = Annotated[int, Field(ge=1, le=5_000_000)]
Ore = Annotated[int, Field(ge=0, le=100_000_000_000)]
Amount = Annotated[Decimal, Field(gt=0, le=1_000_000, max_digits=10, decimal_places=3)]
Version = Annotated[int, Field(ge=1, le=2_000_000_000)]


class Command(BaseModel):
    """An unknown field is refused: a misspelt one would be lost in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NewIdentifier(Command):
    """A foreign code of the piece."""

    kind: IdentifierKind
    value: Name


class Register(Command):
    """One piece, or ``quantity`` like pieces that share a lot.

    Empty means unknown: the product model or the category then gives a default. ``id`` may be made
    by the caller and is the first piece's. ``codes`` are blank codes, bound in order; pieces
    beyond them get new ones.
    """

    id: UUID | None = None
    category_id: CategoryId
    name: Name | None = None
    product_model_id: UUID | None = None
    maker: Words | None = None
    model: Words | None = None
    colour: ShortWords | None = None
    material: ShortWords | None = None
    condition: Condition = Condition.B
    width_mm: Millimetres | None = None
    depth_mm: Millimetres | None = None
    height_mm: Millimetres | None = None
    mass_g: Grams | None = None
    amount: Amount = Decimal(1)
    new_price_ore: Ore | None = None
    owner_unit_id: UUID
    place_id: UUID
    is_free: bool = False
    is_draft: bool = False
    quantity: int = Field(default=1, ge=1, le=MOST_PIECES)
    note: Note | None = None
    measurements: dict[MeasurementKind, Millimetres] = {}
    identifiers: list[NewIdentifier] = Field(default=[], max_length=20)
    codes: list[Annotated[str, Field(max_length=200)]] = Field(default=[], max_length=MOST_PIECES)


def _within_bounds(commands: list[Register]) -> list[Register]:
    if sum(command.quantity for command in commands) > MOST_AT_ONCE:
        raise ValueError(N_("Registrer høyst 5000 møbler om gangen."))
    return commands


Registrations = Annotated[
    list[Register], Field(min_length=1, max_length=MOST_PIECES), AfterValidator(_within_bounds)
]
"""What one call registers: all of it or nothing."""


class NewFields(Command):
    """Fields that are not named stay as they are; ``null`` empties one that may be empty.

    ``measurements`` replaces all of them.
    """

    category_id: CategoryId = ""
    name: Name = ""
    product_model_id: UUID | None = None
    maker: Words | None = None
    model: Words | None = None
    colour: ShortWords | None = None
    material: ShortWords | None = None
    condition: Condition = Condition.B
    width_mm: Millimetres | None = None
    depth_mm: Millimetres | None = None
    height_mm: Millimetres | None = None
    mass_g: Grams | None = None
    amount: Amount = Decimal(1)
    new_price_ore: Ore | None = None
    owner_unit_id: UUID = UUID(int=0)
    holder_unit_id: UUID = UUID(int=0)
    place_id: UUID = UUID(int=0)
    note: Note | None = None
    measurements: dict[MeasurementKind, Millimetres] = {}


class Edit(NewFields):
    """New fields of one piece. ``version`` is what the editor saw."""

    item_id: UUID
    version: Version

    def named(self) -> dict[str, Any]:
        """Only the columns the editor named."""
        beside = {"item_id", "version", "measurements"}
        return self.model_dump(include=self.model_fields_set - beside)


class Move(Command):
    """To another place, and to another holder where ``unit_id`` is given."""

    item_id: UUID
    place_id: UUID
    unit_id: UUID | None = None


class OfItem(Command):
    """A verb that needs nothing but the piece."""

    item_id: UUID


class Merge(Command):
    """The piece is a second registration of ``into_id``."""

    item_id: UUID
    into_id: UUID


class Delete(Command):
    """The piece was never there."""

    item_id: UUID
    reason: Reason


class Identify(NewIdentifier):
    """A foreign code for a piece that is registered."""

    item_id: UUID
