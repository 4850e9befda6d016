"""Parts of the market's page that are drawn once and kept: its cards, and its filters.

What a part shows stands in its arguments alone, language and currency among them, and they are the
key it is kept by.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import Request as WebRequest
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.items.choices import suitability_options
from app.kit import i18n
from app.kit.drawn import Store, draw, store
from app.kit.page import url
from app.marketplace import shown, shown_look
from app.marketplace.facets import Facets
from app.marketplace.search import Tile

CARDS_KEPT = 4_000
"""About 1.2 kB each."""
FILTERS_KEPT = 500
"""A few kB each, more where furniture stands at many places."""


def drawn_cards(
    request: WebRequest, actor: Actor, cards: Sequence[Tile], kept_ids: Collection[UUID]
) -> Markup:
    """The cards of the page's list; the first picture is loaded at once, the others later.

    ``kept_ids`` are the reader's favourites. Who is no person has none, and nothing to press.
    """
    kept: Store[Markup] = store(request, "market_cards", CARDS_KEPT)
    found: list[Markup] = []
    for card in cards:
        is_lazy = bool(found)
        is_kept = None if actor.person_id is None else card.listing_id in kept_ids
        key = (i18n.locale(), actor.currency, is_lazy, is_kept, card)
        drawn = kept.get(key)
        if drawn is None:
            facts = {
                "card": shown.tile_shown(request, actor, card),
                "is_lazy": is_lazy,
                "is_kept": is_kept,
                "drop": url(request, "favourites:drop"),
            }
            drawn = kept.keep(key, draw(request, "marketplace/_card.html", facts))
        found.append(drawn)
    return Markup("".join(found))  # noqa: S704  (each is escaped)


def drawn_filters(
    request: WebRequest,
    session: Session,
    form: Mapping[str, Any],
    errors: Mapping[str, str],
    facets: Facets,
    filter_count: int,
    *,
    is_shared: bool = False,
) -> Markup:
    """The filters beside the cards, with what is chosen in them and how much each would give."""
    kept: Store[Markup] = store(request, "market_filters", FILTERS_KEPT)
    typed = tuple(str(value) for name, value in form.items() if name != "words")
    is_filtered = bool(filter_count or form["words"])
    key = (i18n.locale(), is_shared, is_filtered, typed, tuple(errors.items()), facets)
    drawn = kept.get(key)
    if drawn is not None:
        return drawn
    facts = {
        "form": form,
        "errors": errors,
        "filter_count": filter_count,
        "is_filtered": is_filtered,
        "all_href": url(request, "network_market:browse" if is_shared else "marketplace:browse"),
        "category_options": shown.category_options(session, facets),
        "place_options": shown.place_options(facets),
        "suitability_options": suitability_options(),
        "condition_options": shown.condition_options(facets),
        "is_measured": any(form[name] for name in form if name.endswith("_cm")),
        "is_priced": any(
            form[name] or errors.get(name) for name in ("price_min_kr", "price_max_kr")
        ),
        **shown_look.options(facets),
    }
    template = "marketplace/_network_filters.html" if is_shared else "marketplace/_filters.html"
    return kept.keep(key, draw(request, template, facts))
