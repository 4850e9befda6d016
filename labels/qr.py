"""QR matrices from a table: exact, and hundreds of times faster than encoding each one.

With version, level, mask and text length fixed, a QR code is an affine function over GF(2) of its
data bits: Reed–Solomon and placement are linear, the mask is a constant. Alphanumeric mode packs
two characters as 45·a + b into 11 bits, so a matrix is linear in the bits of each *pair* (not of a
character). All labels of a host share everything but the 11 characters of the code; hence

    matrix = base XOR contribution[position][pair]

with whole matrices as Python integers. The contributions follow from about 60 ordinary `qrcode`
encodings per prefix, so Reed–Solomon and the standard's tables stand in that library alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from qrcode import QRCode, constants
from qrcode.exceptions import DataOverflowError
from qrcode.util import MODE_ALPHA_NUM, QRData, lost_point

from labels.errors import WrongAddressError, WrongCodeError

LEVELS = {"M": constants.ERROR_CORRECT_M, "Q": constants.ERROR_CORRECT_Q}
ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
# Crockford's base32: what a code is written in.
CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 11
QUIET_ZONE = 4
# Beyond this a module of 0.4 mm makes a square of 29 mm: no address needs it, no label has room.
LARGEST_VERSION = 10
_SAMPLE = ("7K3QWX9R2M4", "0123456789T", "ABCDEFGHJK2")


def plain(text: str, level: str, version: int, mask: int) -> int:
    """`text` encoded by `qrcode` itself: rows from the top, each from its most significant bit."""
    code = QRCode(version=version, error_correction=LEVELS[level], mask_pattern=mask)
    code.add_data(QRData(text.encode("ascii"), mode=MODE_ALPHA_NUM), optimize=0)
    code.make(fit=False)
    return int("".join("1" if dark else "0" for row in code.modules for dark in row), 2)


@dataclass(frozen=True, slots=True)
class Digits:
    """How one position of the code moves the matrix.

    `basis` is in echelon form: each (bits, matrix) pair has its own highest bit. `values` holds,
    for the one or two characters at this position, how their bits differ from the zero code's.
    """

    cut: slice
    basis: tuple[tuple[int, int], ...]
    values: dict[str, int]

    def contributions(self, move: Callable[[int], int]) -> dict[str, int]:
        moved = tuple((bits, move(matrix)) for bits, matrix in self.basis)
        table = {}
        for text, difference in self.values.items():
            rest, total = difference, 0
            for bits, matrix in moved:
                if rest ^ bits < rest:
                    rest ^= bits
                    total ^= matrix
            table[text] = total
        return table


class Table:
    """Answers `value(code)` by six look-ups; what the bits mean is the maker's business."""

    __slots__ = ("_base", "_cuts", "_parts")

    def __init__(self, base: int, digits: tuple[Digits, ...], move: Callable[[int], int]) -> None:
        self._base = base
        self._cuts = tuple(one.cut for one in digits)
        self._parts = tuple(one.contributions(move) for one in digits)

    def value(self, code: str) -> int:
        # Written out: a loop over the six would take three times as long.
        c0, c1, c2, c3, c4, c5 = self._cuts
        t0, t1, t2, t3, t4, t5 = self._parts
        try:
            return (
                self._base
                ^ t0[code[c0]]
                ^ t1[code[c1]]
                ^ t2[code[c2]]
                ^ t3[code[c3]]
                ^ t4[code[c4]]
                ^ t5[code[c5]]
            )
        except KeyError:
            raise WrongCodeError(code) from None


def version_for(prefix: str, level: str) -> int:
    """The smallest QR version that holds `prefix` and a code; raises WrongAddressError."""
    if not prefix:
        raise WrongAddressError(prefix, "it is empty")
    missing = sorted(set(prefix) - set(ALPHANUMERIC))
    if missing:
        raise WrongAddressError(prefix, f"{''.join(missing)[:20]!r} is outside capitals mode")
    code = QRCode(error_correction=LEVELS[level])
    text = prefix + "0" * CODE_LENGTH
    code.add_data(QRData(text.encode("ascii"), mode=MODE_ALPHA_NUM), optimize=0)
    try:
        version = int(code.best_fit(start=1))
    except (DataOverflowError, ValueError):
        version = LARGEST_VERSION + 1
    if version > LARGEST_VERSION:
        raise WrongAddressError(prefix, "it is too long for a label")
    return version


