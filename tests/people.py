"""Somebody to act in a test: an organisation with units, a place, and a person of each role."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, actor_of, hashed
from app.accounts.models import ApiToken, Membership, Organisation, Person, RoleGrant, Unit
from app.accounts.rules import Role
from app.kit import chain
from app.kit.clock import Clock
from app.kit.files import Files
from app.main import create_app
from app.places.models import Place, PlaceKind
from app.settings import Settings
from tests.databases import RolledBackDatabase

BASE_URL = "https://testserver"


@dataclass
class Organised:
    """An organisation with two units and two rooms, and one member of each role."""

    org_id: UUID
    unit_id: UUID
    other_unit_id: UUID
    building_id: UUID
    room_id: UUID
    storage_id: UUID
    person_ids: dict[Role, UUID]


def organised(session: Session, clock: Clock, name: str = "Prøve helseforetak") -> Organised:
    """Rows written plainly, so that each capability's own tests need no other's verbs."""
    now = clock.now()
    organisation = Organisation(name=name, created_at=now)
    session.add(organisation)
    session.flush()
    chain.begin(session, organisation.id)
    org_id = organisation.id
    root = Unit(org_id=org_id, name=name, created_at=now)
    session.add(root)
    session.flush()
    units = [
        Unit(org_id=org_id, name=each, parent_id=root.id, cost_centre=centre, created_at=now)
        for each, centre in (("Medisin", "4100"), ("Kirurgi", "4200"))
    ]
    building = Place(
        org_id=org_id, kind=PlaceKind.BUILDING, name="Bygg A", label="Bygg A", created_at=now
    )
    session.add_all([*units, building])
    session.flush()
    places = [
        Place(
            org_id=org_id,
            kind=kind,
            name=each,
            label=f"Bygg A › {each}",
            parent_id=building.id,
            created_at=now,
        )
        for each, kind in (("Rom 214", PlaceKind.ROOM), ("Lager", PlaceKind.STORAGE))
    ]
    session.add_all(places)
    session.flush()
    person_ids = members(session, clock, org_id, units[0].id, list(Role))
    units[0].leader_id = person_ids[Role.APPROVER]
    session.flush()
    return Organised(
        org_id, units[0].id, units[1].id, building.id, places[0].id, places[1].id, person_ids
    )


def members(
    session: Session, clock: Clock, org_id: UUID, unit_id: UUID, roles: Sequence[Role]
) -> dict[Role, UUID]:
    """A person of each role; three statements for all of them, since nearly every test begins so."""
    now = clock.now()
    people = [
        Person(
            name=f"Prøve {role.value}",
            email=f"{role.value}-{uuid4().hex[:8]}@example.no",
            created_at=now,
        )
        for role in roles
    ]
    session.add_all(people)
    session.flush()
    memberships = [
        Membership(org_id=org_id, person_id=each.id, home_unit_id=unit_id, created_at=now)
        for each in people
    ]
    session.add_all(memberships)
    session.flush()
    session.add_all(
        RoleGrant(org_id=org_id, membership_id=each.id, role=role)
        for each, role in zip(memberships, roles, strict=True)
    )
    session.flush()
    return {role: each.id for role, each in zip(roles, people, strict=True)}


def a_member(session: Session, clock: Clock, org_id: UUID, unit_id: UUID, role: Role) -> UUID:
    return members(session, clock, org_id, unit_id, [role])[role]


@pytest.fixture
def org(database: RolledBackDatabase) -> Organised:
    """The test's own organisation."""
    with database.write() as session:
        return organised(session, database.clock)


@pytest.fixture
def foreign_org(database: RolledBackDatabase) -> Organised:
    """Another organisation, whose rows must stay unseen and unchanged."""
    with database.write() as session:
        return organised(session, database.clock, "Fremmed kommune")


ActorOf = Callable[..., Actor]


@pytest.fixture
def actor(database: RolledBackDatabase, org: Organised) -> ActorOf:
    """``actor(Role.SURVEYOR)``; a furniture manager when nothing is said."""

    def of(role: Role = Role.FURNITURE_MANAGER, where: Organised = org) -> Actor:
        with database.read() as session:
            found = actor_of(session, where.org_id, where.person_ids[role])
        assert found is not None
        return found

    return of


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, public_url=BASE_URL, run_jobs=False)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files.local(tmp_path / "files")


@pytest.fixture(scope="session")
def kept_apps() -> dict[str, tuple[FastAPI, dict[str, Any]]]:
    """Applications by their settings, each with its state as it was when it was made."""
    return {}


@pytest.fixture
def web_app(
    settings: Settings,
    database: RolledBackDatabase,
    files: Files,
    kept_apps: dict[str, tuple[FastAPI, dict[str, Any]]],
) -> FastAPI:
    """The application as after its start, over the test's own database and files.

    Reading all routes and templates takes two seconds, so the run's tests share them; what a test
    or a request put into the state is gone at the next.
    """
    key = settings.model_dump_json(exclude={"data_dir"})
    if key not in kept_apps:
        made = create_app(settings, database=database, files=files)
        kept_apps[key] = made, dict(made.state._state)
    app, state = kept_apps[key]
    app.state._state.clear()
    app.state._state.update(state, settings=settings, db=database, files=files)
    app.state.templates.stores.clear()
    app.dependency_overrides.clear()
    return app


@pytest.fixture
def client(web_app: FastAPI) -> Iterator[TestClient]:
    """Nobody signed in; redirects are not followed, so that a test sees the 303."""
    with TestClient(web_app, base_url=BASE_URL, follow_redirects=False) as client:
        yield client


SignedInAs = Callable[..., TestClient]


@pytest.fixture
def signed_in_as(web_app: FastAPI, database: RolledBackDatabase, org: Organised) -> SignedInAs:
    """``signed_in_as(Role.EMPLOYEE)``: a client with that member's API token."""

    def of(role: Role = Role.FURNITURE_MANAGER, where: Organised = org) -> TestClient:
        token = uuid4().hex
        with database.write() as session:
            session.add(
                ApiToken(
                    org_id=where.org_id,
                    person_id=where.person_ids[role],
                    name="test",
                    token_hash=hashed(token),
                    created_at=database.clock.now(),
                )
            )
        client = TestClient(web_app, base_url=BASE_URL, follow_redirects=False)
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    return of
