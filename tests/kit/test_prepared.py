"""Statements run on the driver's own cursor give what the session would."""

from uuid import uuid4

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.kit.kept import Kept
from app.kit.prepared import Prepared
from app.places.models import Place, PlaceKind
from tests.people import Organised

LABELS = select(Place.id, Place.parent_id, Place.label).order_by(Place.label, Place.id)


def test_a_row_that_comes_again_is_not_read_again(session: Session, org: Organised) -> None:
    kept = Prepared(LABELS, kept=Kept(100))
    first, again = (kept.rows(session, {}) for _ in range(2))
    assert [tuple(each) for each in first] == [tuple(each) for each in session.execute(LABELS)]
    assert all(one is other for one, other in zip(first, again, strict=True))
    assert org.room_id in {each.id for each in first}


def test_a_row_that_was_changed_is_never_shown_as_it_was(session: Session, org: Organised) -> None:
    kept = Prepared(LABELS, kept=Kept(2))
    for label in ("Rom 1", "Rom 2", "Rom 1"):
        session.get_one(Place, org.room_id).label = label
        rows = kept.rows(session, {})
        assert [tuple(each) for each in rows] == [tuple(each) for each in session.execute(LABELS)]
        assert {each.id: each.label for each in rows}[org.room_id] == label


def test_what_never_differs_stands_in_the_statement_and_what_was_typed_never_does(
    session: Session, org: Organised
) -> None:
    """A value can not be met by a partial index; and a statement that holds one is another's too."""
    room = session.get_one(Place, org.room_id)
    room.label = "Anne's 50 % :rom"
    of_kind = (
        select(Place.id, Place.label)
        .where(Place.kind == PlaceKind.ROOM, Place.label != "it's 100 % :x", Place.id != uuid4())
        .where(Place.label == bindparam("label"))
        .limit(3)
    )
    asked = Prepared(of_kind)
    assert [tuple(each) for each in asked.rows(session, {"label": room.label})] == [
        (room.id, room.label)
    ]
    assert asked.rows(session, {"label": "x' OR 1=1 --"}) == []
    compiled = asked.compiled(session.get_bind().dialect)
    assert "'room'" in compiled.sql
    assert room.label not in compiled.sql
