"""What happens to a piece and its labels; payloads hold ids and amounts only."""

from dataclasses import dataclass
from uuid import UUID

from app.items.rules import ItemState, Suitability, Verdict
from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class ItemRegistered(Event):
    """A piece came into the inventory, with the others of its lot."""

    lot_id: UUID


@dataclass(frozen=True, kw_only=True)
class ItemEdited(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class ItemMoved(Event):
    """Another place, another holder or both, without a handover."""

    place_id: UUID
    unit_id: UUID


@dataclass(frozen=True, kw_only=True)
class ItemCompleted(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class ItemFreed(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class ItemTakenIntoUse(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class ItemSentToWorkshop(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class ItemBackFromWorkshop(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class ItemPickedUp(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class ItemReceived(Event):
    """Arrived: the unit owns and holds it, at the place."""

    unit_id: UUID
    place_id: UUID


@dataclass(frozen=True, kw_only=True)
class ItemReturned(Event):
    """Its handover was undone: place, holder and owner are as before it."""

    unit_id: UUID
    place_id: UUID


@dataclass(frozen=True, kw_only=True)
class ItemGivenBack(Event):
    """Received, and then brought back: holder and owner are as before, the place may be a storage."""

    unit_id: UUID
    place_id: UUID


@dataclass(frozen=True, kw_only=True)
class ItemDismantled(Event):
    """It became a donor of parts."""


@dataclass(frozen=True, kw_only=True)
class ItemLeft(Event):
    """Sold, donated, recycled or disposed."""

    state: ItemState


@dataclass(frozen=True, kw_only=True)
class ItemRestored(Event):
    """The decision to dispose of it was withdrawn before anything was delivered."""


@dataclass(frozen=True, kw_only=True)
class ItemMissed(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class ItemFound(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class ItemMerged(Event):
    """It was a second registration of ``into_id``."""

    into_id: UUID


@dataclass(frozen=True, kw_only=True)
class ItemDeleted(Event):
    """A wrong registration. The reason stands in the event's revision, which can be erased."""


@dataclass(frozen=True, kw_only=True)
class ItemIdentified(Event):
    """A foreign code was added."""

    identifier_id: UUID


@dataclass(frozen=True, kw_only=True)
class PhotoAdded(Event):
    """Subject is the piece it was added from; ``of_lot`` when it shows every piece of the lot."""

    photo_id: UUID
    of_lot: bool


@dataclass(frozen=True, kw_only=True)
class PhotoMarked(Event):
    """As taken before or after a repair, or neither; which of them stands in the revision."""

    photo_id: UUID


@dataclass(frozen=True, kw_only=True)
class PhotoRemoved(Event):
    photo_id: UUID


@dataclass(frozen=True, kw_only=True)
class PhotoPurged(Event):
    """All its sizes are gone for good: it showed what no photo of furniture should."""

    photo_id: UUID


@dataclass(frozen=True, kw_only=True)
class CodeBound(Event):
    """A label's code leads to the piece from now on."""

    code: str


@dataclass(frozen=True, kw_only=True)
class LabelReplaced(Event):
    """A new code beside the lost one, which still leads to the piece."""

    code: str


@dataclass(frozen=True, kw_only=True)
class CodesPrinted(Event):
    """Subject is the print batch; ``unit_id`` is who the labels were made for."""

    count: int
    unit_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class PrintBatchCancelled(Event):
    """``count`` codes that were still blank can never be bound."""

    count: int


@dataclass(frozen=True, kw_only=True)
class ItemFoundReported(Event):
    """Somebody reported the piece from its label's page."""

    report_id: UUID


@dataclass(frozen=True, kw_only=True)
class FoundReportClosed(Event):
    """Subject is the piece."""

    report_id: UUID


@dataclass(frozen=True, kw_only=True)
class FoundReportReopened(Event):
    """Subject is the piece."""

    report_id: UUID


@dataclass(frozen=True, kw_only=True)
class ItemAssessed(Event):
    """An expert has looked at the piece; ``suitability`` is empty where it was not judged."""

    assessment_id: UUID
    verdict: Verdict
    suitability: Suitability | None
