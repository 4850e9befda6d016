"""Where pieces came from and went, and waste by fraction, as the report's page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.disposals.names import FRACTIONS
from app.disposals.rules import Fraction
from app.kit.charts_flow import Flow
from app.kit.i18n import gettext
from app.places.rules import SEPARATOR
from app.reports.figures import Route, Waste
from app.reports.words import about_grams, source_name

MOST_ROUTES = 20
"""On the page; the workbook and the JSON have them all."""


@dataclass(frozen=True, slots=True)
class Routes:
    """``rows`` are from unit, from place, to unit, to place, source and pieces; the largest first.

    ``rest`` pieces are on ``more`` further rows.
    """

    flows: list[Flow]
    rows: list[tuple[str, str, str, str, str, int]]
    more: int
    rest: int
    pieces: int


def routes_shown(routes: Sequence[Route]) -> Routes:
    first, further = routes[:MOST_ROUTES], routes[MOST_ROUTES:]
    places = [place for each in routes for place in (each.from_place, each.to_place) if place]
    short = shortened(places)
    return Routes(
        flows=[
            Flow(short.get(start, start), short.get(end, end), each.pieces)
            for start, end, each in ((came_from(each), went_to(each), each) for each in routes)
        ],
        rows=[
            (
                each.from_unit or gettext("Utenfor virksomheten"),
                each.from_place or "–",
                each.to_unit or gettext("Utenfor virksomheten"),
                each.to_place or "–",
                source_name(each.source),
                each.pieces,
            )
            for each in first
        ],
        more=len(further),
        rest=sum(each.pieces for each in further),
        pieces=sum(each.pieces for each in routes),
    )


def shortened(places: Sequence[str]) -> dict[str, str]:
    """Each place without what all of them begin with: a drawing has room for what tells them apart."""
    parts = {each: each.split(SEPARATOR) for each in places}
    alike = 0
    if len(parts) > 1:
        while len({tuple(own[: alike + 1]) for own in parts.values()}) == 1:
            alike += 1
    return {each: SEPARATOR.join(own[min(alike, len(own) - 1) :]) for each, own in parts.items()}


def came_from(route: Route) -> str:
    """The place, else the unit; of what came from outside how it was bought."""
    return route.from_place or route.from_unit or source_name(route.source)


def went_to(route: Route) -> str:
    """The place, else the unit; of what left the organisation what became of it."""
    return route.to_place or route.to_unit or source_name(route.source)


def fraction_name(waste: Waste) -> str:
    return gettext(FRACTIONS[Fraction(waste.fraction)])


def waste_shown(waste: Sequence[Waste]) -> list[tuple[str, str, Waste]]:
    """Each with its name, and what was avoided with its range."""
    return [(fraction_name(each), about_grams(each.avoided), each) for each in waste]
