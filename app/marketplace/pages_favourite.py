"""A person's favourites on the market."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect, redirect_to_path, url
from app.kit.web import Db
from app.marketplace import names, service_favourite, shown
from app.marketplace.commands import OfListing
from app.marketplace.rules import ListingState
from app.marketplace.search import cards_of

router = APIRouter(prefix="/marked")

FavouriteForm = Annotated[Submission[OfListing], Depends(submitted(OfListing))]


@router.get("/favoritter", name="favourites:browse")
def browse(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        kept = session.scalars(service_favourite.favourites_of(actor)).all()
        cards = cards_of(session, actor, [each.listing_id for each in kept])
    return page(
        request,
        "marketplace/favourites.html",
        cards=[
            {
                **shown.tile_shown(request, actor, card),
                "ended": gettext(names.LISTINGS[card.state])
                if card.state is not ListingState.OPEN
                else None,
            }
            for card in (cards[each.listing_id] for each in kept if each.listing_id in cards)
        ],
        key=str(uuid4()),
        twin=url(request, "api:favourites:list"),
    )


@router.post("/favoritter", name="favourites:keep")
def keep(request: Request, form: FavouriteForm, actor: SignedIn, db: Db) -> Response:
    commands = [form.valid()]
    with db.write() as session:
        once(
            session,
            actor,
            form.key,
            commands,
            lambda: _as_text(service_favourite.keep(session, actor, commands)),
        )
    message = gettext(N_("Lagret som favoritt."))
    if form.raw.get("here"):
        return _back_to(request, form, commands[0], message)
    return redirect(request, "marketplace:show", message=message, listing_id=commands[0].listing_id)


@router.post("/favoritter/fjern", name="favourites:drop")
def drop(request: Request, form: FavouriteForm, actor: SignedIn, db: Db) -> Response:
    commands = [form.valid()]
    with db.write() as session:
        once(
            session,
            actor,
            form.key,
            commands,
            lambda: _as_text(service_favourite.drop(session, actor, commands)),
        )
    message = gettext(N_("Fjernet fra favoritter."))
    if form.raw.get("here"):
        return _back_to(request, form, commands[0], message)
    if "fra" in request.query_params:
        listing_id = commands[0].listing_id
        return redirect(request, "marketplace:show", message=message, listing_id=listing_id)
    return redirect(request, "favourites:browse", message=message)


def _back_to(
    request: Request, form: Submission[OfListing], command: OfListing, message: str
) -> Response:
    """The list that the card stands in, at the card."""
    path = f"{form.raw['here'][:2000]}#kort-{command.listing_id}"
    return redirect_to_path(request, path, message=message)


def _as_text(listing_ids: list[UUID]) -> list[str]:
    return [str(each) for each in listing_ids]
