"""Walking up the reuse ladder: each step is taken from or left, and why, before the next."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.queries import approvers_of
from app.accounts.rules import Permission
from app.impact.rules import WouldHave
from app.items.service import held
from app.kit.canonical import canonical
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from app.kit.events import publish
from app.kit.i18n import N_, gettext
from app.kit.states import advance
from app.marketplace import service as market
from app.marketplace.models import Request, RequestLine
from app.marketplace.models_outside import OutsideRequest
from app.marketplace.service_outside import Bound, ask_for
from app.needs.commands import Leave, Take
from app.needs.events import LadderStepDecided
from app.needs.matching import Match, matches_of, releases_like
from app.needs.models import LadderStep, Need, NeedLine
from app.needs.models_outside import LadderRequest
from app.needs.queries import Decision, decisions_by_line, lines_visible_to, project_date
from app.needs.queries_outside import steps_of
from app.needs.rules import (
    BY_HAND,
    FOUND,
    MATCHED,
    NeedState,
    NeedVerb,
    Outcome,
    Reason,
    Step,
    examined,
    missing,
    next_step,
)
from app.needs.service import locked, must_be_open, must_walk
from app.needs.service_allocation import set_aside
from app.needs.service_rule import require_steps, rule_of
from app.projects.models import ProgrammeLine, Release
from app.projects.queries import lines_visible_to as programme_lines
from app.projects.queries import named, place_labels
from app.projects.rules import LineState


class NotThisStep(Conflict):
    title = N_("Et annet trinn må vurderes først.")


class MatchesChanged(Conflict):
    title = N_("Det som finnes, har endret seg siden siden ble åpnet. Se over, og velg på nytt.")


class NothingMissing(Conflict):
    title = N_("Alt på linjen er funnet.")


def take(session: Session, actor: Actor, commands: Sequence[Take]) -> list[LadderStep]:
    """Takes pieces at a step: from an offer as an order of its own, else as it is written down.

    To buy new is decided by who approves for the unit. Raises ``NotThisStep``, ``MatchesChanged``,
    ``NothingMissing``, ``Forbidden`` and what an order raises.
    """
    actor.must(Permission.REQUEST_MAKE)
    made = []
    _lock(session, actor, commands)
    for command in commands:
        at = _at(session, actor, command)
        if command.quantity > at.missing:
            text = gettext(N_("Det mangler bare %(missing)s."), missing=at.missing)
            raise Invalid(by_field={"quantity": text})
        request_line_id, outside = None, None
        releases: list[Release] = []
        if command.step is Step.NETWORK:
            outside = _asked_others(session, actor, at, command)
        elif command.step in MATCHED and command.item_id is not None:
            releases = _released(session, actor, at, command, command.item_id)
        elif command.step in FOUND:
            request_line_id = _ordered(session, actor, at, command)
        elif command.reason_text is None:
            raise Invalid(by_field={"reason_text": N_("Skriv hva som ble funnet, og hvor.")})
        if command.step is Step.NEW:
            _must_approve(session, actor, at.need)
        row = _decide(
            session,
            actor,
            at,
            command.step,
            outcome=Outcome.TAKEN,
            quantity=command.quantity,
            reason_text=command.reason_text,
            request_line_id=request_line_id,
        )
        if outside is not None:
            _tie(session, row, outside)
        if releases:
            set_aside(session, actor, row, releases)
        made.append(row)
    return made


def leave(session: Session, actor: Actor, commands: Sequence[Leave]) -> list[LadderStep]:
    """Leaves a step for the next one. What was there is refused with a reason.

    Not to buy new is decided by who could have bought. Raises as ``take`` does.
    """
    actor.must(Permission.REQUEST_MAKE)
    made = []
    _lock(session, actor, commands)
    for command in commands:
        at = _at(session, actor, command)
        if command.step is Step.NEW:
            _must_approve(session, actor, at.need)
        is_offered = bool(at.matches) or command.step in BY_HAND
        if is_offered and command.reason is None:
            raise Invalid(by_field={"reason": N_("Velg hvorfor.")})
        if command.reason is Reason.OTHER and command.reason_text is None:
            raise Invalid(by_field={"reason_text": N_("Skriv hvorfor.")})
        made.append(
            _decide(
                session,
                actor,
                at,
                command.step,
                outcome=Outcome.REFUSED if is_offered else Outcome.NONE,
                quantity=0,
                reason=command.reason if is_offered else None,
                reason_text=command.reason_text,
            )
        )
    return made


def mark(matches: Sequence[Match]) -> str:
    """What tells these matches from others: a hash of all that is said of them."""
    said = canonical({"matches": [each.as_json() for each in matches]})
    return hashlib.sha256(said.encode()).hexdigest()


class _At(NamedTuple):
    """Where a line stands on the ladder, with its need locked."""

    need: Need
    line: NeedLine
    decisions: Sequence[Decision]
    matches: Sequence[Match]
    missing: int


def _lock(session: Session, actor: Actor, commands: Sequence[Take | Leave]) -> None:
    """All needs at once, in the order of their ids: two who name them otherwise never cross."""
    ids = {each.need_line_id for each in commands}
    lines = lines_visible_to(actor).where(NeedLine.id.in_(ids)).with_only_columns(NeedLine.need_id)
    locked(session, actor, session.scalars(lines).all())


def _at(session: Session, actor: Actor, command: Take | Leave) -> _At:
    line = session.scalar(lines_visible_to(actor).where(NeedLine.id == command.need_line_id))
    if line is None:
        raise NotFound(N_("Fant ikke behovet."))
    need = locked(session, actor, [line.need_id])[line.need_id]
    must_walk(session, actor, need)
    must_be_open(need)
    decisions = decisions_by_line(session, actor, [line.id]).get(line.id, [])
    left = missing(line.quantity, decisions)
    if not left:
        raise NothingMissing
    walked = steps_of(session, actor.org_id)
    step = next_step(line.quantity, decisions, walked)
    is_step = step is command.step or _is_late(command, decisions, walked)
    if not is_step and not _is_early(session, actor, line, decisions, command, walked):
        raise NotThisStep(step=str(command.step), next=str(step or ""))
    today = clock_of(session).now().date()
    matches = matches_of(session, actor, need, line, command.step, today)
    if command.seen is not None and command.seen != mark(matches):
        raise MatchesChanged
    return _At(need, line, decisions, matches, left)


def _is_late(command: Take | Leave, decisions: Sequence[Decision], walked: Sequence[Step]) -> bool:
    """What came to a step after it was left is taken from there while pieces are missing."""
    left = examined(decisions).intersection(FOUND, walked)
    return isinstance(command, Take) and command.step in left


def _is_early(
    session: Session,
    actor: Actor,
    line: NeedLine,
    decisions: Sequence[Decision],
    command: Take | Leave,
    walked: Sequence[Step],
) -> bool:
    """A purchase before every step was examined, where the organisation's rule lets it.

    Raises ``StepsLacking``.
    """
    if command.step is not Step.NEW or not isinstance(command, Take):
        return False
    rule = rule_of(session, actor.org_id)
    if rule is None:
        return False
    require_steps(session, actor, rule, line, command.quantity, decisions, walked)
    return True


def _chosen(at: _At, command: Take) -> UUID:
    """The listing that is taken from, among those that are found at the step."""
    found = {each.listing_id: each for each in at.matches if each.listing_id is not None}
    match = found.get(command.listing_id) if command.listing_id else None
    if match is None or command.listing_id is None:
        raise Invalid(by_field={"listing_id": N_("Velg et av treffene på dette trinnet.")})
    if command.quantity > match.count:
        text = gettext(N_("Det er bare %(count)s igjen."), count=match.count)
        raise Invalid(by_field={"quantity": text})
    return command.listing_id


def _still_wanted(session: Session, need: Need) -> date | None:
    """A day that has passed says nothing to the giver: it is needed as soon as can be."""
    is_ahead = need.wanted_date is not None and need.wanted_date >= clock_of(session).today()
    return need.wanted_date if is_ahead else None


def _asked_others(session: Session, actor: Actor, at: _At, command: Take) -> OutsideRequest:
    """The request to the organisation that has it; it goes where the need is."""
    listing_id, need = _chosen(at, command), at.need
    line_id = _open_line(session, actor, at.line)
    places = place_labels(session, actor, {need.place_id})
    units = named(session, Unit, actor, {need.unit_id})
    return ask_for(
        session,
        actor,
        listing_id,
        wanted=command.quantity,
        delivery=places.get(need.place_id) or units[need.unit_id],
        bound=Bound(
            unit_id=need.unit_id,
            place_id=need.place_id,
            programme_line_id=line_id,
            would_have=WouldHave.WOULD_BUY_NEW,  # as the ladder ends
            need_recorded_before=True,
        ),
        wanted_date=_still_wanted(session, need),
        project_date=project_date(session, actor, need, line_id, clock_of(session).today()),
        note=command.reason_text,
    )


def _tie(session: Session, row: LadderStep, outside: OutsideRequest) -> None:
    session.flush()  # the decision's row, which this points to
    session.add(
        LadderRequest(
            org_id=row.org_id,
            ladder_step_id=row.id,
            giver_org_id=outside.org_id,
            outside_request_id=outside.id,
        )
    )


def _ordered(session: Session, actor: Actor, at: _At, command: Take) -> UUID:
    """The line of the order that the taking is."""
    listing_id, need = _chosen(at, command), at.need
    order = market.Order(
        unit_id=need.unit_id,
        place_id=need.place_id,
        wanted_date=_still_wanted(session, need),
        project_id=need.project_id,
        lines=[
            market.OrderLine(
                listing_id=listing_id,
                wanted=command.quantity,
                programme_line_id=_open_line(session, actor, at.line),
                would_have=WouldHave.WOULD_BUY_NEW,  # as the ladder ends
            )
        ],
    )
    (request,) = market.order(session, actor, [order])
    session.flush()  # the line's row, which the decision points to
    return _only_line(session, request)


def _released(
    session: Session, actor: Actor, at: _At, command: Take, item_id: UUID
) -> list[Release]:
    """The releases of like pieces that are taken, locked.

    Piece before release, as where a piece is offered or leaves: what was read before the lock is read
    again behind it, so that nobody who waited for the piece has it too.
    """
    found = [e for e in at.matches if e.listing_id is None and e.item_id == item_id]
    if command.listing_id is not None or not found:
        raise Invalid(by_field={"item_id": N_("Velg et av treffene på dette trinnet.")})
    (match,) = found
    if command.quantity > match.count:
        text = gettext(N_("Det er bare %(count)s igjen."), count=match.count)
        raise Invalid(by_field={"quantity": text})
    is_own = command.step is Step.OWN_UNIT
    today = clock_of(session).now().date()
    rows = releases_like(session, actor, at.need, at.line, match, today, is_own=is_own)
    pieces = session.scalars(rows.with_only_columns(Release.item_id).limit(command.quantity)).all()
    held(session, actor, pieces)
    locking = rows.where(Release.item_id.in_(pieces)).with_for_update(of=Release)
    locked_rows = list(session.scalars(locking))
    if len(locked_rows) < command.quantity:
        raise MatchesChanged  # somebody else took one between the look and the lock
    return locked_rows


def _open_line(session: Session, actor: Actor, line: NeedLine) -> UUID | None:
    """The programme's line that the need came from, while it is one: cancelled, it asks no more."""
    query = programme_lines(actor).where(
        ProgrammeLine.id == line.programme_line_id, ProgrammeLine.state != LineState.CANCELLED
    )
    return session.scalar(query.with_only_columns(ProgrammeLine.id))


