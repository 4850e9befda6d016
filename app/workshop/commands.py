"""What is asked of orders to suppliers: the commands of form and JSON alike."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.catalogue.rules import Work
from app.disposals.rules import Fraction
from app.impact.rules import RedesignLevel, WouldHave
from app.items.rules import Condition
from app.kit.text import PRINTABLE, STRIPPED, Line, Name, ShortText
from app.workshop.rules import MOST_ORE, MOST_PIECES

LongText = Annotated[str, STRIPPED, Field(max_length=4000), PRINTABLE]
Why = Annotated[str, STRIPPED, Field(min_length=3, max_length=2000), PRINTABLE]
Ore = Annotated[int, Field(ge=0, le=MOST_ORE)]
Grams = Annotated[int, Field(ge=1, le=5_000_000)]
ManyGrams = Annotated[int, Field(ge=1, le=100_000_000)]
Mm = Annotated[int, Field(ge=1, le=20_000)]
Ids = Annotated[list[UUID], Field(max_length=MOST_PIECES)]
Count = Annotated[int, Field(ge=1, le=MOST_PIECES)]


class Command(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DraftOrder(Command):
    """Something to be done or bought. ``item_ids`` are the pieces treated, or the donors.

    What is built or bought has a category and a quantity instead. Without ``place_id``, and for
    nobody's need, treated pieces come back to where they stood.
    """

    work: Work
    title: Line
    text: LongText | None = None
    unit_id: UUID
    place_id: UUID | None = None
    cost_centre: ShortText | None = None
    wanted_date: date | None = None
    item_ids: Ids = Field(default_factory=list)
    category_id: ShortText | None = None
    quantity: Count | None = None
    programme_line_id: UUID | None = None
    need_line_id: UUID | None = None
    case_id: UUID | None = None
    purchase_cancelled: bool = False


class OfOrder(Command):
    supplier_order_id: UUID


class EditOrder(OfOrder):
    """All of a draft's fields as they are to be. ``version`` is what the editor saw."""

    version: int
    title: Line
    text: LongText | None = None
    place_id: UUID | None = None
    cost_centre: ShortText | None = None
    wanted_date: date | None = None
    item_ids: Ids = Field(default_factory=list)
    category_id: ShortText | None = None
    quantity: Count | None = None
    purchase_cancelled: bool = False


class AddQuote(OfOrder):
    """A supplier's price in all, excl. VAT; it takes the place of the same supplier's earlier one."""

    supplier_id: UUID
    price_ore: Ore
    delivery_on: date | None = None
    valid_until: date | None = None
    note: LongText | None = None
    claim: LongText | None = None


class ChooseQuote(OfOrder):
    """``why`` is asked where the supplier is not the first-ranked of the agreements."""

    quote_id: UUID
    why: Why | None = None


class ConfirmOrder(OfOrder):
    """The supplier takes it on, for ``due_on`` if a day was said."""

    due_on: date | None = None


class CancelOrder(OfOrder):
    why: Why


class MaterialMass(Command):
    material: ShortText
    mass_g: Grams


class OffcutMass(Command):
    fraction: Fraction
    mass_g: ManyGrams


class BuiltIn(Command):
    """Grams of a donor that were built in, in all the new pieces."""

    item_id: UUID
    built_in_g: Grams


class DeliverOrder(OfOrder):
    """What came back or arrived. Materials, power and removed parts are each piece's.

    ``dismantled_ids`` could not be mended and were taken apart, ``not_returned_ids`` are missing.
    ``received`` of what was bought came, if not all; ``invoiced_ore`` is the price in all, if it was
    another than the quote's. ``would_discard`` says that what was
    cleaned or repaired for its own user would have been thrown away; ``would_have`` is "would buy new"
    for a need where nothing is answered. Fields of a piece are for what
    is registered on delivery.
    """

    delivered_on: date
    to_place_id: UUID | None = None
    dismantled_ids: Ids = Field(default_factory=list)
    not_returned_ids: Ids = Field(default_factory=list)
    received: Count | None = None
    invoiced_ore: Ore | None = None
    level: RedesignLevel | None = None
    energy_wh: int | None = Field(default=None, ge=0, le=10_000_000)
    materials: Annotated[list[MaterialMass], Field(max_length=40)] = Field(default_factory=list)
    removed: Annotated[list[MaterialMass], Field(max_length=40)] = Field(default_factory=list)
    offcuts: Annotated[list[OffcutMass], Field(max_length=20)] = Field(default_factory=list)
    donors: Annotated[list[BuiltIn], Field(max_length=MOST_PIECES)] = Field(default_factory=list)
    warranted_as_new: bool = False
    would_discard: bool = False
    would_have: WouldHave | None = None
    vehicle: ShortText | None = None
    distance_m: int | None = Field(default=None, ge=0, le=20_000_000)
    transport_ore: Ore | None = None
    costs_complete: bool = False
    product_model_id: UUID | None = None
    name: Line | None = None
    maker: Name | None = None
    model: Name | None = None
    condition: Condition | None = None
    width_mm: Mm | None = None
    depth_mm: Mm | None = None
    height_mm: Mm | None = None
    mass_g: Grams | None = None
    new_price_ore: Ore | None = None


class InvoiceOrder(OfOrder):
    """What the supplier's invoice says in all, excl. VAT, after the delivery was entered."""

    invoiced_ore: Ore


class AttachPart(Command):
    """``item_id`` is a part of ``parent_id`` from now on: a top on a frame."""

    item_id: UUID
    parent_id: UUID


class DetachPart(Command):
    item_id: UUID


class SwapPart(Command):
    """``new_item_id`` in the place of ``item_id``, which is a piece by itself again."""

    item_id: UUID
    new_item_id: UUID
