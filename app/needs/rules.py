"""The states of a need, and the reuse ladder that each of its lines is walked up."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Protocol


class NeedState(StrEnum):
    SUBMITTED = "submitted"
    IN_PROGRESS = "in_progress"
    FULFILLED = "fulfilled"
    CLOSED_UNMET = "closed_unmet"
    CANCELLED = "cancelled"


class NeedVerb(StrEnum):
    """``BEGIN``: the first step is decided. ``REOPEN``: what was closed is looked at again."""

    BEGIN = "begin"
    FULFIL = "fulfil"
    GIVE_UP = "give_up"
    CANCEL = "cancel"
    REOPEN = "reopen"


S, V = NeedState, NeedVerb

NEED_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    S.SUBMITTED: {V.BEGIN: S.IN_PROGRESS, V.GIVE_UP: S.CLOSED_UNMET, V.CANCEL: S.CANCELLED},
    S.IN_PROGRESS: {
        V.FULFIL: S.FULFILLED,
        V.GIVE_UP: S.CLOSED_UNMET,
        V.CANCEL: S.CANCELLED,
    },
    S.FULFILLED: {V.REOPEN: S.IN_PROGRESS},
    S.CLOSED_UNMET: {V.REOPEN: S.IN_PROGRESS},
    S.CANCELLED: {},
}
OPEN = (S.SUBMITTED, S.IN_PROGRESS)
"""Somebody still looks for it."""


class Step(StrEnum):
    """The alternatives to buying new, in the order in which they are examined."""

    OWN_UNIT = "own_unit"
    ORGANISATION = "organisation"
    NETWORK = "network"
    REPAIR_OR_REDESIGN = "repair_or_redesign"
    BUY_USED = "buy_used"
    NEW = "new"


MATCHED = (Step.OWN_UNIT, Step.ORGANISATION)
"""Steps at which what the organisation itself has, is found by the program."""
FOUND = (*MATCHED, Step.NETWORK)
"""Steps at which what there is, is found by the program."""
BY_HAND = (Step.REPAIR_OR_REDESIGN, Step.BUY_USED, Step.NEW)
"""Steps whose offers come from outside and are written down."""
WALKED = (*MATCHED, *BY_HAND)
"""The steps of an organisation that is in no network, lowest first."""
WALKED_WITH_OTHERS = (*FOUND, *BY_HAND)
"""Those of one that shares a network with others."""


class Outcome(StrEnum):
    """``NONE``: there was nothing to take."""

    TAKEN = "taken"
    REFUSED = "refused"
    NONE = "none"


class Reason(StrEnum):
    """Why what was found was not taken."""

    SIZE = "size"
    CONDITION = "condition"
    LOOK = "look"
    FUNCTION = "function"
    HYGIENE = "hygiene"
    TOO_LATE = "too_late"
    TOO_FAR = "too_far"
    TOO_FEW = "too_few"
    PRICE = "price"
    NOT_OFFERED = "not_offered"
    OTHER = "other"


def required_steps(
    walked: Sequence[Step],
    *,
    is_above: bool,
    repair_or_redesign: bool = False,
    buy_used: bool = False,
) -> tuple[Step, ...]:
    """What a purchase must show where the organisation has a rule, lowest first.

    What the program itself finds costs nothing to look at: these steps always come first.
    """
    chosen = {Step.REPAIR_OR_REDESIGN: repair_or_redesign, Step.BUY_USED: buy_used}
    return tuple(each for each in walked if each in FOUND or (is_above and chosen.get(each, False)))


class AllocationEnd(StrEnum):
    """Why what was set aside for a need is not its any more.

    ``TOO_LATE``: the day moved past when it is needed. ``TAKEN_OFF``: the project does not release it
    to be offered, or it has gone somewhere else. ``RETURNED``: it had been fetched, and that was undone.
    """

    TOO_LATE = "too_late"
    TAKEN_OFF = "taken_off"
    NEED_ENDED = "need_ended"
    RETURNED = "returned"


class Decided(Protocol):
    """What a decision at a step says."""

    @property
    def step(self) -> Step: ...
    @property
    def outcome(self) -> Outcome: ...
    @property
    def quantity(self) -> int: ...


def taken(decisions: Iterable[Decided]) -> int:
    """How many pieces all steps together gave."""
    return sum(each.quantity for each in decisions if each.outcome is Outcome.TAKEN)


def missing(quantity: int, decisions: Iterable[Decided]) -> int:
    """How many of ``quantity`` pieces are not found yet."""
    return max(0, quantity - taken(decisions))


def examined(decisions: Iterable[Decided]) -> frozenset[Step]:
    """Steps that were left: what they had was refused, or there was nothing.

    To take some of what a step has does not leave it: the rest of it still has to be answered for.
    """
    return frozenset(each.step for each in decisions if each.outcome is not Outcome.TAKEN)


def next_step(
    quantity: int, decisions: Sequence[Decided], steps: Sequence[Step] = WALKED
) -> Step | None:
    """The lowest step not examined yet; nothing when all is found or the ladder ends.

    Who joins a network meanwhile looks there too before anything is bought.
    """
    if missing(quantity, decisions) == 0:
        return None
    done = examined(decisions)
    return next((each for each in steps if each not in done), None)
