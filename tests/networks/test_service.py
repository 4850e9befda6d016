"""Founding a network, coming into it and going out of it."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.kit.errors import Forbidden, Invalid, NotFound
from app.kit.events import EventRow
from app.networks import queries, service
from app.networks.models import NetworkMember
from app.networks.rules import MemberState
from tests.marketplace.stalls import acting
from tests.networks.circles import a_network, name_of
from tests.people import Organised


def partners_of(session: Session, org: Organised) -> list[object]:
    session.flush()
    return list(session.scalars(queries.partners(org.org_id)))


def state_of(session: Session, org: Organised) -> MemberState:
    session.flush()
    session.expire_all()
    query = select(NetworkMember.state).where(NetworkMember.org_id == org.org_id)
    return session.scalars(query).one()


def kinds(session: Session, org: Organised) -> list[str]:
    query = select(EventRow.kind).where(EventRow.org_id == org.org_id)
    return sorted(session.scalars(query.where(EventRow.kind.startswith("network"))))


def test_who_is_invited_shares_nothing_before_the_yes(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    admin = acting(session, org, Role.ADMIN)
    network = service.found_network(session, admin, service.FoundNetwork(name="Fylket"))
    name = name_of(session, foreign_org.org_id).upper()
    invited = service.InviteOrganisation(network_id=network.id, organisation=name)
    service.invite(session, admin, invited)
    assert partners_of(session, org) == partners_of(session, foreign_org) == []
    with pytest.raises(service.StandingChanged):
        service.invite(session, admin, invited)
    theirs = acting(session, foreign_org, Role.ADMIN)
    service.accept(session, theirs, service.OfNetwork(network_id=network.id))
    assert partners_of(session, org) == [foreign_org.org_id]
    assert partners_of(session, foreign_org) == [org.org_id]
    with pytest.raises(service.StandingChanged):
        service.accept(session, theirs, service.OfNetwork(network_id=network.id))
    assert kinds(session, foreign_org) == ["network-invited", "network-joined"]
    assert kinds(session, org) == ["network-founded", "network-invited", "network-joined"]


def test_who_knows_the_code_asks_and_the_host_admits_or_refuses(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    network = a_network(session, org)
    host, theirs = acting(session, org, Role.ADMIN), acting(session, foreign_org, Role.ADMIN)
    with pytest.raises(Invalid):
        service.ask(session, theirs, service.AskToJoin(code="7K3Q-WX9R-2M4"))
    typed = f" {network.code[:4].lower()}-{network.code[4:]} "
    service.ask(session, theirs, service.AskToJoin(code=typed))
    with pytest.raises(service.StandingChanged):
        service.accept(session, theirs, service.OfNetwork(network_id=network.id))
    about = service.OfMember(network_id=network.id, member_org_id=foreign_org.org_id)
    service.refuse(session, host, about)
    assert partners_of(session, org) == []
    service.ask(session, theirs, service.AskToJoin(code=network.code))
    service.admit(session, host, about)
    assert partners_of(session, org) == [foreign_org.org_id]


def test_leaving_removing_and_ending_end_the_sight_of_each_other(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    network = a_network(session, org, foreign_org)
    host, theirs = acting(session, org, Role.ADMIN), acting(session, foreign_org, Role.ADMIN)
    of, about = (
        service.OfNetwork(network_id=network.id),
        service.OfMember(network_id=network.id, member_org_id=foreign_org.org_id),
    )
    service.leave(session, theirs, of)
    assert (partners_of(session, org), state_of(session, foreign_org)) == ([], MemberState.LEFT)
    service.ask(session, theirs, service.AskToJoin(code=network.code))
    service.admit(session, host, about)
    service.remove(session, host, about)
    assert (partners_of(session, org), state_of(session, foreign_org)) == ([], MemberState.REMOVED)
    service.ask(session, theirs, service.AskToJoin(code=network.code))
    service.admit(session, host, about)
    service.end(session, host, of)
    assert partners_of(session, org) == partners_of(session, foreign_org) == []
    with pytest.raises(service.NetworkOver):
        service.leave(session, theirs, of)
    with pytest.raises(Invalid):
        service.ask(session, theirs, service.AskToJoin(code=network.code))


def test_the_host_stays(session: Session, org: Organised, foreign_org: Organised) -> None:
    network = a_network(session, org, foreign_org)
    host = acting(session, org, Role.ADMIN)
    with pytest.raises(service.HostStays):
        service.leave(session, host, service.OfNetwork(network_id=network.id))
    with pytest.raises(service.HostStays):
        about = service.OfMember(network_id=network.id, member_org_id=org.org_id)
        service.remove(session, host, about)


VERBS: list[Callable[..., object]] = [
    service.accept,
    service.decline,
    service.leave,
    service.end,
]


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)
def test_who_has_no_standing_does_not_find_the_network(
    session: Session, org: Organised, foreign_org: Organised, verb: Callable[..., object]
) -> None:
    network = a_network(session, foreign_org)
    admin = acting(session, org, Role.ADMIN)
    for network_id in (network.id, uuid4()):
        with pytest.raises(NotFound):
            verb(session, admin, service.OfNetwork(network_id=network_id))
    with pytest.raises(Forbidden):
        verb(session, acting(session, org), service.OfNetwork(network_id=network.id))


def test_a_member_that_is_not_host_admits_nobody(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    network = a_network(session, org, foreign_org)
    theirs = acting(session, foreign_org, Role.ADMIN)
    name = name_of(session, org.org_id)
    with pytest.raises(NotFound):
        invite = service.InviteOrganisation(network_id=network.id, organisation=name)
        service.invite(session, theirs, invite)
    with pytest.raises(NotFound):
        about = service.OfMember(network_id=network.id, member_org_id=org.org_id)
        service.remove(session, theirs, about)
