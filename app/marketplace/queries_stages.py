"""Who sees a listing at its stage, the organisation's rules for it, and what is due by the clock."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Membership, RoleGrant, Unit
from app.accounts.rules import PERMISSIONS, Permission
from app.items.models import Item
from app.marketplace.models import Listing, ListingItem, ListingRules, Reservation
from app.marketplace.models_outside import OutsideRequest
from app.marketplace.models_public import BuyerAsk
from app.marketplace.rules import ListingState, OutsideState, ReservationState, Stage
from app.marketplace.rules_public import BuyerState
from app.marketplace.rules_stages import DEFAULT, REMIND_DAYS, Plan

OVERSEES = (
    Permission.LISTING_PUBLISH,
    Permission.RESERVATION_APPROVE,
    Permission.HANDOVER_MAKE,
    Permission.EXPORT,
)
"""Who may do one of these over a unit sees what it offers to its own people alone."""
# Literals: a prepared statement has no list of values.
_OVERSEERS: list[ColumnElement[Any]] = [
    literal_column(f"'{role.value}'")
    for role, may in PERMISSIONS.items()
    if may.intersection(OVERSEES)
]
# A literal, so that the partial indexes are used; SQLite would rather read all in their order.
_IS_OPEN = Listing.state == literal_column(f"'{ListingState.OPEN.value}'")
_BY_NEXT_STAGE, _BY_UNTIL = "INDEXED BY ix_listing_next_stage", "INDEXED BY ix_listing_until"


def oversees(actor: Actor, unit_id: UUID | None = None) -> bool:
    """Whether the actor answers for the unit's listings; without one, for those of every unit."""
    if unit_id is not None:
        return any(actor.may(each, unit_id) for each in OVERSEES)
    return any(actor.permissions.get(each, frozenset()) is None for each in OVERSEES)


def audience(actor: Actor) -> dict[str, Any]:
    """Who looks, as the parameters of ``is_for``: nothing for those who see every stage."""
    if oversees(actor):
        return {}
    if any(actor.permissions.get(each) for each in OVERSEES):
        return {"overseer": actor.person_id}
    return {"home_unit": actor.home_unit_id}


def _tree(org: Any, start: Any, name: str, *, is_upwards: bool) -> Select[UUID]:
    """The units for which ``start`` holds, and all above them to the root, or all below them."""
    own = select(Unit.id, Unit.parent_id).where(Unit.org_id == org)
    tree = own.where(start).cte(name, recursive=True)
    met = Unit.id == tree.c.parent_id if is_upwards else Unit.parent_id == tree.c.id
    tree = tree.union_all(own.join(tree, met))
    return select(tree.c.id)


def _above_home(org: Any, home: Any) -> Select[UUID]:
    return _tree(org, Unit.id == home, "above_home", is_upwards=True)


def _of_overseer(org: Any, person: Any) -> Any:
    """Above the person's own unit, and below the units that a role is limited to."""
    own = select(Membership.home_unit_id).where(
        Membership.org_id == org, Membership.person_id == person
    )
    granted = (
        select(RoleGrant.unit_id)
        .join(
            Membership,
            and_(Membership.org_id == RoleGrant.org_id, Membership.id == RoleGrant.membership_id),
        )
        .where(RoleGrant.org_id == org, RoleGrant.role.in_(_OVERSEERS))
        .where(Membership.person_id == person)
    )
    above = _tree(org, Unit.id.in_(own), "above_home", is_upwards=True)
    below = _tree(org, Unit.id.in_(granted), "overseen", is_upwards=False)
    return union(above, below)


_UNITS: Mapping[str, Callable[[Any, Any], Any]] = {
    "home_unit": _above_home,
    "overseer": _of_overseer,
}
"""The units whose own listings are seen, by each kind of audience."""


def is_for(unit: ColumnElement[UUID | None]) -> Mapping[str, ColumnElement[bool]]:
    """Whether it is theirs what ``unit`` alone sees, if it is one: by each kind of audience.

    The parameters are ``audience``'s and ``org_id``.
    """
    return {
        kind: unit.is_(None) | unit.in_(units(bindparam("org_id"), bindparam(kind)))
        for kind, units in _UNITS.items()
    }


