"""Networks on pages: those one is in, and one of them with its members."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.models import Organisation
from app.accounts.rules import Permission
from app.kit import i18n
from app.kit.codes import grouped
from app.kit.errors import Conflict, Invalid, NotFound, Problem
from app.kit.events import EventRow
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once, only_id
from app.kit.page import page, redirect, url
from app.kit.web import Db
from app.networks import names, queries, service
from app.networks.models import Network
from app.networks.rules import MemberState

router = APIRouter(prefix="/nettverk")

FoundForm = Annotated[Submission[service.FoundNetwork], Depends(submitted(service.FoundNetwork))]
AskForm = Annotated[Submission[service.AskToJoin], Depends(submitted(service.AskToJoin))]
InviteForm = Annotated[
    Submission[service.InviteOrganisation], Depends(submitted(service.InviteOrganisation))
]
NetworkForm = Annotated[Submission[service.OfNetwork], Depends(submitted(service.OfNetwork))]
MemberForm = Annotated[Submission[service.OfMember], Depends(submitted(service.OfMember))]


def _errors(problem: Problem) -> dict[str, str]:
    if isinstance(problem, Invalid) and problem.by_field:
        return {name: gettext(text) for name, text in problem.by_field.items()}
    return {"": gettext(problem.detail or problem.title)}


def _browse(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    form: dict[str, str] | None = None,
    problem: Problem | None = None,
) -> Response:
    rows = session.execute(queries.networks_visible_to(actor)).all()
    return page(
        request,
        "networks/browse.html",
        status=problem.status if problem else 200,
        networks=[
            {
                "href": url(request, "networks:show", network_id=network.id),
                "name": network.name,
                "text": network.text,
                "is_over": network.ended_at is not None,
                "is_host": network.host_org_id == actor.org_id,
                "state": gettext(names.STATES[member.state]),
                "tone": names.TONES.get(member.state, "neutral"),
            }
            for network, member in rows
        ],
        may_edit=actor.may(Permission.ORGANISATION_EDIT),
        form=form or {},
        errors=_errors(problem) if problem else {},
        key=str(uuid4()),
        twin=url(request, "api:networks:list"),
    )


@router.get("", name="networks:browse")
def browse(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        return _browse(request, session, actor)


@router.post("/ny", name="networks:found")
def found_network(request: Request, form: FoundForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ORGANISATION_EDIT)
    try:
        command = form.valid()
        with db.write() as session:
            network_id = once(
                session,
                actor,
                form.key,
                [command],
                lambda: [{"id": str(service.found_network(session, actor, command).id)}],
                only_id,
            )
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            return _browse(request, session, actor, form=form.raw, problem=problem)
    message = gettext(N_("Nettverket er opprettet. Inviter de andre."))
    return redirect(request, "networks:show", message=message, network_id=network_id)


@router.post("/bli-med", name="networks:ask")
def ask(request: Request, form: AskForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ORGANISATION_EDIT)
    try:
        command = form.valid()
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: [str(service.ask(session, actor, command).id)],
            )
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            return _browse(request, session, actor, form=form.raw, problem=problem)
    message = gettext(N_("Verten har fått spørsmålet."))
    return redirect(request, "networks:browse", message=message)


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    network_id: UUID,
    *,
    form: dict[str, str] | None = None,
    problem: Problem | None = None,
) -> Response:
    row = session.execute(
        queries.networks_visible_to(actor).where(Network.id == network_id)
    ).one_or_none()
    if row is None:
        raise NotFound(service.NO_NETWORK)
    network, own = row
    is_host = network.host_org_id == actor.org_id
    is_living = network.ended_at is None
    may_edit = actor.may(Permission.ORGANISATION_EDIT) and is_living
    return page(
        request,
        "networks/show.html",
        status=problem.status if problem else 200,
        network=network,
        code=grouped(network.code) if is_host and is_living else None,
        state=gettext(names.STATES[own.state]),
        is_living=is_living,
        is_member=own.state is MemberState.MEMBER,
        is_invited=own.state is MemberState.INVITED and may_edit,
        may_leave=own.state is MemberState.MEMBER and may_edit and not is_host,
        may_admit=is_host and may_edit,
        members=[
            {
                "org_id": each.org_id,
                "name": each.name,
                "is_host": each.org_id == network.host_org_id,
                "state": gettext(names.STATES[each.state]),
                "tone": names.TONES.get(each.state, "neutral"),
                "since": each.since,
                "is_asking": each.state is MemberState.ASKED,
                "is_invited": each.state is MemberState.INVITED,
            }
            for each in session.execute(queries.members_of(actor, network_id))
        ],
        history=_history(session, actor, network_id),
        form=form or {},
        errors=_errors(problem) if problem else {},
        key=str(uuid4()),
        twin=url(request, "api:networks:get", network_id=network_id),
    )


def _history(session: Session, actor: Actor, network_id: UUID) -> list[dict[str, str]]:
    """By the names of organisations; who did it there is theirs to know."""
    rows = session.execute(
        select(EventRow.at, EventRow.kind, EventRow.payload)
        .where(EventRow.org_id == actor.org_id, EventRow.subject_id == network_id)
        .where(EventRow.kind.in_(names.EVENTS))
        .order_by(EventRow.at.desc(), EventRow.id)
    ).all()
    ids = {UUID(each.payload["member_org_id"]) for each in rows}
    called = dict(
        session.execute(
            select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids))
        ).all()
    )
    return [
        {
            "when": i18n.datetime_(each.at),
            "what": gettext(
                names.EVENTS[each.kind][0], member=called[UUID(each.payload["member_org_id"])]
            ),
            "icon": names.EVENTS[each.kind][1],
        }
        for each in rows
    ]


@router.get("/{network_id}", name="networks:show")
def show(request: Request, network_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        return _show(request, session, actor, network_id)


def _do(
    request: Request,
    db: Db,
    actor: Actor,
    form: Submission[Any],
    verb: Callable[[Session, Actor, Any], Any],
    message: str,
    **ids: UUID,
) -> Response:
    """A step in one network, and back to its page, where a refusal is said."""
    actor.must(Permission.ORGANISATION_EDIT)
    try:
        command: BaseModel = form.valid(**ids)
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: [str(verb(session, actor, command).id)],
            )
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            return _show(request, session, actor, ids["network_id"], form=form.raw, problem=problem)
    with db.read() as session:
        query = queries.networks_visible_to(actor).where(Network.id == ids["network_id"])
        is_seen = session.execute(query).first() is not None
    if not is_seen:
        return redirect(request, "networks:browse", message=gettext(message))
    return redirect(
        request, "networks:show", message=gettext(message), network_id=ids["network_id"]
    )


@router.post("/{network_id}/inviter", name="networks:invite")
def invite(
    request: Request, network_id: UUID, form: InviteForm, actor: SignedIn, db: Db
) -> Response:
    message = N_("Virksomheten er invitert.")
    return _do(request, db, actor, form, service.invite, message, network_id=network_id)


@router.post("/{network_id}/ja", name="networks:accept")
def accept(
    request: Request, network_id: UUID, form: NetworkForm, actor: SignedIn, db: Db
) -> Response:
    message = N_("Dere er med.")
    return _do(request, db, actor, form, service.accept, message, network_id=network_id)


@router.post("/{network_id}/nei", name="networks:decline")
def decline(
    request: Request, network_id: UUID, form: NetworkForm, actor: SignedIn, db: Db
) -> Response:
    message = N_("Invitasjonen er avslått.")
    return _do(request, db, actor, form, service.decline, message, network_id=network_id)


@router.post("/{network_id}/ut", name="networks:leave")
def leave(
    request: Request, network_id: UUID, form: NetworkForm, actor: SignedIn, db: Db
) -> Response:
    message = N_("Dere er ute av nettverket.")
    return _do(request, db, actor, form, service.leave, message, network_id=network_id)


@router.post("/{network_id}/avslutt", name="networks:end")
def end(request: Request, network_id: UUID, form: NetworkForm, actor: SignedIn, db: Db) -> Response:
    message = N_("Nettverket er avsluttet.")
    return _do(request, db, actor, form, service.end, message, network_id=network_id)


@router.post("/{network_id}/medlemmer/{member_org_id}/ja", name="networks:admit")
def admit(
    request: Request,
    network_id: UUID,
    member_org_id: UUID,
    form: MemberForm,
    actor: SignedIn,
    db: Db,
) -> Response:
    ids = {"network_id": network_id, "member_org_id": member_org_id}
    return _do(request, db, actor, form, service.admit, N_("Virksomheten er med."), **ids)


@router.post("/{network_id}/medlemmer/{member_org_id}/nei", name="networks:refuse")
def refuse(
    request: Request,
    network_id: UUID,
    member_org_id: UUID,
    form: MemberForm,
    actor: SignedIn,
    db: Db,
) -> Response:
    ids = {"network_id": network_id, "member_org_id": member_org_id}
    return _do(request, db, actor, form, service.refuse, N_("Virksomheten har fått nei."), **ids)


@router.post("/{network_id}/medlemmer/{member_org_id}/ut", name="networks:remove")
def remove(
    request: Request,
    network_id: UUID,
    member_org_id: UUID,
    form: MemberForm,
    actor: SignedIn,
    db: Db,
) -> Response:
    ids = {"network_id": network_id, "member_org_id": member_org_id}
    return _do(request, db, actor, form, service.remove, N_("Virksomheten er tatt ut."), **ids)
