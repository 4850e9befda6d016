"""A piece that leaves is gone from the project that released it, and back when that is undone."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.items.events import (
    ItemDismantled,
    ItemGivenBack,
    ItemLeft,
    ItemPickedUp,
    ItemRestored,
    ItemReturned,
)
from app.kit.events import Change, Changes, Event, EventRow, publish, revise
from app.kit.states import advance
from app.projects.events import ItemReleaseGone, ItemReleaseReturned
from app.projects.models import Release
from app.projects.queries_release import gone_of_pieces, live_of_pieces, project_names
from app.projects.rules import ReleaseVerb
from app.projects.service_release import PieceNotOnProject, of_release


def mark_gone(session: Session, events: Sequence[ItemPickedUp | ItemLeft | ItemDismantled]) -> None:
    """Subscribes to what takes a piece away: fetched, disposed of, or taken apart.

    Also before its day, for then there is nothing left that could come free.
    """
    for person_id, org_id, ids in _together(events):
        rows = session.scalars(live_of_pieces(org_id, ids)).all()
        advance(session, rows, ReleaseVerb.LEAVE, refused=PieceNotOnProject)
        _tell(session, rows, ItemReleaseGone, person_id)


def mark_returned(
    session: Session, events: Sequence[ItemReturned | ItemGivenBack | ItemRestored]
) -> None:
    """Subscribes to undone handovers, returns and disposals: what the piece left with it, it is on again.

    Not when another handover, that came later, is the one undone; and not when the piece has been
    put on a project meanwhile, for it can be on one only.
    """
    for person_id, org_id, ids in _together(events):
        on_another = {each.item_id for each in session.scalars(live_of_pieces(org_id, ids))}
        rows = [
            each
            for each in session.scalars(gone_of_pieces(org_id, ids))
            if each.item_id not in on_another
        ]
        back = _left_with_this(session, rows) if rows else []
        advance(session, back, ReleaseVerb.RETURN, refused=PieceNotOnProject)
        _tell(session, back, ItemReleaseReturned, person_id)


def _left_with_this(session: Session, rows: Sequence[Release]) -> list[Release]:
    """Those of one organisation's gone releases that the handover undone now took away.

    Handovers are undone from the last one backwards, so it did when, since the piece was gone, more
    of them have been undone than begun.
    """
    back = (ItemReturned.kind, ItemGivenBack.kind, ItemRestored.kind)
    kinds = (ItemReleaseGone.kind, *back, ItemPickedUp.kind)
    told = session.execute(
        select(EventRow.subject_id, EventRow.kind, EventRow.at, EventRow.payload)
        .where(
            EventRow.org_id.in_({each.org_id for each in rows}),
            EventRow.subject_id.in_([each.item_id for each in rows]),
            EventRow.kind.in_(kinds),
        )
        .order_by(EventRow.at)
    ).all()
    gone = {one.payload["release_id"]: one.at for one in told if one.kind == kinds[0]}

    def is_undone(row: Release) -> bool:
        since = gone[str(row.id)]
        of_piece = [one for one in told if one.subject_id == row.item_id]
        undone = [one for one in of_piece if one.kind in back and one.at >= since]
        begun = [one for one in of_piece if one.kind == ItemPickedUp.kind and one.at > since]
        return len(undone) > len(begun)

    return [each for each in rows if is_undone(each)]


def _together(events: Sequence[Event]) -> list[tuple[UUID | None, UUID, list[UUID]]]:
    """Person, organisation and their pieces: one look for all that went at once."""
    by_who: dict[tuple[UUID | None, UUID], list[UUID]] = defaultdict(list)
    for event in events:
        by_who[event.person_id, event.org_id].append(event.subject_id)
    return [(*who, ids) for who, ids in by_who.items()]


def _tell(
    session: Session,
    rows: Sequence[Release],
    kind: type[ItemReleaseGone | ItemReleaseReturned],
    person_id: UUID | None,
) -> None:
    if not rows:
        return
    names = project_names(session, rows)
    told: list[tuple[Event, Changes]] = []
    for each in rows:
        name = names[each.project_id]
        is_gone = kind is ItemReleaseGone
        project = Change(name, None) if is_gone else Change(None, name)
        event = kind(**of_release(each, person_id), project_id=each.project_id)
        told.append((event, {"project": project}))
    publish(session, [event for event, _ in told])
    revise(session, told)
