"""What happens to the printers' offsets."""

from dataclasses import dataclass

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class PrinterAdded(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class PrinterEdited(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class PrinterRemoved(Event):
    pass
