"""Rules and booked costs, as the actor may see them, and their sums."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.queries import units_below_led_by
from app.accounts.rules import Permission
from app.costs.models import CostEntry, CostPrice, CostRule, CostShare
from app.costs.rules import Kind, is_own
from app.handovers.models import Handover, HandoverLine
from app.items.models import Item
from app.kit.errors import Forbidden, NotFound
from app.kit.i18n import N_
from app.marketplace.models import Request
from app.marketplace.queries_public import market_of
from app.workshop.models import SupplierOrder


@dataclass(frozen=True, slots=True)
class Rule:
    """One version, with percent of giver, receiver and common unit by kind, and prices in øre."""

    row: CostRule
    shares: Mapping[Kind, tuple[int, int, int]]
    prices: Mapping[str, int]


def rules_of(session: Session, org_id: UUID) -> list[Rule]:
    """All versions, the newest first; one statement where there is none, else three."""
    query = select(CostRule).where(CostRule.org_id == org_id).order_by(CostRule.number.desc())
    rows = session.scalars(query).all()
    if not rows:
        return []
    shares: dict[UUID, dict[Kind, tuple[int, int, int]]] = {each.id: {} for each in rows}
    prices: dict[UUID, dict[str, int]] = {each.id: {} for each in rows}
    for share in session.scalars(select(CostShare).where(CostShare.org_id == org_id)):
        parts = share.giver_percent, share.receiver_percent, share.common_percent
        shares[share.cost_rule_id][share.kind] = parts
    for price in session.scalars(select(CostPrice).where(CostPrice.org_id == org_id)):
        prices[price.cost_rule_id][price.category_id] = price.price_ore
    order = list(Kind)
    return [
        Rule(
            each,
            dict(sorted(shares[each.id].items(), key=lambda share: order.index(share[0]))),
            prices[each.id],
        )
        for each in rows
    ]


def rule_on(rules: Sequence[Rule], day: date) -> Rule | None:
    """What holds on a day: the one that began last, and of those of one day the newest."""
    begun = [each for each in rules if each.row.valid_from <= day]
    return max(begun, key=lambda each: (each.row.valid_from, each.row.number), default=None)


def rule_of(session: Session, actor: Actor, cost_rule_id: UUID) -> Rule:
    """Raises ``NotFound`` for another organisation's as for none."""
    for each in rules_of(session, actor.org_id):
        if each.row.id == cost_rule_id:
            return each
    raise NotFound(N_("Fant ikke kostnadsregelen."))


def vat_percent_of(session: Session, org_id: UUID) -> int:
    """What the prices of its listings include; costs are without."""
    market = session.scalar(market_of(org_id))
    return market.vat_percent if market is not None else 0


def entries_visible_to(actor: Actor) -> Select[CostEntry]:
    """Those of units one reports for or leads, whichever side they are on."""
    query = select(CostEntry).where(CostEntry.org_id == actor.org_id)
    if actor.may_everywhere(Permission.EXPORT):
        return query
    led = units_below_led_by(actor)
    seen: list[ColumnElement[bool]] = [
        CostEntry.payer_unit_id.in_(led),
        CostEntry.payee_unit_id.in_(led),
    ]
    if units := actor.permissions.get(Permission.EXPORT):
        seen += [CostEntry.payer_unit_id.in_(units), CostEntry.payee_unit_id.in_(units)]
    return query.where(or_(*seen))


def must_see_costs(session: Session, actor: Actor) -> None:
    """For those who report, or lead a unit. Raises ``Forbidden``."""
    leads = units_below_led_by(actor).limit(1)
    if not actor.may(Permission.EXPORT) and session.scalar(leads) is None:
        raise Forbidden(permission=Permission.EXPORT.value)


def entries_between(
    actor: Actor, month: tuple[date, date] | None, unit_ids: Collection[UUID] | None
) -> Select[CostEntry]:
    """Booked in a month, of units on either side; without them all."""
    query = entries_visible_to(actor)
    if month is not None:
        query = query.where(CostEntry.booked_on >= month[0], CostEntry.booked_on < month[1])
    if unit_ids is not None:
        query = query.where(
            or_(CostEntry.payer_unit_id.in_(unit_ids), CostEntry.payee_unit_id.in_(unit_ids))
        )
    return query


NEWEST_FIRST: Any = [
    (CostEntry.booked_at.expression, True),
    (CostEntry.id.expression, True),
]


