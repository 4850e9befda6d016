"""How a cost is shared: kinds, payers, and sums of whole øre. Pure: no session."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from app.catalogue.rules import Work
from app.kit.i18n import N_

MOST_ORE = 10_000_000_000
"""100 million kroner: more than any piece costs, and safe to add up in 64 bits."""


FIRST_YEAR, LAST_YEAR = 1900, 9998
"""There is a month before and one after, which a page leads to."""


class Kind(StrEnum):
    """What is paid for. ``WORK`` is what suppliers do with pieces, or make of them."""

    WORK = "work"
    PURCHASE = "purchase"
    CLEANING = "cleaning"
    FREIGHT = "freight"
    HANDLING = "handling"
    INTERNAL_PRICE = "internal_price"


class Payer(StrEnum):
    """In this order øre are shared out."""

    GIVER = "giver"
    RECEIVER = "receiver"
    COMMON = "common"


class InternalPrice(StrEnum):
    NONE = "none"
    FIXED = "fixed"
    PERCENT = "percent"


WITHOUT_GIVER = frozenset({Kind.PURCHASE, Kind.INTERNAL_PRICE})
"""A purchase has no giver, and of an internal price the giver is the one who is paid."""

KIND_OF_WORK: Mapping[Work, Kind] = {
    Work.CLEAN_OR_REPAIR: Kind.WORK,
    Work.REUPHOLSTER_OR_REDESIGN: Kind.WORK,
    Work.DISMANTLE: Kind.WORK,
    Work.BUILD_FROM_SURPLUS: Kind.WORK,
    Work.BUY_USED: Kind.PURCHASE,
    Work.BUY_NEW: Kind.PURCHASE,
}
"""What an order to a supplier costs, by its work."""

NO_MONTH = N_("Skriv måneden som 2026-03.")
NOT_ALL = N_("Delene må bli 100 prosent til sammen.")
NO_GIVER = N_("Her kan ikke giveren betale. Fordel på mottakeren og fellesenheten.")


def share_problem(kind: Kind, parts: Sequence[int]) -> tuple[Payer, str] | None:
    """What is wrong with the percent of giver, receiver and the common unit, and at which of them."""
    if kind in WITHOUT_GIVER and parts[0]:
        return Payer.GIVER, NO_GIVER
    if sum(parts) != 100:
        return Payer.RECEIVER, NOT_ALL
    return None


def split(whole_ore: int, weights: Sequence[int | Fraction]) -> list[int]:
    """Parts by weight that add up to the whole exactly.

    Each boundary between two parts is rounded down, so that øre left over fall to the later ones:
    100 øre by 1, 1 and 1 are 33, 33 and 34. A part without weight is 0.
    """
    total = sum((Fraction(each) for each in weights), Fraction(0))
    if not total:
        raise ValueError("no weight to share by")
    parts, before, reached = [], 0, Fraction(0)
    for weight in weights:
        reached += weight
        boundary = whole_ore * reached // total
        parts.append(int(boundary) - before)
        before = int(boundary)
    return parts


def part_of_price(new_price_ore: Fraction | int, percent: int) -> int:
    """The internal price as a part of the new price, in whole øre, half-even."""
    return round(Fraction(new_price_ore) * percent / 100)


def is_own(
    payer_unit_id: UUID, payer_centre: str | None, payee_unit_id: UUID, payee_centre: str | None
) -> bool:
    """Nothing to invoice: one cost centre on both sides, or one unit where none is known."""
    return payer_centre == payee_centre and (
        payer_centre is not None or payer_unit_id == payee_unit_id
    )


def month_of(typed: str) -> tuple[date, date] | None:
    """``"2026-03"`` → its first day and the next month's; nothing for what is no month."""
    found = re.fullmatch(r"(\d{4})-(\d{2})", typed, re.ASCII)
    if found is None:
        return None
    year, month = int(found[1]), int(found[2])
    if not 1 <= month <= 12 or not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
