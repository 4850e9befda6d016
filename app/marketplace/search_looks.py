"""A look at one's own market as parameters and conditions: traits, from when, how far, in what order.

Like ``search_statements``, which puts them together; only the places' geometry is told here too.
Distances are straight lines on a plane that touches the earth where one stands: within a thousandth
of the great circle up to 20 km. The database and ``facets`` reckon with the same floats in the same
order, so that they agree on who is within.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import cos, pi, radians
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Float,
    Integer,
    Select,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.orm import Session

from app.impact.queries import factors_of
from app.marketplace.commands_look import METRES, WEEKS, Available, MarketLook, Sort, Within
from app.marketplace.search_rows import ROWS
from app.marketplace.traits import (
    COLOUR_BITS,
    MATERIAL_AT,
    MATERIAL_BITS,
    STAGE_AT,
    STAGE_BITS,
    TERMS_AT,
    TERMS_BITS,
    WAIT_AT,
    mask_of,
)
from app.places.models import Place, PlaceKind
from app.places.queries import positions_of
from app.places.rules import EARTH_M, Position

FAR = 9 * 10**17
"""Where nobody knows how far it is: behind all that is on earth."""
UDEG_M = EARTH_M * pi / 180 / 1_000_000
"""Metres of a millionth of a degree, northwards."""


def _int(value: int) -> ColumnElement[int]:
    return literal_column(str(value), Integer())


def _is_among(name: str, at: int, bits: int) -> ColumnElement[bool]:
    """Whether the trait's number is a bit of the mask that is the parameter."""
    number = ROWS.c.traits.bitwise_rshift(_int(at)).bitwise_and(_int((1 << bits) - 1))
    bit = _int(1).bitwise_lshift(number)
    return bit.bitwise_and(bindparam(name, type_=Integer())) != _int(0)


def _building() -> Select[UUID]:
    """The building that the place lies in, and all in it; the place and all in it without one."""
    org: Any = bindparam("org_id")
    place: Any = bindparam("from_place")
    up = (
        select(Place.id, Place.parent_id, Place.kind)
        .where(Place.org_id == org, Place.id == place)
        .cte("from_upwards", recursive=True)
    )
    above = select(Place.id, Place.parent_id, Place.kind).join(up, Place.id == up.c.parent_id)
    up = up.union_all(above.where(Place.org_id == org))
    top = select(up.c.id).where(
        (up.c.kind == literal_column(f"'{PlaceKind.BUILDING.value}'")) | (up.c.id == place)
    )
    tree = select(Place.id).where(Place.org_id == org, Place.id.in_(top))
    down = tree.cte("from_downwards", recursive=True)
    below = select(Place.id).join(down, Place.parent_id == down.c.id)
    down = down.union(below.where(Place.org_id == org))
    return select(down.c.id)


def _square(latitude: Any, longitude: Any) -> Any:
    """How far from where one stands, squared, in millionths of a degree."""
    north = cast(latitude, Float()) - bindparam("from_latitude", type_=Float())
    east = cast(longitude, Float()) - bindparam("from_longitude", type_=Float())
    east = east * bindparam("from_narrowing", type_=Float())
    return north * north + east * east


def _known(name: str) -> Any:
    """Each place with how far it is, by its own position or that of the nearest place around it."""
    org: Any = bindparam("org_id")
    square = _square(Place.latitude_udeg, Place.longitude_udeg).label("square")
    start = select(Place.id, square).where(Place.org_id == org, Place.latitude_udeg.is_not(None))
    tree = start.cte(name, recursive=True)
    inside = select(Place.id, tree.c.square).join(tree, Place.parent_id == tree.c.id)
    return tree.union_all(inside.where(Place.org_id == org, Place.latitude_udeg.is_(None)))


def _near() -> Select[UUID]:
    tree = _known("place_near")
    return select(tree.c.id).where(tree.c.square <= bindparam("within_square", type_=Float()))


def how_far() -> Any:
    """The places' squares in whole numbers, by their ids, to put in order."""
    tree = _known("place_far")
    return select(tree.c.id, cast(tree.c.square, BigInteger()).label("square")).subquery("how_far")


CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "colours": _is_among("colours", 0, COLOUR_BITS),
    "materials": _is_among("materials", MATERIAL_AT, MATERIAL_BITS),
    "paid": _is_among("paid", TERMS_AT, TERMS_BITS),
    "stages": _is_among("stages", STAGE_AT, STAGE_BITS),
    "ready_by": ROWS.c.from_date <= bindparam("ready_by", type_=Date()),
    "from_place": ROWS.c.place_id.in_(_building()),
    "within_square": ROWS.c.place_id.in_(_near()),
}
"""The look's own parts as conditions on the search row; each is a facet."""

