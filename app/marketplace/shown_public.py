"""Listings as strangers see them, and what was asked for, as pages show them."""

from datetime import date
from typing import Any

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organisation
from app.catalogue.models import Category
from app.catalogue.queries import category_name
from app.kit import i18n
from app.kit.clock import last_day_of
from app.kit.i18n import N_, gettext
from app.kit.page import url
from app.marketplace import shown
from app.marketplace.models_public import BuyerAsk
from app.marketplace.names_public import BUYER_TONES, BUYERS
from app.marketplace.queries_public import PublicCard
from app.marketplace.rules import Terms
from app.marketplace.rules_public import BuyerState
from app.marketplace.service_buyers import is_late


def category_names(session: Session, ids: set[str]) -> dict[str, str]:
    """What the kinds of pieces are called, in the reader's language."""
    found = session.scalars(select(Category).where(Category.id.in_(ids)))
    return {each.id: category_name(each) for each in found}


def card_shown(
    request: Request, card: PublicCard, called: dict[str, str], today: date
) -> dict[str, Any]:
    """A listing for ``ui.piece_card`` and for its own page."""
    path: dict[str, Any] = {"slug": card.slug, "listing_id": card.listing_id}
    image = None
    if card.photo_id is not None:
        image = url(request, "public:photo", size="medium", **path)
    return {
        "href": url(request, "public:show", **path),
        "image": image,
        "large": url(request, "public:photo", size="large", **path) if image else None,
        "name": called[card.category_id],
        "giver": card.giver,
        "giver_href": url(request, "public:of", slug=card.slug),
        "area": card.area,
        "pick_up": card.pick_up,
        "size": shown.size_text(card),  # type: ignore[arg-type]
        "condition": card.condition.value,
        "count": card.count,
        "left": shown.left_text(card.count),
        "price": price_text(card),
        "is_free": card.terms is Terms.FREE,
        "is_offers": card.terms is Terms.OFFERS,
        "is_late": is_late(card, today),
        "offers_until": card.offers_until,
        "from_date": card.from_date if card.from_date > today else None,
        "until_date": card.until_date,
    }


def price_text(card: PublicCard) -> str:
    if card.terms is Terms.PRICE:
        price = i18n.money_exact(card.price_ore or 0, card.currency)
        return gettext(N_("%(price)s per stykk"), price=price)
    return gettext(N_("Gis bort")) if card.terms is Terms.FREE else gettext(N_("Gi bud"))


def ask_shown(session: Session, ask: BuyerAsk, name: str) -> dict[str, Any]:
    """What a buyer asked for, for both sides; the giver alone sees who it was."""
    organisation = session.get_one(Organisation, ask.org_id)
    pieces = ask.approved or ask.wanted
    return {
        "id": ask.id,
        "name": name,
        "number": ask.number,
        "who": ask.name or gettext(N_("Slettet")),
        "email": ask.email,
        "message": ask.message,
        "answer": ask.answer,
        "wanted": ask.wanted,
        "approved": ask.approved,
        "each": i18n.money_exact(ask.price_ore, organisation.currency) if ask.price_ore else None,
        "total": i18n.money_exact(pieces * ask.price_ore, organisation.currency)
        if ask.price_ore
        else None,
        "is_offer": ask.terms is Terms.OFFERS,
        "asked_at": ask.confirmed_at or ask.asked_at,
        "state": gettext(BUYERS[ask.state]),
        "tone": BUYER_TONES.get(ask.state, "neutral"),
        "is_unconfirmed": ask.state is BuyerState.UNCONFIRMED,
        "is_requested": ask.state is BuyerState.REQUESTED,
        "is_waiting": ask.state is BuyerState.WAITING,
        "last_day": last_day_of(ask.limit_at)
        if ask.state is BuyerState.OFFERED and ask.limit_at
        else None,
        "is_approved": ask.state is BuyerState.APPROVED,
        "is_declined": ask.state is BuyerState.DECLINED,
        "is_cancelled": ask.state is BuyerState.CANCELLED,
        "is_handed_over": ask.state is BuyerState.HANDED_OVER,
        "is_blanked": ask.blanked_at is not None,
    }
