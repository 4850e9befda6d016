"""What happens in networks. Told to the organisation it concerns and to the host: one event each.

Subject is the network.
"""

from dataclasses import dataclass
from uuid import UUID

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class NetworkEvent(Event):
    member_org_id: UUID


@dataclass(frozen=True, kw_only=True)
class NetworkFounded(NetworkEvent):
    """The host is its first member."""


@dataclass(frozen=True, kw_only=True)
class NetworkInvited(NetworkEvent):
    """The host asks an organisation to join."""


@dataclass(frozen=True, kw_only=True)
class NetworkAsked(NetworkEvent):
    """An organisation asks the host to be admitted."""


@dataclass(frozen=True, kw_only=True)
class NetworkJoined(NetworkEvent):
    """From now on the members see what it offers them, and it what they offer."""


@dataclass(frozen=True, kw_only=True)
class NetworkDeclined(NetworkEvent):
    """No to an invitation, or to who asked."""


@dataclass(frozen=True, kw_only=True)
class NetworkLeft(NetworkEvent):
    """Left, or taken out by the host."""


@dataclass(frozen=True, kw_only=True)
class NetworkEnded(NetworkEvent):
    """No more members, and nothing is shared by it any more."""


@dataclass(frozen=True, kw_only=True)
class NetworkSavingsShared(NetworkEvent):
    """From now on its savings are in the network's sums, or in them no more."""

    shares_savings: bool


NEWS = (NetworkAsked, NetworkDeclined, NetworkInvited, NetworkJoined)
ENDS = (NetworkEnded, NetworkLeft)
"""After these two organisations may share nothing any more."""
