"""What came to a step of the ladder after it was left, to be taken from there still."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.needs.matching import Match, matches_of_lines
from app.needs.models import Need, NeedLine
from app.needs.models_wish import Find
from app.needs.queries import Decision
from app.needs.rules import FOUND, Step, examined, missing
from app.needs.service_ladder import mark

_SAME = (
    *("listing_id", "name", "condition", "width_mm", "depth_mm", "height_mm"),
    *("place", "unit", "project", "from_date"),
)
"""What tells like pieces at a step from others, as it is kept with a decision."""


class Late(NamedTuple):
    """Matches of a step that no decision there has seen, and the mark of all that it has now."""

    matches: Sequence[Match]
    seen: str


NOTHING = Late((), "")


def late_matches(
    session: Session,
    actor: Actor,
    need: Need,
    lines: Iterable[NeedLine],
    decisions: Mapping[UUID, Sequence[Decision]],
    walked: Sequence[Step],
    today: date,
    *,
    most: int,
    opened: UUID | None = None,
) -> dict[tuple[UUID, Step], Late]:
    """By line and step, for lines that lack pieces and for which something was found.

    Of many lines only the first ``most`` are looked for, and the one that is ``opened``. The
    decisions come with their matches.
    """
    lacking = [each for each in lines if missing(each.quantity, decisions.get(each.id, ()))]
    known = _found_for(session, actor, [each.id for each in lacking])
    some = [each for each in lacking if each.id in known]
    some = [each for n, each in enumerate(some) if n < most or each.id == opened]
    late: dict[tuple[UUID, Step], Late] = {}
    for step in FOUND:
        left = [
            (line, step)
            for line in some
            if step in walked and step in examined(decisions.get(line.id, ()))
        ]
        found = matches_of_lines(session, actor, need, left, today)
        for line, _ in left:
            seen = _seen_at(step, decisions[line.id])
            new = [each for each in found[line.id] if each.count > seen.get(_same(each), 0)]
            if new:
                late[line.id, step] = Late(new, mark(found[line.id]))
    return late


def _found_for(session: Session, actor: Actor, line_ids: Collection[UUID]) -> set[UUID | None]:
    query = select(Find.need_line_id).where(
        Find.org_id == actor.org_id, Find.need_line_id.in_(line_ids)
    )
    return set(session.scalars(query.distinct())) if line_ids else set()


def _same(match: Match) -> tuple[Any, ...]:
    return _facts(match.as_json())


def _facts(kept: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(kept[name] for name in _SAME)


def _seen_at(step: Step, decisions: Sequence[Decision]) -> dict[tuple[Any, ...], int]:
    """How many of each there were when the step was decided on."""
    seen: dict[tuple[Any, ...], int] = {}
    for decision in decisions:
        if decision.step is step:
            for each in decision.row.matches:
                seen[_facts(each)] = max(each["count"], seen.get(_facts(each), 0))
    return seen
