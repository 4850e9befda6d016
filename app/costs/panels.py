"""What others' pages show of costs: what an order will cost the unit, and who pays a supplier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.queries import units_below_led_by
from app.accounts.rules import Permission
from app.catalogue.models import ProductModel
from app.costs.models import CostEntry, CostRule
from app.costs.names import KINDS, PAYERS
from app.costs.queries import Rule, rule_on, rules_of, vat_percent_of
from app.costs.rules import KIND_OF_WORK, InternalPrice, Kind, Payer, month_of, part_of_price, split
from app.costs.views import amount, shares_said, side
from app.impact.queries import factors_of
from app.impact.rules import Factors, usual_price_ore
from app.items.models import Item
from app.kit.db import clock_of
from app.kit.i18n import gettext, money_ore
from app.kit.units import vat_within
from app.marketplace.models import Listing, ListingItem, Request, RequestLine
from app.marketplace.rules import Terms
from app.workshop.models import SupplierOrder

Panel = tuple[str, dict[str, Any]] | None
AT_RECEIPT = (Kind.FREIGHT, Kind.HANDLING, Kind.CLEANING)
"""What nobody knows the amount of before the pieces have come."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """So many pieces of a listing of the organisation's own."""

    listing_id: UUID
    pieces: int


def home(session: Session, actor: Actor, _subject: Any) -> Panel:
    """The month's costs of the units one leads. Who reports has them in the menu."""
    has_rule = select(CostRule.id).where(CostRule.org_id == actor.org_id).limit(1)
    if actor.may(Permission.EXPORT) or session.scalar(has_rule) is None:
        return None
    led = session.scalars(units_below_led_by(actor)).all()
    month = month_of(f"{clock_of(session).today():%Y-%m}")
    if not led or month is None:
        return None
    paid = session.scalar(
        select(func.sum(CostEntry.amount_ore)).where(
            CostEntry.org_id == actor.org_id,
            CostEntry.payer_unit_id.in_(led),
            CostEntry.booked_on >= month[0],
            CostEntry.booked_on < month[1],
        )
    )
    return "costs/panel_home.html", {"paid": amount(int(paid or 0), actor.currency)}


def basket(session: Session, actor: Actor, subject: Sequence[RequestLine]) -> Panel:
    """What the basket will cost the unit that orders it, as far as it is known before."""
    rule = _today(session, actor)
    wanted = _own(actor, [(each, each.wanted) for each in subject])
    if rule is None or not wanted:
        return None
    rows = _expected(session, actor, rule, wanted, None)
    return ("costs/panel_request.html", {"rows": rows, "booked": None}) if rows else None


def request(session: Session, actor: Actor, subject: Request) -> Panel:
    """What is to come, and what is booked on the unit already; what was turned is none."""
    rule = _today(session, actor)
    if rule is None:
        return None
    lines = session.scalars(
        select(RequestLine).where(
            RequestLine.org_id == actor.org_id, RequestLine.request_id == subject.id
        )
    )
    left = [(each, each.wanted - each.declined - each.received) for each in lines]
    wanted = _own(actor, left)
    rows = _expected(session, actor, rule, wanted, subject.unit_id) if wanted else []
    booked = session.scalar(
        select(func.sum(CostEntry.amount_ore)).where(
            CostEntry.org_id == actor.org_id,
            CostEntry.request_id == subject.id,
            CostEntry.payer == Payer.RECEIVER,
        )
    )
    if not rows and booked is None:
        return None
    shown = None if booked is None else amount(int(booked), actor.currency)
    return "costs/panel_request.html", {"rows": rows, "booked": shown}


def supplier_order(session: Session, actor: Actor, subject: SupplierOrder) -> Panel:
    """Who pays what the supplier takes: as it was booked, else by the rule that holds."""
    kind = KIND_OF_WORK[subject.work]
    rules = rules_of(session, actor.org_id)
    rule = rule_on(rules, subject.done_on or clock_of(session).today())
    booked = _booked_of_order(session, actor, subject, kind) if subject.done_on and rules else []
    parts = None if rule is None else rule.shares.get(kind)
    if not booked and (parts is None or subject.cancelled_at is not None):
        return None
    rows = [
        (side(each.name, each.payer_cost_centre), amount(int(each.ore), actor.currency))
        for each in booked
    ]
    if not rows and parts is not None:
        rows = _by_rule(subject, parts, actor.currency)
    return "costs/panel_order.html", {
        "kind": gettext(KINDS[kind]),
        "said": None if parts is None else shares_said(parts),
        "rows": rows,
        "is_booked": bool(booked),
    }


