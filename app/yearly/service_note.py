"""Writes the comment of a year."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Stale
from app.kit.events import publish
from app.yearly.commands import WriteYearNote
from app.yearly.events import YearNoteWritten
from app.yearly.models import YearNote


def write_note(session: Session, actor: Actor, command: WriteYearNote) -> YearNote:
    """Raises ``Forbidden``, and ``Stale`` when somebody has written in the meantime."""
    actor.must_everywhere(Permission.EXPORT)
    own = select(YearNote).where(YearNote.org_id == actor.org_id, YearNote.year == command.year)
    note = session.scalar(own.with_for_update().execution_options(populate_existing=True))
    if (note.version if note else 0) != command.version:
        raise Stale
    now = clock_of(session).now()
    if note is None:
        note = YearNote(
            id=new_id(),
            org_id=actor.org_id,
            year=command.year,
            text=command.text,
            person_id=actor.person_id,
            changed_at=now,
        )
        try:
            with session.begin_nested():
                session.add(note)
                session.flush()  # meets the unique year: of two at once one sees the other's first
        except IntegrityError as error:
            raise Stale from error
    else:
        note.text, note.person_id, note.changed_at = command.text, actor.person_id, now
        flag_modified(note, "changed_at")  # a new version also within one moment
        session.flush()  # the answer names the version
    publish(session, [YearNoteWritten.of(note, actor.person_id, year=note.year)])
    return note
