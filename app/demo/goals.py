"""The goals of the year: few, of the whole trust and of some of its units, and of the project."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Unit
from app.demo import lensmannslia
from app.demo.stage import ORGANISATION, Stage
from app.goals.commands import SetGoals, Target
from app.goals.rules import Kind
from app.goals.service import set_goals
from app.kit.clock import MovedClock
from app.projects.models import Project

G_PER_T, ORE_PER_KR = 1_000_000, 100
UNITS = {
    ORGANISATION: {
        Kind.REUSE_SHARE: 80,
        Kind.CO2E: 12 * G_PER_T,
        Kind.WASTE: 6 * G_PER_T,
        Kind.ANSWERED: 90,
    },
    "Psykisk helse og rus": {Kind.REUSE_WITHOUT: 85, Kind.CO2E: 10 * G_PER_T},
    "Klinikk for medisin": {Kind.CO2E: 1 * G_PER_T, Kind.SAVED: 60_000 * ORE_PER_KR},
    "Administrasjon": {Kind.WASTE: 4 * G_PER_T},
}


def play(session: Session, stage: Stage, clock: MovedClock) -> None:
    """Set by the furniture manager, a unit at a time, for the year that it is."""
    manager, year = stage.actors["manager"], clock.today().year
    found = session.scalars(
        select(Unit).where(Unit.org_id == stage.org_id, Unit.name.in_(UNITS))
    ).all()
    by_name = {each.name: each.id for each in found}
    for name, targets in UNITS.items():
        listed = [Target(kind=kind, target=target) for kind, target in targets.items()]
        command = SetGoals(year=year, unit_id=by_name[name], version=0, targets=listed)
        set_goals(session, manager, command)
        clock.move(timedelta(minutes=11))
    project = session.scalars(
        select(Project).where(Project.org_id == stage.org_id, Project.name == lensmannslia.NAME)
    ).one()
    listed = [Target(kind=Kind.REUSE_SHARE, target=80)]
    command = SetGoals(year=year, project_id=project.id, version=0, targets=listed)
    set_goals(session, stage.actors["project"], command)
