"""New pieces on their way into the database: made ready without a lock, then written."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from app.items import search
from app.items.service_codes import Bind
from app.kit.bulk import Batch
from app.kit.events import Told, at_another_moment


class Ready(NamedTuple):
    """A registration in the words of the database: nothing is left but to write it."""

    items: Batch
    others: tuple[Batch, ...]
    told: Told
    codes: Batch
    found_by: search.Findable


@dataclass(slots=True)
class Registration:
    """New pieces as they will be written, table by table, and the words they will be found by.

    ``shared`` is what all the pieces hold. ``codes`` and ``words`` are of those that get a new
    code; ``bound`` are blank codes for the others, and binding one makes its piece found.
    """

    shared: dict[str, Any]
    items: list[dict[str, Any]] = field(default_factory=list)
    measurements: list[dict[str, Any]] = field(default_factory=list)
    identifiers: list[dict[str, Any]] = field(default_factory=list)
    codes: list[dict[str, Any]] = field(default_factory=list)
    words: list[tuple[UUID, tuple[str, ...]]] = field(default_factory=list)
    bound: list[Bind] = field(default_factory=list)
    ready: Ready | None = None

    def put_in(self, at: int, place_id: UUID) -> None:
        """Another place for one of the pieces, by its index: one that was not there before."""
        assert self.ready is not None
        self.items[at]["place_id"] = place_id
        self.ready.items.put(at, "place_id", place_id)

    def happen_at(self, moment: datetime) -> None:
        """The moment of what was made ready before its turn: the one at which it is written."""
        self.shared["created_at"] = moment
        if self.ready is not None:
            self.ready.items.fill("created_at", moment)
            self.ready.codes.fill("bound_at", moment)
            self.ready = self.ready._replace(told=at_another_moment(self.ready.told, moment))
