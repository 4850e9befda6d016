"""Sending: the claim, the letter outside every transaction, the mark."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog
from jinja2 import Environment
from sqlalchemy.orm import Session

from app.kit.i18n import gettext, locale, money_exact, speaking
from app.kit.jobs import Job, Parts
from app.kit.mail import Letter, LetterInvalid, MailNotTaken
from app.notices import service, service_buyers, service_digest, service_letters
from app.notices.kinds import GROUPS, KINDS, Group
from app.notices.models import Notice
from app.notices.service import Claimed
from app.notices.service_buyers import ClaimedBuyerLetter
from app.notices.service_digest import ClaimedDigest
from app.notices.service_letters import ClaimedLetter

log = structlog.get_logger()

TEXTS = ("subject.txt", "body.txt", "body.html")
ANSWER_PATH = "/svar"
BUYER_PATH = "/ombruk/lenke"
MOST_SAID = 50
"""Lines under one heading of a digest; the rest is a number and a link."""


def letter_of(claimed: Claimed, templates: Environment, public_url: str) -> Letter:
    """The letter in the reader's language; its texts are the files of ``templates/email/<kind>``.

    Slots: ``name``, ``home`` (the installation's address), ``subject_id``, ``answer`` (where it is
    answered without signing in, or nothing), ``lines`` (what it asks about) and the notice's values.
    """
    slots = {
        **claimed.values,
        "name": claimed.name,
        "home": public_url,
        "subject_id": claimed.subject_id,
        "answer": _answered_at(public_url, claimed.token),
        "lines": claimed.lines,
    }
    with speaking(claimed.language):
        texts = _texts(templates, claimed.kind, slots)
    calendar = claimed.values.get("calendar")
    return _letter(claimed.email, texts, claimed.notice_id, public_url, calendar=calendar)


def digest_of(claimed: ClaimedDigest, templates: Environment, public_url: str) -> Letter:
    """One letter with all of them, under the headings of ``GROUPS``."""
    with speaking(claimed.language):
        slots = {
            "name": claimed.name,
            "home": public_url,
            "count": len(claimed.notices),
            "groups": [
                {
                    "title": gettext(title),
                    "rows": [
                        _said(each, claimed, templates, public_url) for each in same[:MOST_SAID]
                    ],
                    "more": max(0, len(same) - MOST_SAID),
                }
                for group, title in GROUPS.items()
                if (same := _in(group, claimed.notices))
            ],
        }
        texts = _texts(templates, "digest", slots)
    return _letter(claimed.email, texts, claimed.digest_id, public_url)


def _answered_at(public_url: str, token: str | None) -> str | None:
    """The token stands behind the path: paths of faults are logged, what follows them is not."""
    return f"{public_url}{ANSWER_PATH}?lenke={token}" if token else None


def _in(group: Group, notices: Sequence[Notice]) -> list[Notice]:
    return [each for each in notices if KINDS[each.kind].group is group]


def subject_of(notice: Notice, templates: Environment) -> str:
    """What a notice says in one line, in the language that is spoken now."""
    slots = {
        **notice.values,
        "name": "",
        "home": "",
        "subject_id": notice.subject_id,
        "answer": None,
    }
    said = templates.get_template(f"email/{notice.kind}/subject.txt").render(slots)
    return " ".join(said.split())


def _said(
    notice: Notice, claimed: ClaimedDigest, templates: Environment, public_url: str
) -> Mapping[str, str]:
    path = KINDS[notice.kind].leads_to(notice.subject_id)
    answer = _answered_at(public_url, claimed.tokens.get(notice.id))
    return {"text": subject_of(notice, templates), "href": answer or f"{public_url}{path}"}


def _texts(templates: Environment, name: str, slots: Mapping[str, Any]) -> list[str]:
    own = {**slots, "locale": locale()}
    return [templates.get_template(f"email/{name}/{each}").render(own) for each in TEXTS]


def _letter(
    email: str,
    texts: Sequence[str],
    row_id: UUID,
    public_url: str,
    *,
    calendar: str | None = None,
) -> Letter:
    subject, text, html = texts
    host = public_url.partition("://")[2].partition(":")[0]
    return Letter(
        to=email,
        subject=" ".join(subject.split()),  # one line, whatever a name holds
        text=text,
        html=html,
        message_id=f"<{row_id}@{host}>",
        calendar=calendar,
    )


def send(parts: Parts, notice_id: UUID) -> None:
    """Delivers one notice at least once; a repeat has the same Message-ID."""
    with parts.db.write() as session:
        claimed = service.claim(session, notice_id)
    if claimed is not None:
        letter = letter_of(claimed, parts.templates, parts.public_url)
        _deliver(parts, letter, notice_id, service.mark_sent, service.mark_failed)


def buyer_letter_of(claimed: ClaimedBuyerLetter, templates: Environment, public_url: str) -> Letter:
    """A letter to somebody without an account; the first says nothing that a stranger wrote.

    Else anybody could have us send their words to any address.
    """
    with speaking(claimed.language):
        slots = {
            **claimed.values,
            "total": money_exact(claimed.total_ore, claimed.currency)
            if claimed.total_ore
            else None,
            "home": public_url,
            "link": f"{public_url}{BUYER_PATH}?lenke={claimed.token}",
        }
        texts = _texts(templates, claimed.kind, slots)
    return _letter(claimed.email, texts, claimed.letter_id, public_url)


def send_to_buyer(parts: Parts, letter_id: UUID) -> None:
    """As ``send``, for who asked on the public page."""
    with parts.db.write() as session:
        claimed = service_buyers.claim(session, letter_id)
    if claimed is not None:
        letter = buyer_letter_of(claimed, parts.templates, parts.public_url)
        _deliver(parts, letter, letter_id, service_buyers.mark_sent, service_buyers.mark_failed)


def send_digest(parts: Parts, digest_id: UUID) -> None:
    """As ``send``, for a person's letter of the day."""
    with parts.db.write() as session:
        claimed = service_digest.claim(session, digest_id)
    if claimed is not None:
        letter = digest_of(claimed, parts.templates, parts.public_url)
        _deliver(parts, letter, digest_id, service_digest.mark_sent, service_digest.mark_failed)


