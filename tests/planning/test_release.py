"""Releases in bulk: from a place, planned otherwise, offered; and what is promised is left alone."""

import base64
import re
from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.items.filters import InventoryFilter
from app.items.rules import Fate
from app.kit.errors import Invalid, NotFound
from app.marketplace.models import Listing
from app.planning import service_release as service
from app.planning.service_release import OfferReleased, PutOn, ReleaseFrom, Replan
from app.projects.models import Release
from app.projects.rules import ReleaseState
from app.projects.service import PiecePromised, PlanRelease, plan_release
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.handovers.orders import an_order
from tests.people import Organised
from tests.projects.rows import a_project

ActorOf = Callable[..., Actor]
SignedInAs = Callable[..., TestClient]
TODAY = date(2026, 3, 2)


def test_all_of_a_building_is_released_but_for_what_is_promised_or_on_a_project(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    free = some_items(session, org, 3)
    promised = an_order(session, org, 2).items
    (taken,) = some_items(session, org)
    other = a_project(session, actor(), org, name="Bygg B")
    plan_release(
        session, actor(), [PlanRelease(project_id=other.id, item_ids=[taken.id], free_from=TODAY)]
    )
    stored = some_items(session, org, place_id=org.storage_id, category_id="SOFA_2")
    command = ReleaseFrom(
        project_id=project.id, pieces=InventoryFilter(place_id=org.building_id), free_from=TODAY
    )
    assert service.release_from(session, actor(), command) == PutOn(made=4, left=3)
    query = select(Release.item_id).where(Release.project_id == project.id)
    assert set(session.scalars(query)) == {each.id for each in (*free, *stored)}
    with pytest.raises(PiecePromised):
        plan_release(
            session,
            actor(),
            [PlanRelease(project_id=project.id, item_ids=[promised[0].id], free_from=TODAY)],
        )


def test_a_choice_that_is_none_or_a_day_that_has_passed_is_refused_at_its_field(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    some_items(session, org)
    room = InventoryFilter(place_id=org.room_id)
    for changes, field in (
        ({}, "pieces"),
        ({"pieces": InventoryFilter(category_id="SOFA_2")}, "pieces"),
        ({"pieces": room}, "free_from"),
        ({"pieces": room, "free_from": TODAY - timedelta(days=1)}, "free_from"),
        ({"pieces": room, "free_from": TODAY, "gone_by": TODAY - timedelta(days=1)}, "gone_by"),
    ):
        with pytest.raises(Invalid) as refused:
            command = ReleaseFrom.model_validate({"project_id": project.id, **changes})
            service.release_from(session, actor(), command)
        assert list(refused.value.by_field) == [field]
    assert session.scalars(select(Release)).all() == []


def test_many_are_planned_otherwise_together_or_not_at_all(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project, other = a_project(session, actor(), org), a_project(session, actor(), org, name="B")
    ids = [each.id for each in some_items(session, org, 3)]
    later = TODAY + timedelta(days=30)
    rows = plan_release(
        session, actor(), [PlanRelease(project_id=project.id, item_ids=ids, free_from=later)]
    )
    wanted = [each.id for each in rows]
    sooner = TODAY + timedelta(days=10)
    service.replan(
        session,
        actor(),
        Replan(project_id=project.id, release_ids=wanted, fate=Fate.REDESIGN, free_from=sooner),
    )
    assert {(each.fate, each.free_from) for each in rows} == {(Fate.REDESIGN, sooner)}
    with pytest.raises(Invalid) as refused:
        service.replan(
            session,
            actor(),
            Replan(project_id=project.id, release_ids=wanted, free_from=TODAY - timedelta(days=1)),
        )
    assert list(refused.value.by_field) == ["free_from"]
    for project_id, some in ((other.id, wanted), (project.id, [*wanted, uuid4()])):
        with pytest.raises(NotFound):
            service.take_off(
                session, actor(), service.TakeOff(project_id=project_id, release_ids=some)
            )
    assert {each.state for each in rows} == {ReleaseState.PLANNED}


def test_only_what_is_to_be_offered_goes_on_the_market_and_from_its_day(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    day = TODAY + timedelta(days=14)
    made = []
    for fate in (Fate.OFFER, Fate.RECYCLE):
        ids = [each.id for each in some_items(session, org, 2)]
        plan = PlanRelease(project_id=project.id, item_ids=ids, fate=fate, free_from=day)
        made += plan_release(session, actor(), [plan])
    command = OfferReleased(project_id=project.id, release_ids=[each.id for each in made])
    (listing,) = service.offer_released(session, actor(), command)
    assert (listing.from_date, listing.until_date) == (day, None)
    with pytest.raises(Invalid):
        service.offer_released(session, actor(), command)
    assert len(session.scalars(select(Listing)).all()) == 1


def test_the_list_is_worked_in_by_plain_forms(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        project_id = a_project(session, actor(), org).id
        some_items(session, org, 2, name="Rød stol")
    client = signed_in_as(Role.FURNITURE_MANAGER)
    address = f"/prosjekter/{project_id}/frigivelser"
    refused = client.post(address, data={"key": "0", "fate": "offer"})
    assert refused.status_code == 422
    assert "Velg sted" in refused.text
    added = {"key": "1", "place_id": str(org.room_id), "fate": "offer", "free_from": "2030-01-01"}
    assert client.post(address, data=added).status_code == 303
    assert client.get(address).text.count("Rød stol") >= 2
    with database.read() as session:
        ids = [str(each) for each in session.scalars(select(Release.id))]
    none = client.post(f"{address}/endre", data={"key": "2", "fate": "sell"})
    assert "Kryss av" in none.text
    changed = {"key": "3", "fate": "sell", "free_from": "", "release_ids": ids}
    assert client.post(f"{address}/endre", data=changed).status_code == 303
    assert "Selges (2)" in client.get(address).text or "(2)" in client.get(address).text


def test_a_long_list_goes_on_behind_its_day_and_is_narrowed_by_category(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        project = a_project(session, actor(), org)
        chairs = some_items(session, org, 101)
        desks = some_items(session, org, 2, category_id="DESK_FIXED")
        plan = {
            "project_id": project.id, "item_ids": [each.id for each in (*chairs, *desks)],
            "free_from": database.clock.today(),
        }  # fmt: skip
        plan_release(session, actor(), [PlanRelease.model_validate(plan)])
        address = f"/prosjekter/{project.id}/frigivelser"
    client = signed_in_as(Role.PROJECT_MANAGER)

    def shown(where: str) -> tuple[int, str | None]:
        answer = client.get(where)
        assert answer.status_code == 200, where
        further = re.search(r'href="([^"]*cursor=[^"]*)"', answer.text)
        return (
            answer.text.count('name="release_ids"'),
            further[1].replace("&amp;", "&") if further else None,
        )

    count, further = shown(address)
    assert (count, further is None) == (100, False)
    assert shown(str(further))[0] == 3
    count, further = shown(f"{address}?kategori=DESK_FIXED")
    assert (count, further) == (2, None)
    count, further = shown(f"{address}?kategori=CHAIR_TASK&plan=offer")
    assert "kategori=CHAIR_TASK" in str(further)
    assert shown(str(further))[0] == 1
    assert shown(f"{address}?kategori=NO_SUCH")[0] == 0
    for wrong in (
        '[{"t": "2026-03-02T00:00:00+00:00"}, {"u": "%s"}]',
        '[{"d": "soon"}, {"u": "%s"}]',
    ):
        text = base64.urlsafe_b64encode((wrong % project.id).encode()).decode()
        assert client.get(f"{address}?cursor={text}").status_code == 422
