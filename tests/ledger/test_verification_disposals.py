"""``verify`` names a signed disposal that was changed, added or removed behind its event."""

from uuid import UUID

import pytest
from sqlalchemy import select

from app.accounts.rules import Role
from app.disposals import service
from app.disposals.models import Disposal
from app.disposals.rules import Fate, Reason
from app.kit.clock import Clock
from app.kit.db import Database
from tests.factories import some_items
from tests.ledger import test_verification
from tests.ledger.test_verification import stored, tampered, verified
from tests.marketplace.stalls import acting
from tests.marketplace.test_races import MakeDatabase
from tests.people import Organised, organised

Signed = tuple[Database, Organised, UUID]


@pytest.fixture
def signed(new_database: MakeDatabase, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Signed:
    """A signed decision for two chairs, and one that nobody has signed; the id of the first."""
    tables = ("event", "disposal", "disposal_piece", "disposal_fraction")
    monkeypatch.setattr(test_verification, "APPEND_ONLY", tables)
    database = new_database()
    with database.write() as session:
        org = organised(session, clock)
        manager = acting(session, org, Role.FURNITURE_MANAGER)
        items = some_items(session, org, 3, mass_g=12_500)
        asked = {
            "fate": Fate.RECYCLE,
            "reason": Reason.WORN_OUT,
            "not_offered_why": "For slitt til å tilbys.",
            "receiver": "Ragn-Sells",
        }
        both = service.Propose.model_validate(
            {**asked, "item_ids": [each.id for each in items[:2]]}
        )
        disposal = service.propose(session, manager, both)
        service.decide(session, manager, service.Decide(disposal_id=disposal.id))
        one = service.Propose.model_validate({**asked, "item_ids": [items[2].id]})
        service.propose(session, manager, one)
    with database.read() as session:
        first = session.scalars(select(Disposal.id).where(Disposal.number == 1)).one()
    return database, org, first


def test_what_was_signed_holds_also_when_it_is_withdrawn(signed: Signed) -> None:
    database, org, first = signed
    assert verified(database, org).ok
    with database.write() as session:
        manager = acting(session, org, Role.FURNITURE_MANAGER)
        service.withdraw(session, manager, service.Withdraw(disposal_id=first, why="Feil hylle"))
    assert verified(database, org).difference is None


@pytest.mark.parametrize(
    "change",
    [
        "disposal SET reason = 'unsafe' WHERE id = :id",
        "disposal SET receiver = 'En annen' WHERE id = :id",
        "disposal SET not_offered_why = NULL WHERE id = :id",
        "disposal SET number = 9 WHERE id = :id",
        "disposal SET decided_by_id = NULL WHERE id = :id",
        "disposal SET decided_at = '2020-01-01 00:00:00{zone}' WHERE id = :id",
        "disposal_piece SET condition = 'A' WHERE disposal_id = :id",
        "disposal_piece SET mass_g = 1 WHERE disposal_id = :id",
        "disposal_piece SET offers = CAST('[1]' AS {json}) WHERE disposal_id = :id",
        "disposal_fraction SET mass_g = mass_g + 1 WHERE disposal_id = :id",
        "disposal_fraction SET ns_code = '9999' WHERE disposal_id = :id",
    ],
)
def test_what_was_changed_after_it_was_signed_is_named(signed: Signed, change: str) -> None:
    database, org, first = signed
    text = change.format(
        json="text" if database.is_sqlite else "json", zone="" if database.is_sqlite else "+00"
    )
    tampered(database, f"UPDATE {text}", id=stored(database, first))
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.table, difference.row_id) == ("disposal", str(first))
    assert difference.reason == "not as it was decided"


def test_a_signature_without_its_event_is_named(signed: Signed) -> None:
    database, org, first = signed
    tampered(
        database,
        "UPDATE disposal SET decided_at = created_at WHERE id <> :id",
        id=stored(database, first),
    )
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.table, difference.reason) == ("disposal", "no event stands behind it")


def test_a_signed_decision_that_is_gone_is_named(signed: Signed) -> None:
    database, org, first = signed
    for table in ("disposal_fraction", "disposal_piece"):
        tampered(
            database, f"DELETE FROM {table} WHERE disposal_id = :id", id=stored(database, first)
        )
    tampered(database, "DELETE FROM disposal WHERE id = :id", id=stored(database, first))
    difference = verified(database, org).difference
    assert difference is not None
    assert (difference.table, difference.reason) == (
        "event",
        "the decision it tells of is gone",
    )
    assert difference.seq is not None
