"""Answering from a letter without signing in: a link for one person, one question, one time.

The token stands in the letter and nowhere else; its hash, the person, the question as it was and
the address it was sent to stand here. To open the link changes nothing, for mail is read by
machines first.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, actor_of, hashed
from app.accounts.models import Person
from app.kit.clock import end_of
from app.kit.db import changed_rows, clock_of
from app.kit.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from app.kit.i18n import N_
from app.kit.text import PRINTABLE, STRIPPED
from app.marketplace import service as market
from app.marketplace.rules import RefusalReason
from app.needs import service_ladder as ladder
from app.needs.commands import Leave, Take
from app.needs.rules import Reason, Step
from app.notices.kinds import KINDS, Act
from app.notices.models import AnswerLink, Notice
from app.notices.questions import Asked, Line, asked

GOOD_FOR = timedelta(days=14)
"""As long as a letter is news, to the end of the day. An offer's link lapses with the offer."""
KEPT = timedelta(days=90)
"""A used link says so for this long; then it is unknown."""


class LinkUnknown(NotFound):
    title = N_("Lenken er ikke kjent. Se om hele adressen kom med, eller logg inn.")


class LinkUsed(Gone):
    title = N_("Lenken er brukt: svaret ditt ble tatt imot første gang.")


class LinkExpired(Gone):
    title = N_("Fristen for å svare herfra er ute. Logg inn for å se hvordan saken står.")


class LinkAnswered(Conflict):
    title = N_("Dette er alt besvart. Logg inn for å se hvordan saken står.")


class LinkOutdated(Conflict):
    title = N_("Saken er endret siden brevet ble sendt. Logg inn for å se den som den er nå.")


class LinkNotYours(Forbidden):
    title = N_("Du kan ikke lenger svare på dette. Rollen din eller adressen din er endret.")


class Answer(BaseModel):
    """``reason`` and ``text`` are what a purchase is decided with; ``text`` is also a note.

    ``refusal`` is why a giver says no, ``text`` why a leader does.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    is_yes: bool
    text: Annotated[str, STRIPPED, Field(max_length=2000), PRINTABLE] | None = None
    reason: Reason | None = None
    refusal: RefusalReason | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that can be used now, or was: then there is no question."""

    link: AnswerLink
    actor: Actor
    question: Asked


@dataclass(frozen=True, slots=True)
class Minted:
    """A link's token, and what it asks about as it is now."""

    token: str
    lines: Sequence[Line]


def mint(session: Session, notice: Notice) -> Minted | None:
    """A new token for the letter that asks; nothing when there is nothing this person can answer.

    Each letter that is tried again has a token of its own: whichever arrived answers, and the first
    answer makes the question another one.
    """
    act, org_id, person_id = KINDS[notice.kind].act, notice.org_id, notice.person_id
    actor = actor_of(session, org_id, person_id) if act is not None else None
    if act is None or actor is None:
        return None
    question = asked(session, actor, act, notice.subject_id)
    if question is None or not question.lines:
        return None
    clock = clock_of(session)
    now, latest = clock.now(), end_of(clock.today() + GOOD_FOR)
    token = secrets.token_urlsafe(32)
    session.add(
        AnswerLink(
            org_id=org_id,
            person_id=person_id,
            token_hash=hashed(token),
            act=act,
            subject_id=notice.subject_id,
            asked=_bound(session, person_id, question),
            created_at=now,
            expires_at=min(question.last_moment or latest, latest),
        )
    )
    return Minted(token, question.lines)


def opened(session: Session, token: str) -> Opened:
    """What the link asks. Changes nothing; raises what stands in the way of an answer."""
    link = session.scalar(select(AnswerLink).where(AnswerLink.token_hash == hashed(token)))
    if link is None:
        raise LinkUnknown
    return _usable(session, link)


def answer(session: Session, token: str, command: Answer) -> AnswerLink:
    """Answers once, as the person whose link it is. Raises as ``opened`` does."""
    link = session.scalar(
        select(AnswerLink)
        .where(AnswerLink.token_hash == hashed(token))
        .with_for_update(of=AnswerLink)
    )
    if link is None:
        raise LinkUnknown
    found = _usable(session, link)
    spent = session.execute(
        update(AnswerLink)
        .where(AnswerLink.id == link.id, AnswerLink.spent_at.is_(None))
        .values(spent_at=clock_of(session).now(), is_yes=command.is_yes)
    )
    if not changed_rows(spent):
        raise LinkUsed
    _ANSWERS[link.act](session, found.actor, found.question, command)
    return link


