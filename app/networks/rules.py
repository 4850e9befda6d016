"""An organisation's standing in a network."""

from collections.abc import Mapping
from enum import StrEnum


class MemberState(StrEnum):
    INVITED = "invited"
    ASKED = "asked"
    MEMBER = "member"
    DECLINED = "declined"
    LEFT = "left"
    REMOVED = "removed"


class MemberVerb(StrEnum):
    INVITE = "invite"
    ASK = "ask"
    ADMIT = "admit"
    DECLINE = "decline"
    LEAVE = "leave"
    REMOVE = "remove"


S, V = MemberState, MemberVerb
_OUT: Mapping[StrEnum, StrEnum | str] = {V.INVITE: S.INVITED, V.ASK: S.ASKED}

MEMBER_MACHINE: Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]] = {
    S.INVITED: {V.ADMIT: S.MEMBER, V.DECLINE: S.DECLINED},
    S.ASKED: {V.ADMIT: S.MEMBER, V.DECLINE: S.DECLINED},
    S.MEMBER: {V.LEAVE: S.LEFT, V.REMOVE: S.REMOVED},
    # Who was out may come in again, on the same row.
    S.DECLINED: _OUT,
    S.LEFT: _OUT,
    S.REMOVED: _OUT,
}
OUT = (S.DECLINED, S.LEFT, S.REMOVED)
