"""Organisations, their units, and who belongs to them with which roles."""

import re
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
)
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.accounts import events, queries
from app.accounts.actor import Actor, system_actor
from app.accounts.models import (
    ApiToken,
    Deputy,
    LoginSession,
    Membership,
    Organisation,
    Person,
    RoleGrant,
    Unit,
)
from app.accounts.rules import Permission, Role
from app.accounts.sign_in import PASSWORDS, password_is_long_enough
from app.kit import chain
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound, Stale
from app.kit.events import change, publish, revise
from app.kit.i18n import N_
from app.kit.text import FullName, Name, ShortText

_EMAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+")
NO_EMAIL = N_("Skriv en e-postadresse, for eksempel kari@kommune.no.")


def _email(typed: str) -> str:
    if not _EMAIL.fullmatch(typed):
        raise ValueError(NO_EMAIL)
    return typed


Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, max_length=254),
    AfterValidator(_email),
]
CHOOSE = N_("Velg en av mulighetene.")


class NameTaken(Conflict):
    title = N_("Navnet er alt i bruk her.")


class AlreadyMember(Conflict):
    title = N_("Denne personen er alt med i virksomheten.")


class LastAdministrator(Conflict):
    title = N_("Virksomheten må ha minst én administrator.")


class Command(BaseModel):
    """An unknown field is refused: a misspelt one would be lost in silence."""

    model_config = ConfigDict(extra="forbid")


class Found(Command):
    """The first organisation, or a further one, with its first administrator."""

    organisation: FullName
    name: FullName
    email: Email
    password: str = Field(max_length=256)

    _long_enough = field_validator("password")(password_is_long_enough)


class AddUnit(Command):
    name: Name
    parent_id: UUID | None = None
    cost_centre: ShortText | None = None
    leader_id: UUID | None = None


class EditUnit(Command):
    unit_id: UUID
    version: int
    name: Name
    cost_centre: ShortText | None = None
    leader_id: UUID | None = None
    deputy_ids: list[UUID] = Field(default=[], max_length=20)


class AddMember(Command):
    name: FullName
    email: Email
    home_unit_id: UUID | None = None
    roles: list[Role] = Field(min_length=1)
    role_unit_id: UUID | None = None
    password: str | None = Field(default=None, max_length=256)

    @field_validator("password")
    @classmethod
    def _long_enough(cls, value: str | None) -> str | None:
        return value if value is None else password_is_long_enough(value)


class ChangeMember(Command):
    person_id: UUID
    version: int
    home_unit_id: UUID | None = None
    roles: list[Role] = Field(min_length=1)
    role_unit_id: UUID | None = None


class RemoveMember(Command):
    person_id: UUID


def found(session: Session, command: Found) -> Organisation:
    """A new organisation, its root unit and its first administrator.

    Who may: the holder of the set-up secret, or the command line; both are checked by the caller,
    since there is no organisation yet in which a permission could be held.
    """
    now = clock_of(session).now()
    organisation = Organisation(name=command.organisation, created_at=now)
    session.add(organisation)
    session.flush()  # the chain's head points to it
    chain.begin(session, organisation.id)
    actor = system_actor(organisation)
    publish(
        session,
        [
            events.OrganisationFounded(
                org_id=organisation.id, subject_id=organisation.id, person_id=None
            )
        ],
    )
    root = add_units(session, actor, [AddUnit(name=organisation.name)])[0]
    add_members(
        session,
        actor,
        [
            AddMember(
                name=command.name,
                email=command.email,
                home_unit_id=root.id,
                roles=[Role.ADMIN, Role.FURNITURE_MANAGER],
                password=command.password,
            )
        ],
    )
    return organisation


def add_units(session: Session, actor: Actor, commands: Sequence[AddUnit]) -> list[Unit]:
    actor.must(Permission.ORGANISATION_EDIT)
    now = clock_of(session).now()
    _own_units(session, actor, [each.parent_id for each in commands], "parent_id")
    _own_people(session, actor, [each.leader_id for each in commands], "leader_id")
    _own_turn(session, actor)
    _free_at_the_top(session, actor, [each.name for each in commands if each.parent_id is None])
    units = [Unit(org_id=actor.org_id, created_at=now, **each.model_dump()) for each in commands]
    try:
        with session.begin_nested():
            session.add_all(units)
            session.flush()  # equal names below one parent meet their key here
    except IntegrityError as error:
        raise NameTaken from error
    publish(
        session,
        [events.UnitAdded.of(unit, actor.person_id, parent_id=unit.parent_id) for unit in units],
    )
    return units


