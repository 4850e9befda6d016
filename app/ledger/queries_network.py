"""What the members of a network have saved together: each event once, and nobody's sale to another.

Of a piece that went between two of them the giver has the waste and the receiver CO2e and money
(D3 of the savings method), so their entries add up. What both have, value-chain waste and the use
itself, is the receiver's here; what the one paid the other is taken out of both.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.impact.rules import (
    FulfilmentSource,
    RangedPart,
    Rounded,
    Tier,
    View,
    combine,
    without_sale,
)
from app.items.models import Item
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.ledger.models import LedgerEntry, Period
from app.ledger.queries import STANDING
from app.networks.models import Network, NetworkMember
from app.networks.queries import networks_visible_to, sharing_savings
from app.networks.rules import MemberState

ENTRIES_A_BATCH = 1_000
_GIVEN = (FulfilmentSource.SOLD, FulfilmentSource.DONATED)
_ENDS = ("", "_low", "_high")
_RANGED = {
    "waste_g": "mass_tier",
    "value_chain_waste_g": "mass_tier",
    "co2e_g": "co2e_tier",
}


@dataclass(frozen=True, slots=True)
class NetworkTotal:
    """One view: g, g CO2e and, by currency, øre with their ranges; ``uses`` counts each event once.

    ``unpriced`` of them have no amount, for want of a rate; a currency without any is not there.
    """

    waste_g: Rounded
    value_chain_waste_g: Rounded
    co2e_g: Rounded
    saved_ore: Mapping[str, Rounded]
    uses: int
    not_calculated: int
    unpriced: int


@dataclass(frozen=True, slots=True)
class NetworkSavings:
    """``internal_uses`` pieces went from one member to another; ``internal_sales`` of them for money.

    ``internal_ore``, by the seller's currency, is what was paid for those, and is in no sum.
    """

    network: Network
    member: NetworkMember
    members: Sequence[str]
    years: Sequence[int]
    views: Mapping[View, NetworkTotal]
    internal_uses: int
    internal_sales: int
    internal_ore: Mapping[str, int]


def network_savings(
    session: Session, actor: Actor, network_id: UUID, year: int | None = None
) -> NetworkSavings:
    """The members' savings together, of all years or of what was booked in one.

    Raises ``NotFound`` for who is not a member.
    """
    actor.must(Permission.REPORT_READ)
    standing = session.execute(
        networks_visible_to(actor).where(
            Network.id == network_id, NetworkMember.state == MemberState.MEMBER
        )
    ).one_or_none()
    if standing is None:
        raise NotFound(N_("Fant ikke nettverket."))
    sharing = session.execute(sharing_savings(actor, network_id)).all()
    org_ids = [each.org_id for each in sharing]
    entries = _entries(org_ids, year)
    parts = _groups(session, org_ids, entries)
    given, sold, paid = _crossed(session, org_ids, entries)
    return NetworkSavings(
        network=standing[0],
        member=standing[1],
        members=[each.name for each in sharing],
        years=_years(session, org_ids),
        views={
            view: _total([each for each in parts if each.view == view], paid.moved[view])
            for view in View
        },
        internal_uses=given,
        internal_sales=sold,
        internal_ore=paid.ore,
    )


def _years(session: Session, org_ids: Sequence[UUID]) -> list[int]:
    query = select(Period.year).where(Period.org_id.in_(org_ids)).distinct()
    return list(session.scalars(query.order_by(Period.year.desc())))


def _entries(org_ids: Sequence[UUID], year: int | None) -> ColumnElement[bool]:
    of_members: ColumnElement[bool] = LedgerEntry.org_id.in_(org_ids)
    if year is None:
        return of_members
    of_year = exists().where(
        Period.org_id == LedgerEntry.org_id,
        Period.id == LedgerEntry.period_id,
        Period.year == year,
    )
    return of_members & of_year


def _is_given(org_ids: Sequence[UUID]) -> ColumnElement[bool]:
    """The giver's side of a piece that another of them received."""
    arrived = exists().where(
        Item.previous_org_id == LedgerEntry.org_id,
        Item.previous_item_id == LedgerEntry.item_id,
        Item.org_id.in_(org_ids),
    )
    return LedgerEntry.source.in_(_GIVEN) & arrived


def _is_got(org_ids: Sequence[UUID]) -> ColumnElement[bool]:
    """The receiver's side of the same."""
    came = exists().where(
        Item.org_id == LedgerEntry.org_id,
        Item.id == LedgerEntry.item_id,
        Item.previous_org_id.in_(org_ids),
    )
    return (LedgerEntry.source == FulfilmentSource.BOUGHT_USED) & came


