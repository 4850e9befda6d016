"""What the checks of one verification have read, for those that need it too."""

from functools import cached_property
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.kit.events import Event, EventRow
from app.ledger.rules_sums import Key

UNREADABLE = (DBAPIError, ValueError, LookupError, TypeError, AttributeError)
"""What a value that was never written by us raises as it is read."""


class Read:
    """One organisation's ledger as far as it was read: what checks leave for those after them.

    ``received`` are receipts by the digits of their event's id, each with its piece and its line,
    and ``undone`` those that were taken back. ``sums`` are the entries added up. ``pieces`` says for
    each year, and for 0 as all of them, how many pieces have a use that stands; nothing before
    somebody has counted them.
    """

    def __init__(self, session: Session, org_id: UUID) -> None:
        self._session, self._org_id = session, org_id
        self.received: dict[str, tuple[str, str]] = {}
        self.undone: set[str] = set()
        self.sums: dict[Key, list[int]] = {}
        self.pieces: dict[int, int] | None = None

    @cached_property
    def _kinds(self) -> frozenset[str]:
        query = select(EventRow.kind).where(EventRow.org_id == self._org_id).distinct()
        return frozenset(self._session.scalars(query))

    def tells_of(self, *kinds: type[Event]) -> bool:
        """Whether there is any such event. All kinds are read once, where each check asked before."""
        return any(each.kind in self._kinds for each in kinds)