def _own_turn(session: Session, actor: Actor) -> None:
    """Who changes what concerns the whole organisation does so one after the other."""
    session.execute(
        select(Organisation.id).where(Organisation.id == actor.org_id).with_for_update()
    )


def _free_at_the_top(session: Session, actor: Actor, names: Sequence[str]) -> None:
    """Raises ``NameTaken``: the database holds units without a parent for different ones."""
    if len(set(names)) < len(names) or session.scalar(
        select(Unit.id)
        .where(Unit.org_id == actor.org_id, Unit.parent_id.is_(None), Unit.name.in_(names))
        .limit(1)
    ):
        raise NameTaken


def edit_unit(session: Session, actor: Actor, command: EditUnit) -> Unit:
    actor.must(Permission.ORGANISATION_EDIT)
    unit = session.scalar(
        queries.units_visible_to(actor).where(Unit.id == command.unit_id).with_for_update(of=Unit)
    )
    if unit is None:
        raise NotFound
    if unit.version != command.version:
        raise Stale
    _own_people(session, actor, [command.leader_id], "leader_id")
    _own_people(session, actor, list(command.deputy_ids), "deputy_ids")
    changes = change(unit, command.model_dump(include={"name", "cost_centre", "leader_id"}))
    flag_modified(unit, "name")  # other deputies are a new version too
    session.execute(delete(Deputy).where(Deputy.org_id == actor.org_id, Deputy.unit_id == unit.id))
    session.add_all(
        Deputy(org_id=actor.org_id, unit_id=unit.id, person_id=person)
        for person in dict.fromkeys(command.deputy_ids)
    )
    event = events.UnitChanged.of(unit, actor.person_id)
    try:
        with session.begin_nested():
            session.flush()  # an equal name meets its key here
    except IntegrityError as error:
        raise NameTaken from error
    publish(session, [event])
    revise(session, [(event, {k: v for k, v in changes.items() if k != "leader_id"})])
    return unit


def add_members(session: Session, actor: Actor, commands: Sequence[AddMember]) -> list[Person]:
    """New members of the actor's organisation.

    A person who is known by the address keeps name and password: nobody can change them by adding
    them somewhere else.
    """
    actor.must(Permission.PERSON_EDIT)
    _own_turn(session, actor)
    now = clock_of(session).now()
    _own_units(session, actor, [each.home_unit_id for each in commands], "home_unit_id")
    _own_units(session, actor, [each.role_unit_id for each in commands], "role_unit_id")
    people = []
    for each in commands:
        person = _person(session, each)
        membership = session.scalar(
            select(Membership)
            .where(Membership.org_id == actor.org_id, Membership.person_id == person.id)
            .with_for_update()
        )
        if membership is not None and membership.ended_at is None:
            raise AlreadyMember(
                N_("%(email)s er alt med i virksomheten."), values={"email": each.email}
            )
        if membership is None:
            membership = Membership(org_id=actor.org_id, person_id=person.id, created_at=now)
            session.add(membership)
        membership.ended_at = None
        membership.home_unit_id = each.home_unit_id
        session.flush()  # the roles point to it
        _grant(session, membership, each.roles, each.role_unit_id)
        publish(
            session,
            [events.MemberAdded.of(membership, actor.person_id, membership_of=person.id)],
        )
        people.append(person)
    return people


def _person(session: Session, command: AddMember) -> Person:
    """Who has the address, or a new person. Two who add the same one at once get the same."""
    known = select(Person).where(Person.email == command.email)
    person = session.scalar(known)
    if person is not None:
        return person
    kept = PASSWORDS.hash(command.password) if command.password else None
    now = clock_of(session).now()
    person = Person(name=command.name, email=command.email, password_hash=kept, created_at=now)
    try:
        with session.begin_nested():
            session.add(person)
            session.flush()  # the membership points to it, and another's row is met here
    except IntegrityError:
        return session.scalars(known).one()
    return person


