"""Units, people and tokens, as the actor may see them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import (
    ApiToken,
    Deputy,
    Membership,
    Organisation,
    Person,
    RoleGrant,
    Unit,
)


def units_visible_to(actor: Actor) -> Select[Unit]:
    """All units of the actor's organisation: everybody may see the tree."""
    return select(Unit).where(Unit.org_id == actor.org_id)


def people_visible_to(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Members of the actor's organisation with their home unit."""
    return (
        select(
            Person.id,
            Person.name,
            Person.email,
            Membership.id.label("membership_id"),
            Membership.home_unit_id,
            Membership.version,
            Unit.name.label("home_unit"),
        )
        .select_from(Membership)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(Unit, (Unit.org_id == Membership.org_id) & (Unit.id == Membership.home_unit_id))
        .where(Membership.org_id == actor.org_id, Membership.ended_at.is_(None), Person.is_active)
    )


def memberships_visible_to(actor: Actor) -> Select[Membership]:
    return select(Membership).where(
        Membership.org_id == actor.org_id, Membership.ended_at.is_(None)
    )


def roles_of(actor: Actor, membership_ids: list[UUID]) -> Select[*tuple[Any, ...]]:
    return select(RoleGrant.membership_id, RoleGrant.role, RoleGrant.unit_id).where(
        RoleGrant.org_id == actor.org_id, RoleGrant.membership_id.in_(membership_ids)
    )


def tokens_of(actor: Actor) -> Select[ApiToken]:
    """The actor's own tokens, never anybody else's."""
    return (
        select(ApiToken)
        .where(
            ApiToken.org_id == actor.org_id,
            ApiToken.person_id == actor.person_id,
            ApiToken.revoked_at.is_(None),
        )
        .order_by(ApiToken.created_at.desc())
    )


def organisations_of(person_id: UUID) -> Select[*tuple[Any, ...]]:
    """Where the person is a member, to switch between."""
    return (
        select(Organisation.id, Organisation.name)
        .join(Membership, Membership.org_id == Organisation.id)
        .where(Membership.person_id == person_id, Membership.ended_at.is_(None))
        .order_by(Organisation.name)
    )


def unit_choices(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """``(id, name)`` of every unit for a select, children indented below their parent."""
    by_parent: dict[UUID | None, list[Unit]] = {}
    for unit in session.scalars(units_visible_to(actor).order_by(Unit.name)):
        by_parent.setdefault(unit.parent_id, []).append(unit)
    choices: list[tuple[str, str]] = []

    def walk(parent: UUID | None, depth: int) -> None:
        for unit in by_parent.get(parent, []):
            choices.append((str(unit.id), "\N{EM SPACE}" * depth + unit.name))
            walk(unit.id, depth + 1)

    walk(None, 0)
    return choices


def approvers_of(session: Session, org_id: UUID, unit_id: UUID) -> list[UUID]:
    """The unit's leader and deputies; those of the nearest unit above when it has none."""
    current: UUID | None = unit_id
    while current is not None:
        unit = session.execute(
            select(Unit.leader_id, Unit.parent_id).where(Unit.org_id == org_id, Unit.id == current)
        ).one_or_none()
        if unit is None:
            return []
        deputies = session.scalars(
            select(Deputy.person_id).where(Deputy.org_id == org_id, Deputy.unit_id == current)
        )
        found = [person for person in (unit.leader_id, *deputies) if person is not None]
        if found:
            return found
        current = unit.parent_id
    return []


def units_led_by(actor: Actor) -> Select[UUID]:
    """The units whose leader the actor is, or stands in for."""
    deputised = select(Deputy.unit_id).where(
        Deputy.org_id == actor.org_id, Deputy.person_id == actor.person_id
    )
    return select(Unit.id).where(
        Unit.org_id == actor.org_id,
        or_(Unit.leader_id == actor.person_id, Unit.id.in_(deputised)),
    )


def units_below(session: Session, actor: Actor, unit_id: UUID) -> frozenset[UUID]:
    """The unit and everything below it."""
    children: dict[UUID | None, list[UUID]] = defaultdict(list)
    for row in session.execute(units_visible_to(actor).with_only_columns(Unit.id, Unit.parent_id)):
        children[row.parent_id].append(row.id)
    found, waiting = {unit_id}, [unit_id]
    while waiting:
        below = children[waiting.pop()]
        found.update(below)
        waiting += below
    return frozenset(found)


def units_below_led_by(actor: Actor) -> Select[UUID]:
    """The units whose leader the actor is or stands in for, and everything below them."""
    led = units_led_by(actor).cte("led", recursive=True)
    below = select(Unit.id).where(Unit.org_id == actor.org_id, Unit.parent_id == led.c.id)
    return select(led.union(below).c.id)


def first_member(org_id: UUID) -> Select[UUID]:
    """The person who set the organisation up."""
    return (
        select(Membership.person_id)
        .where(Membership.org_id == org_id)
        .order_by(Membership.created_at, Membership.id)
        .limit(1)
    )


def deputies_of(actor: Actor, unit_id: UUID) -> Select[Deputy]:
    return select(Deputy).where(Deputy.org_id == actor.org_id, Deputy.unit_id == unit_id)


def deputies_by_unit(
    session: Session, actor: Actor, unit_ids: Sequence[UUID]
) -> dict[UUID, list[UUID]]:
    """The deputies of each of the units that has any."""
    found: dict[UUID, list[UUID]] = {}
    rows = session.execute(
        select(Deputy.unit_id, Deputy.person_id)
        .where(Deputy.org_id == actor.org_id, Deputy.unit_id.in_(unit_ids))
        .order_by(Deputy.unit_id, Deputy.person_id)
    )
    for unit_id, person_id in rows:
        found.setdefault(unit_id, []).append(person_id)
    return found
