"""A report is drawn once, and anew as soon as anything that it shows is another."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.rules import Role
from app.accounts.service import EditUnit, edit_unit
from app.handovers.models import HandoverLine
from app.handovers.service import Record, Undo, record, undo
from app.impact.rules import FulfilmentSource
from app.items.commands import Edit
from app.items.models import Code, Item
from app.items.service import edit
from app.items.service_codes import ReplaceLabel, replace_label
from app.kit.clock import MovedClock
from app.kit.codes import grouped
from app.main import create_app
from app.places.models import Place
from app.places.service import EditPlace, edit_place
from app.projects.models import ProgrammeLine, Project
from app.projects.service import (
    AddLine,
    CancelLine,
    EditLine,
    EditProject,
    StartProject,
    add_lines,
    cancel_line,
    edit_line,
    edit_project,
    start_project,
)
from app.settings import Settings
from tests.databases import RolledBackDatabase
from tests.people import BASE_URL, ActorOf, Organised, SignedInAs


@dataclass(frozen=True)
class Reported:
    """A project with a line that two pieces meet, all through the verbs and sealed."""

    project_id: UUID
    line_id: UUID
    item_id: UUID
    path: str


@pytest.fixture
def reported(database: RolledBackDatabase, actor: ActorOf, org: Organised) -> Reported:
    admin = actor(Role.ADMIN)
    with database.write() as session:
        command = StartProject(name="Lensmannslia", unit_id=org.unit_id, place_id=org.room_id)
        (project,) = start_project(session, admin, [command])
        wanted = AddLine(project_id=project.id, category_id="CHAIR_TASK", quantity=5)
        (line,) = add_lines(session, admin, [wanted])
        _record(session, admin, line.id, 2)
        item_id = session.scalars(select(HandoverLine.item_id).limit(1)).one()
    return Reported(project.id, line.id, item_id, f"/prosjekter/{project.id}/rapport")


def _record(session: Session, admin: Actor, line_id: UUID, quantity: int) -> None:
    command = Record(
        source=FulfilmentSource.BOUGHT_USED,
        programme_line_id=line_id,
        handed_over_on=session.info["clock"].now().date(),
        quantity=quantity,
        category_id="CHAIR_TASK",
        price_ore=10_000,
    )
    record(session, admin, [command])


def _rename_unit(session: Session, admin: Actor, of: Reported) -> str:
    unit = session.get_one(Unit, session.get_one(Project, of.project_id).unit_id)
    edit_unit(session, admin, EditUnit(unit_id=unit.id, version=unit.version, name="Ny enhet"))
    return "Ny enhet"


def _rename_place(session: Session, admin: Actor, of: Reported) -> str:
    place = session.get_one(Place, session.get_one(Project, of.project_id).place_id)
    edit_place(session, admin, EditPlace(place_id=place.id, version=place.version, name="Nytt rom"))
    return "Nytt rom"


def _edit_project(session: Session, admin: Actor, of: Reported) -> str:
    project = session.get_one(Project, of.project_id)
    command = EditProject(
        project_id=project.id, version=project.version, name="Nytt navn", goal_percent=77
    )
    edit_project(session, admin, [command])
    return "Målet er 77 %"


def _edit_item(session: Session, admin: Actor, of: Reported) -> str:
    item = session.get_one(Item, of.item_id)
    edit(session, admin, [Edit(item_id=item.id, version=item.version, name="Sjelden stol")])
    return "Sjelden stol"


def _replace_label(session: Session, admin: Actor, of: Reported) -> str:
    (code,) = replace_label(session, admin, [ReplaceLabel(item_id=of.item_id)])
    assert session.scalars(select(Code.item_id).where(Code.code == code)).one() == of.item_id
    return grouped(code)


def _add_line(session: Session, admin: Actor, of: Reported) -> str:
    command = AddLine(
        project_id=of.project_id, category_id="SOFA_2", quantity=31, requirement="Lys ull"
    )
    add_lines(session, admin, [command])
    return "Lys ull"


def _edit_line(session: Session, admin: Actor, of: Reported) -> str:
    version = session.get_one(ProgrammeLine, of.line_id).version
    command = EditLine(programme_line_id=of.line_id, version=version, requirement="Uten armlener")
    edit_line(session, admin, [command])
    return "Uten armlener"


def _cancel_line(session: Session, admin: Actor, of: Reported) -> str:
    cancel_line(session, admin, [CancelLine(programme_line_id=of.line_id)])
    return "Avlyst: 3 møbler på 1 linjer"


def _record_more(session: Session, admin: Actor, of: Reported) -> str:
    _record(session, admin, of.line_id, 1)
    return "3 av 5 møbler"


def _undo(session: Session, admin: Actor, of: Reported) -> str:
    line_id = session.scalars(
        select(HandoverLine.id).where(HandoverLine.item_id == of.item_id)
    ).one()
    undo(session, admin, [Undo(handover_line_ids=[line_id])])
    return "1 av 5 møbler"


CHANGES: tuple[Callable[[Session, Actor, Reported], str], ...] = (
    _rename_unit,
    _rename_place,
    _edit_project,
    _edit_item,
    _replace_label,
    _add_line,
    _edit_line,
    _cancel_line,
    _record_more,
    _undo,
)


def _plain(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.text)).replace("\xa0", " ")


@pytest.mark.parametrize("change", CHANGES)
def test_a_report_shows_each_change_at_once(
    database: RolledBackDatabase,
    actor: ActorOf,
    signed_in_as: SignedInAs,
    reported: Reported,
    change: Callable[[Session, Actor, Reported], str],
) -> None:
    client = signed_in_as()
    before = _plain(client, reported.path)

    with database.write() as session:
        said = change(session, actor(Role.ADMIN), reported)

    assert said not in before
    assert said in _plain(client, reported.path)


@contextmanager
def _counted(database: RolledBackDatabase) -> Iterator[list[str]]:
    statements: list[str] = []
    with database.read() as session:
        engine = session.connection().engine

    def note(*details: object) -> None:
        if not str(details[2]).startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            statements.append(str(details[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_report_that_was_drawn_before_takes_one_statement(
    database: RolledBackDatabase, signed_in_as: SignedInAs, reported: Reported
) -> None:
    client = signed_in_as()
    first = client.get(reported.path).text

    with _counted(database) as statements:
        again = client.get(reported.path).text

    assert len(statements) == 1
    assert again == first


def test_a_report_says_when_it_was_made(
    clock: MovedClock, signed_in_as: SignedInAs, reported: Reported
) -> None:
    client = signed_in_as()
    first = _plain(client, reported.path)
    clock.move(timedelta(minutes=7))
    later = _plain(client, reported.path)
    assert "10:00" in first
    assert "10:07" in later


def test_a_report_is_drawn_for_each_language(
    settings: Settings, database: RolledBackDatabase, signed_in_as: SignedInAs, reported: Reported
) -> None:
    both = settings.model_copy(update={"languages": "nb,en"})
    client = TestClient(create_app(both, database=database), base_url=BASE_URL)
    client.headers.update(signed_in_as().headers)

    assert "Kontorstol" in _plain(client, reported.path)
    client.cookies.set("language", "en")
    assert "Office task chair" in _plain(client, reported.path)


def test_a_kept_report_is_shown_to_nobody_who_may_not_read_it(
    signed_in_as: SignedInAs, client: TestClient, foreign_org: Organised, reported: Reported
) -> None:
    assert "Lensmannslia" in signed_in_as().get(reported.path).text

    assert signed_in_as(Role.ADMIN, foreign_org).get(reported.path).status_code == 404
    assert client.get(reported.path).status_code == 303
