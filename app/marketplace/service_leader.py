"""The yes of the asker's own leaders, before the giver is asked: level by level up the tree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Membership
from app.accounts.queries_leaders import administrators, leaders_of
from app.accounts.rules import Permission
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from app.kit.events import Event, publish
from app.kit.i18n import N_
from app.kit.states import advance
from app.marketplace import events_approval
from app.marketplace.commands_approval import ApproveAsLeader, RefuseAsLeader
from app.marketplace.models import Request, RequestLine, Reservation
from app.marketplace.models_approval import Approval
from app.marketplace.queries import requests_visible_to
from app.marketplace.queries_approval import (
    Rule,
    approvals_of,
    is_waiting,
    rules_of,
    waiting_for_leader,
    worth_of,
)
from app.marketplace.rules import ReservationState, ReservationVerb
from app.marketplace.rules_approval import ApprovalState, ApprovalVerb, levels_needed
from app.marketplace.service_claims import close_finished, counted, note
from app.marketplace.service_listing import locked_listings

NOBODY = N_(
    "Bestillingen trenger en leders godkjenning, men enheten har ingen leder som kan gi den."
    " Be administratoren sette inn en leder."
)


class ApprovalDecided(Conflict):
    title = N_("Dette er alt avgjort, eller det er en annens tur.")


class AwaitsLeader(Conflict):
    title = N_("Bestillingen venter på godkjenning hos den som bestiller. Du får den etterpå.")


class OwnRequest(Forbidden):
    title = N_("Du kan ikke godkjenne din egen bestilling. Noen andre må gjøre det.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rules were held against."""

    value_ore: int
    pieces: int
    levels: int


def ask_leaders(
    session: Session, actor: Actor, request: Request, lines: Sequence[RequestLine]
) -> None:
    """Writes the levels whose yes the request needs, if any. Called as it is sent.

    Where the tree has fewer leaders than the rule has levels, the topmost one's yes is the last.
    Raises ``Invalid`` at the unit when nobody but the asker could say yes.
    """
    asked = _asked(session, actor, request, lines)
    if not asked.levels or request.unit_id is None:
        return
    steps = leaders_of(session, request.org_id).above(request.person_id, request.unit_id)
    units: list[UUID | None] = [each.unit_id for each in steps[: asked.levels]]
    if not units:
        others = administrators(request.org_id).where(Membership.person_id != request.person_id)
        if session.scalar(others.limit(1)) is None:
            raise Invalid(by_field={"unit_id": NOBODY})
        units = [None]
    now = clock_of(session).now()
    session.add_all(
        Approval(
            id=new_id(),
            org_id=request.org_id,
            request_id=request.id,
            level=level,
            unit_id=unit_id,
            state=ApprovalState.WAITING,
            value_ore=asked.value_ore,
            pieces=asked.pieces,
            asked_at=now,
        )
        for level, unit_id in enumerate(units, 1)
    )
    session.flush()  # who is told that the request was sent looks for them


def _asked(session: Session, actor: Actor, request: Request, lines: Sequence[RequestLine]) -> Asked:
    rules = rules_of(session, actor.org_id)
    pieces = sum(each.wanted for each in lines)
    rule = _rule_for(session, request, rules)
    if rule is None or not (rule.limits or rule.category_ids):
        return Asked(0, pieces, 0)
    worth = {}
    for giver_id in {each.giver_org_id for each in lines}:
        own = {each.listing_id for each in lines if each.giver_org_id == giver_id}
        worth.update(worth_of(session, giver_id, own))
    value = sum(worth[each.listing_id].ore * each.wanted for each in lines)
    chosen = any(worth[each.listing_id].category_id in rule.category_ids for each in lines)
    levels = levels_needed(rule.limits, value_ore=value, pieces=pieces, is_chosen_category=chosen)
    return Asked(value, pieces, levels)


def _rule_for(session: Session, request: Request, rules: Mapping[UUID | None, Rule]) -> Rule | None:
    """The nearest rule up the tree decides alone."""
    if not rules.keys() - {None}:
        return rules.get(None)
    parents = leaders_of(session, request.org_id).parents
    current = request.unit_id
    while current is not None:
        if current in rules:
            return rules[current]
        current = parents.get(current)
    return rules.get(None)


def asked_first(request: Request, approval: Approval, person_id: UUID | None) -> Event:
    """The event of a level whose turn it is."""
    return events_approval.LeaderAsked(
        org_id=request.org_id,
        subject_id=request.id,
        person_id=person_id,
        approval_id=approval.id,
        level=approval.level,
        unit_id=approval.unit_id,
        value_ore=approval.value_ore,
        pieces=approval.pieces,
    )


def tell_leaders(session: Session, actor: Actor, request: Request) -> None:
    """Publishes that the first level is asked. After the request's own event."""
    first = session.scalar(approvals_of(actor, [request.id]).limit(1))
    if first is not None:
        publish(session, [asked_first(request, first, actor.person_id)])


