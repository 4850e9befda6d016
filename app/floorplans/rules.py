"""How a plan is measured: ten-thousandths of a picture, metres in the world, units of a drawing."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from app.kit.i18n import N_
from app.kit.units import typed_decimal, typed_scaled

WHOLE = 10_000
"""Positions are counted in so many parts of the picture's width and height."""
STEP = 15
"""Degrees of one turn."""
TURNS = range(0, 360, STEP)
DRAWN = 1_000
"""The drawing is so many units wide, whatever the picture is."""
INSIDE = N_("Skriv en plass som ligger på planen.")


@dataclass(frozen=True)
class Sheet:
    """A picture as it is drawn on. ``width_mm`` is empty without a scale."""

    width_px: int
    height_px: int
    width_mm: int | None

    @property
    def height(self) -> int:
        """Of the drawing, in its units."""
        return max(1, round(DRAWN * self.height_px / self.width_px))

    @property
    def height_mm(self) -> int | None:
        if self.width_mm is None:
            return None
        return max(1, round(self.width_mm * self.height_px / self.width_px))

    def drawn(self, x: int, y: int) -> tuple[float, float]:
        """A position in the drawing's units, to a tenth."""
        return round(x * DRAWN / WHOLE, 1), round(y * self.height / WHOLE, 1)

    def length(self, mm: int | None) -> float | None:
        """A length in the world in the drawing's units; nothing without a scale."""
        if mm is None or self.width_mm is None:
            return None
        return round(mm * DRAWN / self.width_mm, 1)

    @property
    def unit(self) -> str:
        """What positions are typed and shown in: metres with a scale, else per cent."""
        return "%" if self.width_mm is None else "m"

    def shown(self, x: int, y: int) -> tuple[str, str]:
        """From the left and from the top, as a person types it."""
        if self.width_mm is None or self.height_mm is None:
            return typed_scaled(x, 100), typed_scaled(y, 100)
        return _metres(x, self.width_mm), _metres(y, self.height_mm)

    def typed(self, text: str, *, is_x: bool) -> int:
        """``"2,35"`` → ten-thousandths. Raises ``ValueError`` with a message for the field."""
        number = typed_decimal(text)
        side_mm = self.width_mm if is_x else self.height_mm
        found = number * 100 if side_mm is None else number * 1000 * WHOLE / side_mm
        whole = int(found.quantize(Decimal(1), ROUND_HALF_EVEN))
        if not 0 <= whole <= WHOLE:
            raise ValueError(INSIDE)
        return whole


def _metres(part: int, side_mm: int) -> str:
    cm = (Decimal(part) * side_mm / WHOLE / 10).quantize(Decimal(1), ROUND_HALF_EVEN)
    return typed_scaled(int(cm), 100)
