"""Two organisations in a network to arrange with."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.models import Organisation
from app.accounts.rules import Role
from app.networks import service
from app.networks.models import Network
from tests.marketplace.stalls import acting
from tests.people import Organised


def a_network(session: Session, host: Organised, *members: Organised) -> Network:
    """Founded by the host's administrator; the others were invited and said yes."""
    admin = acting(session, host, Role.ADMIN)
    network = service.found_network(session, admin, service.FoundNetwork(name="Fylket"))
    for each in members:
        invite = service.InviteOrganisation(
            network_id=network.id, organisation=name_of(session, each.org_id)
        )
        service.invite(session, admin, invite)
        said_yes = service.OfNetwork(network_id=network.id)
        service.accept(session, acting(session, each, Role.ADMIN), said_yes)
    return network


def name_of(session: Session, org_id: UUID) -> str:
    return session.get_one(Organisation, org_id).name