def _usable(session: Session, link: AnswerLink) -> Opened:
    if link.spent_at is not None:
        raise LinkUsed
    if link.expires_at <= clock_of(session).now():
        raise LinkExpired
    actor = actor_of(session, link.org_id, link.person_id)
    question = asked(session, actor, link.act, link.subject_id) if actor is not None else None
    if actor is None or question is None:
        raise LinkNotYours
    if not question.lines:
        raise LinkAnswered
    if _bound(session, link.person_id, question) != link.asked:
        raise LinkOutdated
    return Opened(link, actor, question)


def _bound(session: Session, person_id: UUID, question: Asked) -> str:
    """The question and the address it goes to: a letter in an old mailbox answers nothing."""
    email = session.scalars(select(Person.email).where(Person.id == person_id)).one()
    return hashed(f"{question.mark} {email}")


def _request(session: Session, actor: Actor, question: Asked, command: Answer) -> None:
    if command.is_yes:
        market.approve(
            session,
            actor,
            [
                market.Approve(
                    request_line_id=each.id,
                    quantity=each.count,
                    note=command.text,
                )
                for each in question.lines
            ],
        )
        return
    if command.refusal is None:
        raise Invalid(by_field={"refusal": N_("Velg hvorfor.")})
    if command.refusal is RefusalReason.OTHER and not command.text:
        raise Invalid(by_field={"text": N_("Skriv hvorfor.")})
    market.decline(
        session,
        actor,
        [
            market.Decline(request_line_id=each.id, reason=command.refusal, note=command.text)
            for each in question.lines
        ],
    )


def _leader(session: Session, actor: Actor, question: Asked, command: Answer) -> None:
    assert question.approval_id is not None  # there are no lines without it, and no answer then
    if command.is_yes:
        yes = market.ApproveAsLeader(approval_id=question.approval_id, note=command.text)
        market.approve_as_leader(session, actor, [yes])
        return
    if not command.text:
        raise Invalid(by_field={"text": N_("Skriv hvorfor ikke.")})
    no = market.RefuseAsLeader(approval_id=question.approval_id, reason=command.text)
    market.refuse_as_leader(session, actor, [no])


def _offer(session: Session, actor: Actor, question: Asked, command: Answer) -> None:
    named = [{"request_line_id": each.id, "quantity": each.count} for each in question.lines]
    if command.is_yes:
        market.accept_offer(
            session, actor, [market.AcceptOffer.model_validate(each) for each in named]
        )
    else:
        market.decline_offer(
            session, actor, [market.DeclineOffer.model_validate(each) for each in named]
        )


def _purchase(session: Session, actor: Actor, question: Asked, command: Answer) -> None:
    if command.is_yes:
        if not command.text:
            raise Invalid(by_field={"text": N_("Skriv hva som skal kjøpes, og hvor.")})
        ladder.take(
            session,
            actor,
            [
                Take(
                    need_line_id=each.id,
                    step=Step.NEW,
                    quantity=each.count,
                    reason_text=command.text,
                )
                for each in question.lines
            ],
        )
        return
    if command.reason is None:
        raise Invalid(by_field={"reason": N_("Velg hvorfor.")})
    if command.reason is Reason.OTHER and not command.text:
        raise Invalid(by_field={"text": N_("Skriv hvorfor.")})
    ladder.leave(
        session,
        actor,
        [
            Leave(
                need_line_id=each.id,
                step=Step.NEW,
                reason=command.reason,
                reason_text=command.text or None,
            )
            for each in question.lines
        ],
    )


_ANSWERS: Mapping[Act, Callable[[Session, Actor, Asked, Answer], None]] = {
    Act.ANSWER_REQUEST: _request,
    Act.ANSWER_AS_LEADER: _leader,
    Act.ANSWER_OFFER: _offer,
    Act.DECIDE_PURCHASE: _purchase,
}


def is_answered(session: Session, token: str) -> AnswerLink | None:
    """The link, if it was used: who comes back to it sees what was answered."""
    link = session.scalar(select(AnswerLink).where(AnswerLink.token_hash == hashed(token)))
    return link if link is not None and link.spent_at is not None else None


def forget_links(session: Session) -> int:
    """Removes links that can not be used any more."""
    before = clock_of(session).now() - KEPT
    return changed_rows(session.execute(delete(AnswerLink).where(AnswerLink.expires_at < before)))
