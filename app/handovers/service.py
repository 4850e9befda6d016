"""The verbs of handovers, split by step: the trip, the receipt and its undoing, the return, entries by hand."""

from app.handovers.service_receipt import (
    HandedOverAgain,
    HandoverUndone,
    PieceReceivedAlready,
    Receive,
    Undo,
    receive,
    undo,
)
from app.handovers.service_record import Donation, Record, record
from app.handovers.service_return import (
    ExchangeReceived,
    GiveBack,
    NotReturnable,
    exchange_received,
    give_back,
)
from app.handovers.service_trips import HandOver, ItemClaimed, ItemOnOffer, hand_over

__all__ = [
    "Donation",
    "ExchangeReceived",
    "GiveBack",
    "HandOver",
    "HandedOverAgain",
    "HandoverUndone",
    "ItemClaimed",
    "ItemOnOffer",
    "NotReturnable",
    "PieceReceivedAlready",
    "Receive",
    "Record",
    "Undo",
    "exchange_received",
    "give_back",
    "hand_over",
    "receive",
    "record",
    "undo",
]
