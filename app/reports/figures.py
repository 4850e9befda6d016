"""What a project report holds. The same shape is the JSON of the API and of ``omlop report``.

Masses and CO2e in g, money in øre of ``currency``; shares are the exact fraction rounded to four
decimals. Nothing here is rounded for the eye: that is the page's work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

BySource: TypeAlias = Mapping[str, float]

EDITION = 4
"""Which members the document has. The first has no number."""
LATER: Mapping[str, int] = {"edition": 2, "routes": 2, "waste": 2, "plan": 3, "pictures": 3}
"""The edition that brought a member which the first one lacks."""
LATER_WITHIN: Mapping[str, Mapping[str, int]] = {"waste": {"avoided_g_low": 4, "avoided_g_high": 4}}
"""As ``LATER``, of what each row of a member holds."""


@dataclass(frozen=True, slots=True)
class Ranged:
    """A sum of ledger entries with its combined range (savings method, section 10)."""

    value: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Savings:
    """One view of some entries: waste and CO2e in g, money in øre.

    ``waste_g`` is the organisation's own; ``value_chain_waste_g`` counts what was bought used too,
    and the two are never added. ``entries`` are those that stand; ``not_calculated`` of them have
    no CO2e factor and are not in ``co2e_g``. ``saved_ore`` is empty where all of them wait for an
    exchange rate, and without those that do: the coverage counts them under the tier ``TR``.
    """

    waste_g: Ranged
    value_chain_waste_g: Ranged
    co2e_g: Ranged
    saved_ore: Ranged | None
    entries: int
    not_calculated: int

    @property
    def is_calculated(self) -> bool:
        """Whether any of its CO2e is: also where a year has only what another one's use is less."""
        return self.entries > self.not_calculated or self.co2e_g != Ranged(0, 0, 0)

    @property
    def known_co2e_g(self) -> Ranged | None:
        """Nothing where entries stand and none of them is calculated: that is unknown, never 0."""
        return self.co2e_g if self.is_calculated or not self.entries else None


@dataclass(frozen=True, slots=True)
class Views:
    """``gross`` is activity, ``net`` is after displacement and remaining life."""

    gross: Savings
    net: Savings


@dataclass(frozen=True, slots=True)
class Shares:
    """F5 by the five sources; empty until something is fulfilled."""

    by_pieces: BySource | None
    by_kg: BySource | None
    by_nok: BySource | None


@dataclass(frozen=True, slots=True)
class Total:
    """The reuse share in its two published readings, each with its formula and numbers put in."""

    without_bought_used: float
    with_bought_used: float
    formula_without: str
    formula_with: str


@dataclass(frozen=True, slots=True)
class Totals:
    by_pieces: Total | None
    by_kg: Total | None
    by_nok: Total | None


@dataclass(frozen=True, slots=True)
class Source:
    """What one source gave: pieces, their mass in g and their value as new in øre."""

    source: str
    pieces: int
    mass_g: int
    new_price_ore: int
    gross: Savings
    net: Savings


@dataclass(frozen=True, slots=True)
class Line:
    """A programme line. ``by_source`` counts the pieces that meet it now."""

    id: UUID
    category_id: str
    category: str
    requirement: str | None
    state: str
    quantity: int
    fulfilled: int
    by_source: Mapping[str, int]
    gross: Savings
    net: Savings


@dataclass(frozen=True, slots=True)
class Programme:
    """Pieces needed by the state of their line; ``open_pieces`` are still to be found."""

    lines: int
    quantity: int
    fulfilled_pieces: int
    open_lines: int
    open_pieces: int
    cancelled_lines: int
    cancelled_pieces: int


