"""Cases to arrange with, by the program's own verbs."""

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.actor import Actor, actor_of
from app.accounts.rules import Role
from app.inbox import service
from app.inbox.commands import Ask, CloseCase, Receive
from app.inbox.models import Case
from app.inbox.rules import Channel, Kind, Outcome
from tests.people import Organised


def acting(session: Session, org: Organised, role: Role = Role.FURNITURE_MANAGER) -> Actor:
    found = actor_of(session, org.org_id, org.person_ids[role])
    assert found is not None
    return found


def a_case(session: Session, org: Organised, **changes: Any) -> Case:
    """Asked by an employee for the first unit."""
    fields = {"kind": Kind.MEND, "text": "Stolen er ødelagt", "unit_id": org.unit_id, **changes}
    command = Ask.model_validate(fields)
    return service.ask(session, acting(session, org, Role.EMPLOYEE), [command])[0]


def a_note(session: Session, org: Organised, **changes: Any) -> Case:
    """Written down by the furniture manager after a call."""
    fields = {
        "channel": Channel.PHONE,
        "kind": Kind.MOVE,
        "subject": "Skap skal flyttes",
        "text": "Ringte om et skap",
        "asker_name": "Olga Ny",
        **changes,
    }
    return service.receive(session, acting(session, org), [Receive.model_validate(fields)])[0]


def closed(session: Session, org: Organised, case: Case, **changes: Any) -> Case:
    command = CloseCase.model_validate({"case_id": case.id, "outcome": Outcome.MENDED, **changes})
    return service.close(session, acting(session, org), [command])[0]
