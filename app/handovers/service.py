"""The verbs of handovers, split by step: the trip, the receipt and its undoing, entries by hand."""

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
from app.handovers.service_trips import HandOver, ItemClaimed, ItemOnOffer, hand_over

__all__ = [
    "Donation",
    "HandOver",
    "HandedOverAgain",
    "HandoverUndone",
    "ItemClaimed",
    "ItemOnOffer",
    "PieceReceivedAlready",
    "Receive",
    "Record",
    "Undo",
    "hand_over",
    "receive",
    "record",
    "undo",
]
