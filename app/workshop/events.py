"""What happens to orders to suppliers. The subject is the order; payloads hold ids and amounts."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from app.catalogue.rules import Work
from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class SupplierOrderDrafted(Event):
    work: Work
    pieces: int


@dataclass(frozen=True, kw_only=True)
class SupplierOrderEdited(Event):
    """What a draft asks for was changed; ``is_priced_anew`` lets the chosen quote go."""

    pieces: int
    is_priced_anew: bool


@dataclass(frozen=True, kw_only=True)
class QuoteReceived(Event):
    """A supplier's price came, or another one instead of the first."""

    supplier_id: UUID
    price_ore: int


@dataclass(frozen=True, kw_only=True)
class QuoteChosen(Event):
    supplier_id: UUID
    price_ore: int
    is_first_ranked: bool


@dataclass(frozen=True, kw_only=True)
class SupplierOrderApprovalAsked(Event):
    """Its price is above what the rules let through, so a leader has to say yes."""

    price_ore: int


@dataclass(frozen=True, kw_only=True)
class SupplierOrderApproved(Event):
    price_ore: int


@dataclass(frozen=True, kw_only=True)
class SupplierOrderSent(Event):
    supplier_id: UUID
    price_ore: int


@dataclass(frozen=True, kw_only=True)
class SupplierOrderConfirmed(Event):
    due_on: date | None


@dataclass(frozen=True, kw_only=True)
class SupplierOrderDone(Event):
    """Delivered: ``handover_id`` is where its savings are booked from, if there is anything to book."""

    handover_id: UUID | None
    pieces: int
    dismantled: int


@dataclass(frozen=True, kw_only=True)
class SupplierOrderReopened(Event):
    """What it had led to was undone: ``pieces`` are at the supplier again."""

    pieces: int


@dataclass(frozen=True, kw_only=True)
class SupplierOrderInvoiced(Event):
    """The invoice came after the delivery, or another one: in all, in øre, excl. VAT."""

    invoiced_ore: int


@dataclass(frozen=True, kw_only=True)
class SupplierOrderCancelled(Event):
    pass