def entry_of(session: Session, actor: Actor, cost_entry_id: UUID) -> CostEntry:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(entries_visible_to(actor).where(CostEntry.id == cost_entry_id))
    if found is None:
        raise NotFound(N_("Fant ikke kostnaden."))
    return found


def reversal_of(session: Session, actor: Actor, cost_entry_id: UUID) -> UUID | None:
    """The entry that takes this one back, if any."""
    query = entries_visible_to(actor).where(CostEntry.reverses_id == cost_entry_id)
    return session.scalar(query.with_only_columns(CostEntry.id))


@dataclass(frozen=True, slots=True)
class Sum:
    """What one unit's cost centre owes another's, in øre of ``currency``; ``rows`` are entries."""

    payer_unit_id: UUID
    payer: str
    payer_cost_centre: str | None
    payee_unit_id: UUID
    payee: str
    payee_cost_centre: str | None
    currency: str
    rows: int
    amount_ore: int

    @property
    def is_own(self) -> bool:
        """Nothing is to be invoiced: it bears the cost itself."""
        return is_own(
            self.payer_unit_id,
            self.payer_cost_centre,
            self.payee_unit_id,
            self.payee_cost_centre,
        )


def sums_of(session: Session, entries: Select[CostEntry]) -> list[Sum]:
    """By the cost centres of payer and payee, in one statement."""
    part = entries.subquery()
    payer, payee = aliased(Unit), aliased(Unit)
    sides = (
        part.c.payer_unit_id,
        payer.name.label("payer"),
        part.c.payer_cost_centre,
        part.c.payee_unit_id,
        payee.name.label("payee"),
        part.c.payee_cost_centre,
        part.c.currency,
    )
    query = (
        select(*sides, func.count().label("rows"), func.sum(part.c.amount_ore).label("amount_ore"))
        .join(payer, (payer.org_id == part.c.org_id) & (payer.id == part.c.payer_unit_id))
        .join(payee, (payee.org_id == part.c.org_id) & (payee.id == part.c.payee_unit_id))
        .group_by(*sides)
        .order_by(
            payer.name,
            # Where there is no cost centre the databases disagree which comes first.
            func.coalesce(part.c.payer_cost_centre, ""),
            part.c.payer_unit_id,
            payee.name,
            func.coalesce(part.c.payee_cost_centre, ""),
            part.c.payee_unit_id,
            part.c.currency,
        )
    )
    # PostgreSQL adds large integers up to a decimal number.
    return [
        Sum(**{**row, "amount_ore": int(row["amount_ore"])})
        for row in session.execute(query).mappings()
    ]


def with_names(entries: Select[CostEntry]) -> Select[*tuple[Any, ...]]:
    """Each entry with the names of its sides and its piece, and the numbers of what it rests on."""
    payer, payee, org = aliased(Unit), aliased(Unit), CostEntry.org_id

    def of(model: Any, column: Any) -> ColumnElement[bool]:
        return and_(model.org_id == org, model.id == column)

    return (
        entries.join(payer, of(payer, CostEntry.payer_unit_id))
        .join(payee, of(payee, CostEntry.payee_unit_id))
        .join(CostRule, of(CostRule, CostEntry.cost_rule_id))
        .outerjoin(Item, of(Item, CostEntry.item_id))
        .outerjoin(HandoverLine, of(HandoverLine, CostEntry.handover_line_id))
        .outerjoin(Handover, of(Handover, HandoverLine.handover_id))
        .outerjoin(Request, of(Request, CostEntry.request_id))
        .outerjoin(SupplierOrder, of(SupplierOrder, CostEntry.supplier_order_id))
        .with_only_columns(
            CostEntry,
            payer.name.label("payer"),
            payee.name.label("payee"),
            Item.name.label("item"),
            Handover.id.label("handover_id"),
            Handover.number.label("handover_number"),
            Request.number.label("request_number"),
            SupplierOrder.number.label("order_number"),
            CostRule.number.label("rule_number"),
        )
    )


def standing(org_id: UUID) -> Select[CostEntry]:
    """Neither a reversal nor reversed."""
    other = aliased(CostEntry)
    is_reversed = (
        select(other.id)
        .where(other.org_id == CostEntry.org_id, other.reverses_id == CostEntry.id)
        .exists()
    )
    return select(CostEntry).where(
        CostEntry.org_id == org_id, CostEntry.reverses_id.is_(None), ~is_reversed
    )