def _by_rule(
    order: SupplierOrder, parts: tuple[int, int, int], currency: str
) -> list[tuple[str, str]]:
    if order.price_ore is None:
        return []
    shared = zip(Payer, parts, split(order.price_ore, parts), strict=True)
    return [
        (gettext(PAYERS[payer]), amount(ore, currency)) for payer, percent, ore in shared if percent
    ]


def _booked_of_order(
    session: Session, actor: Actor, order: SupplierOrder, kind: Kind
) -> Sequence[Row[*tuple[Any, ...]]]:
    """What the supplier takes, by the unit that pays; what was turned again is taken out."""
    return session.execute(
        select(Unit.name, CostEntry.payer_cost_centre, func.sum(CostEntry.amount_ore).label("ore"))
        .join(Unit, and_(Unit.org_id == CostEntry.org_id, Unit.id == CostEntry.payer_unit_id))
        .where(CostEntry.org_id == actor.org_id, CostEntry.supplier_order_id == order.id)
        .where(CostEntry.kind == kind)
        .group_by(Unit.id, Unit.name, CostEntry.payer_cost_centre)
        .order_by(Unit.name, CostEntry.payer_cost_centre)
    ).all()


def _today(session: Session, actor: Actor) -> Rule | None:
    return rule_on(rules_of(session, actor.org_id), clock_of(session).today())


def _own(actor: Actor, lines: Sequence[tuple[RequestLine, int]]) -> list[Wanted]:
    return [
        Wanted(line.listing_id, pieces)
        for line, pieces in lines
        if line.giver_org_id == actor.org_id and pieces > 0
    ]


def _expected(
    session: Session, actor: Actor, rule: Rule, wanted: Sequence[Wanted], unit_id: UUID | None
) -> list[tuple[str, str]]:
    """Each kind with what the unit that orders will pay; a kind it pays nothing of is left out."""
    rows = []
    parts = rule.shares.get(Kind.INTERNAL_PRICE)
    if parts is not None and parts[1]:
        whole = _prices(session, actor, rule, wanted, unit_id)
        own = split(whole, parts)[1]
        if own:
            said = gettext("ca. %(sum)s", sum=money_ore(own, actor.currency))
            rows.append((gettext(KINDS[Kind.INTERNAL_PRICE]), said))
    for kind in AT_RECEIPT:
        parts = rule.shares.get(kind)
        if parts is not None and parts[1]:
            said = gettext("%(percent)s %% av det det koster", percent=parts[1])
            rows.append((gettext(KINDS[kind]), said))
    return rows


def _prices(
    session: Session, actor: Actor, rule: Rule, wanted: Sequence[Wanted], unit_id: UUID | None
) -> int:
    """The internal prices of all pieces, in øre; what a unit has itself costs it nothing."""
    rows = session.execute(
        select(
            Listing.id,
            Listing.terms,
            Listing.price_ore,
            Item.category_id,
            Item.currency,
            Item.new_price_ore,
            ProductModel.new_price_ore.label("model_ore"),
            Item.owner_unit_id,
        )
        .join(
            ListingItem,
            and_(ListingItem.org_id == Listing.org_id, ListingItem.listing_id == Listing.id),
        )
        .join(Item, and_(Item.org_id == ListingItem.org_id, Item.id == ListingItem.item_id))
        .outerjoin(
            ProductModel,
            and_(ProductModel.org_id == Item.org_id, ProductModel.id == Item.product_model_id),
        )
        .where(Listing.org_id == actor.org_id, Listing.id.in_([each.listing_id for each in wanted]))
        .order_by(Listing.id, Item.id)
    )
    by_listing: dict[UUID, Any] = {}
    for row in rows:
        # What has been received of the listing is the unit's own by now.
        if unit_id is None or row.owner_unit_id != unit_id:
            by_listing.setdefault(row.id, row)
    factors = factors_of(session, org_id=actor.org_id)
    vat_percent, today = vat_percent_of(session, actor.org_id), clock_of(session).today()
    total = 0
    for each in wanted:
        piece = by_listing.get(each.listing_id)
        if piece is not None:
            total += each.pieces * _price(rule, piece, actor.currency, factors, vat_percent, today)
    return total


def _price(
    rule: Rule, piece: Any, currency: str, factors: Factors, vat_percent: int, on: date
) -> int:
    """As it will be booked, without VAT."""
    if rule.row.price_kind is InternalPrice.NONE:
        return 0
    if piece.terms is Terms.PRICE:
        asked_ore = piece.price_ore or 0
        return int(asked_ore - vat_within(asked_ore, vat_percent))
    if rule.row.price_kind is InternalPrice.FIXED:
        return rule.prices.get(piece.category_id, 0)
    own = piece.new_price_ore if piece.currency == currency else None
    new_ore = own or piece.model_ore or usual_price_ore(piece.category_id, factors, currency, on)
    return part_of_price(new_ore or 0, rule.row.price_percent or 0)
