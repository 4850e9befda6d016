"""Whose yes an order needs: the rules for orders hold for what is ordered from suppliers too."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.queries_leaders import Leaders, administrators, leaders_of
from app.accounts.rules import Permission
from app.kit.db import clock_of
from app.kit.errors import Conflict, Forbidden, NotFound
from app.kit.events import publish
from app.kit.i18n import N_
from app.marketplace.queries_approval import Rule, rules_of
from app.marketplace.rules_approval import levels_needed
from app.workshop.commands import OfOrder
from app.workshop.events import SupplierOrderApproved
from app.workshop.models import SupplierOrder
from app.workshop.queries import orders_visible_to
from app.workshop.rules import OrderState


class YesMissing(Conflict):
    title = N_("Prisen er over det som kan bestilles uten et ja fra leder.")


class NothingToApprove(Conflict):
    title = N_("Oppdraget venter ikke på noe ja.")


def waits_for_yes(session: Session, order: SupplierOrder, price_ore: int) -> bool:
    """Whether the price is above the limit of the unit's rule, and nobody has said yes to it."""
    approved = order.approved_ore
    if approved is not None and price_ore <= approved:
        return False
    return _levels(session, order, price_ore)[0] > 0


def require_yes(session: Session, order: SupplierOrder, price_ore: int) -> None:
    """Raises ``YesMissing``."""
    if waits_for_yes(session, order, price_ore):
        raise YesMissing


def who_says_yes(session: Session, order: SupplierOrder, price_ore: int) -> set[UUID]:
    """The leader and deputies of the highest level whose limit is passed; else administrators.

    One yes is enough, since theirs goes above those below. The one who ordered never says it.
    """
    levels, leaders = _levels(session, order, price_ore)
    if not levels or order.person_id is None:
        return set()
    steps = leaders.above(order.person_id, order.unit_id)
    if steps:
        return set(steps[min(levels, len(steps)) - 1].people)
    return set(session.scalars(administrators(order.org_id))) - {order.person_id}


def approve_order(session: Session, actor: Actor, command: OfOrder) -> SupplierOrder:
    """A yes to the price that stands. Raises ``NotFound``, ``NothingToApprove``, ``Forbidden``."""
    actor.must(Permission.ITEM_READ)
    query = orders_visible_to(actor).where(SupplierOrder.id == command.supplier_order_id)
    locking = query.with_for_update(of=SupplierOrder).execution_options(populate_existing=True)
    order = session.scalar(locking)
    if order is None:
        raise NotFound(N_("Fant ikke oppdraget."))
    price_ore = order.price_ore
    if (
        order.state is not OrderState.DRAFT
        or price_ore is None
        or not waits_for_yes(session, order, price_ore)
    ):
        raise NothingToApprove
    if actor.person_id not in who_says_yes(session, order, price_ore):
        raise Forbidden(N_("Prisen godkjennes av lederen for enheten."))
    order.approved_by_id = actor.person_id
    order.approved_at = clock_of(session).now()
    order.approved_ore = price_ore
    publish(session, [SupplierOrderApproved.of(order, actor.person_id, price_ore=price_ore)])
    return order


def _levels(session: Session, order: SupplierOrder, price_ore: int) -> tuple[int, Leaders]:
    """How many levels the nearest rule up the tree asks for, and the tree."""
    leaders = leaders_of(session, order.org_id)
    rules = rules_of(session, order.org_id)
    rule, at = rules.get(None), _nearest(order.unit_id, leaders, rules)
    if at is not None:
        rule = rules[at]
    if rule is None:
        return 0, leaders
    levels = levels_needed(
        rule.limits,
        value_ore=price_ore,
        pieces=order.quantity,
        is_chosen_category=order.category_id in rule.category_ids,
    )
    return levels, leaders


def _nearest(unit_id: UUID, leaders: Leaders, rules: Mapping[UUID | None, Rule]) -> UUID | None:
    at: UUID | None = unit_id
    while at is not None and at not in rules:
        at = leaders.parents.get(at)
    return at
