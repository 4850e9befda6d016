"""States of listings, requests and reservations, and the order of the waiting list."""

from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID

from app.kit.workdays import after_working_days


class ListingState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


class ListingVerb(StrEnum):
    OPEN = "open"
    END = "end"
    WITHDRAW = "withdraw"
    RELIST = "relist"


LISTING_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    ListingState.DRAFT: {ListingVerb.OPEN: ListingState.OPEN},
    ListingState.OPEN: {
        ListingVerb.END: ListingState.ENDED,
        ListingVerb.WITHDRAW: ListingState.WITHDRAWN,
    },
    ListingState.ENDED: {ListingVerb.RELIST: ListingState.OPEN},
    ListingState.WITHDRAWN: {ListingVerb.RELIST: ListingState.OPEN},
}


class Stage(StrEnum):
    UNIT = "unit"
    ORGANISATION = "organisation"
    NETWORK = "network"
    PUBLIC = "public"


class Terms(StrEnum):
    FREE = "free"
    PRICE = "price"
    OFFERS = "offers"


class RequestState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class RequestVerb(StrEnum):
    SUBMIT = "submit"
    CLOSE = "close"
    CANCEL = "cancel"
    REOPEN = "reopen"


REQUEST_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    RequestState.DRAFT: {
        RequestVerb.SUBMIT: RequestState.SUBMITTED,
        RequestVerb.CANCEL: RequestState.CANCELLED,
    },
    RequestState.SUBMITTED: {
        RequestVerb.CLOSE: RequestState.CLOSED,
        RequestVerb.CANCEL: RequestState.CANCELLED,
    },
    # An undone handover is to be delivered again.
    RequestState.CLOSED: {RequestVerb.REOPEN: RequestState.SUBMITTED},
}


class ReservationState(StrEnum):
    REQUESTED = "requested"
    WAITING = "waiting"
    OFFERED = "offered"
    APPROVED = "approved"
    READY = "ready"
    PICKED_UP = "picked_up"
    RECEIVED = "received"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class ReservationVerb(StrEnum):
    APPROVE = "approve"
    WAIT = "wait"
    DECLINE = "decline"
    OFFER = "offer"
    ACCEPT = "accept"
    EXPIRE = "expire"
    MAKE_READY = "make_ready"
    PICK_UP = "pick_up"
    RECEIVE = "receive"
    UNDO_HANDOVER = "undo_handover"
    CANCEL = "cancel"


class RefusalReason(StrEnum):
    """Why a giver says no; the last two are nobody's answer, but the listing's end."""

    NEEDED_HERE = "needed_here"
    PROMISED = "promised"
    CONDITION = "condition"
    NOT_SUITED = "not_suited"
    GONE = "gone"
    OTHER = "other"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


GiversReason = Literal[
    RefusalReason.NEEDED_HERE,
    RefusalReason.PROMISED,
    RefusalReason.CONDITION,
    RefusalReason.NOT_SUITED,
    RefusalReason.GONE,
    RefusalReason.OTHER,
]
"""What a giver may answer."""


class ReturnReason(StrEnum):
    """Why what was received goes back."""

    WRONG_PIECE = "wrong_piece"
    DAMAGED = "damaged"
    DOES_NOT_FIT = "does_not_fit"
    NOT_NEEDED = "not_needed"
    OTHER = "other"


class OutsideState(StrEnum):
    """Of what another organisation asks for.

    ``WAITING``: the giver has said yes, and nothing is left yet; ``OFFERED``: something is, until a
    limit. ``HANDED_OVER``: everything has left the giver; ``RECEIVED``: everything has arrived.
    """

    REQUESTED = "requested"
    WAITING = "waiting"
    OFFERED = "offered"
    APPROVED = "approved"
    HANDED_OVER = "handed_over"
    RECEIVED = "received"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class OutsideVerb(StrEnum):
    APPROVE = "approve"
    WAIT = "wait"
    OFFER = "offer"
    ACCEPT = "accept"
    EXPIRE = "expire"
    HAND_OVER = "hand_over"
    RECEIVE = "receive"
    TAKE_BACK = "take_back"
    DECLINE = "decline"
    CALL_OFF = "call_off"
    CANCEL = "cancel"


