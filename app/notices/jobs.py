"""Sending: the claim, the letter outside every transaction, the mark."""

from uuid import UUID

import structlog
from jinja2 import Environment

from app.kit.i18n import speaking
from app.kit.jobs import Job, Parts
from app.kit.mail import Letter, LetterInvalid, MailNotTaken
from app.notices import service
from app.notices.service import Claimed

log = structlog.get_logger()


def letter_of(claimed: Claimed, templates: Environment, public_url: str) -> Letter:
    """The letter in the reader's language; its texts are the files of ``templates/email/<kind>``.

    Slots: ``name``, ``home`` (the installation's address), ``subject_id`` and the notice's values.
    """
    slots = {
        **claimed.values,
        "name": claimed.name,
        "home": public_url,
        "subject_id": claimed.subject_id,
    }
    with speaking(claimed.language):
        subject, text, html = (
            templates.get_template(f"email/{claimed.kind}/{each}").render(slots)
            for each in ("subject.txt", "body.txt", "body.html")
        )
    host = public_url.partition("://")[2].partition(":")[0]
    return Letter(
        to=claimed.email,
        subject=" ".join(subject.split()),  # one line, whatever a name holds
        text=text,
        html=html,
        message_id=f"<{claimed.notice_id}@{host}>",
        calendar=claimed.values.get("calendar"),
    )


def send(parts: Parts, notice_id: UUID) -> None:
    """Delivers one notice at least once; a repeat has the same Message-ID."""
    with parts.db.write() as session:
        claimed = service.claim(session, notice_id)
    if claimed is None:
        return
    try:
        parts.mail.deliver(letter_of(claimed, parts.templates, parts.public_url))
    except (LetterInvalid, MailNotTaken) as fault:
        is_final = isinstance(fault, LetterInvalid) or fault.is_final
        reason = str(fault) or "a header of several lines"
        with parts.db.write() as session:
            service.mark_failed(session, notice_id, reason, is_final=is_final)
        log.warning("mail_not_sent", notice=str(notice_id), is_final=is_final)
        return
    with parts.db.write() as session:
        service.mark_sent(session, notice_id)


SEND = Job(service.SEND, service.due, send, needs_mail=True)
