"""Which box on which page a label gets. Lengths in 1/100 mm from the page's top left corner."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

from labels.errors import WrongOffsetError, WrongStartError
from labels.stock import NO_MARGIN, Stock

# A printer that is out by more than this has its paper in the wrong tray.
OFFSET_LIMIT = 1_000


@dataclass(frozen=True, slots=True)
class Offset:
    """What a printer needs to print in the right place: positive moves right and down."""

    x: int = 0
    y: int = 0

    def __post_init__(self) -> None:
        if max(abs(self.x), abs(self.y)) > OFFSET_LIMIT:
            raise WrongOffsetError(self.x, self.y, OFFSET_LIMIT)


@dataclass(frozen=True, slots=True)
class Inset:
    """How much of a box its content must leave free, beyond the ordinary padding."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0


@dataclass(frozen=True, slots=True)
class Box:
    """One label's place on its page."""

    x: int
    y: int
    width: int
    height: int
    inset: Inset


@dataclass(frozen=True, slots=True)
class Place:
    """A page counted from 0, and a box of that page counted from 0 in reading order."""

    page: int
    index: int


NO_OFFSET = Offset()


@lru_cache(maxsize=64)
def boxes(stock: Stock, offset: Offset = NO_OFFSET) -> tuple[Box, ...]:
    """A page's boxes in reading order.

    Only where the sheet itself has no margin does the content keep away from the paper's edge,
    since the printer cannot reach it; everywhere else the whole label is used.
    """
    return tuple(
        Box(
            x=stock.margin_left + column * stock.pitch_x + offset.x,
            y=stock.margin_top + row * stock.pitch_y + offset.y,
            width=stock.label_width,
            height=stock.label_height,
            inset=_inset(stock, column, row),
        )
        for row in range(stock.rows)
        for column in range(stock.columns)
    )


@lru_cache(maxsize=64)
def areas(stock: Stock) -> frozenset[tuple[int, int]]:
    """The widths and heights that the insets leave free on this sheet."""
    return frozenset(
        (
            box.width - box.inset.left - box.inset.right,
            box.height - box.inset.top - box.inset.bottom,
        )
        for box in boxes(stock)
    )


def _inset(stock: Stock, column: int, row: int) -> Inset:
    def edge(margin: int, *, is_outermost: bool) -> int:
        return stock.edge_inset if is_outermost and margin < NO_MARGIN else 0

    return Inset(
        left=edge(stock.margin_left, is_outermost=column == 0),
        top=edge(stock.margin_top, is_outermost=row == 0),
        right=edge(stock.margin_right, is_outermost=column == stock.columns - 1),
        bottom=edge(stock.margin_bottom, is_outermost=row == stock.rows - 1),
    )


def check_start(stock: Stock, start: int) -> None:
    """Raises WrongStartError unless the first sheet has a box number `start` (from 1)."""
    if not 1 <= start <= stock.per_page:
        raise WrongStartError(start, stock.per_page)


def place(stock: Stock, number: int, start: int = 1) -> Place:
    """Where label `number` (from 0) goes when the first one takes box `start` (from 1)."""
    check_start(stock, start)
    return Place(*divmod(start - 1 + number, stock.per_page))


def places(stock: Stock, start: int = 1) -> Iterator[Place]:
    """The places of the first, second, … label, without end."""
    check_start(stock, start)
    return (Place(*divmod(position, stock.per_page)) for position in count(start - 1))


def pages(stock: Stock, labels: int, start: int = 1) -> int:
    """How many sheets `labels` labels need."""
    check_start(stock, start)
    return -(-(start - 1 + labels) // stock.per_page) if labels else 0