def change_member(session: Session, actor: Actor, command: ChangeMember) -> Membership:
    """Sets the home unit and all roles. Raises ``Stale`` when somebody else was first."""
    actor.must(Permission.PERSON_EDIT)
    _own_turn(session, actor)
    membership = _membership(session, actor, command.person_id)
    if membership.version != command.version:
        raise Stale
    _own_units(session, actor, [command.home_unit_id], "home_unit_id")
    _own_units(session, actor, [command.role_unit_id], "role_unit_id")
    membership.home_unit_id = command.home_unit_id
    flag_modified(membership, "home_unit_id")  # other roles are a new version too
    _grant(session, membership, command.roles, command.role_unit_id)
    _needs_administrator(session, actor)
    roles = sorted(role.value for role in command.roles)
    publish(session, [events.RolesChanged.of(membership, actor.person_id, roles=roles)])
    return membership


def remove_member(session: Session, actor: Actor, command: RemoveMember) -> None:
    """Ends the membership, its tokens and its login sessions in one transaction (guarantees A9)."""
    actor.must(Permission.PERSON_EDIT)
    _own_turn(session, actor)
    membership = _membership(session, actor, command.person_id)
    now = clock_of(session).now()
    membership.ended_at = now
    session.flush()  # the count of administrators below must see it
    _needs_administrator(session, actor)
    session.execute(
        update(ApiToken)
        .where(ApiToken.org_id == actor.org_id, ApiToken.person_id == command.person_id)
        .where(ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    session.execute(
        update(LoginSession)
        .where(LoginSession.org_id == actor.org_id, LoginSession.person_id == command.person_id)
        .where(LoginSession.ended_at.is_(None))
        .values(ended_at=now)
    )
    publish(session, [events.MemberRemoved.of(membership, actor.person_id)])


def _grant(
    session: Session, membership: Membership, roles: Sequence[Role], unit_id: UUID | None
) -> None:
    """These roles and no others, also for a member who was here before."""
    session.execute(
        delete(RoleGrant).where(
            RoleGrant.org_id == membership.org_id, RoleGrant.membership_id == membership.id
        )
    )
    session.add_all(
        RoleGrant(
            org_id=membership.org_id,
            membership_id=membership.id,
            role=role,
            # What everybody may do, and running the platform, hold everywhere.
            unit_id=None if role in (Role.ADMIN, Role.EMPLOYEE) else unit_id,
        )
        for role in dict.fromkeys(roles)
    )
    session.flush()  # the count of administrators reads them


def _membership(session: Session, actor: Actor, person_id: UUID) -> Membership:
    membership = session.scalar(
        queries.memberships_visible_to(actor)
        .where(Membership.person_id == person_id)
        .with_for_update(of=Membership)
    )
    if membership is None:
        raise NotFound
    return membership


def _needs_administrator(session: Session, actor: Actor) -> None:
    administrator = session.scalar(
        select(RoleGrant.id)
        .join(
            Membership,
            (Membership.org_id == RoleGrant.org_id) & (Membership.id == RoleGrant.membership_id),
        )
        .where(RoleGrant.org_id == actor.org_id, RoleGrant.role == Role.ADMIN)
        .where(Membership.ended_at.is_(None))
        .limit(1)
    )
    if administrator is None:
        raise LastAdministrator


def _own_units(session: Session, actor: Actor, ids: list[UUID | None], field: str) -> None:
    wanted = {each for each in ids if each is not None}
    if wanted:
        known = session.scalars(
            queries.units_visible_to(actor).with_only_columns(Unit.id).where(Unit.id.in_(wanted))
        )
        if unknown := wanted - set(known):
            raise Invalid(by_field={field: CHOOSE}, where={field: unknown})


def _own_people(session: Session, actor: Actor, ids: list[UUID | None], field: str) -> None:
    wanted = {each for each in ids if each is not None}
    if wanted:
        known = session.scalars(
            queries.memberships_visible_to(actor)
            .with_only_columns(Membership.person_id)
            .where(Membership.person_id.in_(wanted))
        )
        if unknown := wanted - set(known):
            raise Invalid(by_field={field: CHOOSE}, where={field: unknown})