def _only_line(session: Session, request: Request) -> UUID:
    return session.scalars(
        select(RequestLine.id).where(
            RequestLine.org_id == request.org_id, RequestLine.request_id == request.id
        )
    ).one()


def may_buy(session: Session, actor: Actor, need: Need) -> bool:
    """To buy new takes somebody who decides for the unit."""
    if actor.may(Permission.RESERVATION_APPROVE, need.unit_id):
        return True
    return actor.person_id in approvers_of(session, need.org_id, need.unit_id)


def _must_approve(session: Session, actor: Actor, need: Need) -> None:
    if not may_buy(session, actor, need):
        raise Forbidden(N_("Å kjøpe nytt avgjøres av den som godkjenner for enheten."))


def _decide(
    session: Session,
    actor: Actor,
    at: _At,
    step: Step,
    *,
    outcome: Outcome,
    quantity: int,
    reason: Reason | None = None,
    reason_text: str | None = None,
    request_line_id: UUID | None = None,
) -> LadderStep:
    if actor.person_id is None:
        raise Forbidden
    row = LadderStep(
        id=new_id(),
        org_id=actor.org_id,
        need_line_id=at.line.id,
        number=len(at.decisions) + 1,
        step=step,
        outcome=outcome,
        quantity=quantity,
        matches=[each.as_json() for each in at.matches],
        reason=reason,
        reason_text=reason_text,
        request_line_id=request_line_id,
        person_id=actor.person_id,
        decided_at=clock_of(session).now(),
    )
    session.add(row)
    if at.need.state is NeedState.SUBMITTED:
        advance(session, [at.need], NeedVerb.BEGIN)
    publish(
        session,
        [
            LadderStepDecided.of(
                at.need,
                actor.person_id,
                need_line_id=at.line.id,
                ladder_step_id=row.id,
                step=step,
                outcome=outcome,
                quantity=quantity,
                matches=len(at.matches),
                matches_sha256=mark(at.matches),
                decision_sha256=row.sha256(),
            )
        ],
    )
    return row
