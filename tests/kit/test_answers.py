"""An answered request has one effect, whatever its call sends before anything is heard back."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Unit
from app.items.models import IdentifierKind, ItemIdentifier
from app.kit.answers import answered
from app.kit.bulk import insert_rows
from app.kit.chance import new_id
from app.kit.db import Database
from app.kit.errors import Conflict, Forbidden
from app.kit.events import EventRow, publish
from app.kit.once import KeyUsedForAnother
from app.kit.prepared import send_waiting
from tests.factories import an_item
from tests.kit.test_waiting import SomethingSaid
from tests.people import Organised, organised

IDENTIFIERS = ItemIdentifier.metadata.tables["item_identifier"]


class Say(BaseModel):
    text: str = "a"


@dataclass
class Case:
    database: Database
    org: Organised
    item_id: UUID

    @property
    def org_id(self) -> UUID:
        return self.org.org_id

    @property
    def caller_id(self) -> UUID:
        return self.org.org_id

    def say(self, call: Callable[[Session], Any], text: str = "a") -> bytes:
        return bytes(answered(self.database, self, "k", [Say(text=text)], call).body)

    def write(self, session: Session) -> list[str]:
        """A row whose key a second one of the same would break; nothing is asked."""
        row = {"id": new_id(), "item_id": self.item_id, "kind": IdentifierKind.OTHER, "value": "x"}
        insert_rows(session, IDENTIFIERS, [row], shared={"org_id": self.org_id})
        return [str(row["id"])]

    def tell(self, session: Session) -> list[str]:
        event = SomethingSaid(
            org_id=self.org_id, subject_id=self.org_id, person_id=None, text=str(new_id())
        )
        publish(session, [event])
        return [event.text]

    def ask(self, session: Session) -> list[str]:
        """Refuses what has been done already, as most verbs do."""
        if session.scalar(select(func.count()).select_from(ItemIdentifier)):
            raise Conflict
        return self.write(session)

    def ask_the_driver(self, session: Session) -> list[str]:
        session.scalars(select(Unit.id).where(Unit.org_id == self.org_id)).all()
        return self.tell(session)

    def part(self, session: Session) -> list[str]:
        with session.begin_nested():
            self.write(session)
        return self.tell(session)

    def nothing(self, _session: Session) -> list[str]:
        return [str(new_id())]


CALLS = ("write", "tell", "ask", "ask_the_driver", "part", "nothing")


@pytest.fixture
def case(new_database: Callable[[], Database]) -> Case:
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
        return Case(database, org, an_item(session, org).id)


def _counted(case: Case) -> tuple[int, int]:
    with case.database.read() as session:
        tables = (ItemIdentifier, EventRow)
        rows, events = (
            session.scalar(select(func.count()).select_from(each)) or 0 for each in tables
        )
        return rows, events


@pytest.mark.parametrize("call", CALLS)
def test_a_repeat_gets_the_first_answer_and_stores_nothing(case: Case, call: str) -> None:
    first = case.say(getattr(case, call))
    stored = _counted(case)

    assert case.say(getattr(case, call)) == first
    assert case.say(getattr(case, call)) == first
    assert _counted(case) == stored


@pytest.mark.parametrize("call", CALLS)
def test_another_body_is_told_the_first_answer_and_stores_nothing(case: Case, call: str) -> None:
    first = case.say(getattr(case, call))
    stored = _counted(case)

    with pytest.raises(KeyUsedForAnother) as refused:
        case.say(getattr(case, call), "b")
    assert json.dumps(refused.value.members["answer"], separators=(",", ":")).encode() == first
    assert _counted(case) == stored


@pytest.mark.parametrize("call", CALLS)
def test_of_repeats_at_the_same_moment_one_is_done(case: Case, call: str) -> None:
    answers: list[bytes] = []
    begin = threading.Barrier(6)

    def send() -> None:
        begin.wait()
        answers.append(case.say(getattr(case, call)))

    before = _counted(case)
    threads = [threading.Thread(target=send) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len(answers) == 6
    assert len(set(answers)) == 1
    grown = [now - then for now, then in zip(_counted(case), before, strict=True)]
    assert max(grown) <= 1


@pytest.mark.parametrize("before", ["nothing", "write"])
def test_a_repeat_is_told_the_first_answer_even_if_it_would_be_refused_now(
    case: Case, before: str
) -> None:
    first = case.say(case.write)
    stored = _counted(case)

    def refuse(session: Session) -> None:
        getattr(case, before)(session)
        raise Forbidden

    assert case.say(refuse) == first
    assert _counted(case) == stored


def test_what_the_call_refuses_leaves_the_key_free(case: Case) -> None:
    def refuse(session: Session) -> None:
        case.write(session)
        send_waiting(session)
        raise Conflict

    with pytest.raises(Conflict):
        case.say(refuse)
    assert _counted(case)[0] == 0
    assert case.say(case.write)
    assert _counted(case)[0] == 1
