"""``verify`` names a decision on a need that was changed, added or removed behind its event."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from app.accounts.rules import Role
from app.kit.clock import Clock
from app.kit.db import Database
from app.needs import service, service_ladder
from app.needs.models import LadderStep
from app.needs.queries import lines_of
from app.needs.rules import Reason, Step
from tests.factories import CHAIR
from tests.ledger import test_verification
from tests.ledger.test_verification import stored, tampered, verified
from tests.marketplace.stalls import a_listing, acting
from tests.marketplace.test_races import MakeDatabase
from tests.people import Organised, organised


@pytest.fixture
def decided(
    new_database: MakeDatabase, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> tuple[Database, Organised, UUID]:
    """A need with one step refused and one written down; the id of the first decision."""
    monkeypatch.setattr(test_verification, "APPEND_ONLY", ("event", "ladder_step"))
    database = new_database()
    with database.write() as session:
        org = organised(session, clock)
        a_listing(session, org, 2, name="Grå stol")
        nurse = acting(session, org, Role.EMPLOYEE)
        lines = [service.NewNeedLine(category_id=CHAIR, quantity=2)]
        command = service.SubmitNeed(unit_id=org.unit_id, lines=lines)
        (need,) = service.submit(session, nurse, [command])
        line_id = session.scalars(lines_of(nurse, [need.id])).one().id
        for step in (Step.OWN_UNIT, Step.ORGANISATION):
            no = service.Leave(
                need_line_id=line_id, step=step, reason=Reason.OTHER, reason_text="For grå."
            )
            service_ladder.leave(session, nurse, [no])
    with database.read() as session:
        first = session.scalars(select(LadderStep.id).where(LadderStep.number == 1)).one()
    return database, org, first


Decided = tuple[Database, Organised, UUID]


def test_untouched_decisions_hold(decided: Decided) -> None:
    database, org, _ = decided
    found = verified(database, org)
    assert (found.ok, found.difference) == (True, None)


@pytest.mark.parametrize(
    "change",
    [
        "matches = CAST(replace(CAST(matches AS text), 'Grå', 'Blå') AS {json})",
        "matches = CAST('[]' AS {json})",
        "reason = 'size'",
        "reason_text = 'For liten.'",
        "outcome = 'none'",
        "step = 'organisation'",
        "number = 9",
        "decided_at = '2020-01-01 00:00:00{zone}'",
        "person_id = (SELECT id FROM person WHERE id <> ladder_step.person_id LIMIT 1)",
    ],
)
def test_a_changed_decision_is_named(decided: Decided, change: str) -> None:
    database, org, first = decided
    change = change.format(
        json="text" if database.is_sqlite else "json", zone="" if database.is_sqlite else "+00"
    )
    tampered(
        database, f"UPDATE ladder_step SET {change} WHERE id = :id", id=stored(database, first)
    )
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.table, difference.row_id) == ("ladder_step", str(first))


def test_a_decision_that_is_gone_is_named_by_its_event(decided: Decided) -> None:
    database, org, first = decided
    tampered(database, "DELETE FROM ladder_step WHERE id = :id", id=stored(database, first))
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.table, difference.reason) == ("event", "the decision it tells of is gone")
    assert difference.seq is not None


def test_a_decision_that_nobody_made_is_named(decided: Decided) -> None:
    database, org, first = decided
    stray = uuid4()
    columns = [each.name for each in LadderStep.__table__.columns if each.name != "id"]
    read = ", ".join("3" if each == "number" else each for each in columns)
    tampered(
        database,
        f"INSERT INTO ladder_step (id, {', '.join(columns)})"
        f" SELECT :stray, {read} FROM ladder_step WHERE id = :id",
        stray=stored(database, stray),
        id=stored(database, first),
    )
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.row_id, difference.reason) == (str(stray), "no event stands behind it")
