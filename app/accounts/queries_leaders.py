"""Who answers for a unit: its leader and deputies, and whoever leads further up the tree."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from app.accounts.models import Deputy, Membership, Person, RoleGrant, Unit
from app.accounts.rules import PERMISSIONS, Permission


@dataclass(frozen=True, slots=True)
class Led:
    """A unit with the members who answer for it; the leader stands first when there is one."""

    unit_id: UUID
    leader_id: UUID | None
    people: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Leaders:
    """The organisation's tree with its leaders, read once: two questions for any number of units."""

    parents: Mapping[UUID, UUID | None]
    led: Mapping[UUID, Led]

    def upwards(self, unit_id: UUID) -> Iterator[Led]:
        """The unit and those above it that somebody answers for, the nearest first."""
        current: UUID | None = unit_id
        while current is not None:
            if current in self.led:
                yield self.led[current]
            current = self.parents.get(current)

    def above(self, asker: UUID, unit_id: UUID) -> list[Led]:
        """Whose yes somebody in the unit needs, step by step up the tree.

        Nobody says yes to their own request: the asker counts for nothing, and a unit the asker
        leads is passed by, since its deputies only stand in for the asker. One leader of several
        units is one step.
        """
        steps: list[Led] = []
        for each in self.upwards(unit_id):
            others = tuple(person for person in each.people if person != asker)
            is_same = bool(steps) and steps[-1].leader_id == each.leader_id is not None
            if each.leader_id != asker and others and not is_same:
                steps.append(Led(each.unit_id, each.leader_id, others))
        return steps


def leaders_of(session: Session, org_id: UUID) -> Leaders:
    """Only members of today count: who has left leads nothing."""
    units = session.execute(
        select(Unit.id, Unit.parent_id, Unit.leader_id).where(Unit.org_id == org_id)
    ).all()
    deputies: dict[UUID, list[UUID]] = defaultdict(list)
    for unit_id, person_id in session.execute(
        select(Deputy.unit_id, Deputy.person_id)
        .where(Deputy.org_id == org_id)
        .order_by(Deputy.unit_id, Deputy.person_id)
    ):
        deputies[unit_id].append(person_id)
    named = {each.leader_id for each in units} | {
        each for some in deputies.values() for each in some
    }
    there = set(session.scalars(members(org_id).where(Membership.person_id.in_(named - {None}))))
    led = {}
    for unit in units:
        leader_id = unit.leader_id if unit.leader_id in there else None
        people = dict.fromkeys([leader_id, *deputies[unit.id]])
        found = tuple(each for each in people if each is not None and each in there)
        if found:
            led[unit.id] = Led(unit.id, leader_id, found)
    return Leaders({each.id: each.parent_id for each in units}, led)


def members(org_id: UUID) -> Select[UUID]:
    """People who may sign in to the organisation today."""
    return (
        select(Membership.person_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.org_id == org_id, Membership.ended_at.is_(None), Person.is_active)
    )


def administrators(org_id: UUID) -> Select[UUID]:
    """Who answers where no leader can: members who may change the whole organisation."""
    roles = [role for role, some in PERMISSIONS.items() if Permission.ORGANISATION_EDIT in some]
    granted = exists().where(
        RoleGrant.org_id == Membership.org_id,
        RoleGrant.membership_id == Membership.id,
        RoleGrant.role.in_(roles),
        RoleGrant.unit_id.is_(None),
    )
    return members(org_id).where(granted).order_by(Membership.person_id)
