"""States of what buyers ask for, and how long their data are kept."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum


class BuyerState(StrEnum):
    """Of what somebody without an account asks for; nobody sees it before it is confirmed."""

    UNCONFIRMED = "unconfirmed"
    REQUESTED = "requested"
    WAITING = "waiting"
    OFFERED = "offered"
    APPROVED = "approved"
    HANDED_OVER = "handed_over"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class BuyerVerb(StrEnum):
    CONFIRM = "confirm"
    APPROVE = "approve"
    WAIT = "wait"
    OFFER = "offer"
    ACCEPT = "accept"
    EXPIRE = "expire"
    HAND_OVER = "hand_over"
    TAKE_BACK = "take_back"
    DECLINE = "decline"
    CANCEL = "cancel"


S, V = BuyerState, BuyerVerb

BUYER_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    S.UNCONFIRMED: {V.CONFIRM: S.REQUESTED},
    S.REQUESTED: {
        V.APPROVE: S.APPROVED,
        V.WAIT: S.WAITING,
        V.DECLINE: S.DECLINED,
        V.CANCEL: S.CANCELLED,
    },
    S.WAITING: {V.OFFER: S.OFFERED, V.DECLINE: S.DECLINED, V.CANCEL: S.CANCELLED},
    S.OFFERED: {V.ACCEPT: S.APPROVED, V.EXPIRE: S.CANCELLED, V.CANCEL: S.CANCELLED},
    S.APPROVED: {V.HAND_OVER: S.HANDED_OVER, V.CANCEL: S.CANCELLED},
    S.HANDED_OVER: {V.TAKE_BACK: S.APPROVED},
}

SEEN = (S.REQUESTED, S.WAITING, S.OFFERED, S.APPROVED, S.HANDED_OVER, S.DECLINED, S.CANCELLED)
"""What the giver sees: nothing of what nobody has confirmed."""
OVER = (S.HANDED_OVER, S.DECLINED, S.CANCELLED)

CONFIRMED_WITHIN = timedelta(hours=48)
LINK_GOOD_FOR = timedelta(days=90)
"""A link in a letter that answers shows how it stands for so long."""
ANSWERED_WITHIN = timedelta(days=90)
"""What nobody has answered so long after it was confirmed is a no: nobody's data wait for ever."""
KEPT_AFTER = timedelta(days=90)
"""Name, address and words of a buyer are blanked so long after it was over; a sale's stand with
its income, as long as the accounts are kept."""

MOST_PER_ADDRESS = 10
"""What is asked from one network address in a quarter of an hour: a library's whole house."""
MOST_UNCONFIRMED = 3
"""Letters that wait to be confirmed at one e-mail address: nobody's mailbox is filled by us."""
MOST_PER_LISTING = 40
MOST_LINKS_TRIED = 30
