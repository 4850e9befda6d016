"""Adds up what the ledger's groups of entries say. No session and no rounding for the eye."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Protocol
from uuid import UUID

from app.impact.rules import (
    FIVE_SOURCES,
    FulfilmentSource,
    RangedPart,
    ReuseShare,
    Tier,
    View,
    combine,
    reuse_share,
)
from app.reports.figures import BySource, Coverage, Ranged, Savings, Scenario, Tiered, Views

BEST = (Tier.T1, Tier.T2)
REUSED = FIVE_SOURCES[:3]
"""The sources that are reuse in every published reading; bought used is added in the other."""


class Group(Protocol):
    """Entries of one view, source, line, category and tiers, added up by the database."""

    @property
    def view(self) -> View: ...
    @property
    def source(self) -> FulfilmentSource: ...
    @property
    def programme_line_id(self) -> UUID | None: ...
    @property
    def category_id(self) -> str: ...
    @property
    def mass_tier(self) -> str: ...
    @property
    def co2e_tier(self) -> str | None: ...
    @property
    def price_tier(self) -> str: ...
    @property
    def entries(self) -> int: ...
    @property
    def not_calculated(self) -> int: ...
    @property
    def reference_g(self) -> int: ...
    @property
    def factor_set_id(self) -> str: ...


_TIERS: Mapping[str, Callable[[Group], str | None]] = {
    "waste_g": lambda group: group.mass_tier,
    "value_chain_waste_g": lambda group: group.mass_tier,
    "co2e_g": lambda group: group.co2e_tier,
    "saved_ore": lambda group: group.price_tier,
}
"""Which tier a figure's range comes from."""


def whole_of(group: Group, name: str) -> int:
    """A sum as a whole number: PostgreSQL adds 64-bit integers up to a decimal, or to nothing."""
    return int(getattr(group, name) or 0)


def _ranged(groups: Sequence[Group], name: str) -> Ranged:
    found = combine(
        RangedPart(
            group.category_id,
            _TIERS[name](group),
            whole_of(group, name),
            whole_of(group, f"{name}_low"),
            whole_of(group, f"{name}_high"),
        )
        for group in groups
    )
    return Ranged(found.value, found.low, found.high)


_NOTHING = Ranged(0, 0, 0)


def savings(groups: Iterable[Group]) -> Savings:
    """The sum of the groups, each figure with its combined range; no amount where all lack a rate."""
    listed = list(groups)
    entries = sum(whole_of(each, "entries") for each in listed)
    saved = _ranged(listed, "saved_ore")
    waiting = sum(whole_of(e, "entries") for e in listed if e.price_tier == Tier.NO_RATE)
    return Savings(
        waste_g=_ranged(listed, "waste_g"),
        value_chain_waste_g=_ranged(listed, "value_chain_waste_g"),
        co2e_g=_ranged(listed, "co2e_g"),
        saved_ore=saved if entries > waiting or not entries or saved != _NOTHING else None,
        entries=entries,
        not_calculated=sum(whole_of(each, "not_calculated") for each in listed),
    )


def views(groups: Iterable[Group]) -> Views:
    listed = list(groups)
    return Views(
        gross=savings(each for each in listed if each.view == View.GROSS),
        net=savings(each for each in listed if each.view == View.NET),
    )


def scenario(groups: Iterable[Group]) -> Scenario:
    """F4 from the sums: reference and avoided are the entries', actual is their difference."""
    gross = [each for each in groups if each.view == View.GROSS]
    reference = sum(whole_of(each, "reference_g") for each in gross)
    avoided = sum(whole_of(each, "co2e_g") for each in gross)
    missing = sum(whole_of(each, "not_calculated") for each in gross)
    return Scenario(reference, reference - avoided, avoided, missing)


def coverage(groups: Iterable[Group]) -> Coverage:
    """How much of gross rests on each tier, the best first; tiers nothing rests on are left out."""
    gross = [each for each in groups if each.view == View.GROSS and whole_of(each, "entries")]
    whole = sum(whole_of(each, "co2e_g") for each in gross)

    def share(co2e_g: int) -> float | None:
        return rounded(Fraction(co2e_g, whole)) if whole > 0 else None

    def pieces(tier: str, of: Callable[[Group], str | None]) -> int:
        return sum(whole_of(each, "entries") for each in gross if of(each) == tier)

    tiers = []
    for tier in Tier:
        co2e = sum(whole_of(each, "co2e_g") for each in gross if each.co2e_tier == tier)
        found = Tiered(
            tier=tier.value,
            mass_pieces=pieces(tier, lambda each: each.mass_tier),
            co2e_pieces=pieces(tier, lambda each: each.co2e_tier),
            price_pieces=pieces(tier, lambda each: each.price_tier),
            co2e_g=co2e,
            co2e_share=share(co2e),
        )
        if found.mass_pieces or found.co2e_pieces or found.price_pieces:
            tiers.append(found)
    best = sum(whole_of(each, "co2e_g") for each in gross if each.co2e_tier in BEST)
    missing = sum(whole_of(each, "not_calculated") for each in gross)
    return Coverage(tuple(tiers), share(best), missing)


def rounded(share: Fraction) -> float:
    """An exact share as JSON gives it: four decimals."""
    return float(round(share, 4))


def shares(totals: Mapping[FulfilmentSource, int]) -> tuple[ReuseShare, BySource] | None:
    """F5 of these totals, exact and as JSON; empty where there is nothing to divide."""
    found = reuse_share(totals)
    if found is None:
        return None
    return found, {source.value: rounded(share) for source, share in found.shares.items()}