@dataclass(frozen=True, slots=True)
class Tiered:
    """How much of gross rests on one tier: pieces by mass, CO2e and price, and g CO2e.

    ``co2e_share`` is empty where the sum of all tiers is not above 0.
    """

    tier: str
    mass_pieces: int
    co2e_pieces: int
    price_pieces: int
    co2e_g: int
    co2e_share: float | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """``best_share`` is the part of g CO2e that rests on T1 and T2."""

    tiers: tuple[Tiered, ...]
    best_share: float | None
    not_calculated: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """F4: avoided = reference - actual, in g CO2e over the pieces that have a factor."""

    reference_g: int
    actual_g: int
    avoided_g: int
    not_calculated: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece that meets a line, with its standing entries; none where it only moved along."""

    item_id: UUID
    code: str | None
    name: str
    category_id: str
    category: str
    programme_line_id: UUID
    source: str
    fulfilled_on: date
    mass_g: int | None
    new_price_ore: int | None
    gross_entry_id: UUID | None
    gross_waste_g: int | None
    gross_co2e_g: int | None
    gross_saved_ore: int | None
    net_entry_id: UUID | None
    net_waste_g: int | None
    net_co2e_g: int | None
    net_saved_ore: int | None
    co2e_tier: str | None
    factor_set_id: str | None


@dataclass(frozen=True, slots=True)
class Basis:
    """What the figures rest on, so that they can be found and checked again.

    ``without_entry`` pieces are counted in the share by pieces and are in no sum: they moved along
    with their user. ``outside_programme`` entries belong to the project and to no line.
    """

    factor_sets: tuple[str, ...]
    formula_versions: tuple[int, ...]
    ledger_entries: int
    unique_items: int
    without_entry: int
    outside_programme: int
    chain_seq: int
    chain_head: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ReportedProject:
    id: UUID
    number: int
    name: str
    state: str
    kind: str
    organisation: str
    unit: str
    place: str | None
    from_date: date | None
    until_date: date | None
    goal_percent: int | None


@dataclass(frozen=True, slots=True)
class Income:
    """What sales to those outside brought: beside the savings, and in none of their sums.

    ``net_ore`` is without ``vat_ore``.
    """

    sales: int
    net_ore: int
    vat_ore: int


@dataclass(frozen=True, slots=True)
class Route:
    """So many uses from one unit and place to another, by source.

    Nothing of the giver where a piece came from outside, of the receiver where it left.
    """

    from_unit: str | None
    from_place: str | None
    to_unit: str | None
    to_place: str | None
    source: str
    pieces: int


@dataclass(frozen=True, slots=True)
class Waste:
    """One fraction in g. Codes are empty until somebody has compared them with the published lists.

    ``avoided_g`` is gross, calculated from the materials of the categories, with the range that the
    masses have; it has none in a report that was frozen before edition 4. The ranges of fractions
    are not added up: the range of the whole is that of ``totals``. ``delivered_g`` is what the
    decisions on pieces that the project released say was delivered. The two are never added.
    """

    fraction: str
    avoided_g: int
    delivered_g: int
    ns_code: str | None
    eal_code: str | None
    avoided_g_low: int | None = None
    avoided_g_high: int | None = None

    @property
    def avoided(self) -> Ranged:
        """Without width where no range was kept."""
        if self.avoided_g_low is None or self.avoided_g_high is None:
            return Ranged(self.avoided_g, self.avoided_g, self.avoided_g)
        return Ranged(self.avoided_g, self.avoided_g_low, self.avoided_g_high)


@dataclass(frozen=True, slots=True)
class Promised:
    """What a plan was to save: what was booked when it was fixed, and an estimate of the rest.

    ``saved_ore`` is empty where the factors lacked the exchange rate.
    """

    waste_g: Ranged
    co2e_g: Ranged
    saved_ore: Ranged | None


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A line as it stood in the plan; its result is the line of the same id.

    ``gross`` and ``net`` are empty of a plan that was fixed before they were kept by line.
    """

    programme_line_id: UUID
    category_id: str
    category: str
    requirement: str | None
    quantity: int
    by_source: Mapping[str, int]
    gross: Promised | None
    net: Promised | None


@dataclass(frozen=True, slots=True)
class Planned:
    """The newest plan that was fixed, as it stood then; ``by_source`` counts pieces."""

    fixed_at: datetime
    alternative: str
    quantity: int
    by_source: Mapping[str, int]
    gross: Promised
    net: Promised
    lines: tuple[PlannedLine, ...]


@dataclass(frozen=True, slots=True)
class Mended:
    """A piece that was photographed before and after."""

    item_id: UUID
    name: str
    before_photo_id: UUID
    after_photo_id: UUID


@dataclass(frozen=True, slots=True)
class ProjectSummary:
    """A project's result by the five sources, and what it saved.

    ``edition`` and what follows it came later: of a report that was frozen before, they are empty,
    and its document has no such members. ``plan`` is empty too where none was fixed.
    """

    project: ReportedProject
    currency: str
    shares: Shares
    reuse: Totals
    totals: Views
    scenario: Scenario
    coverage: Coverage
    programme: Programme
    sources: tuple[Source, ...]
    lines: tuple[Line, ...]
    external_income: Income
    basis: Basis
    edition: int | None = field(default=None, kw_only=True)
    routes: tuple[Route, ...] | None = field(default=None, kw_only=True)
    waste: tuple[Waste, ...] | None = field(default=None, kw_only=True)
    plan: Planned | None = field(default=None, kw_only=True)
    pictures: tuple[Mended, ...] | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class ProjectReport(ProjectSummary):
    """The summary with every piece behind it."""

    pieces: tuple[Piece, ...]
