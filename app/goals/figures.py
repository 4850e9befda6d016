"""A year's goals against what was counted: the JSON of the API, and what pages are made of.

Sums are in g, g CO2e and øre of ``currency``; shares in percent, rounded to four decimals.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.goals import queries
from app.goals.queries import NO_SHEET, NOTHING, Node, Sheet
from app.goals.rules import (
    OF_PROJECTS,
    SHARES,
    Amount,
    Kind,
    Promise,
    Standing,
    forecast,
    measured,
    percent_of,
    promised,
    proposed,
    standing,
)
from app.impact.rules import View
from app.kit.db import clock_of
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.ledger.queries import Total, totals
from app.projects.models import Project
from app.projects.queries import projects_visible_to

Number = int | float


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of goal. ``of`` is what a share's ``part`` is counted of; a sum is ``part`` alone.

    ``promised`` is what the units below have as goals together; ``next_goal`` is what is proposed
    for the year after.
    """

    kind: Kind
    target: int | None
    part: int
    of: int
    so_far: Number | None
    percent: int | None
    standing: Standing | None
    forecast: Number | None
    next_goal: int | None
    promised: Number | None


@dataclass(frozen=True, slots=True)
class Subject:
    """A unit with all that lies below it, or a project; ``version`` is its goals', 0 for none."""

    id: UUID
    name: str
    parent_id: UUID | None
    depth: int
    version: int
    may_set: bool
    lines: tuple[Line, ...]

    @property
    def has_goals(self) -> bool:
        return any(each.target is not None for each in self.lines)


@dataclass(frozen=True, slots=True)
class Overview:
    """The tree of units in reading order, and projects that have goals. Figures are gross.

    ``whole`` is the organisation with what is in no unit's name: the unit that all others stand
    below, or all of them together where several stand highest, which then have no common goal.
    """

    year: int
    organisation: str
    currency: str
    view: str
    whole: tuple[Line, ...]
    units: tuple[Subject, ...]
    projects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class _Year:
    """What is read once for a whole page."""

    year: int
    today: date
    sheets: Mapping[UUID, Sheet]
    own: Mapping[UUID | None, Mapping[Kind, Amount]]
    before: Mapping[UUID | None, Mapping[Kind, Amount]]
    settable: frozenset[UUID] | None


def overview(session: Session, actor: Actor, year: int) -> Overview:
    """Nine statements at most, however many units there are."""
    actor.must(Permission.REPORT_READ)
    units, projects = queries.goals_of(session, actor, year)
    own, own_projects = queries.counted(session, actor, year)
    known = _Year(
        year=year,
        today=clock_of(session).today(),
        sheets=units,
        own=own,
        before=queries.counted(session, actor, year - 1)[0],
        settable=queries.units_settable_by(session, actor),
    )
    roots = queries.tree(session, actor)
    wanted = projects_visible_to(actor).where(Project.id.in_(projects)).order_by(Project.number)
    subjects = tuple(
        _unit(known, node, depth, is_whole=len(roots) == 1 and depth == 0)
        for node, depth in _walked(roots, 0)
    )
    return Overview(
        year=year,
        organisation=actor.organisation_name,
        currency=actor.currency,
        view="gross",
        whole=subjects[0].lines if len(roots) == 1 else _together(known, roots),
        units=subjects,
        projects=tuple(
            _project(actor, known, each, projects[each.id], own_projects.get(each.id, NOTHING))
            for each in session.scalars(wanted)
        ),
    )


def unit_goals(session: Session, actor: Actor, year: int, unit_id: UUID) -> Subject:
    """Raises ``NotFound`` for another organisation's unit as for none."""
    for each in overview(session, actor, year).units:
        if each.id == unit_id:
            return each
    raise NotFound(N_("Fant ikke enheten."))


def project_goals(session: Session, actor: Actor, year: int, project_id: UUID) -> Subject:
    """With or without goals. Raises ``NotFound``."""
    actor.must(Permission.REPORT_READ)
    project = session.scalar(projects_visible_to(actor).where(Project.id == project_id))
    if project is None:
        raise NotFound(N_("Fant ikke prosjektet."))
    sheets = queries.goals_of(session, actor, year)[1]
    counted = queries.counted(session, actor, year)[1].get(project_id, NOTHING)
    known = _Year(year, clock_of(session).today(), {}, {}, {}, frozenset())
    return _project(actor, known, project, sheets.get(project_id, NO_SHEET), counted)


def below(nodes: Node) -> list[UUID | None]:
    """The unit and all that lies under it."""
    return [each.id for each, _ in _walked([nodes], 0)]


def _walked(nodes: Sequence[Node], depth: int) -> Iterator[tuple[Node, int]]:
    for each in nodes:
        yield each, depth
        yield from _walked(each.children, depth + 1)


