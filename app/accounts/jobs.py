"""Work after the answer: a login session lives for as long as somebody uses it."""

from uuid import UUID

from sqlalchemy import false, select

from app.accounts.actor import TOUCH_SESSION
from app.accounts.models import LoginSession
from app.accounts.sign_in import touch_session
from app.kit.jobs import Job, Parts


def touch(parts: Parts, session_id: UUID) -> None:
    with parts.db.write() as session:
        touch_session(session, session_id)


# A lost call needs no sweep: the next request asks again.
TOUCH = Job(TOUCH_SESSION, lambda _now: select(LoginSession.id).where(false()), touch)
