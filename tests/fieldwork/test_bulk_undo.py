"""What was done to many pieces is taken back where nobody has changed it since."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Select, event, select
from sqlalchemy.orm import ORMExecuteState, Session

from app.accounts.rules import Role
from app.items import service as items
from app.items.models import Code, Item
from app.items.queries_history import history_of
from app.items.rules import Condition, Fate, ItemState
from app.kit.clock import MovedClock
from app.kit.states import advance
from app.marketplace.models import Listing
from app.projects import service as projects
from app.projects.models import Release
from app.projects.rules import ReleaseVerb
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.people import ActorOf, Organised, SignedInAs
from tests.projects.rows import a_project


@pytest.fixture
def web(signed_in_as: SignedInAs) -> TestClient:
    client = signed_in_as()
    client.headers["Sec-Fetch-Site"] = "same-origin"
    return client


@pytest.fixture
def pieces(database: RolledBackDatabase, org: Organised) -> dict[str, UUID]:
    """Four pieces of condition B by their codes; each is a lot of its own."""
    with database.write() as session:
        for _ in range(4):
            some_items(session, org, condition=Condition.B, is_free=True)
        session.flush()
        rows = session.execute(select(Code.code, Code.item_id).order_by(Code.item_id))
        return {row.code: row.item_id for row in rows if row.item_id}


def done(web: TestClient, verb: str, pieces: dict[str, UUID], **more: Any) -> str:
    """The id of the action; everything could be done."""
    answer = web.post(f"/api/v1/bulk/{verb}", json={"codes": list(pieces), **more})
    assert answer.status_code == 200, answer.text
    assert all(line["is_done"] for line in answer.json()["lines"])
    return str(answer.json()["id"])


def undone(web: TestClient, action: str) -> dict[str, str | None]:
    """Code → why it stayed, or nothing when it was taken back."""
    answer = web.post(f"/api/v1/bulk-actions/{action}/undo")
    assert answer.status_code == 200, answer.text
    assert answer.json()["undone_at"]
    lines = answer.json()["lines"]
    assert all(line["is_undone"] is (line["reason"] is None) for line in lines)
    return {line["text"]: line["reason"] for line in lines}


def conditions(database: RolledBackDatabase, pieces: dict[str, UUID]) -> list[str]:
    with database.read() as session:
        found = session.execute(select(Item.id, Item.condition))
        by_id = {row.id: row.condition.value for row in found}
        return [by_id[each] for each in pieces.values()]


def test_conditions_go_back_but_for_those_that_somebody_changed_since(
    web: TestClient,
    database: RolledBackDatabase,
    actor: ActorOf,
    pieces: dict[str, UUID],
    clock: MovedClock,
) -> None:
    first, second, third, fourth = pieces.values()

    def change(item_id: UUID, condition: Condition) -> None:
        clock.move(timedelta(minutes=1))
        with database.write() as session:
            version = session.scalars(select(Item.version).where(Item.id == item_id)).one()
            edit = items.Edit(item_id=item_id, version=version, condition=condition)
            items.edit(session, actor(), [edit])

    change(fourth, Condition.C)
    clock.move(timedelta(minutes=1))
    action = done(web, "condition", pieces, condition="C")
    change(second, Condition.D)
    change(third, Condition.A)
    change(third, Condition.C)
    with database.write() as session:
        version = session.scalars(select(Item.version).where(Item.id == first)).one()
        items.edit(session, actor(), [items.Edit(item_id=first, version=version, name="Ny")])
    said = undone(web, action)
    assert list(said.values()) == [
        None,
        "Endret av noen etterpå, og står som det er",
        "Endret av noen etterpå, og står som det er",
        "Var slik fra før, så det er ingenting å angre",
    ]
    assert conditions(database, pieces) == ["B", "D", "C", "C"]
    with database.read() as session:
        kept = history_of(session, actor(), first)
        changed = [c for each in kept for c in each.changes if c.field == "condition"]
        assert len(changed) == 2, "both ways stand in the history"


def test_the_page_undoes_with_one_button_and_says_what_became_of_each(
    web: TestClient, database: RolledBackDatabase, pieces: dict[str, UUID]
) -> None:
    form = {"codes": "\n".join(pieces), "condition": "D", "key": uuid4().hex}
    page = web.post("/samlet/tilstand", data=form).headers["location"]
    with database.write() as session:
        gone = session.get_one(Item, next(iter(pieces.values())))
        gone.state = ItemState.DISPOSED
    assert "Angre dette" in web.get(page).text
    key = {"key": uuid4().hex}
    for _ in range(2):
        assert web.post(f"{page}/angre", data=key).status_code == 303
    text = web.get(page).text
    assert "3 møbler er som før." in text
    assert "1 møbel ble ikke angret" in text
    assert "Møbelet er ikke i en tilstand der dette kan gjøres." in text
    assert "Angre dette" not in text
    assert conditions(database, pieces) == ["D", "B", "B", "B"]
    again = web.post(f"{page}/angre", data={"key": uuid4().hex})
    assert again.status_code == 409


def test_offered_pieces_come_off_the_market_where_nobody_has_asked_for_them(
    web: TestClient,
    database: RolledBackDatabase,
    org: Organised,
    pieces: dict[str, UUID],
    signed_in_as: SignedInAs,
) -> None:
    action = done(web, "offer", pieces)
    with database.read() as session:
        listings = list(session.scalars(select(Listing.id).order_by(Listing.id)))
    assert len(listings) == 4
    employee = signed_in_as(Role.EMPLOYEE)
    order = {"unit_id": str(org.unit_id), "lines": [{"listing_id": str(listings[0]), "wanted": 1}]}
    asked = employee.post("/api/v1/requests", json=[order])
    assert asked.status_code == 201, asked.text
    off = web.post("/api/v1/listings/withdraw", json=[{"listing_id": str(listings[1])}])
    assert off.status_code == 200, off.text
    said = list(undone(web, action).values())
    assert sorted(map(str, said)) == [
        "Annonsen er trukket tilbake eller avsluttet.",
        "Noen har bestilt fra annonsen. Trekk den selv hvis den likevel skal bort",
        "None",
        "None",
    ]
    with database.read() as session:
        states = sorted(session.scalars(select(Listing.state)))
    assert states == ["open", "withdrawn", "withdrawn", "withdrawn"]


@pytest.fixture
def project_id(database: RolledBackDatabase, org: Organised, actor: ActorOf) -> UUID:
    with database.write() as session:
        return a_project(session, actor(), org).id


def test_pieces_come_off_the_project_but_for_those_that_have_another_plan(
    web: TestClient,
    database: RolledBackDatabase,
    actor: ActorOf,
    pieces: dict[str, UUID],
    project_id: UUID,
) -> None:
    action = done(web, "project", pieces, project_id=str(project_id), free_from="2026-04-01")
    with database.write() as session:
        rows = list(session.scalars(select(Release).order_by(Release.item_id)))
        edit = projects.EditRelease(release_id=rows[0].id, version=1, fate=Fate.PARTS)
        projects.edit_release(session, actor(), [edit])
        advance(session, [rows[1]], ReleaseVerb.ALLOCATE)
        off = projects.CancelRelease(release_id=rows[2].id)
        projects.cancel_release(session, actor(), [off])
        advance(session, [rows[3]], ReleaseVerb.FREE)
    said = undone(web, action)
    assert [said[code] for code in sorted(pieces, key=lambda each: pieces[each])] == [
        "Endret av noen etterpå, og står som det er",
        "Er alt tildelt i prosjektet",
        "Endret av noen etterpå, og står som det er",
        None,
    ]
    with database.read() as session:
        kinds = [each.kind for each in history_of(session, actor(), rows[3].item_id)]
        assert kinds.count("item-release-planned") == kinds.count("item-release-cancelled") == 1


def test_who_may_not_do_it_may_not_undo_it_and_nobody_undoes_another_organisation_s(
    web: TestClient, signed_in_as: SignedInAs, foreign_org: Organised, pieces: dict[str, UUID]
) -> None:
    action = done(web, "condition", pieces, condition="A")
    path = f"/api/v1/bulk-actions/{action}"
    assert signed_in_as(Role.EMPLOYEE).post(f"{path}/undo").status_code == 403
    foreign = signed_in_as(where=foreign_org)
    assert foreign.get(path).status_code == 404
    assert foreign.post(f"{path}/undo").status_code == 404
    first = web.post(f"{path}/undo", headers={"Idempotency-Key": "u"})
    assert first.status_code == 200, "the refused ones claimed nothing"
    repeated = web.post(f"{path}/undo", headers={"Idempotency-Key": "u"})
    assert repeated.json() == first.json()
    assert web.post(f"{path}/undo").status_code == 409


@pytest.fixture
def asked() -> Iterator[list[tuple[str, bool]]]:
    """The first table of each query, and whether it locks its rows."""
    found: list[tuple[str, bool]] = []

    def note(state: ORMExecuteState) -> None:
        if isinstance(state.statement, Select):
            table = state.statement.get_final_froms()[0]
            is_locking = state.statement._for_update_arg is not None
            found.append((getattr(table, "name", ""), is_locking))

    event.listen(Session, "do_orm_execute", note)
    yield found
    event.remove(Session, "do_orm_execute", note)


def test_undoing_locks_before_it_looks(
    web: TestClient,
    database: RolledBackDatabase,
    org: Organised,
    actor: ActorOf,
    pieces: dict[str, UUID],
    asked: list[tuple[str, bool]],
) -> None:
    with database.write() as session:
        project_id = str(a_project(session, actor(), org).id)
    offered = done(web, "offer", pieces)
    released = done(web, "project", pieces, project_id=project_id, free_from="2026-04-01")

    for action, tables in (
        (offered, ["listing", "reservation"]),
        (released, ["project", "release"]),
    ):
        asked.clear()
        assert set(undone(web, action).values()) == {None}
        first = [next(each for each in asked if each[0] == table) for table in tables]
        assert first[0] == (tables[0], True)
        assert asked.index(first[0]) < asked.index(first[1])
        assert tables[1] == "reservation" or first[1][1], "what is compared is locked"
