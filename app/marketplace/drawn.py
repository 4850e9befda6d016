"""Parts of the market's page that are drawn once and kept: its cards, and its filters.

What a part shows stands in its arguments alone, language and currency among them, and they are the
key it is kept by. So nothing has to be told when a piece, a place or a count changes: the next
search has another key.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from fastapi import Request as WebRequest
from jinja2 import Environment
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.kit import i18n
from app.kit.page import url
from app.marketplace import shown
from app.marketplace.facets import Facets
from app.marketplace.search import Tile

CARDS_KEPT = 4_000
"""About 1.2 kB each."""
FILTERS_KEPT = 500
"""A few kB each, more where furniture stands at many places."""


def drawn_cards(request: WebRequest, actor: Actor, cards: Sequence[Tile]) -> list[Markup]:
    """Each card as it stands on the page; the first picture is loaded at once, the others later."""
    kept = _kept(request, "drawn_cards")
    found: list[Markup] = []
    for card in cards:
        is_lazy = bool(found)
        key = (i18n.locale(), actor.currency, is_lazy, card)
        drawn = kept.get(key)
        if drawn is None:
            facts = {"card": shown.tile_shown(request, actor, card), "is_lazy": is_lazy}
            drawn = _keep(kept, CARDS_KEPT, key, _draw(request, "_card.html", facts))
        found.append(drawn)
    return found


def drawn_filters(
    request: WebRequest,
    session: Session,
    form: Mapping[str, Any],
    errors: Mapping[str, str],
    facets: Facets,
    filter_count: int,
) -> Markup:
    """The filters beside the cards, with what is chosen in them and how much each would give."""
    kept = _kept(request, "drawn_filters")
    typed = tuple(str(value) for name, value in form.items() if name != "words")
    is_filtered = bool(filter_count or form["words"])
    key = (i18n.locale(), is_filtered, typed, tuple(errors.items()), facets)
    drawn = kept.get(key)
    if drawn is not None:
        return drawn
    facts = {
        "form": form,
        "errors": errors,
        "filter_count": filter_count,
        "is_filtered": is_filtered,
        "all_href": url(request, "marketplace:browse"),
        "category_options": shown.category_options(session, facets),
        "place_options": shown.place_options(facets),
        "condition_options": shown.condition_options(facets),
    }
    return _keep(kept, FILTERS_KEPT, key, _draw(request, "_filters.html", facts))


def _kept(request: WebRequest, name: str) -> dict[Any, Markup]:
    """The program's own store of these parts; another program in the process has another."""
    state = request.app.state
    if not hasattr(state, name):
        setattr(state, name, {})
    kept: dict[Any, Markup] = getattr(state, name)
    return kept


def _keep(kept: dict[Any, Markup], most: int, key: Any, drawn: Markup) -> Markup:
    if len(kept) >= most:
        kept.clear()
    kept[key] = drawn
    return drawn


def _draw(request: WebRequest, template: str, facts: dict[str, Any]) -> Markup:
    env = cast("Environment", request.app.state.templates)
    return Markup(env.get_template(f"marketplace/{template}").render(facts))  # noqa: S704  (escaped)
