"""Which networks an organisation is in, and with whom it shares one: the one seam between them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from app.accounts.actor import Actor
from app.accounts.models import Organisation
from app.networks.models import Network, NetworkMember
from app.networks.rules import OUT, MemberState


def _is_member(row: Any) -> ColumnElement[bool]:
    """A literal, so that the partial index is used."""
    return row.state == literal_column(f"'{MemberState.MEMBER.value}'")  # type: ignore[no-any-return]


def partners(org_id: Any) -> Select[UUID]:
    """The organisations that share a living network with this one: they see each other's offers.

    What ends a membership or a network ends the sight of each other at once: nothing is copied.
    """
    mine, theirs = aliased(NetworkMember), aliased(NetworkMember)
    return (
        select(theirs.org_id)
        .join(mine, mine.network_id == theirs.network_id)
        .join(Network, Network.id == theirs.network_id)
        .where(mine.org_id == org_id, theirs.org_id != org_id, Network.ended_at.is_(None))
        .where(_is_member(mine), _is_member(theirs))
    )


def partners_since(org_id: UUID, moment: datetime) -> Select[UUID]:
    """The partners with whom nothing was shared before the moment, in this network or another."""
    mine, theirs = aliased(NetworkMember), aliased(NetworkMember)
    both = case((mine.since > theirs.since, mine.since), else_=theirs.since)
    return (
        select(theirs.org_id)
        .join(mine, mine.network_id == theirs.network_id)
        .join(Network, Network.id == theirs.network_id)
        .where(mine.org_id == org_id, theirs.org_id != org_id, Network.ended_at.is_(None))
        .where(_is_member(mine), _is_member(theirs))
        .group_by(theirs.org_id)
        .having(func.min(both) >= moment)
    )


def is_networked(org_id: Any) -> ColumnElement[bool]:
    """Whether the organisation is a member of any living network."""
    return exists(
        select(NetworkMember.id)
        .join(Network, Network.id == NetworkMember.network_id)
        .where(NetworkMember.org_id == org_id, _is_member(NetworkMember))
        .where(Network.ended_at.is_(None))
        .correlate_except(NetworkMember, Network)
    )


def networks_visible_to(actor: Actor) -> Select[Network, NetworkMember]:
    """Networks the organisation is in, is asked into or asks to be in, with its standing."""
    return (
        select(Network, NetworkMember)
        .join(NetworkMember, NetworkMember.network_id == Network.id)
        .where(NetworkMember.org_id == actor.org_id)
        .where(or_(NetworkMember.state.not_in(OUT), Network.host_org_id == actor.org_id))
        .order_by(Network.name, Network.id)
    )


def members_of(actor: Actor, network_id: UUID) -> Select[*tuple[Any, ...]]:
    """The members by name, for members; for the host also those who are invited or ask."""
    own = aliased(NetworkMember)
    is_host = exists(
        select(Network.id).where(Network.id == network_id, Network.host_org_id == actor.org_id)
    )
    is_in = exists(
        select(own.id).where(
            own.network_id == network_id, own.org_id == actor.org_id, _is_member(own)
        )
    )
    return (
        select(NetworkMember.org_id, NetworkMember.state, NetworkMember.since, Organisation.name)
        .join(Organisation, Organisation.id == NetworkMember.org_id)
        .where(NetworkMember.network_id == network_id)
        .where(or_(and_(is_in, _is_member(NetworkMember)), is_host))
        .where(NetworkMember.state.not_in(OUT))
        .order_by(Organisation.name)
    )


def sharing_savings(actor: Actor, network_id: UUID) -> Select[*tuple[Any, ...]]:
    """Members of a living network whose savings are in its sums, by name; for members alone."""
    own = aliased(NetworkMember)
    is_in = exists(
        select(own.id).where(
            own.network_id == network_id, own.org_id == actor.org_id, _is_member(own)
        )
    )
    return (
        select(NetworkMember.org_id, Organisation.name)
        .join(Organisation, Organisation.id == NetworkMember.org_id)
        .join(Network, Network.id == NetworkMember.network_id)
        .where(NetworkMember.network_id == network_id, _is_member(NetworkMember), is_in)
        .where(NetworkMember.shares_savings, Network.ended_at.is_(None))
        .order_by(Organisation.name)
    )
