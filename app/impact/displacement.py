"""Displacement d of the net view (section 6): how much of a new purchase the reuse replaced.

The first row that matches decides; the last row leaves no gap. The proxies come from studies of
second-hand clothing, the others are the project's estimates: `basis` says which.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from app.impact.facts import Facts, FulfilmentSource, UserCase, WouldHave

# The share who would have bought new in an older study (WRAP 2013): low bound for sensitivity.
LOW_BOUND = Fraction("0.27")

_FROM_ELSEWHERE = frozenset(
    {FulfilmentSource.BOUGHT_USED, FulfilmentSource.SOLD, FulfilmentSource.DONATED}
)


@dataclass(frozen=True, slots=True)
class Displacement:
    """One row of the table. `value` is empty where there is no new need and so no event."""

    key: str
    value: Fraction | None
    basis: str


_TABLE: tuple[tuple[Displacement, Callable[[Facts], bool]], ...] = (
    (
        Displacement("moves_along", None, "no new need: no event"),
        lambda f: f.user_case == UserCase.MOVES_ALONG and not f.all_new_brief,
    ),
    (
        Displacement("all_new_brief", Fraction(1), "the brief is the recorded need"),
        lambda f: f.user_case == UserCase.MOVES_ALONG,
    ),
    (
        Displacement("would_do_without", Fraction(0), "rebound; gross still counts"),
        lambda f: f.would_have == WouldHave.WOULD_DO_WITHOUT,
    ),
    (
        Displacement("purchase_cancelled", Fraction(1), "the request is the recorded need"),
        lambda f: f.user_case == UserCase.SAME_USER and f.purchase_cancelled,
    ),
    (
        Displacement("would_buy_used", Fraction("0.65"), "estimate, after the proxy 64.6 % (S45)"),
        lambda f: f.would_have == WouldHave.WOULD_BUY_USED,
    ),
    (
        Displacement("same_user", Fraction("0.82"), "proxy: 82.2 % for clothing repair (S45)"),
        lambda f: f.user_case == UserCase.SAME_USER,
    ),
    (
        Displacement("need_recorded", Fraction(1), "definition of the counterfactual (S71)"),
        lambda f: f.would_have == WouldHave.WOULD_BUY_NEW and f.need_recorded,
    ),
    (
        Displacement("would_buy_new", Fraction("0.8"), "estimate: the answer came after the find"),
        lambda f: f.would_have == WouldHave.WOULD_BUY_NEW,
    ),
    (
        Displacement("from_elsewhere", Fraction("0.65"), "proxy: 64.6 % for clothing (S45)"),
        lambda f: f.source in _FROM_ELSEWHERE,
    ),
    (
        Displacement("not_answered", Fraction("0.8"), "estimate: between 1.0 and 0.65"),
        lambda _: True,
    ),
)


def displacement(facts: Facts) -> Displacement:
    """The first row of the table that matches these facts."""
    return next(row for row, matches in _TABLE if matches(facts))
