"""What is known about one piece and its handover, before any factor is applied.

An empty field means unknown, and unknown is never 0. Values of a product model are per amount unit
(piece, m² or kg), values of the item itself are for the whole item.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from app.impact.tables import FactorSet, Share, Spread
from app.impact.tiers import Tier


class View(StrEnum):
    """`gross` is activity; `net` is after displacement and remaining life."""

    GROSS = "gross"
    NET = "net"


class FulfilmentSource(StrEnum):
    """Where a piece came from, or how it left."""

    INTERNAL_REUSE = "internal_reuse"
    REDESIGNED = "redesigned"
    REDESIGNED_FROM_SURPLUS = "redesigned_from_surplus"
    BOUGHT_USED = "bought_used"
    NEW = "new"
    SOLD = "sold"
    DONATED = "donated"
    RECYCLED = "recycled"
    DISPOSED = "disposed"


class UserCase(StrEnum):
    """Who uses the piece afterwards."""

    NEW_USER = "new_user"
    SAME_USER = "same_user"
    MOVES_ALONG = "moves_along"


class WouldHave(StrEnum):
    """The answer to "would you have bought new?"."""

    WOULD_BUY_NEW = "would_buy_new"
    WOULD_BUY_USED = "would_buy_used"
    WOULD_DO_WITHOUT = "would_do_without"
    NOT_ANSWERED = "not_answered"


class RedesignLevel(StrEnum):
    """Levels of section 8, each with a default share r of the new product's GWP."""

    CLEANING = "cleaning"
    MINOR_PARTS = "minor_parts"
    LIGHT_REFURBISHMENT = "light_refurbishment"
    REUPHOLSTERY = "reupholstery"
    REMANUFACTURED = "remanufactured"
    FULL_RENOVATION = "full_renovation"
    NEW_TOP = "new_top"


class FactorKind(StrEnum):
    """What an organisation's override replaces in a category row."""

    MASS = "mass"
    GWP = "gwp"
    PRICE = "price"
    SERVICE_LIFE = "service_life"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in øre (or the hundredth of another currency), excl. VAT."""

    ore: int
    currency: str = "NOK"
    source: str = "entered price"


def price_source(source: str | None, year: int | None) -> str:
    """Where a price is from and whose year's it is, as a snapshot keeps it."""
    return f"{source or 'entered price'}{f', {year} prices' if year else ''}"


@dataclass(frozen=True, slots=True)
class Epd:
    """Environmental declaration per amount unit: g CO2e without biogenic storage, mass in g.

    `similar` marks the declaration of another product of the same maker. An unknown validity date
    is no proof of a valid declaration: the tier is then T2.
    """

    gwp_g: Decimal
    source: str
    valid_until: date | None
    mass_g: Decimal | None = None
    delivery_g: Decimal | None = None
    end_of_life_g: Decimal | None = None
    relative_deviation: Decimal | None = None
    similar: bool = False


@dataclass(frozen=True, slots=True)
class Transport:
    """The trip a piece travelled with, and the piece's share of it.

    `is_measured` says that the distance is by the positions of the places and nobody entered it.
    `distance_m` includes the empty return if the trip was made for this; 0 means it was not moved.
    `factor_key` names a row per vehicle-km or tonne-km; `own_kg_per_km` is a vehicle's own figure
    and goes before it. `load_share` is the part of the vehicle this trip's pieces filled.
    `trip_mass_g` is the mass of all pieces, where a trip counted per tonne-km is shared.
    """

    distance_m: int | None
    factor_key: str | None = None
    own_kg_per_km: Decimal | None = None
    load_share: Fraction = Fraction(1)
    share: Fraction = Fraction(1)
    trip_mass_g: Fraction | None = None
    cost_ore: int | None = None
    is_measured: bool = False


@dataclass(frozen=True, slots=True)
class NewPart:
    """Material put in during redesign."""

    material: str
    mass_g: int


@dataclass(frozen=True, slots=True)
class RedesignInputs:
    """What the workshop used: new parts, electricity, its transport and the removed parts' end."""

    new_parts: tuple[NewPart, ...] = ()
    energy_wh: int = 0
    transport_g: Decimal = Decimal(0)
    removed_end_of_life_g: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One piece in one handover; costs in øre of `costs_currency`, entries in `currency`.

    `price_ore` is what was paid for the piece, or for `sold` what it brought. `built_in_g` is the
    surplus mass built into a piece redesigned from surplus; without a recorded donor none counts,
    as no removed parts count where none are recorded.
    """

    handed_over_on: date
    source: FulfilmentSource
    category_code: str | None
    user_case: UserCase
    would_have: WouldHave
    would_discard: bool
    need_recorded: bool = False
    purchase_cancelled: bool = False
    all_new_brief: bool = False
    warranted_as_new: bool = False
    extra_life_months: int | None = None

    amount: Decimal = Decimal(1)
    item_mass_g: int | None = None
    item_price: Money | None = None
    item_epd: Epd | None = None
    item_materials: tuple[Share, ...] = ()
    model_mass_g: int | None = None
    model_gwp_g: int | None = None
    model_price: Money | None = None
    model_epd: Epd | None = None
    model_materials: tuple[Share, ...] = ()
    service_life_months: int | None = None
    made_in_asia: bool = False
    spend_only: bool = False

    currency: str = "NOK"
    costs_currency: str = "NOK"
    price_ore: int | None = None
    redesign_ore: int | None = None
    cleaning_ore: int | None = None
    handling_ore: int | None = None
    costs_complete: bool = False

    redesign_level: RedesignLevel | None = None
    redesign_inputs: RedesignInputs | None = None
    removed_g: int | None = None
    built_in_g: int | Decimal | None = None
    transport: Transport | None = None

    def __post_init__(self) -> None:
        """Refuse what no formula can use, at the door and by name."""
        if self.amount <= 0:
            raise ValueError("amount must be above 0")
        for materials in (self.item_materials, self.model_materials):
            if materials and sum(each.share for each in materials) != 1:
                raise ValueError("the shares of the materials must sum to 1")
        months = (self.extra_life_months, self.service_life_months)
        masses = (self.item_mass_g, self.model_mass_g, self.removed_g, self.built_in_g)
        if any(each is not None and each < 0 for each in (*months, *masses)):
            raise ValueError("months and masses must be 0 or more")
        if self.service_life_months == 0:
            raise ValueError("the service life must be above 0")
        costs = (self.price_ore, self.redesign_ore, self.cleaning_ore, self.handling_ore)
        trip = self.transport
        moved = () if trip is None else (trip.cost_ore, trip.distance_m, trip.share)
        if any(each is not None and each < 0 for each in (*costs, *moved)):
            raise ValueError("costs, distance and share must be 0 or more")


@dataclass(frozen=True, slots=True)
class Override:
    """An organisation's own factor for a category: g, g CO2e, øre or months per amount unit."""

    category_code: str
    kind: FactorKind
    spread: Spread
    source: str
    tier: Tier = Tier.T3
    currency: str = "NOK"


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """One unit of `currency` costs `rate` units of `quote_currency` on that date."""

    currency: str
    quote_currency: str
    rate: Decimal
    on: date
    source: str


@dataclass(frozen=True, slots=True)
class Factors:
    """Everything the calculation may look up: one factor set, own overrides and dated rates."""

    factor_set: FactorSet
    overrides: tuple[Override, ...] = field(default=())
    rates: tuple[ExchangeRate, ...] = field(default=())
