"""Letters to people without an account keep nobody's address for ever."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.chance import new_id
from app.kit.clock import MovedClock
from app.notices.models_letter import OutsideLetter
from app.notices.service_letters import forget_letters, mark_failed, mark_sent, write
from tests.people import Organised


def written(session: Session, org: Organised, name: str) -> UUID:
    values = {"name": name, "subject": "Stolen min", "organisation": "Prøve", "number": 7}
    write(
        session,
        org.org_id,
        "outside_case_received",
        new_id(),
        f"{name}@example.no",
        values,
        language="nb",
    )
    session.flush()
    query = select(OutsideLetter.id).where(OutsideLetter.email == f"{name}@example.no")
    return session.scalars(query).one()


def test_who_was_written_to_is_blanked_when_it_is_long_ago(
    session: Session, org: Organised, clock: MovedClock
) -> None:
    sent, refused, waiting = (written(session, org, each) for each in ("a", "b", "c"))
    mark_sent(session, sent)
    mark_failed(session, refused, "550 no such mailbox: b@example.no", is_final=True)
    clock.move(timedelta(days=89))
    assert forget_letters(session) == 0
    clock.move(timedelta(days=2))
    assert forget_letters(session) == 2
    assert forget_letters(session) == 0
    session.expire_all()
    rows = [session.get_one(OutsideLetter, each) for each in (sent, refused, waiting)]
    assert [(each.email, bool(each.values)) for each in rows] == [
        ("", False),
        ("", False),
        ("c@example.no", True),
    ]
    assert rows[1].last_error is None
    assert [each.sent_at is not None for each in rows] == [True, False, False]
