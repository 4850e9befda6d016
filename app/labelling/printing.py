"""A print job: labels on paper, as PDF or for a label printer."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.kit.i18n import gettext
from app.labelling.queries import Printed
from app.labelling.rules import said, url_prefix
from labels import pdf
from labels.draw import Label
from labels.errors import LabelError
from labels.fonts import Fonts
from labels.place import Offset, check_start, pages
from labels.stock import LabelSize, Stock
from labels.zpl import zpl

FONTS = Path(__file__).resolve().parents[2] / "static" / "vendor" / "fonts"


@cache
def fonts() -> Fonts:
    """Read once a process: parsing them costs more than a sheet."""
    return Fonts.find(FONTS)


@dataclass(frozen=True, slots=True)
class Job:
    """Where labels go. Offsets in 1/100 mm, right and down; ``start`` counts from 1.

    Made by ``job``, which refuses what cannot be printed.
    """

    paper: Stock | LabelSize
    public_url: str
    organisation: str
    start: int = 1
    offset: Offset = Offset()  # noqa: RUF009  (frozen)

    @property
    def is_roll(self) -> bool:
        """One label a page, for a label printer."""
        return isinstance(self.paper, LabelSize)

    @property
    def stock(self) -> Stock:
        return self.paper.as_stock() if isinstance(self.paper, LabelSize) else self.paper

    def sheets(self, count: int) -> int:
        """How many sheets so many labels need."""
        return pages(self.stock, count, self.start)

    def labels(self, printed: Sequence[Printed]) -> list[Label]:
        prefixes = {kind: url_prefix(self.public_url, kind) for kind in ("I", "P")}
        return [
            Label(each.code, prefixes[each.kind], each.name, self.organisation) for each in printed
        ]

    def pdf(self, printed: Sequence[Printed]) -> bytes:
        """The sheets, or one page a label."""
        title = gettext("Etiketter")
        return pdf.sheets(
            self.labels(printed),
            self.stock,
            start=self.start,
            offset=self.offset,
            fonts=fonts(),
            title=title,
        )

    def zpl(self, printed: Sequence[Printed]) -> str:
        """Tickets for a label printer that speaks ZPL, at 203 dpi."""
        assert isinstance(self.paper, LabelSize)
        return zpl(self.labels(printed), self.paper, fonts=fonts())

    def calibration(self) -> bytes:
        """A page of outlines and rulers to hold against the sheet."""
        text = gettext("Skriv ut i faktisk størrelse: linjalen skal være 100 mm lang.")
        return pdf.calibration(
            self.stock, offset=self.offset, fonts=fonts(), text=text, title=self.stock.name
        )


def job(
    paper: Stock | LabelSize,
    public_url: str,
    organisation: str,
    *,
    start: int = 1,
    offset_hmm: tuple[int, int] = (0, 0),
) -> Job:
    """Refuses before anything is made what cannot be printed. Raises ``Invalid``.

    A label printer has neither a start nor an offset.
    """
    try:
        if isinstance(paper, LabelSize):
            made = Job(paper, public_url, organisation)
        else:
            made = Job(paper, public_url, organisation, start, Offset(*offset_hmm))
        check_start(made.stock, made.start)
        pdf.check(url_prefix(public_url), made.stock)
    except LabelError as error:
        raise said(error) from error
    return made


def missing_letters(job: Job, printed: Sequence[Printed]) -> str:
    """Letters of the texts that the labels' font does not have."""
    texts = {job.organisation, *(each.name for each in printed)}
    return "".join(sorted({letter for text in texts for letter in fonts().regular.missing(text)}))
