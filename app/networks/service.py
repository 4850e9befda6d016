"""Founding a network, coming into it and going out of it.

The host admits: it invites, and answers who asks with the network's code. Every step is told in the
record of the organisation that it concerns and in the host's.
"""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Organisation
from app.accounts.rules import Permission
from app.kit import codes
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.states import advance, allows
from app.kit.text import PRINTABLE, STRIPPED, Name
from app.networks import events
from app.networks.models import Network, NetworkMember
from app.networks.rules import MEMBER_MACHINE, MemberState, MemberVerb

NO_NETWORK = N_("Fant ikke nettverket.")


class NetworkOver(Conflict):
    title = N_("Nettverket er avsluttet.")


class StandingChanged(Conflict):
    title = N_("Det er alt svart, eller virksomheten er ikke med lenger.")


class HostStays(Conflict):
    title = N_("Verten kan ikke gå ut. Avslutt nettverket i stedet.")


class Command(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FoundNetwork(Command):
    name: Name
    text: Annotated[str, STRIPPED, Field(max_length=1000), PRINTABLE] | None = None


class OfNetwork(Command):
    network_id: UUID


class InviteOrganisation(OfNetwork):
    """By its name as it calls itself; upper and lower case are the same."""

    organisation: Name


class AskToJoin(Command):
    """By the code that the host has handed out."""

    code: Annotated[str, STRIPPED, Field(min_length=1, max_length=40), PRINTABLE]


class OfMember(OfNetwork):
    member_org_id: UUID


class ShareSavings(OfNetwork):
    """Whether the organisation's savings are in the sums of the whole network."""

    shares_savings: bool


def found_network(session: Session, actor: Actor, command: FoundNetwork) -> Network:
    """The actor's organisation is host and first member."""
    actor.must(Permission.ORGANISATION_EDIT)
    now = clock_of(session).now()
    network = Network(
        name=command.name,
        text=command.text,
        code=codes.mint(),
        host_org_id=actor.org_id,
        created_at=now,
    )
    session.add(network)
    session.flush()  # its id, and its row before its member's
    session.add(
        NetworkMember(
            org_id=actor.org_id, network_id=network.id, state=MemberState.MEMBER, since=now
        )
    )
    _tell(session, actor, network, events.NetworkFounded, [actor.org_id])
    return network


def invite(session: Session, actor: Actor, command: InviteOrganisation) -> NetworkMember:
    """The host asks an organisation in. Raises ``Invalid`` at a name that nobody has."""
    actor.must(Permission.ORGANISATION_EDIT)
    network = _hosted(session, actor, command.network_id)
    same = func.lower(Organisation.name) == command.organisation.lower()
    found = session.scalars(select(Organisation.id).where(same).limit(2)).all()
    if len(found) != 1:
        raise Invalid(
            by_field={"organisation": N_("Fant ingen virksomhet med akkurat det navnet.")}
        )
    member = _standing(session, network, found[0], MemberState.INVITED, MemberVerb.INVITE)
    _tell(session, actor, network, events.NetworkInvited, [member.org_id])
    return member


def ask(session: Session, actor: Actor, command: AskToJoin) -> NetworkMember:
    """Asks the host to be admitted. A code that leads nowhere is said at the field."""
    actor.must(Permission.ORGANISATION_EDIT)
    query = select(Network).where(
        Network.code == codes.fold(command.code), Network.ended_at.is_(None)
    )
    network = session.scalar(query.with_for_update())
    if network is None:
        raise Invalid(by_field={"code": N_("Koden hører ikke til noe nettverk.")})
    member = _standing(session, network, actor.org_id, MemberState.ASKED, MemberVerb.ASK)
    _tell(session, actor, network, events.NetworkAsked, [actor.org_id])
    return member


def accept(session: Session, actor: Actor, command: OfNetwork) -> NetworkMember:
    """Yes to an invitation."""
    actor.must(Permission.ORGANISATION_EDIT)
    return _answer_invitation(session, actor, command, MemberVerb.ADMIT)


def decline(session: Session, actor: Actor, command: OfNetwork) -> NetworkMember:
    """No to an invitation."""
    actor.must(Permission.ORGANISATION_EDIT)
    return _answer_invitation(session, actor, command, MemberVerb.DECLINE)


def _answer_invitation(
    session: Session, actor: Actor, command: OfNetwork, verb: MemberVerb
) -> NetworkMember:
    network, member = _own(session, actor, command.network_id)
    if member.state is not MemberState.INVITED:
        raise StandingChanged
    return _step(session, actor, network, member, verb)


def admit(session: Session, actor: Actor, command: OfMember) -> NetworkMember:
    """The host's yes to who asked."""
    actor.must(Permission.ORGANISATION_EDIT)
    return _answer_asker(session, actor, command, MemberVerb.ADMIT)


def refuse(session: Session, actor: Actor, command: OfMember) -> NetworkMember:
    """The host's no to who asked, or an invitation taken back."""
    actor.must(Permission.ORGANISATION_EDIT)
    return _answer_asker(session, actor, command, MemberVerb.DECLINE)


def _answer_asker(
    session: Session, actor: Actor, command: OfMember, verb: MemberVerb
) -> NetworkMember:
    network = _hosted(session, actor, command.network_id)
    member = _member(session, network, command.member_org_id)
    if verb is MemberVerb.ADMIT and member.state is not MemberState.ASKED:
        raise StandingChanged
    return _step(session, actor, network, member, verb)


def remove(session: Session, actor: Actor, command: OfMember) -> NetworkMember:
    """The host takes a member out."""
    actor.must(Permission.ORGANISATION_EDIT)
    network = _hosted(session, actor, command.network_id)
    if command.member_org_id == network.host_org_id:
        raise HostStays
    member = _member(session, network, command.member_org_id)
    return _step(session, actor, network, member, MemberVerb.REMOVE)


def leave(session: Session, actor: Actor, command: OfNetwork) -> NetworkMember:
    actor.must(Permission.ORGANISATION_EDIT)
    network, member = _own(session, actor, command.network_id)
    if network.host_org_id == actor.org_id:
        raise HostStays
    return _step(session, actor, network, member, MemberVerb.LEAVE)


def share_savings(session: Session, actor: Actor, command: ShareSavings) -> NetworkMember:
    """The organisation's own choice, which only members have; told to the host too."""
    actor.must_everywhere(Permission.ORGANISATION_EDIT)
    network, member = _own(session, actor, command.network_id)
    if member.state is not MemberState.MEMBER:
        raise StandingChanged
    if member.shares_savings != command.shares_savings:
        member.shares_savings = command.shares_savings
        session.flush()
        publish(
            session,
            [
                events.NetworkSavingsShared(
                    org_id=org_id,
                    subject_id=network.id,
                    person_id=actor.person_id,
                    member_org_id=actor.org_id,
                    shares_savings=command.shares_savings,
                )
                for org_id in dict.fromkeys((actor.org_id, network.host_org_id))
            ],
        )
    return member


def end(session: Session, actor: Actor, command: OfNetwork) -> Network:
    """The host closes the network: nothing is shared by it any more."""
    actor.must(Permission.ORGANISATION_EDIT)
    network = _hosted(session, actor, command.network_id)
    in_it = session.scalars(
        select(NetworkMember.org_id)
        .where(NetworkMember.network_id == network.id)
        .where(NetworkMember.state == MemberState.MEMBER)
        .order_by(NetworkMember.org_id)
    ).all()
    network.ended_at = clock_of(session).now()
    session.flush()  # who is told looks at what is shared now
    _tell(session, actor, network, events.NetworkEnded, in_it)
    return network


_TOLD: dict[MemberVerb, type[events.NetworkEvent]] = {
    MemberVerb.ADMIT: events.NetworkJoined,
    MemberVerb.DECLINE: events.NetworkDeclined,
    MemberVerb.LEAVE: events.NetworkLeft,
    MemberVerb.REMOVE: events.NetworkLeft,
}


def _step(
    session: Session, actor: Actor, network: Network, member: NetworkMember, verb: MemberVerb
) -> NetworkMember:
    since = clock_of(session).now()
    advance(session, [member], verb, refused=StandingChanged, values={"since": since})
    _tell(session, actor, network, _TOLD[verb], [member.org_id])
    return member


def _tell(
    session: Session,
    actor: Actor,
    network: Network,
    kind: type[events.NetworkEvent],
    member_ids: Sequence[UUID],
) -> None:
    """To each organisation it concerns, and of each to the host."""
    publish(
        session,
        [
            kind(
                org_id=org_id,
                subject_id=network.id,
                person_id=actor.person_id,
                member_org_id=member_id,
            )
            for member_id in member_ids
            for org_id in dict.fromkeys((member_id, network.host_org_id))
        ],
    )


def _hosted(session: Session, actor: Actor, network_id: UUID) -> Network:
    """The network, locked: steps in one network queue here. Raises ``NotFound`` for who is not host."""
    query = select(Network).where(Network.id == network_id, Network.host_org_id == actor.org_id)
    return _living(session.scalar(query.with_for_update()))


def _own(session: Session, actor: Actor, network_id: UUID) -> tuple[Network, NetworkMember]:
    """A network the organisation has a standing in, locked. Raises ``NotFound``."""
    standing = select(NetworkMember.network_id).where(NetworkMember.org_id == actor.org_id)
    query = select(Network).where(Network.id == network_id, Network.id.in_(standing))
    network = _living(session.scalar(query.with_for_update(of=Network)))
    return network, _member(session, network, actor.org_id)


def _living(network: Network | None) -> Network:
    if network is None:
        raise NotFound(NO_NETWORK)
    if network.ended_at is not None:
        raise NetworkOver
    return network


def _member(session: Session, network: Network, org_id: UUID) -> NetworkMember:
    member = session.scalar(
        select(NetworkMember)
        .where(NetworkMember.network_id == network.id, NetworkMember.org_id == org_id)
        .execution_options(populate_existing=True)
    )
    if member is None:
        raise NotFound(N_("Fant ikke virksomheten i nettverket."))
    return member


def _standing(
    session: Session, network: Network, org_id: UUID, state: MemberState, verb: MemberVerb
) -> NetworkMember:
    """A first row, or the one that is there when it allows the step."""
    now = clock_of(session).now()
    query = select(NetworkMember).where(
        NetworkMember.network_id == network.id, NetworkMember.org_id == org_id
    )
    member = session.scalar(query.execution_options(populate_existing=True))
    if member is not None:
        if not allows(MEMBER_MACHINE, member.state, verb):
            raise StandingChanged(N_("Virksomheten er alt med, invitert, eller har spurt."))
        advance(session, [member], verb, refused=StandingChanged, values={"since": now})
        return member
    member = NetworkMember(org_id=org_id, network_id=network.id, state=state, since=now)
    try:
        with session.begin_nested():
            session.add(member)
            session.flush()  # meets the unique key: asked and invited at the same moment
    except IntegrityError as error:
        raise StandingChanged from error
    return member
