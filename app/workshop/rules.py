"""What a supplier order can be, and the sums of it. Pure: no session."""

from collections.abc import Mapping
from enum import StrEnum

from app.catalogue.rules import Work
from app.impact.rules import FulfilmentSource, RedesignLevel
from app.needs.rules import Step

MOST_PIECES = 500
MOST_ORE = 10_000_000_000
"""100 million kroner: more than any order costs, and safe to add up in 64 bits."""


class OrderState(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    CONFIRMED = "confirmed"
    DONE = "done"
    CANCELLED = "cancelled"


class OrderVerb(StrEnum):
    SEND = "send"
    CONFIRM = "confirm"
    FINISH = "finish"
    REOPEN = "reopen"
    CANCEL = "cancel"


S, V = OrderState, OrderVerb

ORDER_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    S.DRAFT: {V.SEND: S.SENT, V.CANCEL: S.CANCELLED},
    S.SENT: {V.CONFIRM: S.CONFIRMED, V.CANCEL: S.CANCELLED},
    S.CONFIRMED: {V.FINISH: S.DONE, V.CANCEL: S.CANCELLED},
    # What was delivered was taken back: it is delivered anew.
    S.DONE: {V.REOPEN: S.CONFIRMED},
}
OPEN = (S.DRAFT, S.SENT, S.CONFIRMED)
"""Somebody has to act yet."""
AT_SUPPLIER = (S.SENT, S.CONFIRMED)
"""The pieces are in the workshop."""


class Outcome(StrEnum):
    """What became of a piece at the supplier's."""

    CLEANED_OR_REPAIRED = "cleaned_or_repaired"
    REUPHOLSTERED_OR_REDESIGNED = "reupholstered_or_redesigned"
    DISMANTLED = "dismantled"
    NOT_RETURNED = "not_returned"


TREATED: Mapping[Work, Outcome] = {
    Work.CLEAN_OR_REPAIR: Outcome.CLEANED_OR_REPAIRED,
    Work.REUPHOLSTER_OR_REDESIGN: Outcome.REUPHOLSTERED_OR_REDESIGNED,
    Work.DISMANTLE: Outcome.DISMANTLED,
}
"""Works on pieces that are there already, and what becomes of each."""
MENDED = (Outcome.CLEANED_OR_REPAIRED, Outcome.REUPHOLSTERED_OR_REDESIGNED)
"""What was done with a piece that came back."""
ON_PIECES = (*TREATED, Work.BUILD_FROM_SURPLUS)
"""Works that begin with pieces of the organisation's own: those treated, or the donors."""
MAKING = (Work.BUILD_FROM_SURPLUS, Work.BUY_USED, Work.BUY_NEW)
"""Works that end with pieces that are registered on delivery."""
BUYING = (Work.BUY_USED, Work.BUY_NEW)
"""Works whose price is the pieces' own, and not that of work on them."""

SOURCE: Mapping[Work, FulfilmentSource] = {
    Work.CLEAN_OR_REPAIR: FulfilmentSource.REDESIGNED,
    Work.REUPHOLSTER_OR_REDESIGN: FulfilmentSource.REDESIGNED,
    Work.BUILD_FROM_SURPLUS: FulfilmentSource.REDESIGNED_FROM_SURPLUS,
    Work.BUY_USED: FulfilmentSource.BOUGHT_USED,
    Work.BUY_NEW: FulfilmentSource.NEW,
}
LEVELS: Mapping[Work, tuple[RedesignLevel, ...]] = {
    Work.CLEAN_OR_REPAIR: (RedesignLevel.CLEANING, RedesignLevel.MINOR_PARTS),
    Work.REUPHOLSTER_OR_REDESIGN: (
        RedesignLevel.LIGHT_REFURBISHMENT,
        RedesignLevel.REUPHOLSTERY,
        RedesignLevel.REMANUFACTURED,
        RedesignLevel.FULL_RENOVATION,
        RedesignLevel.NEW_TOP,
    ),
    Work.BUILD_FROM_SURPLUS: tuple(RedesignLevel),
}
"""Levels of section 8 of the savings method that a work can have; the first where nothing is said."""

WITH_PARTS = frozenset(
    {
        RedesignLevel.REUPHOLSTERY,
        RedesignLevel.REMANUFACTURED,
        RedesignLevel.FULL_RENOVATION,
        RedesignLevel.NEW_TOP,
    }
)
"""Levels that nothing is done at without new material: power alone is not what they took."""

STEP: Mapping[Work, Step] = {
    Work.CLEAN_OR_REPAIR: Step.REPAIR_OR_REDESIGN,
    Work.REUPHOLSTER_OR_REDESIGN: Step.REPAIR_OR_REDESIGN,
    Work.BUILD_FROM_SURPLUS: Step.REPAIR_OR_REDESIGN,
    Work.BUY_USED: Step.BUY_USED,
    Work.BUY_NEW: Step.NEW,
}
"""The step of the reuse ladder that an order for a need is taken at."""


def stands_for_itself(
    level: RedesignLevel | None, *, has_materials: bool, energy_wh: int | None
) -> bool:
    """Whether what was recorded takes the place of the level's share r of G.

    What was only taken off says nothing of what the work took, and the share holds more than power.
    """
    return has_materials or (bool(energy_wh) and level is not None and level not in WITH_PARTS)


def each_ore(whole_ore: int, pieces: int) -> int:
    """One piece's part of a price, half-even: the parts of 1,000 kr for three are 333.33 each."""
    return round(whole_ore / pieces) if pieces else 0
