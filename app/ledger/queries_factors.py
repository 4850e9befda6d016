"""What the organisation's figures rest on, and what other factors would make of the open period."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Text, cast, exists, func, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.impact.queries import factors_of
from app.impact.rules import Estimate, Factors, View, recompute, with_factors
from app.kit.errors import Conflict
from app.kit.i18n import N_
from app.ledger.models import LedgerEntry, Period
from app.ledger.queries_sums import By, Scope, groups
from app.ledger.rules_factors import BOOKED, NOW, Choice, Difference, Row, Weak, weakest

MOST_ENTRIES = 40_000
KEPT = 4_000


class TooManyToCompare(Conflict):
    title = N_("Den åpne perioden har for mange bokføringer til å regnes på nytt her.")


def weak_factors(session: Session, actor: Actor, year: int | None = None) -> list[Weak]:
    """How much CO2e and NOK rests on what, by category and tier; the heaviest of the weak first.

    Gross, as the figures that are shown; of one year of account, or all of them.
    """
    actor.must(Permission.REPORT_READ)
    rows = groups(session, actor, Scope(view=View.GROSS, first_year=year, last_year=year), By.ALL)
    return weakest(
        Row(
            row.category_id,
            row.co2e_tier,
            row.price_tier,
            int(row.co2e_g),
            int(row.saved_ore),
            int(row.uses),
            int(row.not_calculated),
        )
        for row in rows
    )


def factors_at(session: Session, actor: Actor, choice: Choice) -> Factors | None:
    """The factors that are meant; nothing for those that each entry was booked with."""
    if choice.kind == BOOKED:
        return None
    if choice.day is not None:
        until = datetime.combine(choice.day + timedelta(days=1), time.min, UTC)
        return factors_of(session, org_id=actor.org_id, until=until)
    held = factors_of(session, org_id=actor.org_id)
    if choice.kind == NOW:
        return held
    # The set alone, with the rates that its prices in NOK may need.
    return Factors(held.factor_set, (), held.rates)


@dataclass(slots=True)
class Comparison:
    """Differences by category and view. ``entries`` were recomputed, ``left_out`` could not be."""

    entries: int = 0
    left_out: int = 0
    by_category: dict[str, dict[View, Difference]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Difference))
    )

    def total(self, view: View) -> Difference:
        found = Difference()
        for views in self.by_category.values():
            found = found.plus(views.get(view, Difference()))
        return found


def compared(session: Session, actor: Actor, before: Choice, after: Choice) -> Comparison:
    """What stands in the open periods, by one choice of factors and by another; writes nothing.

    Each entry is computed from its own snapshot. Raises ``TooManyToCompare``.
    """
    actor.must(Permission.REPORT_READ)
    by_choice = [_computing(factors_at(session, actor, each)) for each in (before, after)]
    found = Comparison()
    for row in session.execute(_open_entries(session, actor)):
        try:
            first, second = (compute(row.text) for compute in by_choice)
        except ValueError:
            # A price whose rate is not known yet, or a category that the set no longer has.
            found.left_out += 1
            continue
        found.entries += 1
        view = View(row.view)
        own = found.by_category[row.category_id]
        own[view] = own[view].plus(Difference.between(first.figures(view), second.figures(view)))
    return found


def _computing(factors: Factors | None) -> Any:
    """Like pieces share their inputs, so each is computed once."""

    @lru_cache(maxsize=KEPT)
    def compute(text: str) -> Estimate:
        inputs: Mapping[str, object] = json.loads(text)
        return recompute(inputs) if factors is None else with_factors(inputs, factors)

    return compute


def _open_entries(session: Session, actor: Actor) -> Any:
    """What stands in open periods: neither a reversal nor reversed."""
    undone = aliased(LedgerEntry)
    standing = (
        select(LedgerEntry.id)
        .join(
            Period,
            (Period.org_id == LedgerEntry.org_id) & (Period.id == LedgerEntry.period_id),
        )
        .where(
            LedgerEntry.org_id == actor.org_id,
            Period.closed_at.is_(None),
            LedgerEntry.reverses_id.is_(None),
            ~exists().where(
                undone.org_id == LedgerEntry.org_id, undone.reverses_id == LedgerEntry.id
            ),
        )
    )
    count = session.scalar(select(func.count()).select_from(standing.subquery())) or 0
    if count > MOST_ENTRIES:
        raise TooManyToCompare(entries=count, most=MOST_ENTRIES)
    return standing.with_only_columns(
        LedgerEntry.view, LedgerEntry.category_id, cast(LedgerEntry.inputs, Text).label("text")
    )