def approve_as_leader(
    session: Session, actor: Actor, commands: Sequence[ApproveAsLeader]
) -> list[Approval]:
    """Yes at the level whose turn it is; then the next one is asked, or the giver.

    Raises ``OwnRequest``, ``Forbidden``, and ``ApprovalDecided`` for the second of two at once.
    """
    actor.must(Permission.REQUEST_MAKE)
    answers = {each.approval_id: each for each in commands}
    approvals, requests = _answerable(session, actor, list(answers))
    now = clock_of(session).now()
    values = {"person_id": actor.person_id, "decided_at": now}
    advance(session, approvals, ApprovalVerb.APPROVE, refused=ApprovalDecided, values=values)
    told: list[Event] = []
    for approval in approvals:
        request = requests[approval.request_id]
        told.append(
            events_approval.LeaderApproved(
                org_id=approval.org_id,
                subject_id=request.id,
                person_id=actor.person_id,
                approval_id=approval.id,
                level=approval.level,
            )
        )
        text = answers[approval.id].note
        if text:
            note(session, actor, request.id, text)
        after = session.scalar(approvals_of(actor, [request.id]).where(is_waiting()).limit(1))
        if after is not None:
            told.append(asked_first(request, after, actor.person_id))
        else:
            told.append(
                events_approval.RequestPassedOn.of(request, actor.person_id, pieces=approval.pieces)
            )
    publish(session, told)
    return approvals


def refuse_as_leader(
    session: Session, actor: Actor, commands: Sequence[RefuseAsLeader]
) -> list[Approval]:
    """No at the level whose turn it is: everything that was asked for is declined."""
    actor.must(Permission.REQUEST_MAKE)
    answers = {each.approval_id: each for each in commands}
    seen = session.scalars(_seen(actor, list(answers))).all()
    lines = session.scalars(
        select(RequestLine).where(
            RequestLine.org_id == actor.org_id,
            RequestLine.request_id.in_({each.request_id for each in seen}),
        )
    ).all()
    # First of all, as everybody locks who may free or give away pieces.
    locked_listings(session, actor, list({each.listing_id for each in lines}))
    approvals, requests = _answerable(session, actor, list(answers))
    now = clock_of(session).now()
    for approval in approvals:
        values = {
            "person_id": actor.person_id,
            "decided_at": now,
            "reason": answers[approval.id].reason,
        }
        advance(session, [approval], ApprovalVerb.DECLINE, refused=ApprovalDecided, values=values)
    refused = _decline_lines(session, actor, set(requests))
    publish(
        session,
        [
            events_approval.LeaderRefused(
                org_id=each.org_id,
                subject_id=each.request_id,
                person_id=actor.person_id,
                approval_id=each.id,
                level=each.level,
                pieces=refused[each.request_id],
            )
            for each in approvals
        ],
    )
    close_finished(session, actor, set(requests))
    return approvals


def _decline_lines(session: Session, actor: Actor, request_ids: set[UUID]) -> Mapping[UUID, int]:
    lines = session.scalars(
        select(RequestLine)
        .where(RequestLine.org_id == actor.org_id, RequestLine.request_id.in_(request_ids))
        .order_by(RequestLine.id)
        .with_for_update(of=RequestLine)
        .execution_options(populate_existing=True)
    ).all()
    rows = session.scalars(
        select(Reservation)
        .where(
            Reservation.receiver_org_id == actor.org_id,
            Reservation.request_line_id.in_([each.id for each in lines]),
            Reservation.state == ReservationState.REQUESTED,
        )
        .order_by(Reservation.id)
        .with_for_update(of=Reservation)
        .execution_options(populate_existing=True)
    ).all()
    advance(session, rows, ReservationVerb.DECLINE)
    counts = counted(rows)
    found: dict[UUID, int] = dict.fromkeys(request_ids, 0)
    for line in lines:
        line.declined += counts[line.id]
        found[line.request_id] += counts[line.id]
    return found


def require_passed_on(facts: Sequence[Any]) -> None:
    """The giver's turn comes after the leaders'. Raises ``AwaitsLeader``.

    As it was before the lines were locked: levels are written with the request and only go away.
    """
    for each in facts:
        if each.awaits_leader:
            raise AwaitsLeader(id=str(each.id))


def _seen(actor: Actor, ids: Sequence[UUID]) -> Select[Approval]:
    requests = requests_visible_to(actor).with_only_columns(Request.id)
    return select(Approval).where(
        Approval.org_id == actor.org_id,
        Approval.id.in_(ids),
        Approval.request_id.in_(requests),
    )


def _answerable(
    session: Session, actor: Actor, ids: Sequence[UUID]
) -> tuple[list[Approval], dict[UUID, Request]]:
    """The approvals, locked behind their requests, each one the actor's to answer now."""
    seen = session.scalars(_seen(actor, ids)).all()
    if len(seen) < len(set(ids)):
        raise NotFound(N_("Fant ikke godkjenningen."))
    query = (
        requests_visible_to(actor)
        .where(Request.id.in_({each.request_id for each in seen}))
        .order_by(Request.id)
        .with_for_update(of=Request)
        .execution_options(populate_existing=True)
    )
    requests = {each.id: each for each in session.scalars(query)}
    if any(each.person_id == actor.person_id for each in requests.values()):
        raise OwnRequest
    locked = session.scalars(
        _seen(actor, ids)
        .order_by(Approval.id)
        .with_for_update(of=Approval)
        .execution_options(populate_existing=True)
    ).all()
    mine = set(
        session.scalars(
            waiting_for_leader(actor).where(Approval.id.in_(ids)).with_only_columns(Approval.id)
        )
    )
    for approval in locked:
        if approval.state is not ApprovalState.WAITING:
            raise ApprovalDecided(id=str(approval.id), state=approval.state.value)
        if approval.id not in mine:
            raise Forbidden(N_("Bare lederen for enheten eller en stedfortreder kan svare nå."))
    return list(locked), requests
