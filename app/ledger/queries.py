"""Entries an actor may see, and their sums: the sum of entries is the official figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Select, case, func, literal_column, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import Actor
from app.impact.rules import RangedPart, Rounded, Tier, View, combine
from app.kit.chain import ChainLink
from app.kit.errors import NotFound
from app.kit.events import EventRow
from app.kit.i18n import N_
from app.kit.work import write_last
from app.ledger.models import LedgerEntry
from app.ledger.models_sums import LedgerSum
from app.ledger.rules_sums import Cut

ZERO = Rounded(0, 0, 0)
STANDING = case((LedgerEntry.reverses_id.is_(None), 1), else_=-1)
"""Added up, how many entries stand: a reversal takes its original out."""


@dataclass(frozen=True, slots=True)
class Total:
    """One view of many entries; g, g CO2e and øre with range.

    ``pieces`` counts unique pieces that stand, ``uses`` their handovers: a piece used twice is one
    piece and two uses. ``not_calculated`` are the uses whose CO2e is not calculated, ``unpriced``
    those that have no amount, for want of an exchange rate.
    """

    waste_g: Rounded
    value_chain_waste_g: Rounded
    co2e_g: Rounded
    saved_ore: Rounded
    mass_g: int
    uses: int
    pieces: int
    not_calculated: int
    unpriced: int


NOTHING = Total(ZERO, ZERO, ZERO, ZERO, 0, 0, 0, 0, 0)


def entries_visible_to(actor: Actor) -> Select[LedgerEntry]:
    """Every entry of the actor's organisation, reversals and reversed ones included."""
    return select(LedgerEntry).where(LedgerEntry.org_id == actor.org_id)


def standing_entries(actor: Actor) -> Select[LedgerEntry]:
    """One entry per piece, view and event: neither a reversal nor reversed."""
    return standing_of(actor.org_id)


def standing_of(org_id: UUID | BindParameter[Any]) -> Select[LedgerEntry]:
    """As ``standing_entries``, also for a statement that is compiled before it has an actor."""
    other = aliased(LedgerEntry)
    is_reversed = (
        select(other.id)
        .where(other.org_id == LedgerEntry.org_id, other.reverses_id == LedgerEntry.id)
        .exists()
    )
    # Asked for a missing ``reverses_id`` itself, SQLite looks there first: at every entry of the
    # organisation, and not at those of the piece or project that is asked for.
    is_original = literal_column("1") == STANDING
    return select(LedgerEntry).where(LedgerEntry.org_id == org_id, is_original, ~is_reversed)


def entry(session: Session, actor: Actor, entry_id: UUID) -> LedgerEntry:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(entries_visible_to(actor).where(LedgerEntry.id == entry_id))
    if found is None:
        raise NotFound(N_("Fant ikke besparelsen."))
    return found


def reversed_by(session: Session, actor: Actor, entry_id: UUID) -> UUID | None:
    """The entry that reverses this one, if any."""
    query = entries_visible_to(actor).where(LedgerEntry.reverses_id == entry_id)
    return session.scalar(query.with_only_columns(LedgerEntry.id))


def link_of(session: Session, row: LedgerEntry) -> tuple[int, str] | None:
    """Number and digest of the entry's link in its organisation's chain."""
    found = session.execute(
        select(ChainLink.seq, ChainLink.digest).where(
            ChainLink.org_id == row.org_id,
            ChainLink.row_id == row.id,
            ChainLink.table == LedgerEntry.__tablename__,
        )
    ).one_or_none()
    return None if found is None else (found.seq, found.digest)