def _groups(
    session: Session, org_ids: Sequence[UUID], entries: ColumnElement[bool]
) -> Sequence[Any]:
    by = ("view", "category_id", "mass_tier", "co2e_tier", "price_tier", "currency")
    figures = [f"{name}{end}" for name in (*_RANGED, "saved_ore") for end in _ENDS]
    part = (
        select(
            *(getattr(LedgerEntry, name) for name in (*by, *figures)),
            STANDING.label("stands"),
            case((_is_given(org_ids), 1), else_=0).label("given"),
        )
        .where(entries)
        .subquery()
    )
    return session.execute(
        select(
            *(part.c[name] for name in by),
            part.c.given,
            *(func.sum(part.c[name]).label(name) for name in figures),
            func.sum(part.c.stands).label("uses"),
            func.count(part.c.co2e_g).label("calculated"),
        ).group_by(*(part.c[name] for name in by), part.c.given)
    ).all()


def _total(groups: Sequence[Any], moved: Sequence[tuple[str, RangedPart]]) -> NetworkTotal:
    once = [each for each in groups if not each.given]

    def summed(name: str, of: Sequence[Any]) -> Rounded:
        return combine(_parts(of, name, _RANGED[name]))

    saved: dict[str, list[RangedPart]] = defaultdict(list)
    for each in groups:
        saved[each.currency] += _parts([each], "saved_ore", "price_tier")
    for currency, part in moved:
        saved[currency].append(part)
    return NetworkTotal(
        waste_g=summed("waste_g", groups),
        value_chain_waste_g=summed("value_chain_waste_g", once),
        co2e_g=summed("co2e_g", groups),
        saved_ore={currency: combine(parts) for currency, parts in sorted(saved.items()) if parts},
        uses=sum(int(each.uses) for each in once),
        not_calculated=sum(int(each.uses) for each in once if not each.calculated),
        unpriced=sum(int(each.uses) for each in once if each.price_tier == Tier.NO_RATE),
    )


def _parts(groups: Sequence[Any], name: str, tier: str) -> list[RangedPart]:
    found = []
    for each in groups:
        value, low, high = (getattr(each, f"{name}{end}") for end in _ENDS)
        if value is not None:
            of = (each.category_id, getattr(each, tier))
            found.append(RangedPart(*of, int(value), int(low), int(high)))
    return found


@dataclass(slots=True)
class _Paid:
    """What internal sales moved: by view, what the sums change by without them; by currency, øre."""

    moved: dict[View, list[tuple[str, RangedPart]]]
    ore: dict[str, int]


def _crossed(
    session: Session, org_ids: Sequence[UUID], entries: ColumnElement[bool]
) -> tuple[int, int, _Paid]:
    """How many pieces went between members, how many were sold, and what that moved."""
    paid = _Paid({view: [] for view in View}, defaultdict(int))
    given = session.scalar(
        select(func.sum(STANDING)).where(
            entries, _is_given(org_ids), LedgerEntry.view == View.GROSS
        )
    )
    sold = 0
    sides = (_is_given(org_ids) & (LedgerEntry.source == FulfilmentSource.SOLD), _is_got(org_ids))
    for side in sides:
        for entry in _rows(session, select(LedgerEntry).where(entries, side)):
            sign = 1 if entry.reverses_id is None else -1
            without = without_sale(entry.inputs).figures(entry.view).saved_ore
            if side is sides[0] and entry.view == View.GROSS:
                sold += sign
            booked = entry.saved_ore, entry.saved_ore_low, entry.saved_ore_high
            if without is None or booked[0] is None:
                continue  # no amount is in the sums that could be taken out of them
            changes = [
                sign * alone - (with_sale or 0)
                for alone, with_sale in zip(
                    (without.value, without.low, without.high), booked, strict=True
                )
            ]
            part = RangedPart(entry.category_id, entry.price_tier, *changes)
            paid.moved[entry.view].append((entry.currency, part))
            if side is sides[0] and entry.view == View.GROSS:
                paid.ore[entry.currency] -= changes[0]
    return int(given or 0), sold, paid


def _rows(session: Session, query: Select[LedgerEntry]) -> Iterator[LedgerEntry]:
    ordered = query.order_by(LedgerEntry.org_id, LedgerEntry.booked_at, LedgerEntry.id)
    yield from session.scalars(ordered.execution_options(yield_per=ENTRIES_A_BATCH))
