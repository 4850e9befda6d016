"""Letters to people without an account: written with the step, claimed by one worker, then sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from app.kit.chance import new_id
from app.kit.db import after_commit, changed_rows, clock_of
from app.notices.models_letter import OutsideLetter
from app.notices.service import CLAIMED_FOR, KEPT_WAITING, TOO_OLD, is_due, set_back

SEND_OUTSIDE = "notices:send_outside"
KEPT_AFTER = timedelta(days=90)
"""Address, name and subject are blanked so long after the letter was sent or given up."""


@dataclass(frozen=True, slots=True)
class ClaimedLetter:
    """A letter that this worker alone may send now."""

    letter_id: UUID
    kind: str
    email: str
    language: str
    values: Mapping[str, Any]


def write(
    session: Session,
    org_id: UUID,
    kind: str,
    subject_id: UUID,
    email: str,
    values: Mapping[str, Any],
    *,
    language: str,
) -> None:
    """In the transaction of the step itself, so a step taken back writes to nobody."""
    now = clock_of(session).now()
    letter = OutsideLetter(
        id=new_id(),
        org_id=org_id,
        kind=kind,
        subject_id=subject_id,
        email=email,
        language=language,
        values=dict(values),
        created_at=now,
        next_try_at=now,
    )
    session.add(letter)
    after_commit(session, SEND_OUTSIDE, letter.id)


def due(now: datetime) -> Select[UUID]:
    return (
        select(OutsideLetter.id)
        .where(is_due(OutsideLetter, now))
        .order_by(OutsideLetter.next_try_at, OutsideLetter.id)
    )


def claim(session: Session, letter_id: UUID) -> ClaimedLetter | None:
    """As for a notice."""
    now = clock_of(session).now()
    taken = session.execute(
        update(OutsideLetter)
        .where(OutsideLetter.id == letter_id, is_due(OutsideLetter, now))
        .values(claimed_until=now + CLAIMED_FOR, attempts=OutsideLetter.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    if not changed_rows(taken):
        return None
    letter = session.get_one(OutsideLetter, letter_id, populate_existing=True)
    if letter.created_at < now - KEPT_WAITING:
        set_back(session, letter, TOO_OLD, is_final=True)
        return None
    return ClaimedLetter(letter.id, letter.kind, letter.email, letter.language, letter.values)


def mark_sent(session: Session, letter_id: UUID) -> None:
    """The server took it."""
    letter = session.get_one(OutsideLetter, letter_id)
    if letter.sent_at is None:
        letter.sent_at, letter.claimed_until = clock_of(session).now(), None
        letter.last_error = None


def mark_failed(session: Session, letter_id: UUID, reason: str, *, is_final: bool) -> None:
    """Sets the next try, or gives up."""
    set_back(session, session.get_one(OutsideLetter, letter_id), reason, is_final=is_final)


def forget_letters(session: Session) -> int:
    """Blanks to whom old letters went and what they said; that they were sent stands."""
    before = clock_of(session).now() - KEPT_AFTER
    blanked = (
        update(OutsideLetter)
        .where(or_(OutsideLetter.sent_at < before, OutsideLetter.gave_up_at < before))
        .where(OutsideLetter.email != "")
        # A server's refusal often repeats the address.
        .values({OutsideLetter.email: "", OutsideLetter.values: {}, OutsideLetter.last_error: None})
        .execution_options(synchronize_session=False)
    )
    return changed_rows(session.execute(blanked))