NARROWING: Mapping[str, ColumnElement[bool]] = {
    "price_min_ore": ROWS.c.price_ore >= bindparam("price_min_ore", type_=BigInteger()),
    "price_max_ore": ROWS.c.price_ore <= bindparam("price_max_ore", type_=BigInteger()),
}
"""Those that are none: the facets are counted with them."""

FROM = ("from_latitude", "from_longitude", "from_narrowing")


def traits_and_wait(row: Any, *, is_day_named: bool) -> ColumnElement[int]:
    """For the groups: the traits, and above them 0 for ready now, 1 for soon, 2 for later.

    4 more is not ready by the day that was named. ``row`` are the columns of a search row.
    """
    first, step = row.from_date, 1 << WAIT_AT
    wait: ColumnElement[int] = case(
        (first <= bindparam("today", type_=Date()), _int(0)),
        (first <= bindparam("soon", type_=Date()), _int(step)),
        else_=_int(2 * step),
    )
    if is_day_named:
        late = first > bindparam("named_day", type_=Date())
        wait = wait + case((late, _int(4 * step)), else_=_int(0))
    return row.traits + wait  # type: ignore[no-any-return]


def soon(today: date) -> date:
    return today + timedelta(weeks=WEEKS)


def ready_by(look: MarketLook, today: date) -> date | None:
    """The last day on which what is found must be ready; never a day that has passed."""
    if look.available_by is not None:
        return max(look.available_by, today)
    if look.available is None:
        return None
    return today if look.available is Available.NOW else soon(today)


def standing(position: Position) -> dict[str, float]:
    """Where one stands, as the statements' parameters."""
    latitude, longitude = position
    return {
        "from_latitude": float(latitude),
        "from_longitude": float(longitude),
        "from_narrowing": cos(radians(latitude / 1_000_000)),
    }


def square_of(at: Position, here: Mapping[str, float]) -> float:
    """As ``_square``, outside the database."""
    north = float(at[0]) - here["from_latitude"]
    east = (float(at[1]) - here["from_longitude"]) * here["from_narrowing"]
    return north * north + east * east


def reach(within: Within) -> float:
    """The square that is within; a building has none."""
    return (METRES[within] / UDEG_M) ** 2


def asked_by(session: Session, look: MarketLook, org_id: UUID, today: date) -> dict[str, Any]:
    """The look's own parts as parameters, without its order."""
    asked: dict[str, Any] = {}
    masks = {
        "colours": mask_of(look.colour, is_said=True),
        "materials": mask_of(look.material, is_said=True),
        "paid": mask_of(look.terms, is_said=False),
        "stages": mask_of(look.stage, is_said=False),
    }
    asked |= {name: mask for name, mask in masks.items() if mask}
    prices = {name: getattr(look, name) for name in NARROWING}
    asked |= {name: ore for name, ore in prices.items() if ore is not None}
    last = ready_by(look, today)
    if last is not None:
        asked["ready_by"] = last
    if look.within is not None and look.from_place_id is not None:
        if look.within is Within.BUILDING:
            asked["from_place"] = look.from_place_id
        else:
            here = _here(session, org_id, look.from_place_id)
            # Nothing is within 1 km of what nobody knows where is.
            asked |= {**(here or standing((0, 0))), "within_square": reach(look.within)}
            if here is None:
                asked["within_square"] = -1.0
    return asked


def _here(session: Session, org_id: UUID, place_id: UUID) -> dict[str, float] | None:
    position = positions_of(session, org_id, [place_id]).get(place_id)
    return None if position is None else standing(position)


Worth = tuple[tuple[str, int], ...]


def order_of(
    session: Session, look: MarketLook, org_id: UUID
) -> tuple[Sort, dict[str, float], Worth]:
    """The order that can be kept, with its parameters: nearest to nowhere is the newest."""
    if look.sort is Sort.NEAREST:
        here = _here(session, org_id, look.from_place_id) if look.from_place_id else None
        return (Sort.NEAREST, here, ()) if here else (Sort.NEWEST, {}, ())
    if look.sort is Sort.SAVING:
        rows = factors_of(session).factor_set.categories
        known = [(key, row.gwp_g) for key, row in rows.items()]
        return Sort.SAVING, {}, tuple((key, int(gwp.value)) for key, gwp in known if gwp)
    return look.sort, {}, ()


def key_of(order: Sort, worth: Sequence[tuple[str, int]], far: Any) -> ColumnElement[int]:
    """What the rows are put in order by, the least first."""
    if order is Sort.NEAREST:
        return func.coalesce(far.c.square, literal_column(str(FAR), BigInteger()))
    # What a new piece of the category gives off, by the factors in use; unknown is nothing.
    grams = {key: literal_column(str(-value), BigInteger()) for key, value in worth}
    return case(
        *(
            (ROWS.c.category_id == literal_column(f"'{key}'"), value)
            for key, value in grams.items()
        ),
        else_=literal_column("0", BigInteger()),
    )
