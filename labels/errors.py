"""What can be wrong with a print job.

The texts are for developers. Whoever asks a person for the values catches the type and says it in
the person's language, with the attributes as the facts.
"""


class LabelError(ValueError):
    """The labels cannot be made as asked."""


class WrongStockError(LabelError):
    """A stock whose boxes leave the page or overlap, or whose numbers make no sheet."""


class UnknownStockError(LabelError):
    def __init__(self, name: str) -> None:
        super().__init__(f"no label stock is called {name!r}")
        self.name = name


class WrongStartError(LabelError):
    def __init__(self, start: int, per_page: int) -> None:
        super().__init__(f"start must be 1 to {per_page}, not {start}")
        self.start = start
        self.per_page = per_page


class WrongOffsetError(LabelError):
    def __init__(self, x: int, y: int, limit: int) -> None:
        super().__init__(f"printer offset {x}, {y} is more than {limit} hundredths of a mm")
        self.x = x
        self.y = y
        self.limit = limit


class WrongAddressError(LabelError):
    """The URL before the code has letters that the dense QR mode lacks, or is far too long."""

    def __init__(self, prefix: str, reason: str) -> None:
        super().__init__(f"{prefix[:100]!r} cannot stand before a code: {reason}")
        self.prefix = prefix
        self.reason = reason


class WrongCodeError(LabelError):
    def __init__(self, code: str) -> None:
        super().__init__(f"{code[:40]!r} is not a code of 11 characters")
        self.code = code


class TooSmallError(LabelError):
    """The label holds no readable QR code beside a readable code in letters."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__(f"{width / 100:g} × {height / 100:g} mm is too small for a label")
        self.width = width
        self.height = height


class WrongFontError(LabelError):
    """The font file is not a TrueType font with outlines of its own."""
