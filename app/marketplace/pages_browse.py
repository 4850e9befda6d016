"""The market: looking for pieces."""

from collections.abc import Collection
from contextlib import nullcontext
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.datastructures import QueryParams

from app.accounts.rules import Permission
from app.kit.db import Database
from app.kit.forms import UNITS
from app.kit.i18n import gettext
from app.kit.pace import Pace, stopped
from app.kit.page import page, url
from app.kit.paging import Cursor
from app.kit.validation import by_field
from app.kit.web import Db
from app.marketplace import shown_look
from app.marketplace.commands_look import FROM_WHERE, MarketLook
from app.marketplace.drawn import drawn_cards, drawn_filters
from app.marketplace.queries import Asking, asked_for
from app.marketplace.search import Tile, search_market
from app.marketplace.search_meant import meant
from app.marketplace.search_promised import FEW, promised_for
from app.marketplace.service_favourite import kept_by

router = APIRouter(prefix="/marked")

CARDS = 24
NO_FILTERS = frozenset({"words", "sort", "from_place_id"})
_SINGLE = (
    "words",
    "category_id",
    "place_id",
    "count",
    "suitability",
    "available",
    "available_by",
    "from_place_id",
    "within",
    "sort",
)
MEASURES = (
    *(f"{side}_{end}_cm" for side in ("width", "depth", "height") for end in ("min", "max")),
    "price_min_kr",
    "price_max_kr",
)

Looked = tuple[MarketLook, dict[str, Any], dict[str, str]]


def looked_for(
    request: Request, home_id: UUID | None, only: Collection[str] | None = None
) -> Looked:
    """The search in the address; what can not be read is said at its field and filters nothing.

    Who has not said from where distances are reckoned stands at ``home_id``. Where there are
    ``only`` some fields, nothing else is read.
    """
    typed = request.query_params
    if only is not None:
        typed = QueryParams([each for each in typed.multi_items() if each[0] in only])
    form: dict[str, Any] = {
        name: typed.get(name, "").replace("\x00", "")[:200] for name in (*_SINGLE, *MEASURES)
    }
    if home_id is not None and "from_place_id" not in typed:
        form["from_place_id"] = str(home_id)
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name in shown_look.MANY:
        form[name] = [each for each in typed.getlist(name) if each][:20]
        values[name] = form[name]
    for name in _SINGLE:
        if form[name].strip():
            values[name] = form[name]
    _measure(form, values, errors)
    _must_stand_somewhere(values, errors)
    try:
        return MarketLook.model_validate(values), form, errors
    except ValidationError as error:
        for name, text in by_field(error).items():
            field = name.partition(".")[0]
            values.pop(field, None)
            errors[_typed_as(field)] = text
        _must_stand_somewhere(values, errors)
        return MarketLook.model_validate(values), form, errors


def _measure(form: dict[str, Any], values: dict[str, Any], errors: dict[str, str]) -> None:
    for name in MEASURES:
        if form[name].strip():
            unit = name[-3:]
            kept, convert = UNITS[unit]
            try:
                values[name.removesuffix(unit) + kept] = convert(form[name])
            except ValueError as error:
                errors[name] = gettext(str(error))


def _typed_as(field: str) -> str:
    for typed, (kept, _) in UNITS.items():
        if field.endswith(kept) and field.removesuffix(kept) + typed in MEASURES:
            return field.removesuffix(kept) + typed
    return field


def _must_stand_somewhere(values: dict[str, Any], errors: dict[str, str]) -> None:
    if "within" in values and "from_place_id" not in values:
        del values["within"]
        errors.setdefault("from_place_id", gettext(FROM_WHERE))


@router.get("", name="marketplace:browse")
async def browse(request: Request, db: Db, cursor: Cursor = None) -> Response:
    """Who asks is read without a thread; the search has one where it may take long."""
    asking = asked_for(request)
    pace: Pace = request.app.state.search_pace
    return await pace.read(asking.actor.org_id, partial(_browse, request, asking, db, cursor))


def _browse(
    request: Request,
    asking: Asking,
    db: Database,
    cursor: str | None,
    is_brief: bool,  # noqa: FBT001  (as ``Pace`` calls it)
) -> Response:
    actor = asking.actor
    wanted, form, errors = looked_for(request, asking.place_id)
    query = shown_look.query_of(form)
    filters = sum(1 for name, value in form.items() if value and name not in NO_FILTERS)
    # No snapshot for all: total and facets are added up from one statement's rows.
    with db.looks() as session, stopped(session) if is_brief else nullcontext():
        today = db.clock.now().date()
        found = search_market(
            session,
            actor,
            wanted,
            today=today,
            kind=Tile,
            cursor=cursor,
            limit=CARDS,
            beside=[kept_by(actor)],
        )
        kept = {row.listing_id for row in found.beside[0]}
        is_filtered = bool(filters or form["words"])
        is_little = is_filtered and not cursor and found.total < FEW
        promised = promised_for(session, actor, wanted, today) if is_little else []
        better = meant(session, actor, wanted, found.total, today) if is_little else None
        further = {**query, "cursor": found.next}
        path, asked = shown_look.asked_of(request, query)
        return page(
            request,
            "marketplace/browse.html",
            block="results",
            status=422 if errors else 200,
            cards=drawn_cards(request, actor, found.cards, kept),
            total=found.total,
            next_href=url(request, "marketplace:browse", query=further) if found.next else None,
            first_href=url(request, "marketplace:browse", query=query) if cursor else None,
            form=form,
            errors=errors,
            chips=shown_look.chips(request, session, form, found.facets) if filters else [],
            orders=shown_look.orders(form, found.facets, wanted.sort, path, asked),
            all_href=url(request, "marketplace:browse", query={"words": form["words"] or None}),
            map_href=f"{url(request, 'marketplace:map')}{'?' if asked else ''}{asked}",
            is_filtered=is_filtered,
            meant=better,
            meant_href=url(request, "marketplace:browse", query={**query, "words": better.words})
            if better
            else None,
            promised=drawn_cards(request, actor, promised, kept),
            filters=drawn_filters(request, session, form, errors, found.facets, filters),
            may_offer=actor.may(Permission.LISTING_PUBLISH),
            in_basket=asking.in_basket,
            is_networked=asking.is_networked,
            twin=url(request, "api:market:search"),
        )
