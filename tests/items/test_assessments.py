"""Assessments: the newest day counts, and what it says of the surface is a filter everywhere."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.items.filters import InventoryFilter
from app.items.models import Assessment, Item
from app.items.queries_list import Sorting, ids_in
from app.items.rules import ItemState, Suitability, Suitable, Verdict
from app.items.service_assess import Assess, assess
from app.items.service_lifecycle import ItemNotThere
from app.kit.errors import Forbidden, Invalid, NotFound
from app.kit.events import EventRow
from tests.databases import RolledBackDatabase
from tests.factories import an_item, some_items
from tests.people import ActorOf, Organised, SignedInAs

HERE = {"Origin": "https://testserver"}


def newest(session: Session, item_id: UUID) -> Assessment:
    query = select(Assessment).where(Assessment.item_id == item_id, Assessment.is_newest)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def said(session: Session, who: Actor, item: Item, **fields: Any) -> Assessment:
    command = Assess.model_validate({"item_id": item.id, "verdict": Verdict.KEEP, **fields})
    return assess(session, who, [command])[0]


def test_the_newest_day_counts_whichever_was_written_last(
    database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    who, today = actor(), database.clock.today()
    with database.write() as session:
        item = an_item(session, org)
        said(session, who, item, verdict=Verdict.REPAIR, assessed_on=today - timedelta(days=3))
        said(session, who, item, verdict=Verdict.CLEAN, assessed_on=today)
        late = said(session, who, item, verdict=Verdict.PARTS, assessed_on=date(2020, 1, 2))
        assert not late.is_newest
        assert newest(session, item.id).verdict is Verdict.CLEAN
        said(session, who, item, verdict=Verdict.DISPOSE, assessed_on=today)
        assert newest(session, item.id).verdict is Verdict.DISPOSE  # of one day the last
        kinds = select(EventRow.kind).where(EventRow.subject_id == item.id)
        assert list(session.scalars(kinds)).count("item-assessed") == 4


def test_a_lot_is_assessed_at_once_but_for_what_has_left(
    database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        items = some_items(session, org, 3)
        items[2].state = ItemState.SOLD
        session.flush()
        command = Assess(item_id=items[0].id, verdict=Verdict.KEEP, of_lot=True)
        made = assess(session, actor(), [command])
        assert {each.item_id for each in made} == {items[0].id, items[1].id}
        with pytest.raises(ItemNotThere):
            assess(session, actor(), [Assess(item_id=items[2].id, verdict=Verdict.KEEP)])


def test_what_can_not_be_assessed_is_refused_and_nothing_is_kept(
    database: RolledBackDatabase, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        item = an_item(session, org)
        tomorrow = database.clock.today() + timedelta(days=1)
        with pytest.raises(Invalid):
            said(session, actor(), item, assessed_on=tomorrow)
        with pytest.raises(Forbidden):
            said(session, actor(Role.EMPLOYEE), item)
        for of_lot in (True, False):
            with pytest.raises(NotFound):
                foreign = actor(Role.FURNITURE_MANAGER, foreign_org)
                said(session, foreign, item, of_lot=of_lot)
        assert session.scalars(select(Assessment)).all() == []


def test_the_inventory_is_narrowed_by_the_newest_assessment_alone(
    database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    who, today = actor(), database.clock.today()
    with database.write() as session:
        wiped, both, worn, _ = some_items(session, org, 4)
        said(session, who, wiped, suitability=Suitability.WIPEABLE)
        said(session, who, both, suitability=Suitability.BOTH)
        yesterday = today - timedelta(days=1)
        said(session, who, worn, suitability=Suitability.WIPEABLE, assessed_on=yesterday)
        said(session, who, worn, suitability=Suitability.NONE)
        expected = {
            Suitable.WIPEABLE: {wiped.id, both.id},
            Suitable.BARRIER: {both.id},
            Suitable.BOTH: {both.id},
        }
        for wanted, ids in expected.items():
            asked = InventoryFilter(suitability=wanted)
            found = ids_in(session, who, asked, Sorting(), cursor=None, limit=50)
            assert set(found.rows) == ids, wanted


def test_a_phone_assesses_a_piece_and_its_page_says_so(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        item_id = some_items(session, org, 3)[0].id
    client = signed_in_as()
    path = f"/mobler/{item_id}/vurdering"
    assert "Gjelder alle 3 fra samme registrering" in client.get(path).text
    wrong = client.post(path, data={"verdict": "", "cost_kr": "mye"}, headers=HERE)
    assert wrong.status_code == 422
    assert "mye" in wrong.text
    form = {"verdict": "reupholster", "suitability": "both", "cost_kr": "1 250", "key": "a"}
    for _ in range(2):  # the second is the same click
        done = client.post(path, data={**form, "of_lot": "true"}, headers=HERE)
        assert done.status_code == 303, done.text
    page = client.get(f"/mobler/{item_id}").text
    assert "Trekkes om" in page
    assert "Tåler avtørking og har væskesperre" in page
    assert "1\xa0250\xa0kr" in page
    with database.read() as session:
        assert len(session.scalars(select(Assessment)).all()) == 3
    table = client.get("/mobler?suitability=both").text
    assert "3 møbler" in table
    assert "Egnethet: Tåler avtørking og har væskesperre" in table
    answer = client.get(f"/api/v1/items/{item_id}/assessments").json()
    assert [each["cost_ore"] for each in answer] == [125_000]
    assert client.get("/api/v1/items?suitability=none").status_code == 422
    assert signed_in_as(Role.EMPLOYEE).post(path, data=form, headers=HERE).status_code == 403
