"""Pictures of before and after in a project's report: which there are, who chooses, and what is frozen."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.impact.rules import FulfilmentSource
from app.items.models import PhotoTaken
from app.items.service_photo_files import StoredFile
from app.items.service_photos import AddPhoto, RemovePhoto, add_photos, remove_photo
from app.kit.clock import MovedClock
from app.kit.db import clock_of
from app.kit.errors import Forbidden, Invalid, NotFound, Stale
from app.projects.models import Fulfilment, Project
from app.projects.service import CloseProject, close_project
from app.projects.service_projects import ProjectClosed
from app.reports import service_pictures
from app.reports.service import project_report
from app.reports.service_frozen import read, versions_of
from app.reports.service_pictures import (
    BY_THEMSELVES,
    ChooseReportPictures,
    choose_pictures,
    offered_pictures,
)
from tests.databases import RolledBackDatabase
from tests.kit.image_cases import saved
from tests.people import ActorOf, Organised, SignedInAs
from tests.projects.rows import a_line, a_project
from tests.reports import story

S = FulfilmentSource


def _stored(org: Organised) -> list[StoredFile]:
    return [
        StoredFile(
            name="medium", key=f"{org.org_id}/{uuid4().hex}", media_type="image/webp",
            sha256="0" * 64, byte_count=1, width_px=64, height_px=48,
        )
    ]  # fmt: skip


def _pictured(
    session: Session, org: Organised, actor: ActorOf, project: Project, pieces: int
) -> list[UUID]:
    """Pieces of the project, each with a picture of before and one of after."""
    line = a_line(session, actor(), project, quantity=pieces)
    items = [story.fulfilled_by(session, org, line, S.REDESIGNED)[0] for _ in range(pieces)]
    for each in items:
        for taken in PhotoTaken:
            add_photos(session, actor(), AddPhoto(item_id=each.id, taken=taken), [_stored(org)])
    session.flush()
    return [each.id for each in items]


def _shown(session: Session, actor: ActorOf, project: Project) -> list[UUID]:
    pictures = project_report(session, actor(), project.id).pictures
    assert pictures is not None
    return [each.item_id for each in pictures]


def _choose(project: Project, ids: list[UUID] | None, version: int = 0) -> ChooseReportPictures:
    return ChooseReportPictures(project_id=project.id, item_ids=ids, version=version)


def test_the_newest_pairs_of_the_projects_own_pieces_are_shown_by_themselves(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project, other = a_project(session, actor(), org), a_project(session, actor(), org, name="B")
    ids = _pictured(session, org, actor, project, BY_THEMSELVES + 1)
    _pictured(session, org, actor, other, 1)
    assert len(_shown(session, actor, project)) == BY_THEMSELVES
    assert set(_shown(session, actor, project)) < set(ids)
    found = offered_pictures(session, actor(), project.id)
    assert {each.item_id for each in found.pairs} == set(ids)
    assert (found.is_chosen, found.version, found.may_choose) == (False, 0, True)


def test_like_pieces_are_shown_once_and_a_piece_that_lacks_one_is_not_offered(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    line = a_line(session, actor(), project, quantity=3)
    items = story.fulfilled_by(session, org, line, S.REDESIGNED, 3)
    for each in items:
        each.lot_id = items[0].lot_id
    session.flush()
    both = list(PhotoTaken)
    for each, kinds in zip(items, (both, both, [PhotoTaken.AFTER]), strict=True):
        for taken in kinds:
            add_photos(session, actor(), AddPhoto(item_id=each.id, taken=taken), [_stored(org)])
    session.flush()
    assert len(_shown(session, actor, project)) == 1
    found = offered_pictures(session, actor(), project.id)
    assert {each.item_id for each in found.pairs} == {each.id for each in items[:2]}


def test_what_was_chosen_is_shown_and_offered_however_many_newer_ones_there_are(
    session: Session,
    org: Organised,
    actor: ActorOf,
    clock: MovedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service_pictures, "MOST_OFFERED", 4)
    project, other = a_project(session, actor(), org), a_project(session, actor(), org, name="B")
    old = _pictured(session, org, actor, project, 2)
    choose_pictures(session, actor(), _choose(project, old))
    clock.at += timedelta(days=1)
    new = _pictured(session, org, actor, project, 5)
    _pictured(session, org, actor, other, 1)
    assert set(_shown(session, actor, project)) == set(old)
    found = offered_pictures(session, actor(), project.id)
    assert len(found.pairs) == 6
    assert {each.item_id for each in found.pairs[:4]} < set(new)
    assert {each.item_id for each in found.pairs[4:]} == set(old)
    # Kept where another is added, and gone from the choice when it is left out.
    both = [old[0], found.pairs[0].item_id]
    choose_pictures(session, actor(), _choose(project, both, 1))
    assert set(_shown(session, actor, project)) == set(both)
    assert len(offered_pictures(session, actor(), project.id).pairs) == 5
    with pytest.raises(Invalid):
        choose_pictures(session, actor(), _choose(project, [old[1]], 2))
    # What no longer is the project's, or has lost a picture, is not.
    session.execute(
        update(Fulfilment)
        .where(Fulfilment.item_id == old[0])
        .values(undone_at=clock_of(session).now())
    )
    assert set(_shown(session, actor, project)) == set(both[1:])


def test_who_edits_the_project_chooses_and_may_let_the_newest_be_shown_again(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    ids = _pictured(session, org, actor, project, 3)
    choose_pictures(session, actor(), _choose(project, ids[:1] * 2))
    assert _shown(session, actor, project) == ids[:1]
    with pytest.raises(Stale):
        choose_pictures(session, actor(), _choose(project, ids))
    choose_pictures(session, actor(), _choose(project, [], 1))
    assert _shown(session, actor, project) == []
    choose_pictures(session, actor(), _choose(project, None, 2))
    assert set(_shown(session, actor, project)) == set(ids)
    with pytest.raises(Forbidden):
        choose_pictures(session, actor(Role.EMPLOYEE), _choose(project, ids, 3))


def test_what_is_not_the_projects_or_another_organisations_is_refused(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    _pictured(session, org, actor, project, 1)
    with pytest.raises(Invalid) as refused:
        choose_pictures(session, actor(), _choose(project, [uuid4()]))
    assert set(refused.value.by_field) == {"item_ids"}
    with pytest.raises(NotFound):
        choose_pictures(session, actor(where=foreign_org), _choose(project, []))
    with pytest.raises(NotFound):
        offered_pictures(session, actor(where=foreign_org), project.id)


def test_the_choice_is_frozen_as_the_project_is_closed_and_cannot_be_changed_then(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    project = a_project(session, actor(), org)
    ids = _pictured(session, org, actor, project, 2)
    choose_pictures(session, actor(), _choose(project, ids[:1]))
    close_project(session, actor(), [CloseProject(project_id=project.id)])
    session.flush()
    (row,) = versions_of(session, actor(), project.id)
    pictures = read(row).pictures
    assert pictures is not None
    assert [each.item_id for each in pictures] == ids[:1]
    with pytest.raises(ProjectClosed):
        choose_pictures(session, actor(), _choose(project, ids, 1))
    assert not offered_pictures(session, actor(), project.id).may_choose


@pytest.fixture
def web(signed_in_as: SignedInAs) -> TestClient:
    client = signed_in_as()
    client.headers["Sec-Fetch-Site"] = "same-origin"
    return client


def test_the_form_and_the_api_choose_alike_and_the_page_says_what_was_deleted(
    database: RolledBackDatabase, org: Organised, actor: ActorOf, web: TestClient
) -> None:
    with database.write() as session:
        project = a_project(session, actor(), org)
        project_id = project.id
        first, second = _pictured(session, org, actor, project, 2)
    page, api = (
        f"/prosjekter/{project_id}/rapport",
        f"/api/v1/projects/{project_id}/report-pictures",
    )
    assert "/foto/" in web.get(page).text
    posted = web.post(f"{page}/bilder", data={"version": "0", "item_ids": str(first)})
    assert posted.status_code == 303
    found = web.get(api)
    assert [each["item_id"] for each in found.json()["pairs"] if each["is_shown"]] == [str(first)]
    both = {"item_ids": [str(first), str(second)]}
    assert web.put(api, json=both).status_code == 428
    assert web.put(api, json=both, headers={"If-Match": '"v0"'}).status_code == 412
    assert web.put(api, json=both, headers={"If-Match": found.headers["ETag"]}).status_code == 200
    many = {"version": "2", "item_ids": [str(uuid4()) for _ in range(13)]}
    refused = web.post(f"{page}/bilder", data=many)
    assert refused.status_code == 422
    assert "Velg høyst 12." in refused.text
    stale = web.post(f"{page}/bilder", data={"version": "1", "item_ids": str(first)})
    assert stale.status_code == 412
    with database.write() as session:
        close_project(session, actor(), [CloseProject(project_id=project_id)])
    assert "Bildet er slettet." not in web.get(page).text
    with database.write() as session:
        (row,) = versions_of(session, actor(), project_id)
        pictures = read(row).pictures
        assert pictures
        remove_photo(session, actor(), RemovePhoto(photo_id=pictures[0].after_photo_id))
    assert web.get(page).text.count("Bildet er slettet.") == 1


def test_the_pdf_has_the_pictures(
    database: RolledBackDatabase, org: Organised, actor: ActorOf, web: TestClient
) -> None:
    with database.write() as session:
        project = a_project(session, actor(), org)
        project_id = project.id
        line = a_line(session, actor(), project, quantity=1)
        (item,) = story.fulfilled_by(session, org, line, S.REDESIGNED)
    for taken, colour in (("before", "gray"), ("after", "green")):
        upload = {"photo": ("b.jpg", saved(Image.new("RGB", (64, 48), colour)), "image/jpeg")}
        sent = {"taken": taken}
        assert (
            web.post(f"/api/v1/items/{item.id}/photos", data=sent, files=upload).status_code == 201
        )
    with_pictures = web.get(f"/prosjekter/{project_id}/rapport.pdf")
    if with_pictures.status_code == 404:
        pytest.skip("this machine makes no PDF")
    assert with_pictures.content.count(b"/Subtype /Image") >= 2
