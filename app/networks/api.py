"""Networks as JSON: the same verbs as the pages'."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.answers import answered
from app.kit.errors import NotFound
from app.kit.web import Answer, Db, IdempotencyKey
from app.networks import queries, service
from app.networks.models import Network
from app.networks.outputs import NetworkOut, WholeNetworkOut, whole

router = APIRouter(prefix="/networks", tags=["networks"])


@router.get("", name="api:networks:list")
def networks(actor: SignedIn, db: Db) -> list[NetworkOut]:
    """Those the organisation is in, is asked into, or asks to be in."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        rows = session.execute(queries.networks_visible_to(actor)).all()
        return [NetworkOut.of(actor, network, member) for network, member in rows]


@router.get("/{network_id}", name="api:networks:get")
def network(network_id: UUID, actor: SignedIn, db: Db) -> WholeNetworkOut:
    """With its members, for members; for the host also with who is invited or asks."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        return _whole(session, actor, network_id)


def _whole(session: Session, actor: Actor, network_id: UUID) -> WholeNetworkOut:
    row = session.execute(
        queries.networks_visible_to(actor).where(Network.id == network_id)
    ).one_or_none()
    if row is None:
        raise NotFound(service.NO_NETWORK)
    found: WholeNetworkOut = whole(session, actor, row[0], row[1])
    return found


def _done(
    db: Db, actor: Actor, key: str | None, command: Any, verb: Any, status: int = 200
) -> Answer:
    """Each step answers with what it concerns: the network and who is in it by which standing."""

    def call(session: Session) -> Any:
        row = verb(session, actor, command)
        return [
            {
                "network_id": str(getattr(row, "network_id", row.id)),
                "org_id": str(getattr(row, "org_id", actor.org_id)),
                "state": getattr(row, "state", None),
            }
        ]

    return answered(db, actor, key, [command], call, status)


@router.post("", status_code=201)
def found_network(
    command: service.FoundNetwork, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """The organisation becomes host and first member."""
    return _done(db, actor, key, command, service.found_network, 201)


@router.post("/invite")
def invite(
    command: service.InviteOrganisation, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """The host asks an organisation in, by its name."""
    return _done(db, actor, key, command, service.invite)


@router.post("/ask")
def ask(command: service.AskToJoin, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """Asks the host to be admitted, by the network's code."""
    return _done(db, actor, key, command, service.ask)


@router.post("/accept")
def accept(
    command: service.OfNetwork, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """Yes to an invitation."""
    return _done(db, actor, key, command, service.accept)


@router.post("/decline")
def decline(
    command: service.OfNetwork, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """No to an invitation."""
    return _done(db, actor, key, command, service.decline)


@router.post("/admit")
def admit(command: service.OfMember, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """The host's yes to who asked."""
    return _done(db, actor, key, command, service.admit)


@router.post("/refuse")
def refuse(
    command: service.OfMember, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """The host's no to who asked, or an invitation taken back."""
    return _done(db, actor, key, command, service.refuse)


@router.post("/remove")
def remove(
    command: service.OfMember, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """The host takes a member out."""
    return _done(db, actor, key, command, service.remove)


@router.post("/leave")
def leave(
    command: service.OfNetwork, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """What was approved is still handed over; what nobody has answered is declined."""
    return _done(db, actor, key, command, service.leave)


@router.post("/share-savings")
def share_savings(
    command: service.ShareSavings, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> Answer:
    """Whether one's savings are in the sums that the members see of the whole network."""
    return _done(db, actor, key, command, service.share_savings)


@router.post("/end")
def end(command: service.OfNetwork, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """The host closes the network for all."""
    return _done(db, actor, key, command, service.end)
