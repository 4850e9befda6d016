"""What is booked because of what happened in another organisation."""

from dataclasses import dataclass
from uuid import UUID

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class UseCountedAgain(Event):
    """A piece that left is used anew, or not after all, where it is now.

    Subject is the entry of its last use here, which counts other months from now on. Nobody's: who
    uses it is the other organisation's to know.
    """

    item_id: UUID


@dataclass(frozen=True, kw_only=True)
class PeriodClosed(Event):
    """A year is closed. The hashes are of what was frozen and of its report in three forms."""

    year: int
    entries: int
    chain_seq: int
    chain_digest: str
    frozen_sha256: str
    json_sha256: str
    csv_sha256: str
    xlsx_sha256: str
