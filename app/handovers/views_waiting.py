"""What waits to be driven, as the choice of a form: ordered pieces, and what plans have set aside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.handovers import queries_run, views
from app.handovers.rules import MOST_PIECES
from app.handovers.views_planned import ids_of
from app.kit.forms import Submission
from app.marketplace.models import Reservation
from app.projects.queries import place_labels

MOST_SHOWN = 200
"""Of what was ordered and of what was set aside; what was chosen is shown whatever it is."""


@dataclass(frozen=True, slots=True)
class OfLine:
    """What a programme line's plan has set aside and nobody drives yet, as much as a sheet holds.

    ``without_place`` are the pieces that neither line nor project says where to take; ``left`` more
    wait for another sheet. All of it is free on ``first_day``.
    """

    chosen: list[str]
    without_place: list[UUID]
    left: int
    first_day: date


def of_line(session: Session, actor: Actor, line_id: UUID, today: date) -> OfLine:
    found = queries_run.set_aside(session, actor, line_id=line_id, most=10 * MOST_PIECES)
    some = found[:MOST_PIECES]
    return OfLine(
        chosen=[str(each.item.id) for each in some if each.place_id],
        without_place=[each.item.id for each in some if not each.place_id],
        left=len(found) - len(some),
        first_day=max([today, *(each.free_from for each in some if each.free_from)]),
    )


def ticked(form: Submission[Any]) -> list[str]:
    """What was chosen in a form that was refused."""
    return [*form.many.get("reservation_ids", []), *form.many.get("planned_ids", [])]


def rows(session: Session, actor: Actor, chosen: Sequence[str] = ()) -> list[Mapping[str, Any]]:
    """Approved pieces that nobody drives yet, then set aside ones; the chosen ones first.

    Each has ``field``, the form's name for its ``value``.
    """
    ids = ids_of(chosen)
    query = queries_run.sendable(actor)
    first = session.execute(query.where(Reservation.id.in_(ids))).all() if ids else []
    rest = session.execute(query.where(Reservation.id.not_in(ids)).limit(MOST_SHOWN)).all()
    ordered = [*first, *rest]
    named = queries_run.set_aside(session, actor, item_ids=ids, most=MOST_PIECES) if ids else []
    known = {each.item.id for each in named}
    more = queries_run.set_aside(session, actor, most=MOST_SHOWN)
    aside = [
        each
        for each in [*named, *(each for each in more if each.item.id not in known)]
        if each.place_id
    ]
    pieces = views.piece_rows(
        session, actor, [*(row[1] for row in ordered), *(each.item for each in aside)]
    )
    ends = place_labels(
        session, actor, {row[2].place_id for row in ordered} | {each.place_id for each in aside}
    )
    return [
        {
            **pieces[row[1].id],
            "field": "reservation_ids",
            "value": str(row[0].id),
            "request": row[2],
            "wanted_date": row[2].wanted_date,
            "to": views.near(ends.get(row[2].place_id)),
        }
        for row in ordered
    ] + [
        {
            **pieces[each.item.id],
            "field": "planned_ids",
            "value": str(each.item.id),
            "project": each.project.name,
            "wanted_date": each.line.wanted_date,
            "free_from": each.free_from,
            "to": views.near(ends.get(each.place_id)),
        }
        for each in aside
    ]