def seen_by(actor: Actor) -> ColumnElement[bool] | None:
    """The condition on a listing at its stage; ``None`` for those who see every stage."""
    for kind, who in audience(actor).items():
        giver = (
            select(Item.id)
            .join(
                ListingItem,
                and_(ListingItem.org_id == Item.org_id, ListingItem.item_id == Item.id),
            )
            .where(ListingItem.org_id == Listing.org_id, ListingItem.listing_id == Listing.id)
            .where(Item.owner_unit_id.in_(_UNITS[kind](actor.org_id, who)))
        )
        return or_(Listing.stage != Stage.UNIT, giver.exists())
    return None


def units_shown_to(session: Session, actor: Actor) -> frozenset[UUID] | None:
    """The units whose own listings the actor sees; ``None`` for those who see every stage."""
    for kind, who in audience(actor).items():
        return frozenset(session.scalars(_UNITS[kind](actor.org_id, who)))
    return None


def rules_of(org_id: UUID) -> Select[ListingRules]:
    return select(ListingRules).where(ListingRules.org_id == org_id)


def plan_of_rules(rules: ListingRules | None) -> Plan:
    if rules is None:
        return DEFAULT
    return Plan(
        unit_days=rules.unit_days,
        organisation_days=rules.organisation_days,
        network_days=rules.network_days,
        last_stage=rules.last_stage,
    )


def remind_days_of(rules: ListingRules | None) -> int:
    return REMIND_DAYS if rules is None else rules.remind_days


def plan_of(usual: Plan, listing: Any) -> Plan:
    """The listing's own way: its exceptions, and else the organisation's."""

    def own(name: str) -> Any:
        value = getattr(listing, name)
        return getattr(usual, name) if value is None else value

    return Plan(
        unit_days=own("unit_days"),
        organisation_days=own("organisation_days"),
        network_days=own("network_days"),
        last_stage=own("last_stage"),
    )


def rules_of_all(session: Session, org_ids: set[UUID]) -> dict[UUID, ListingRules]:
    """The rules of those of the organisations that have set any."""
    query = select(ListingRules).where(ListingRules.org_id.in_(org_ids))
    return {each.org_id: each for each in session.scalars(query)}


def to_widen(today: date) -> Select[Listing]:
    """Open listings whose next stage begins, in the order they are locked."""
    return (
        select(Listing)
        .with_hint(Listing, _BY_NEXT_STAGE, "sqlite")
        .where(_IS_OPEN, Listing.next_stage_on <= today)
        .where(or_(Listing.until_date.is_(None), Listing.until_date >= today))
        .order_by(Listing.id)
    )


def to_lapse(today: date) -> Select[Listing]:
    """Open listings whose last day has passed, but for those where somebody waits for an answer.

    Who asked in time gets one; who was offered a piece has the time that was promised.
    """
    unanswered = exists().where(
        Reservation.org_id == Listing.org_id,
        Reservation.listing_id == Listing.id,
        Reservation.state.in_((ReservationState.REQUESTED, ReservationState.OFFERED)),
    )
    buying = exists().where(
        BuyerAsk.org_id == Listing.org_id,
        BuyerAsk.listing_id == Listing.id,
        BuyerAsk.state == BuyerState.REQUESTED,
    )
    partnering = exists().where(
        OutsideRequest.org_id == Listing.org_id,
        OutsideRequest.listing_id == Listing.id,
        OutsideRequest.state == OutsideState.REQUESTED,
    )
    return (
        select(Listing)
        .with_hint(Listing, _BY_UNTIL, "sqlite")
        .where(_IS_OPEN, Listing.until_date < today)
        .where(~unanswered, ~buying, ~partnering)
        .order_by(Listing.id)
    )


def to_remind(today: date, last: date, remind_days: int) -> Select[Listing]:
    """Open listings that end by ``last``, of organisations that remind so long before."""
    days = func.coalesce(ListingRules.remind_days, REMIND_DAYS)
    return (
        select(Listing)
        .outerjoin(ListingRules, ListingRules.org_id == Listing.org_id)
        .with_hint(Listing, _BY_UNTIL, "sqlite")
        .where(_IS_OPEN, Listing.until_date.between(today, last))
        .where(
            or_(Listing.reminded_for.is_(None), Listing.reminded_for != Listing.until_date),
            days == remind_days,
        )
        .order_by(Listing.id)
    )
