"""What happens to organisations and people. Ids only."""

from dataclasses import dataclass
from uuid import UUID

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class OrganisationFounded(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class UnitAdded(Event):
    parent_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class UnitChanged(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class MemberAdded(Event):
    membership_of: UUID


@dataclass(frozen=True, kw_only=True)
class RolesChanged(Event):
    roles: list[str]


@dataclass(frozen=True, kw_only=True)
class MemberChanged(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class MemberRemoved(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class TokenMade(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class TokenRevoked(Event):
    pass
