"""What a spreadsheet may be, and the refusals when it is more than that.

The limits are those of the requirement against sheet and zip bombs: a few kilobytes can unpack to
gigabytes, and a sheet of a million columns takes any parser down. A refusal is named by its fact.
"""

from dataclasses import dataclass

from app.kit.errors import Invalid, NotSupported, TooLarge
from app.kit.i18n import N_


@dataclass(frozen=True, slots=True)
class SheetLimits:
    """Defaults; ``rows`` counts the rows below the header, bytes are plain bytes."""

    file_bytes: int = 10_000_000
    unpacked_bytes: int = 50_000_000
    ratio: int = 100
    entries: int = 200
    rows: int = 50_000
    columns: int = 256
    seconds: int = 60
    memory_bytes: int = 1 << 30


# A header may stand below a title and a few lines of explanation, never further down than this.
PREAMBLE_ROWS = 30
LIMITS = SheetLimits()


class SheetTooLarge(TooLarge):
    """The file has more bytes than the limit."""

    title = N_("Filen er for stor.")


class SheetBomb(TooLarge):
    """The file unpacks to more than the limits allow, or lies about how much it unpacks to."""

    title = N_("Filen pakker ut til mer enn grensen.")


class TooManyRows(TooLarge):
    title = N_("Arket har for mange rader.")


class TooManyColumns(TooLarge):
    title = N_("Arket har for mange kolonner.")


class SheetTooSlow(Invalid):
    title = N_("Arket tok for lang tid å lese.")


class NotASheet(NotSupported):
    """The bytes are neither text in columns nor an XLSX workbook."""

    title = N_("Filen er ikke et regneark Omløp kan lese.")


class SheetUnreadable(Invalid):
    title = N_("Regnearket er skadet og kan ikke leses.")


class SheetHasEntities(Invalid):
    """XML with a document type can pull in other files; no spreadsheet program writes one."""

    title = N_("Regnearket inneholder XML som ikke hører hjemme i et regneark.")


class SheetEmpty(Invalid):
    title = N_("Arket er tomt.")


class SheetWithoutRows(Invalid):
    title = N_("Arket har en overskriftsrad, men ingen rader under den.")


class SheetNotFound(Invalid):
    title = N_("Arbeidsboken har ikke noe ark med det navnet.")


class ColumnsNotRecognised(Invalid):
    """No column of the sheet is known, so there is nothing to import."""

    title = N_("Ingen av kolonnene er gjenkjent.")


class MappingDoesNotFit(Invalid):
    """The mapping names columns that the sheet does not have."""

    title = N_("Oppsettet passer ikke til arket.")
