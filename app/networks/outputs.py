"""What networks answer with: rows as JSON."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.networks import queries
from app.networks.models import Network, NetworkMember
from app.networks.rules import MemberState


class MemberOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    org_id: UUID
    name: str
    state: MemberState
    since: datetime


class NetworkOut(BaseModel):
    """A network with the organisation's own standing; the code is the host's to hand out."""

    id: UUID
    name: str
    text: str | None
    state: MemberState
    is_host: bool
    code: str | None
    ended_at: datetime | None

    @classmethod
    def of(cls, actor: Actor, network: Network, member: NetworkMember) -> Self:
        is_host = network.host_org_id == actor.org_id
        return cls(
            id=network.id,
            name=network.name,
            text=network.text,
            state=member.state,
            is_host=is_host,
            code=network.code if is_host else None,
            ended_at=network.ended_at,
        )


class WholeNetworkOut(NetworkOut):
    members: list[MemberOut]


def whole(session: Session, actor: Actor, network: Network, member: NetworkMember) -> Any:
    rows: Sequence[Any] = session.execute(queries.members_of(actor, network.id)).all()
    members = [MemberOut.model_validate(each) for each in rows]
    known = NetworkOut.of(actor, network, member).model_dump()
    return WholeNetworkOut(**known, members=members)
