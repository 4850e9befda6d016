"""Disposal decisions, and what their pieces were offered as before."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.models import ProductModel
from app.disposals.models import Disposal, DisposalFraction, DisposalPiece, WasteCode
from app.disposals.rules import Code, Fraction, published_codes
from app.impact.queries import factors_of
from app.impact.rules import Facts, FulfilmentSource, UserCase, WouldHave, find_mass
from app.items.models import Item
from app.marketplace.models import Listing, ListingItem, RequestLine


def disposals_visible_to(actor: Actor) -> Select[Disposal]:
    return select(Disposal).where(Disposal.org_id == actor.org_id)


def pieces_of(actor: Actor, disposal_ids: Collection[UUID]) -> Select[DisposalPiece]:
    return (
        select(DisposalPiece)
        .where(DisposalPiece.org_id == actor.org_id, DisposalPiece.disposal_id.in_(disposal_ids))
        .order_by(DisposalPiece.name, DisposalPiece.id)
    )


def fractions_of(actor: Actor, disposal_ids: Collection[UUID]) -> Select[DisposalFraction]:
    return (
        select(DisposalFraction)
        .where(
            DisposalFraction.org_id == actor.org_id,
            DisposalFraction.disposal_id.in_(disposal_ids),
        )
        .order_by(DisposalFraction.mass_g.desc(), DisposalFraction.fraction)
    )


def codes_of_waste(session: Session, actor: Actor) -> dict[Fraction, tuple[Code, WasteCode | None]]:
    """The codes of every fraction: as published, or the organisation's own, verified ones."""
    own = {
        each.fraction: each
        for each in session.scalars(select(WasteCode).where(WasteCode.org_id == actor.org_id))
    }
    found = {}
    for fraction, published in published_codes().items():
        mine = own.get(fraction)
        code = Code(published.name, mine.ns_code, mine.eal_code, True) if mine else published
        found[fraction] = code, mine
    return found


@dataclass(frozen=True, slots=True)
class OfferMade:
    """An offer of a piece: from when to when, to whom at most, and how many asked for it."""

    item_id: UUID
    listing_id: UUID
    from_date: date
    until: date | None
    stage: str
    days: int
    asked: int

    def frozen(self) -> dict[str, Any]:
        """As the decision keeps it."""
        return {
            "listing_id": str(self.listing_id),
            "from_date": self.from_date.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "stage": self.stage,
            "days": self.days,
            "asked": self.asked,
        }


def offers_of(
    session: Session, actor: Actor, item_ids: Collection[UUID], today: date
) -> dict[UUID, list[OfferMade]]:
    """The offers of each piece, the oldest first; two queries, however many pieces."""
    rows = session.execute(
        select(ListingItem.item_id, ListingItem.left_at, Listing)
        .join(
            Listing,
            (Listing.org_id == ListingItem.org_id) & (Listing.id == ListingItem.listing_id),
        )
        .where(ListingItem.org_id == actor.org_id, ListingItem.item_id.in_(item_ids))
        .order_by(Listing.from_date, Listing.id)
    ).all()
    asked = {
        row[0]: row[1]
        for row in session.execute(
            select(RequestLine.listing_id, func.count())
            .where(
                RequestLine.giver_org_id == actor.org_id,
                RequestLine.listing_id.in_({row[2].id for row in rows}),
            )
            .group_by(RequestLine.listing_id)
        )
    }
    found: dict[UUID, list[OfferMade]] = defaultdict(list)
    for item_id, left_at, listing in rows:
        ended = left_at.date() if left_at else listing.until_date
        last = min(ended, today) if ended else today
        found[item_id].append(
            OfferMade(
                item_id=item_id,
                listing_id=listing.id,
                from_date=listing.from_date,
                until=ended,
                stage=listing.stage.value,
                days=max((last - listing.from_date).days, 0),
                asked=asked.get(listing.id, 0),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Weighed:
    """A piece's mass in g as the savings method finds it, and the materials of its category."""

    mass_g: int | None
    is_default: bool
    shares: tuple[tuple[str, Any], ...]


def weights_of(
    session: Session, actor: Actor, items: Sequence[Item], today: date
) -> Mapping[UUID, Weighed]:
    """Entered, else declared, else the model's, else the category's: section 14's look-up."""
    factors = factors_of(session, org_id=actor.org_id)
    wanted = {each.product_model_id for each in items if each.product_model_id}
    models = {
        each.id: each
        for each in session.scalars(
            select(ProductModel).where(
                ProductModel.org_id == actor.org_id, ProductModel.id.in_(wanted)
            )
        )
    }
    found = {}
    for item in items:
        model = models.get(item.product_model_id) if item.product_model_id else None
        mass = find_mass(
            Facts(
                handed_over_on=today,
                source=FulfilmentSource.DISPOSED,
                category_code=item.category_id,
                user_case=UserCase.NEW_USER,
                would_have=WouldHave.NOT_ANSWERED,
                would_discard=True,
                amount=item.amount,
                item_mass_g=item.mass_g,
                model_mass_g=model.mass_g if model else None,
            ),
            factors,
        )
        row = factors.factor_set.categories.get(item.category_id)
        found[item.id] = Weighed(
            mass_g=None if mass is None else round(mass.value),
            is_default=mass is not None
            and item.mass_g is None
            and (model is None or model.mass_g is None),
            shares=tuple((each.material, each.share) for each in row.materials) if row else (),
        )
    return found