def _unit(known: _Year, node: Node, depth: int, *, is_whole: bool) -> Subject:
    """``is_whole``: the organisation itself, which has what is in no unit's name too."""
    ids = [*below(node), *([None] if is_whole else [])]
    sheet = known.sheets.get(node.id, NO_SHEET)
    amounts = queries.whole_of(known.own, ids)
    return Subject(
        id=node.id,
        name=node.name,
        parent_id=node.parent_id,
        depth=depth,
        version=sheet.version,
        may_set=known.settable is None or node.id in known.settable,
        lines=tuple(
            _line(
                known,
                kind,
                sheet.targets.get(kind),
                amounts[kind],
                _below(known, node.children, kind),
            )
            for kind in Kind
        ),
    )


def _together(known: _Year, roots: Sequence[Node]) -> tuple[Line, ...]:
    amounts = queries.whole_of(known.own, list(known.own))
    return tuple(
        _line(known, kind, None, amounts[kind], _below(known, roots, kind)) for kind in Kind
    )


def _project(
    actor: Actor, known: _Year, project: Project, sheet: Sheet, counted: queries.Counted
) -> Subject:
    return Subject(
        id=project.id,
        name=project.name,
        parent_id=None,
        depth=0,
        version=sheet.version,
        may_set=actor.may(Permission.PROJECT_EDIT, project.unit_id),
        lines=tuple(
            _line(known, kind, sheet.targets.get(kind), counted[kind], None) for kind in OF_PROJECTS
        ),
    )


def _below(known: _Year, nodes: Sequence[Node], kind: Kind) -> Promise | None:
    """What these units promise together: a unit's own goal, else that of those under it."""
    found = []
    for child in nodes:
        target = known.sheets.get(child.id, NO_SHEET).targets.get(kind)
        if target is None:
            inner = _below(known, child.children, kind)
            found += [inner] if inner else []
        else:
            weight = queries.whole_of(known.before, below(child))[kind].of
            found.append(Promise(Fraction(target), weight))
    return promised(kind, found)


def _line(
    known: _Year, kind: Kind, target: int | None, amount: Amount, promise: Promise | None
) -> Line:
    so_far = measured(kind, amount)
    expected = forecast(kind, so_far, known.year, known.today)
    is_over = known.year < known.today.year
    return Line(
        kind=kind,
        target=target,
        part=amount.part,
        of=amount.of,
        so_far=_plain(kind, so_far),
        percent=percent_of(so_far, target) if target else None,
        standing=standing(kind, target, so_far, expected, is_over=is_over) if target else None,
        forecast=_plain(kind, expected),
        next_goal=proposed(kind, expected, target),
        promised=_plain(kind, promise.target if promise else None),
    )


def _plain(kind: Kind, exact: Fraction | None) -> Number | None:
    if exact is None:
        return None
    return round(float(exact), 4) if kind in SHARES else round(exact)


@dataclass(frozen=True, slots=True)
class Place:
    """A unit's place on the leader board; those with the same value share one."""

    place: int
    unit_id: UUID
    name: str
    value: Number
    percent: int | None


@dataclass(frozen=True, slots=True)
class LeaderBoard:
    """The units right under the organisation by one kind, gross; who has nothing is left out."""

    year: int
    kind: Kind
    places: tuple[Place, ...]
    without: tuple[str, ...]


def leader_board(session: Session, actor: Actor, year: int, kind: Kind) -> LeaderBoard:
    """Raises ``SwitchedOff``."""
    actor.must(Permission.REPORT_READ)
    if not queries.rule_of(session, actor).has_leader_board:
        raise queries.SwitchedOff
    units = overview(session, actor, year).units
    deepest = 1 if sum(each.depth == 0 for each in units) == 1 else 0
    rows: list[tuple[Number, Subject, Line]] = []
    without = []
    for each in units:
        if each.depth != deepest:
            continue
        (line,) = (line for line in each.lines if line.kind is kind)
        if line.so_far is None or line.so_far <= 0:
            without.append(each.name)
        else:
            rows.append((line.so_far, each, line))
    rows.sort(key=lambda row: (-row[0], row[1].name))
    places = [
        Place(
            place=1 + sum(other[0] > value for other in rows),
            unit_id=each.id,
            name=each.name,
            value=value,
            percent=line.percent,
        )
        for value, each, line in rows
    ]
    return LeaderBoard(year, kind, tuple(places), tuple(without))


def own_savings(session: Session, actor: Actor) -> dict[View, Total]:
    """What the actor's own requests saved, gross and net. Raises ``SwitchedOff``."""
    actor.must(Permission.REPORT_READ)
    if not queries.rule_of(session, actor).has_own_savings:
        raise queries.SwitchedOff
    return totals(session, queries.own_entries(actor))