def side_for(version: int) -> int:
    """Modules along one side, without the quiet zone."""
    return 17 + 4 * version


class Encoder:
    """Every code behind one prefix, at one level, version and mask."""

    def __init__(self, prefix: str, level: str, version: int, mask: int) -> None:
        self.prefix = prefix
        self.level = level
        self.version = version
        self.mask = mask
        self.side = side_for(version)
        self._zero = self.plain("0" * CODE_LENGTH)
        self._digits = self._measure()

    @classmethod
    def for_prefix(cls, prefix: str, level: str = "Q") -> "Encoder":
        """The encoder of `prefix` ("HTTPS://HOST/I/"), made once per process."""
        return _encoder(prefix, level)

    def plain(self, code: str) -> int:
        """The same matrix by `qrcode` alone; what the table is built from and compared with."""
        return plain(self.prefix + code, self.level, self.version, self.mask)

    def matrix(self, code: str) -> int:
        """The matrix of `code` as `plain` gives it; raises WrongCodeError."""
        return self._matrices.value(code)

    def rows(self, code: str) -> tuple[int, ...]:
        """The matrix of `code` row by row, the leftmost module in the highest bit."""
        matrix, side = self.matrix(code), self.side
        mask = (1 << side) - 1
        return tuple(matrix >> side * (side - 1 - row) & mask for row in range(side))

    def table(self, move: Callable[[int], int], constant: int) -> Table:
        """The same codes with the modules in other places: `move` must be linear over XOR."""
        return Table(move(self._zero) ^ constant, self._digits, move)

    @cached_property
    def _matrices(self) -> Table:
        return Table(self._zero, self._digits, lambda matrix: matrix)

    def _measure(self) -> tuple[Digits, ...]:
        first = len(self.prefix) % 2
        edges = [0, *range(2 - first, CODE_LENGTH, 2), CODE_LENGTH]
        return tuple(self._digit(a, b) for a, b in pairwise(edges))

    def _digit(self, start: int, stop: int) -> Digits:
        # The last cut is open, so that a longer text misses the table instead of losing its end.
        cut = slice(start, None if stop == CODE_LENGTH else stop)
        letters = CODE_LETTERS
        texts = [a + b for a in letters for b in letters] if stop - start == 2 else list(letters)
        before = self.prefix[-1] if start == 0 and len(self.prefix) % 2 else ""
        zero = _bits(before + "0" * (stop - start))
        values = {text: _bits(before + text) ^ zero for text in texts}
        basis: dict[int, tuple[int, int]] = {}
        for text, difference in values.items():
            rest = difference
            for bits, _ in _echelon(basis):
                rest = min(rest, rest ^ bits)
            if not rest:
                continue
            code = "0" * start + text + "0" * (CODE_LENGTH - stop)
            bits, matrix = difference, self.plain(code) ^ self._zero
            for known, moved in _echelon(basis):
                if bits ^ known < bits:
                    bits, matrix = bits ^ known, matrix ^ moved
            basis[bits.bit_length()] = bits, matrix
        return Digits(cut, _echelon(basis), values)


def _bits(text: str) -> int:
    """The 11 bits of two characters or the 6 bits of one, as alphanumeric mode packs them."""
    value = 0
    for character in text:
        value = value * 45 + ALPHANUMERIC.index(character)
    return value


def _echelon(basis: dict[int, tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    return tuple(basis[bit] for bit in sorted(basis, reverse=True))


@lru_cache(maxsize=16)
def _encoder(prefix: str, level: str) -> Encoder:
    version = version_for(prefix, level)
    return Encoder(prefix, level, version, _best_mask(prefix, level, version))


def _best_mask(prefix: str, level: str, version: int) -> int:
    """The mask with the least penalty over a sample; every reader takes any mask."""

    def penalty(mask: int) -> int:
        return sum(_penalty(plain(prefix + code, level, version, mask)) for code in _SAMPLE)

    side = side_for(version)

    def _penalty(matrix: int) -> int:
        text = f"{matrix:0{side * side}b}"
        return int(
            lost_point(
                [[c == "1" for c in text[i : i + side]] for i in range(0, side * side, side)]
            )
        )

    return min(range(8), key=penalty)
