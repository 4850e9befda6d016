"""What is asked of the market: the commands of form, JSON, command line and demo alike."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from app.impact.rules import WouldHave
from app.items.rules import Condition, Suitable
from app.kit.i18n import N_
from app.kit.text import PRINTABLE, STRIPPED, ShortText
from app.marketplace.rules import GiversReason, Stage, Terms
from app.marketplace.rules_stages import DEFAULT_DAYS, MOST_DAYS

MOST_PIECES = 500
"""Pieces of one line, and of one offer."""


Text = Annotated[str, STRIPPED, Field(max_length=2000), PRINTABLE]
Count = Annotated[int, Field(ge=1, le=MOST_PIECES)]
Days = Annotated[int, Field(ge=0, le=MOST_DAYS)]
Millimetres = Annotated[int, Field(ge=1, le=20_000)]


class Command(BaseModel):
    """An unknown field is refused: a misspelt one would be lost in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def not_before_first(until: date | None, info: ValidationInfo) -> date | None:
    """A last day that comes after the first, where both are given."""
    first = info.data.get("from_date")
    if until and first and until < first:
        raise ValueError(N_("Siste dag må komme etter første dag."))
    return until


def as_terms_say(price_ore: int | None, info: ValidationInfo) -> int | None:
    """A price where the terms are a price, and nowhere else."""
    if "terms" in info.data and (info.data["terms"] is Terms.PRICE) != (price_ore is not None):
        raise ValueError(N_("Oppgi en pris når møblene har en pris, ellers ingen."))
    return price_ore


class StageExceptions(Command):
    """Another way through the stages than the organisation's; what is empty is as there."""

    unit_days: Days | None = None
    organisation_days: Days | None = None
    network_days: Days | None = None
    last_stage: Stage | None = None


class Offer(StageExceptions):
    """Pieces for the market; ``from_date`` is today when it is not said."""

    item_ids: list[UUID] = Field(min_length=1, max_length=MOST_PIECES)
    from_date: date | None = None
    until_date: date | None = None
    text: Text | None = None
    terms: Terms = Terms.FREE
    price_ore: int | None = Field(default=None, ge=0, le=100_000_000_000, validate_default=True)

    _dates = field_validator("until_date")(not_before_first)
    _price = field_validator("price_ore")(as_terms_say)


class OfListing(Command):
    listing_id: UUID


class ListingFields(StageExceptions):
    """All of them as they are to be: one that is left out is emptied."""

    from_date: date
    until_date: date | None = None

    _dates = field_validator("until_date")(not_before_first)


class ChangeListing(ListingFields):
    listing_id: UUID
    version: int


class Relist(OfListing):
    """An ended or withdrawn listing again, from today when ``from_date`` is not said."""

    from_date: date | None = None
    until_date: date | None = None


class SetListingRules(Command):
    """Working days in each stage, the last stage, and how long before a deadline to remind.

    0 days skip a stage; 0 days to remind remind nobody. ``version`` is 0 while nothing is set.
    """

    unit_days: Days
    organisation_days: Days
    network_days: Days = DEFAULT_DAYS[Stage.NETWORK]
    last_stage: Stage
    remind_days: Annotated[int, Field(ge=0, le=60)]
    version: int = Field(ge=0)


class PutInBasket(Command):
    listing_id: UUID
    wanted: Count = 1


class ChangeBasket(Command):
    """0 takes the line out."""

    listing_id: UUID
    wanted: int = Field(ge=0, le=MOST_PIECES)


class LineAnswer(Command):
    """What is said of a basket's line when it is submitted."""

    listing_id: UUID
    wanted: Count | None = None
    programme_line_id: UUID | None = None
    would_have: WouldHave = WouldHave.NOT_ANSWERED


class _Delivery(Command):
    unit_id: UUID
    place_id: UUID | None = None
    wanted_date: date | None = None
    project_id: UUID | None = None
    cost_centre: ShortText | None = None
    note: Text | None = None


class Submit(_Delivery):
    """The actor's basket becomes a request. Lines that are not named go along as they are."""

    lines: list[LineAnswer] = Field(default=[], max_length=200)


class OrderLine(LineAnswer):
    wanted: Count = 1


class Order(_Delivery):
    """A request in one go, past the basket."""

    lines: list[OrderLine] = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        if len({each.listing_id for each in self.lines}) < len(self.lines):
            raise ValueError(N_("Hver annonse kan bare stå på én linje."))
        return self


class Approve(Command):
    """Yes to ``quantity`` pieces: those left are approved, the others wait; the rest is declined.

    Where something is declined, ``reason`` is needed, as in ``Decline``.
    """

    request_line_id: UUID
    quantity: int = Field(ge=0, le=MOST_PIECES)
    reason: GiversReason | None = None
    note: Text | None = None


class Decline(Command):
    """``note`` says more, and must where the reason is another one. Both are told to who asked."""

    request_line_id: UUID
    reason: GiversReason | None = None
    note: Text | None = None


class OfRequestLine(Command):
    request_line_id: UUID


class AcceptOffer(Command):
    """Yes to ``quantity`` of the pieces that are offered on the line; more stays offered."""

    request_line_id: UUID
    quantity: Count


class DeclineOffer(Command):
    """No to ``quantity`` of the pieces that are offered on the line; more stays offered."""

    request_line_id: UUID
    quantity: Count


class OfRequest(Command):
    request_id: UUID


class PostMessage(Command):
    request_id: UUID
    text: Text


class MarketSearch(Command):
    """What is looked for. Measurements in mm; ``count`` is how many must be there together."""

    words: Annotated[str, Field(max_length=200), PRINTABLE] = ""
    group: Annotated[str, Field(max_length=40), PRINTABLE] | None = None
    category_id: Annotated[str, Field(max_length=40), PRINTABLE] | None = None
    place_id: UUID | None = None
    condition: list[Condition] = Field(default=[], max_length=4)
    width_min_mm: Millimetres | None = None
    width_max_mm: Millimetres | None = None
    depth_min_mm: Millimetres | None = None
    depth_max_mm: Millimetres | None = None
    height_min_mm: Millimetres | None = None
    height_max_mm: Millimetres | None = None
    count: Count | None = None
    suitability: Suitable | None = None
