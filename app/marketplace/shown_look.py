"""The look at the market as its page shows it: choices with counts, what is chosen, and the orders."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from fastapi import Request as WebRequest
from sqlalchemy.orm import Session

from app.catalogue.models import Category
from app.catalogue.queries import category_name
from app.items.names import SUITABLES
from app.items.rules import Condition, Suitable
from app.kit import i18n
from app.kit.i18n import N_, gettext
from app.kit.page import url
from app.marketplace import names
from app.marketplace.commands_look import Available, Sort, Within
from app.marketplace.facets import Facets
from app.marketplace.rules import Stage, Terms
from app.marketplace.traits import Colour, Material

Form = Mapping[str, Any]
MANY = ("condition", "colour", "material", "stage", "terms")
"""Filters of which several may be chosen at once."""
_KINDS: Mapping[str, tuple[Any, Mapping[Any, str]]] = {
    "condition": (Condition, names.CONDITIONS),
    "colour": (Colour, names.COLOURS),
    "material": (Material, names.MATERIALS),
    "stage": (Stage, names.STAGES),
    "terms": (Terms, names.PAID),
    "suitability": (Suitable, SUITABLES),
    "available": (Available, names.AVAILABLE),
    "within": (Within, names.WITHIN),
}
_SAID: Mapping[str, str] = {
    "stage": N_("Vises for: %(what)s"),
    "available": N_("Ledig: %(what)s"),
    "suitability": N_("Egnet: %(what)s"),
}
"""Where the choice alone does not say what it is about."""
_SIDES: Mapping[str, str] = {
    "width_min_cm": N_("Bredde fra %(cm)s cm"),
    "width_max_cm": N_("Bredde til %(cm)s cm"),
    "depth_min_cm": N_("Dybde fra %(cm)s cm"),
    "depth_max_cm": N_("Dybde til %(cm)s cm"),
    "height_min_cm": N_("Høyde fra %(cm)s cm"),
    "height_max_cm": N_("Høyde til %(cm)s cm"),
}
_PRICES: Mapping[str, str] = {
    "price_min_kr": N_("Pris fra %(kr)s kr"),
    "price_max_kr": N_("Pris til %(kr)s kr"),
}


def options(facets: Facets) -> dict[str, list[tuple[str, str]]]:
    """The choices of the facets that need nothing but their names, each with its count."""

    def counted(name: str, counts: Any) -> list[tuple[str, str]]:
        texts = _KINDS[name][1]
        by_choice = dict(counts)
        return [
            (each.value, f"{gettext(text)} ({i18n.number(by_choice[each])})")
            for each, text in texts.items()
            if each in by_choice
        ]

    return {
        "colour_options": counted("colour", facets.colours),
        "material_options": counted("material", facets.materials),
        "stage_options": counted("stage", facets.stages),
        "terms_options": counted("terms", facets.terms),
        "available_options": counted("available", facets.available),
        "within_options": counted("within", facets.distances),
        "origin_options": [(str(place_id), label) for place_id, label in facets.origins],
    }


class Chip(NamedTuple):
    """A filter that is chosen, and the page without it."""

    text: str
    href: str


def chips(
    request: WebRequest,
    session: Session,
    form: Form,
    facets: Facets,
    page: str = "marketplace:browse",
) -> list[Chip]:
    """What is chosen, each to be taken away by itself: links to the page of that name."""
    return [
        Chip(text, url(request, page, query=_without(form, name, value)))
        for name, value in _chosen(form)
        if (text := _text(session, facets, name, value))
    ]


def query_of(form: Form) -> dict[str, Any]:
    """The look as the address has it: only what is said."""
    return {name: value for name, value in form.items() if value}


def _chosen(form: Form) -> Iterator[tuple[str, str]]:
    for name, value in form.items():
        if name in {"words", "sort", "from_place_id"}:
            continue
        for each in value if isinstance(value, list) else [value]:
            if each:
                yield name, each


def _without(form: Form, name: str, value: str) -> dict[str, Any]:
    query = query_of(form)
    if isinstance(form[name], list):
        query[name] = [each for each in form[name] if each != value] or None
    else:
        query[name] = None
    return query


def _text(session: Session, facets: Facets, name: str, value: str) -> str | None:
    if name in _KINDS:
        kind, texts = _KINDS[name]
        if value not in set(kind):
            return None
        text = gettext(texts[kind(value)])
        return gettext(_SAID[name], what=text.lower()) if name in _SAID else text
    if name in _SIDES:
        return gettext(_SIDES[name], cm=value)
    if name in _PRICES:
        return gettext(_PRICES[name], kr=value)
    if name == "count":
        return gettext(N_("Minst %(count)s like"), count=value)
    return _called(session, facets, name, value)


def _called(session: Session, facets: Facets, name: str, value: str) -> str | None:
    """What has its name in the database, and a day."""
    if name == "category_id":
        category = session.get(Category, value)
        return category_name(category) if category else None
    if name == "place_id":
        return next((each.label for each in facets.places if str(each.place_id) == value), None)
    return _day(value) if name == "available_by" else None


def _day(value: str) -> str | None:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return gettext(N_("Ledig innen %(day)s"), day=i18n.date(day))


class Order(NamedTuple):
    text: str
    href: str
    is_now: bool


def orders(form: Form, facets: Facets, now: Sort, path: str, asked: str) -> list[Order]:
    """The orders there are to choose between; nearest only where somebody knows where one stands.

    ``asked`` is the rest of the look as the page at ``path`` has it in its address. Without words
    the best are the newest.
    """
    first, left_out = (Sort.RELEVANCE, None) if form["words"] else (Sort.NEWEST, Sort.RELEVANCE)
    is_placed = any(each is Within.KM_1 for each, _ in facets.distances)
    shown = [
        each for each in Sort if each is not left_out and (is_placed or each is not Sort.NEAREST)
    ]
    chosen = now if now in shown else first
    return [
        Order(
            gettext(names.SORTS[each]),
            _address(path, asked, "" if each is first else f"sort={each.value}"),
            each is chosen,
        )
        for each in shown
    ]


def _address(path: str, *asked: str) -> str:
    both = "&".join(filter(None, asked))
    return f"{path}?{both}" if both else path


def asked_of(
    request: WebRequest, query: Mapping[str, Any], page: str = "marketplace:browse"
) -> tuple[str, str]:
    """The path of the market of that name, and the look without its order as an address spells it."""
    path, _, asked = url(
        request,
        page,
        query={name: value for name, value in query.items() if name != "sort"},
    ).partition("?")
    return path, asked
