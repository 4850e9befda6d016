"""The market's hits by building: on a map that we draw, and as a list."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.rules import Permission
from app.kit import i18n
from app.kit.i18n import N_, gettext
from app.kit.page import page, url
from app.kit.web import Db
from app.marketplace import shown_look
from app.marketplace.houses import WIDTH, House, Mark, drawing, houses_of
from app.marketplace.pages_browse import looked_for
from app.marketplace.queries import asked_for
from app.marketplace.search import Tile, search_market

router = APIRouter(prefix="/marked")
KILOMETRE = 1_000


@router.get("/bygg", name="marketplace:map")
def show(request: Request, db: Db) -> Response:
    """Where what is looked for stands: the same search as the market's own page."""
    asking = asked_for(request)
    wanted, form, errors = looked_for(request, asking.place_id)
    query = shown_look.query_of(form)
    with db.looks() as session:
        today = db.clock.now().date()
        found = search_market(session, asking.actor, wanted, today=today, kind=Tile, limit=1)
        chips = shown_look.chips(request, session, form, found.facets, "marketplace:map")
    houses = houses_of(found.facets.places, wanted.place_id)
    drawn = drawing(houses)

    def inside(place_id: object) -> str:
        return url(request, "marketplace:browse", query={**query, "place_id": str(place_id)})

    def link(mark: Mark) -> str:
        """To the hits of one house, or nearer to several; where nothing holds them, to the list."""
        together = mark.together
        if len(mark.houses) == 1 or together == wanted.place_id:
            return inside(together)
        if together is None:
            return f"#bygg-{mark.houses[0].place_id}"
        return url(request, "marketplace:map", query={**query, "place_id": str(together)})

    return page(
        request,
        "marketplace/map.html",
        status=422 if errors else 200,
        errors=errors,
        form=form,
        chips=chips,
        total=found.total,
        houses=[
            {
                "id": each.place_id,
                "label": each.label,
                "count": each.count,
                "href": inside(each.place_id),
            }
            for each in houses
        ],
        drawing=drawn,
        width=WIDTH,
        marks=[_shown(each, link(each)) for each in drawn.marks] if drawn else [],
        bar_text=_far(drawn.bar_m) if drawn else "",
        missing=sum(each.position is None for each in houses) if drawn else 0,
        may_place=asking.actor.may(Permission.PLACE_EDIT),
        list_href=url(request, "marketplace:browse", query=query),
        all_href=url(request, "marketplace:map", query={"words": form["words"] or None}),
        twin=url(request, "api:market:search", query={"limit": 1}),
    )


def _shown(mark: Mark, href: str) -> dict[str, Any]:
    """What is read aloud begins with what stands on the drawing, so that it can be said to it."""
    count = i18n.number(mark.count)
    name = mark.name or gettext(N_("%(count)s bygg"), count=len(mark.houses))
    said = gettext(
        N_("%(count)s %(name)s: treff i %(where)s"),
        count=count,
        name=name,
        where=_called(mark.houses),
    )
    return {"mark": mark, "href": href, "text": said, "count": count, "name": name}


def _called(houses: tuple[House, ...]) -> str:
    return ", ".join(each.name for each in houses)


def _far(metres: int) -> str:
    if metres < KILOMETRE:
        return f"{i18n.number(metres)} m"
    return f"{i18n.number(metres // KILOMETRE)} km"
