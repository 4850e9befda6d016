"""Label sheets and label-printer sizes as data.

All lengths are integers in 1/100 mm, counted from the top left corner of the page, the way the
vendors' drawings give them. `stock.csv` names the source of every row; vendors revise products,
so a row is a good default and the calibration page is the truth.
"""

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from labels.errors import UnknownStockError, WrongStockError

A4_WIDTH, A4_HEIGHT = 21_000, 29_700
# Office printers leave about this much of the page's edge unprinted.
UNPRINTABLE = 500
# Below this a margin is rounding, not paper: Herma 4615 leaves 0.04 mm under its last row.
NO_MARGIN = 50


@dataclass(frozen=True, slots=True)
class Stock:
    """One kind of sheet. Refuses geometry whose boxes leave the page or overlap."""

    name: str
    vendor: str
    label_width: int
    label_height: int
    columns: int
    rows: int
    margin_left: int
    margin_top: int
    pitch_x: int
    pitch_y: int
    source: str
    page_width: int = A4_WIDTH
    page_height: int = A4_HEIGHT
    edge_inset: int = UNPRINTABLE

    def __post_init__(self) -> None:
        if min(self.label_width, self.label_height, self.columns, self.rows) < 1:
            raise WrongStockError(f"{self.name}: a sheet has at least one label with an area")
        if min(self.margin_left, self.margin_top, self.margin_right, self.margin_bottom) < 0:
            raise WrongStockError(f"{self.name}: the labels leave the page")
        if self.columns > 1 and self.pitch_x < self.label_width:
            raise WrongStockError(f"{self.name}: the columns overlap")
        if self.rows > 1 and self.pitch_y < self.label_height:
            raise WrongStockError(f"{self.name}: the rows overlap")

    @property
    def per_page(self) -> int:
        return self.columns * self.rows

    @property
    def margin_right(self) -> int:
        used = self.margin_left + (self.columns - 1) * self.pitch_x + self.label_width
        return self.page_width - used

    @property
    def margin_bottom(self) -> int:
        used = self.margin_top + (self.rows - 1) * self.pitch_y + self.label_height
        return self.page_height - used


@dataclass(frozen=True, slots=True)
class LabelSize:
    """One label of a label printer, in 1/100 mm; every label is a page of its own."""

    name: str
    width: int
    height: int

    def as_stock(self) -> Stock:
        """The same label as a sheet of one; label printers print to the edge."""
        return Stock(
            name=self.name,
            vendor="",
            label_width=self.width,
            label_height=self.height,
            columns=1,
            rows=1,
            margin_left=0,
            margin_top=0,
            pitch_x=self.width,
            pitch_y=self.height,
            source="label printer",
            page_width=self.width,
            page_height=self.height,
            edge_inset=0,
        )


_SIZES = tuple(
    LabelSize(f"{width}x{height}", width * 100, height * 100)
    for width, height in ((62, 29), (57, 32), (50, 30), (100, 50))
)


def hundredths(millimetres: str) -> int:
    """Exactly: "38.10" becomes 3810."""
    return int(Decimal(millimetres) * 100)


@cache
def _table() -> dict[str, Stock]:
    path = Path(__file__).with_name("stock.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Stock(
                name=row["code"],
                vendor=row["vendor"],
                label_width=hundredths(row["label_w_mm"]),
                label_height=hundredths(row["label_h_mm"]),
                columns=int(row["cols"]),
                rows=int(row["rows"]),
                margin_left=hundredths(row["margin_left_mm"]),
                margin_top=hundredths(row["margin_top_mm"]),
                pitch_x=hundredths(row["pitch_x_mm"]),
                pitch_y=hundredths(row["pitch_y_mm"]),
                source=row["source"],
            )
            for row in csv.DictReader(file)
        }


def stocks() -> tuple[Stock, ...]:
    """Every known sheet, in the order of the file."""
    return tuple(_table().values())


def stock(name: str) -> Stock:
    """The sheet called `name` ("L7160", any case); raises UnknownStockError."""
    try:
        return _table()[name.strip().upper()]
    except KeyError:
        raise UnknownStockError(name) from None


def sizes() -> tuple[LabelSize, ...]:
    """The label printers' sizes."""
    return _SIZES


def size(name: str) -> LabelSize:
    """The single label called `name` ("62x29", also written 62×29); raises UnknownStockError."""
    wanted = name.strip().lower().replace("×", "x")
    for one in _SIZES:
        if one.name == wanted:
            return one
    raise UnknownStockError(name)