def _deliver(
    parts: Parts,
    letter: Letter,
    row_id: UUID,
    mark_sent: Callable[[Session, UUID], None],
    mark_failed: Callable[..., None],
) -> None:
    try:
        parts.mail.deliver(letter)
    except (LetterInvalid, MailNotTaken) as fault:
        is_final = isinstance(fault, LetterInvalid) or fault.is_final
        reason = str(fault) or "a header of several lines"
        with parts.db.write() as session:
            mark_failed(session, row_id, reason, is_final=is_final)
        log.warning("mail_not_sent", notice=str(row_id), is_final=is_final)
        return
    with parts.db.write() as session:
        mark_sent(session, row_id)


def outside_letter_of(claimed: ClaimedLetter, templates: Environment, public_url: str) -> Letter:
    """As ``letter_of``, to an address without an account."""
    with speaking(claimed.language):
        texts = _texts(templates, claimed.kind, dict(claimed.values))
    return _letter(claimed.email, texts, claimed.letter_id, public_url)


def send_outside(parts: Parts, letter_id: UUID) -> None:
    """As ``send``, to an address without an account."""
    with parts.db.write() as session:
        claimed = service_letters.claim(session, letter_id)
    if claimed is not None:
        letter = outside_letter_of(claimed, parts.templates, parts.public_url)
        _deliver(parts, letter, letter_id, service_letters.mark_sent, service_letters.mark_failed)


def gather_digests(parts: Parts) -> None:
    """Writes the letters of the day, once a person and working day."""
    with parts.db.write() as session:
        count = service_digest.gather(session)
    if count:
        log.info("digests_gathered", digests=count)


SEND = Job(service.SEND, service.due, send, needs_mail=True)
SEND_OUTSIDE = Job(service_letters.SEND_OUTSIDE, service_letters.due, send_outside, needs_mail=True)
SEND_DIGEST = Job(service_digest.SEND_DIGEST, service_digest.due, send_digest, needs_mail=True)
SEND_TO_BUYER = Job(service_buyers.SEND, service_buyers.due, send_to_buyer, needs_mail=True)