def lines_without_rate(session: Session, org_id: UUID, since: date) -> list[UUID]:
    """Handover lines from a day on with an entry, or one that was reversed, that lacks its amounts.

    The sums say whether any waits: there is no index to find them by among a million entries.
    """
    write_last(session)
    waiting = select(func.sum(LedgerSum.uses)).where(
        LedgerSum.org_id == org_id,
        LedgerSum.cut == Cut.WHOLE,
        LedgerSum.view == View.GROSS,
        LedgerSum.price_tier == Tier.NO_RATE,
    )
    if not session.scalar(waiting):
        return []
    query = (
        select(EventRow.subject_id)
        .join(
            LedgerEntry,
            (LedgerEntry.org_id == EventRow.org_id) & (LedgerEntry.event_id == EventRow.id),
        )
        .where(LedgerEntry.org_id == org_id, LedgerEntry.price_tier == Tier.NO_RATE)
        .where(LedgerEntry.handed_over_on >= since)
    )
    return sorted(set(session.scalars(query)))


_SUMMED = ("waste_g", "value_chain_waste_g", "co2e_g", "saved_ore")
_TIERS = {
    "waste_g": "mass_tier",
    "value_chain_waste_g": "mass_tier",
    "co2e_g": "co2e_tier",
    "saved_ore": "price_tier",
}


def totals(session: Session, entries: Select[LedgerEntry]) -> dict[View, Total]:
    """Gross and net of these entries, reversals included; two statements however many they are.

    A range is combined over category and tier by section 10 of the savings method.
    """
    part = entries.subquery()
    names = [f"{name}{bound}" for name in _SUMMED for bound in ("", "_low", "_high")]
    groups = session.execute(
        select(
            part.c.view,
            part.c.category_id,
            part.c.mass_tier,
            part.c.co2e_tier,
            part.c.price_tier,
            *(func.sum(part.c[name]).label(name) for name in names),
            func.sum(part.c.mass_g).label("mass_g"),
        ).group_by(
            part.c.view, part.c.category_id, part.c.mass_tier, part.c.co2e_tier, part.c.price_tier
        )
    ).all()
    counts = _counts(session, entries)
    found: dict[View, Total] = {}
    for view in View:
        own = [group for group in groups if group.view == view]
        waste, chain_waste, co2e, saved = (combine(_parts(own, name)) for name in _SUMMED)
        found[view] = Total(
            waste_g=waste,
            value_chain_waste_g=chain_waste,
            co2e_g=co2e,
            saved_ore=saved,
            mass_g=sum(int(group.mass_g) for group in own),
            **counts[view],
        )
    return found


def _parts(groups: Sequence[object], name: str) -> list[RangedPart]:
    parts = []
    for group in groups:
        value, low, high = (getattr(group, f"{name}{bound}") for bound in ("", "_low", "_high"))
        if value is not None:
            tier = getattr(group, _TIERS[name])
            category: str = getattr(group, "category_id")  # noqa: B009  (a row has no such type)
            parts.append(RangedPart(category, tier, int(value), int(low), int(high)))
    return parts


def _counts(session: Session, entries: Select[LedgerEntry]) -> dict[View, dict[str, int]]:
    """Uses, unique pieces, and uses without CO2e and without an amount, of what stands."""
    part = entries.subquery()
    # A reversal takes one use away again, so that no entry need be looked up.
    uses = func.sum(case((part.c.reverses_id.is_(None), 1), else_=-1))
    by_piece = (
        select(
            part.c.view,
            uses.label("uses"),
            func.count(part.c.co2e_g).label("calculated"),
            func.count(part.c.saved_ore).label("priced"),
        )
        .group_by(part.c.view, part.c.item_id)
        .having(uses > 0)
        .subquery()
    )
    left_out, unpriced = (
        func.sum(case((calculated == 0, by_piece.c.uses), else_=0))
        for calculated in (by_piece.c.calculated, by_piece.c.priced)
    )
    found = {view: {"uses": 0, "pieces": 0, "not_calculated": 0, "unpriced": 0} for view in View}
    for view, uses_of_all, pieces, not_calculated, without_rate in session.execute(
        select(
            by_piece.c.view, func.sum(by_piece.c.uses), func.count(), left_out, unpriced
        ).group_by(by_piece.c.view)
    ):
        found[view] = {
            "uses": int(uses_of_all),
            "pieces": pieces,
            "not_calculated": int(not_calculated),
            "unpriced": int(without_rate),
        }
    return found
