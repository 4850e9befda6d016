"""Where the demo story is played: a health trust with units, a hospital, and somebody in each role."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor, actor_of, system_actor
from app.accounts.models import Organisation, Person, Unit
from app.accounts.rules import Role
from app.accounts.service import (
    AddMember,
    AddUnit,
    EditUnit,
    Found,
    add_members,
    add_units,
    edit_unit,
    found,
)
from app.costs.commands import KindShare, SetCostRule
from app.costs.rules import InternalPrice, Kind
from app.costs.service import set_cost_rule
from app.kit.db import clock_of
from app.places.models import Place, PlaceKind
from app.places.service import AddPlace, add_places

PASSWORD = "omløp demo ombruk"  # noqa: S105  (it is printed at the start and exists only here)
ORGANISATION = "Fjordlandet helseforetak"

UNITS: dict[str, dict[str, str]] = {
    "Klinikk for medisin": {
        "Medisinsk sengepost": "4110",
        "Hjerteavdelingen": "4120",
        "Dialyse": "4130",
        "Akuttmottak": "4140",
    },
    "Klinikk for kirurgi": {
        "Kirurgisk sengepost": "4210",
        "Operasjon": "4220",
        "Ortopedisk poliklinikk": "4230",
    },
    "Psykisk helse og rus": {"Lensmannslia DPS": "4310", "Barne- og ungdomspsykiatri": "4320"},
    "Drift og eiendom": {"Møbelforvaltning": "4910", "Renhold": "4920", "Kantinen": "4930"},
    "Administrasjon": {"Økonomi": "4010", "HR": "4020", "IKT": "4030"},
}

PEOPLE: dict[str, tuple[str, str, Role, str]] = {
    # key: name, local part of the address, role, home unit
    "manager": ("Kari Moe", "kari", Role.FURNITURE_MANAGER, "Møbelforvaltning"),
    "nurse": ("Amina Yusuf", "amina", Role.EMPLOYEE, "Medisinsk sengepost"),
    "leader": ("Jon Bakke", "jon", Role.APPROVER, "Medisinsk sengepost"),
    "project": ("Ingrid Solheim", "ingrid", Role.PROJECT_MANAGER, "Lensmannslia DPS"),
    "caretaker": ("Ole Hansen", "ole", Role.SURVEYOR, "Møbelforvaltning"),
    "driver": ("Marek Nowak", "marek", Role.MOVER, "Møbelforvaltning"),
    "controller": ("Siri Dahl", "siri", Role.CONTROLLER, "Økonomi"),
    "secretary": ("Per Lund", "per", Role.EMPLOYEE, "Ortopedisk poliklinikk"),
}
ADMINISTRATOR = ("Liv Aas", "liv")

# Building → floor → rooms.
BUILDINGS: dict[str, tuple[str, dict[str, list[str]]]] = {
    "Bygg A": (
        "Sykehusveien 1, 6800 Fjordvik",
        {
            "1. etasje": ["Resepsjonen", "Venterom 1", "Kantinen", "Møterom Fjorden"],
            "2. etasje": ["Sengepost 2A", "Sengepost 2B", "Vaktrom 2", "Møterom Breen"],
            "3. etasje": ["Sengepost 3A", "Poliklinikk 3", "Kontorer 3", "Pauserom 3"],
        },
    ),
    "Bygg B": (
        "Sykehusveien 3, 6800 Fjordvik",
        {
            "Underetasjen": ["Garderobe U1", "Verksted U2"],
            "1. etasje": ["Kontorer B1", "Møterom Viddas", "Undervisningsrom B1"],
            "2. etasje": ["Kontorer B2", "Kontorlandskap B2", "Arkiv B2"],
        },
    ),
    "Lensmannslia": (
        "Lensmannslia 12, 6802 Fjordvik",
        {
            "1. etasje": ["Ekspedisjon", "Samtalerom", "Fellesrom"],
            "2. etasje": ["Kontorer", "Møterom"],
        },
    ),
}
STORAGE = "Møbellageret"
POSITIONS = {
    "Bygg A": ("61.453900", "5.847200"),
    "Bygg B": ("61.454800", "5.850100"),
    "Lensmannslia": ("61.472100", "5.880400"),
    STORAGE: ("61.451900", "5.852600"),
}
"""Latitude and longitude, somewhere by a fjord."""


@dataclass(frozen=True)
class Stage:
    """Who and where, by name."""

    org_id: UUID
    system: Actor
    actors: dict[str, Actor]
    units: dict[str, UUID]
    places: dict[str, UUID]
    emails: dict[str, str]

    def unit(self, name: str) -> UUID:
        return self.units[name]

    def place(self, label: str) -> UUID:
        """``"Bygg A › 2. etasje › Vaktrom 2"``, or its last part where that is enough."""
        if label in self.places:
            return self.places[label]
        return next(found for key, found in self.places.items() if key.endswith(f" › {label}"))


def set_stage(session: Session) -> Stage:
    """The organisation with everything that stands still, through the services."""
    name, local = ADMINISTRATOR
    organisation = found(
        session,
        Found(
            organisation=ORGANISATION, name=name, email=f"{local}@demo.example", password=PASSWORD
        ),
    )
    system = system_actor(organisation)
    units = _units(session, system, organisation)
    emails, people = _people(session, system, units)
    places = _places(session, system)
    _leaders(session, system, units, people)
    _costs(session, system, units)
    actors = {}
    for key, person in people.items():
        actor = actor_of(session, organisation.id, person.id)
        assert actor is not None
        actors[key] = actor
    return Stage(organisation.id, system, actors, units, places, emails)


def _units(session: Session, actor: Actor, organisation: Organisation) -> dict[str, UUID]:
    root = session.query(Unit).filter_by(org_id=organisation.id).one()
    units = {organisation.name: root.id}
    for clinic, departments in UNITS.items():
        (parent,) = add_units(session, actor, [AddUnit(name=clinic, parent_id=root.id)])
        units[clinic] = parent.id
        added = add_units(
            session,
            actor,
            [
                AddUnit(name=each, parent_id=parent.id, cost_centre=centre)
                for each, centre in departments.items()
            ],
        )
        units.update({each.name: each.id for each in added})
    return units


def _people(
    session: Session, actor: Actor, units: dict[str, UUID]
) -> tuple[dict[str, str], dict[str, Person]]:
    emails = {"admin": f"{ADMINISTRATOR[1]}@demo.example"}
    commands = []
    for key, (name, local, role, unit) in PEOPLE.items():
        emails[key] = f"{local}@demo.example"
        roles = [role] if role is Role.EMPLOYEE else [Role.EMPLOYEE, role]
        commands.append(
            AddMember(
                name=name,
                email=emails[key],
                home_unit_id=units[unit],
                roles=roles,
                password=PASSWORD,
            )
        )
    people = add_members(session, actor, commands)
    return emails, dict(zip(PEOPLE, people, strict=True))


def _leaders(
    session: Session, actor: Actor, units: dict[str, UUID], people: dict[str, Person]
) -> None:
    for unit, key in (("Medisinsk sengepost", "leader"), ("Møbelforvaltning", "manager")):
        kept = session.get_one(Unit, units[unit])
        edit_unit(
            session,
            actor,
            EditUnit(
                unit_id=kept.id,
                version=kept.version,
                name=kept.name,
                cost_centre=kept.cost_centre,
                leader_id=people[key].id,
            ),
        )


def _costs(session: Session, actor: Actor, units: dict[str, UUID]) -> None:
    """Who pays what from the first day on: freight is shared, and a reused piece costs a tenth."""
    shares = {
        Kind.WORK: (0, 60, 40),
        Kind.PURCHASE: (0, 100, 0),
        Kind.CLEANING: (0, 0, 100),
        Kind.FREIGHT: (25, 50, 25),
        Kind.HANDLING: (0, 0, 100),
        Kind.INTERNAL_PRICE: (0, 100, 0),
    }
    command = SetCostRule(
        version=0,
        valid_from=clock_of(session).today(),
        common_unit_id=units["Møbelforvaltning"],
        shares=[
            KindShare(kind=kind, giver_percent=giver, receiver_percent=own, common_percent=common)
            for kind, (giver, own, common) in shares.items()
        ],
        price_kind=InternalPrice.PERCENT,
        price_percent=10,
    )
    set_cost_rule(session, actor, command)


def _places(session: Session, actor: Actor) -> dict[str, UUID]:
    (campus,) = add_places(
        session, actor, [AddPlace(kind=PlaceKind.PROPERTY, name="Fjordlandet sykehus")]
    )
    made: list[Place] = [campus]
    positions = {
        name: {"latitude": latitude, "longitude": longitude}
        for name, (latitude, longitude) in POSITIONS.items()
    }
    for building, (address, floors) in BUILDINGS.items():
        (top,) = add_places(
            session,
            actor,
            [
                AddPlace(
                    kind=PlaceKind.BUILDING,
                    name=building,
                    address=address,
                    parent_id=campus.id,
                    **positions[building],
                )
            ],
        )
        made.append(top)
        for floor, rooms in floors.items():
            (level,) = add_places(
                session, actor, [AddPlace(kind=PlaceKind.FLOOR, name=floor, parent_id=top.id)]
            )
            made += [
                level,
                *add_places(
                    session,
                    actor,
                    [
                        AddPlace(kind=PlaceKind.ROOM, name=each, parent_id=level.id)
                        for each in rooms
                    ],
                ),
            ]
    made += add_places(
        session,
        actor,
        [AddPlace(kind=PlaceKind.STORAGE, name=STORAGE, parent_id=campus.id, **positions[STORAGE])],
    )
    return {place.label: place.id for place in made}
