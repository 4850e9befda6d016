"""States of listings, requests and reservations."""

from collections.abc import Mapping
from enum import StrEnum


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
        V.APPROVE: S.APPROVED,
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

ACTIVE = (S.APPROVED, S.READY, S.PICKED_UP)
"""At most one such reservation per piece: a partial unique index says so."""

OPEN_RESERVATIONS = (S.REQUESTED, S.WAITING)
"""What the giver has yet to say yes or no to."""

GIVEN_UP = (S.DECLINED, S.CANCELLED, S.EXPIRED)
FINISHED = (S.RECEIVED, *GIVEN_UP)
"""When all of a request's reservations are here, it is closed."""

CANCELLABLE = tuple(state for state, verbs in RESERVATION_MACHINE.items() if V.CANCEL in verbs)
