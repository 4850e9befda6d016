"""What happens to pieces on their way. The subject is the line of the handover."""

from dataclasses import dataclass
from uuid import UUID

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class PieceHandedOver(Event):
    """The giver let go of the piece: it is on its way, or at once with the receiver."""

    item_id: UUID
    handover_id: UUID


@dataclass(frozen=True, kw_only=True)
class PieceReceived(Event):
    """Either side confirmed the receipt. The savings are booked from the rows this leads to."""

    item_id: UUID
    handover_id: UUID


@dataclass(frozen=True, kw_only=True)
class PieceReturned(Event):
    """The handover was undone, or the piece given back: ``undoes_event_id`` is its ``PieceReceived``.

    It is empty where the piece had been picked up but never received: nothing was booked.
    """

    item_id: UUID
    handover_id: UUID
    undoes_event_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class RunPlanned(Event):
    """A driver's run was planned. The subject is the run sheet, as of all that follow."""

    pieces: int


@dataclass(frozen=True, kw_only=True)
class RunEdited(Event):
    """Day, vehicle, driver or distance, or which pieces go along."""

    pieces: int


@dataclass(frozen=True, kw_only=True)
class RunFinished(Event):
    """``left`` pieces stayed where they were and can be planned anew."""

    left: int


@dataclass(frozen=True, kw_only=True)
class RunCancelled(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class LoadRuleSet(Event):
    """Of the rule: when a van goes."""

    capacity_dm3: int
    least_percent: int
    longest_days: int
