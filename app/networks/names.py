"""What standings and events of networks are called where people read them."""

from collections.abc import Mapping

from app.kit.i18n import N_
from app.networks.rules import MemberState

STATES: Mapping[MemberState, str] = {
    MemberState.INVITED: N_("Invitert"),
    MemberState.ASKED: N_("Har spurt om å bli med"),
    MemberState.MEMBER: N_("Med"),
    MemberState.DECLINED: N_("Ikke med"),
    MemberState.LEFT: N_("Har gått ut"),
    MemberState.REMOVED: N_("Tatt ut"),
}
TONES: Mapping[MemberState, str] = {
    MemberState.INVITED: "info",
    MemberState.ASKED: "warning",
    MemberState.MEMBER: "success",
}
EVENTS: Mapping[str, tuple[str, str]] = {
    "network-founded": (N_("%(member)s opprettet nettverket"), "plus"),
    "network-invited": (N_("%(member)s ble invitert"), "message"),
    "network-asked": (N_("%(member)s spurte om å bli med"), "message"),
    "network-joined": (N_("%(member)s ble med"), "check"),
    "network-declined": (N_("%(member)s ble ikke med"), "close"),
    "network-left": (N_("%(member)s er ute"), "sign-out"),
    "network-savings-shared": (
        N_("%(member)s endret om besparelsene er med i nettverkets"),
        "report",
    ),
    "network-ended": (N_("Nettverket ble avsluttet"), "close"),
}
"""What stands in a network's history: text with the organisation's name, and icon."""
