"""Whose yes a request waits for, and what the rules say."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import Actor
from app.accounts.models import Deputy, Unit
from app.accounts.queries import units_led_by
from app.accounts.queries_leaders import members
from app.accounts.rules import Permission
from app.catalogue.models import ProductModel
from app.impact.queries import usual_prices
from app.items.models import Item
from app.marketplace.models import Listing, ListingItem, Request
from app.marketplace.models_approval import (
    Approval,
    ApprovalCategory,
    ApprovalLevel,
    ApprovalRule,
)
from app.marketplace.rules import Terms
from app.marketplace.rules_approval import ApprovalState, Limit


def is_waiting(row: Any = Approval) -> ColumnElement[bool]:
    """A literal, so that the partial index is used."""
    return row.state == literal_column(f"'{ApprovalState.WAITING.value}'")  # type: ignore[no-any-return]


def awaits_leader(org_id: Any, request_id: Any) -> ColumnElement[bool]:
    """Whether a request still waits for a yes on the asker's side."""
    return exists().where(
        Approval.org_id == org_id, Approval.request_id == request_id, is_waiting()
    )


def _asked_now() -> ColumnElement[bool]:
    """The lowest level that waits: those above it are asked in their turn."""
    below = aliased(Approval)
    return ~exists().where(
        below.org_id == Approval.org_id,
        below.request_id == Approval.request_id,
        below.level < Approval.level,
        is_waiting(below),
    )


def waiting_for_leader(actor: Actor) -> Select[Approval]:
    """What the actor can answer now, as leader, deputy, or administrator where nobody leads."""
    mine: list[ColumnElement[bool]] = [Approval.unit_id.in_(units_led_by(actor))]
    if actor.may(Permission.ORGANISATION_EDIT):
        mine.append(~_has_leader(actor))
    return (
        select(Approval)
        .join(Request, and_(Request.org_id == Approval.org_id, Request.id == Approval.request_id))
        .where(Approval.org_id == actor.org_id, is_waiting(), _asked_now(), or_(*mine))
        .where(Request.person_id != actor.person_id)
    )


def _has_leader(actor: Actor) -> ColumnElement[bool]:
    """Whether somebody other than the asker answers for the approval's unit today."""
    there = members(actor.org_id)
    leads = exists().where(
        Unit.org_id == Approval.org_id,
        Unit.id == Approval.unit_id,
        Unit.leader_id != Request.person_id,
        Unit.leader_id.in_(there),
    )
    stands_in = exists().where(
        Deputy.org_id == Approval.org_id,
        Deputy.unit_id == Approval.unit_id,
        Deputy.person_id != Request.person_id,
        Deputy.person_id.in_(there),
    )
    return or_(leads, stands_in)


def approvals_of(actor: Actor, request_ids: Iterable[UUID]) -> Select[Approval]:
    """The levels of these requests, in their order. The caller has seen the requests."""
    return (
        select(Approval)
        .where(Approval.org_id == actor.org_id, Approval.request_id.in_(list(request_ids)))
        .order_by(Approval.request_id, Approval.level)
    )


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with what belongs to it."""

    row: ApprovalRule
    limits: tuple[Limit, ...]
    category_ids: frozenset[str]


def rules_of(session: Session, org_id: UUID) -> dict[UUID | None, Rule]:
    """The organisation's rules by unit; its own stands under ``None``. Three statements."""
    rows = session.scalars(select(ApprovalRule).where(ApprovalRule.org_id == org_id)).all()
    if not rows:
        return {}
    limits: dict[UUID, list[Limit]] = {each.id: [] for each in rows}
    for level in session.scalars(
        select(ApprovalLevel).where(ApprovalLevel.org_id == org_id).order_by(ApprovalLevel.level)
    ):
        limits[level.rule_id].append(Limit(level.level, level.above_ore, level.above_pieces))
    chosen: dict[UUID, set[str]] = {each.id: set() for each in rows}
    for category in session.scalars(
        select(ApprovalCategory).where(ApprovalCategory.org_id == org_id)
    ):
        chosen[category.rule_id].add(category.category_id)
    return {
        each.unit_id: Rule(each, tuple(limits[each.id]), frozenset(chosen[each.id]))
        for each in rows
    }


@dataclass(frozen=True, slots=True)
class Worth:
    """What one piece of a listing counts as in øre, and its category."""

    ore: int
    category_id: str


def worth_of(session: Session, org_id: UUID, listing_ids: Collection[UUID]) -> dict[UUID, Worth]:
    """What a piece of each listing counts as: its price where one is asked, else its price as new.

    As new it is the piece's own, the model's or the category's; like pieces count as their dearest.
    """
    as_new = func.max(func.coalesce(Item.new_price_ore, ProductModel.new_price_ore))
    rows = session.execute(
        select(
            Listing.id,
            Listing.terms,
            Listing.price_ore,
            func.max(Item.category_id).label("category_id"),
            as_new.label("as_new"),
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
        .where(Listing.org_id == org_id, Listing.id.in_(list(listing_ids)))
        .group_by(Listing.id, Listing.terms, Listing.price_ore)
    ).all()
    prices = None
    found = {}
    for row in rows:
        value = row.price_ore if row.terms is Terms.PRICE else row.as_new
        if value is None:
            prices = prices or usual_prices(session, org_id)
            value = prices(row.category_id) or 0
        found[row.id] = Worth(int(value), row.category_id)
    return found