OUTSIDE_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    OutsideState.REQUESTED: {
        OutsideVerb.APPROVE: OutsideState.APPROVED,
        OutsideVerb.WAIT: OutsideState.WAITING,
        OutsideVerb.DECLINE: OutsideState.DECLINED,
        OutsideVerb.CANCEL: OutsideState.CANCELLED,
    },
    OutsideState.WAITING: {
        OutsideVerb.OFFER: OutsideState.OFFERED,
        OutsideVerb.DECLINE: OutsideState.DECLINED,
        OutsideVerb.CANCEL: OutsideState.CANCELLED,
    },
    OutsideState.OFFERED: {
        OutsideVerb.ACCEPT: OutsideState.APPROVED,
        OutsideVerb.EXPIRE: OutsideState.CANCELLED,
        OutsideVerb.CALL_OFF: OutsideState.DECLINED,
        OutsideVerb.CANCEL: OutsideState.CANCELLED,
    },
    OutsideState.APPROVED: {
        OutsideVerb.HAND_OVER: OutsideState.HANDED_OVER,
        # The rest was called off when some had arrived already.
        OutsideVerb.RECEIVE: OutsideState.RECEIVED,
        OutsideVerb.CALL_OFF: OutsideState.DECLINED,
        OutsideVerb.CANCEL: OutsideState.CANCELLED,
    },
    OutsideState.HANDED_OVER: {
        OutsideVerb.RECEIVE: OutsideState.RECEIVED,
        OutsideVerb.TAKE_BACK: OutsideState.APPROVED,
    },
    # The receipt was a mistake.
    OutsideState.RECEIVED: {OutsideVerb.TAKE_BACK: OutsideState.APPROVED},
}

S, V = ReservationState, ReservationVerb

RESERVATION_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    S.REQUESTED: {
        V.APPROVE: S.APPROVED,
        V.WAIT: S.WAITING,
        V.DECLINE: S.DECLINED,
        V.CANCEL: S.CANCELLED,
    },
    S.WAITING: {
        V.OFFER: S.OFFERED,
        V.DECLINE: S.DECLINED,
        V.CANCEL: S.CANCELLED,
    },
    S.OFFERED: {
        V.ACCEPT: S.APPROVED,
        V.DECLINE: S.DECLINED,
        V.EXPIRE: S.EXPIRED,
        V.CANCEL: S.CANCELLED,
    },
    S.APPROVED: {
        V.MAKE_READY: S.READY,
        V.PICK_UP: S.PICKED_UP,
        V.EXPIRE: S.EXPIRED,
        V.CANCEL: S.CANCELLED,
    },
    S.READY: {V.PICK_UP: S.PICKED_UP, V.EXPIRE: S.EXPIRED, V.CANCEL: S.CANCELLED},
    S.PICKED_UP: {V.RECEIVE: S.RECEIVED, V.UNDO_HANDOVER: S.READY},
    S.RECEIVED: {V.UNDO_HANDOVER: S.READY},
}

ACTIVE = (S.OFFERED, S.APPROVED, S.READY, S.PICKED_UP)
"""They hold their piece, at most one a piece: a partial unique index says so."""

OPEN_RESERVATIONS = (S.REQUESTED, S.WAITING)
"""They hold no piece yet: the giver has not answered, or there was nothing left to give."""
UNPROMISED = (*OPEN_RESERVATIONS, S.OFFERED)
"""What the giver may still say no to."""

GIVEN_UP = (S.DECLINED, S.CANCELLED, S.EXPIRED)
FINISHED = (S.RECEIVED, *GIVEN_UP)
"""When all of a request's reservations are here, it is closed."""

CANCELLABLE = tuple(state for state, verbs in RESERVATION_MACHINE.items() if V.CANCEL in verbs)


class PriorityClass(StrEnum):
    """Who comes first on the waiting list. Within a class, see ``queries.QUEUE_ORDER``."""

    OWN_UNIT = "own_unit"
    ORGANISATION = "organisation"
    NETWORK = "network"
    EXTERNAL = "external"

    @property
    def number(self) -> int:
        """What ``Reservation.priority`` keeps: the lowest comes first."""
        return _CLASSES.index(self)

    @classmethod
    def numbered(cls, number: int) -> "PriorityClass":
        return _CLASSES[number]


_CLASSES = tuple(PriorityClass)
OFFER_STANDS = 3
"""So many working days who waited has to answer an offer, the day it comes not counted."""


def class_of(
    *,
    giver_org_id: UUID,
    giver_unit_id: UUID | None,
    receiver_org_id: UUID | None,
    receiver_units: Collection[UUID],
) -> PriorityClass:
    """The asker's class at one giver. A buyer from outside has no organisation.

    ``receiver_units`` are the asker's unit and what lies below it: what a unit below one's own gives
    away is one's own unit's, as on the reuse ladder.
    """
    if receiver_org_id is None:
        return PriorityClass.EXTERNAL
    if receiver_org_id != giver_org_id:
        return PriorityClass.NETWORK
    if giver_unit_id in receiver_units:
        return PriorityClass.OWN_UNIT
    return PriorityClass.ORGANISATION


def last_day_to_answer(today: date) -> date:
    """An offer made today stands until the end of this day."""
    return after_working_days(today, OFFER_STANDS)


RECEIVER_AFTER = 5
"""So many working days after pieces left for another organisation it is reminded to confirm them."""
GIVER_AFTER = 10
"""So many working days after, the giver hears that nobody has, and may confirm it itself."""
