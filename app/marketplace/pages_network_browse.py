"""The market of the network: looking for what other organisations offer."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.page import page, url
from app.kit.paging import Cursor
from app.kit.web import Db
from app.marketplace import shown, shown_look
from app.marketplace.drawn import drawn_filters
from app.marketplace.pages_browse import CARDS, MEASURES, NO_FILTERS, looked_for
from app.marketplace.search import Tile, search_market
from app.marketplace.search_meant import meant

router = APIRouter(prefix="/marked")

ONLY = frozenset(
    (
        *("words", "category_id", "condition", "colour", "material", "terms", "count", "sort"),
        *("available", "available_by", *MEASURES),
    )
)
"""What is asked of others: their places are theirs to know, and so is who sees what."""


@router.get("/nettverket", name="network_market:browse")
def browse(request: Request, actor: SignedIn, db: Db, cursor: Cursor = None) -> Response:
    """What the organisations one shares a network with show there, the best and the newest first."""
    actor.must(Permission.ITEM_READ)
    wanted, form, errors = looked_for(request, None, ONLY)
    query = shown_look.query_of(form)
    filters = sum(1 for name, value in form.items() if value and name not in NO_FILTERS)
    with db.looks() as session:
        today = db.clock.today()
        found = search_market(
            session,
            actor,
            wanted,
            today=today,
            kind=Tile,
            cursor=cursor,
            limit=CARDS,
            is_shared=True,
        )
        better = (
            None if cursor else meant(session, actor, wanted, found.total, today, is_shared=True)
        )
        path, asked = shown_look.asked_of(request, query, "network_market:browse")
        further = {**query, "cursor": found.next}
        chips = shown_look.chips(request, session, form, found.facets, "network_market:browse")
        return page(
            request,
            "marketplace/network.html",
            status=422 if errors else 200,
            cards=[_tile(request, actor, each) for each in found.cards],
            total=found.total,
            meant=better,
            meant_href=url(request, "network_market:browse", query={**query, "words": better.words})
            if better
            else None,
            form=form,
            errors=errors,
            chips=chips,
            orders=shown_look.orders(form, found.facets, wanted.sort, path, asked),
            filters=drawn_filters(
                request, session, form, errors, found.facets, filters, is_shared=True
            ),
            is_filtered=bool(filters or form["words"]),
            all_href=url(request, "network_market:browse", query={"words": form["words"] or None}),
            next_href=url(request, "network_market:browse", query=further) if found.next else None,
            first_href=url(request, "network_market:browse", query=query) if cursor else None,
            twin=url(request, "api:network_market:search"),
        )


def _tile(request: Request, actor: Actor, card: Tile) -> dict[str, Any]:
    """As the own market's, marked with the giver, and with a picture by the network's own way."""
    tile = shown.tile_shown(request, actor, card)
    tile["href"] = url(request, "network_market:show", listing_id=card.listing_id)
    if card.photo_id is not None:
        tile["image"] = picture(request, card.listing_id)
    return tile


def picture(request: Request, listing_id: UUID) -> str:
    """The address of a listing's picture as the network sees it."""
    return url(request, "network_market:photo", listing_id=listing_id, size="medium")
