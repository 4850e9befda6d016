"""Keeping what was found, and telling who asked: once a working day, before the day's letters."""

from collections import Counter
from uuid import UUID

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from app.kit.bulk import insert_ready, insert_unless_there, made_ready
from app.kit.chance import new_id
from app.kit.clock import OSLO
from app.kit.db import changed_rows, clock_of
from app.kit.events import publish
from app.kit.workdays import is_working_day
from app.needs.events import NeedMatched, WishMatched
from app.needs.found import Found, stood
from app.needs.models import Need, NeedLine
from app.needs.models_wish import Find, NeedWatch, Wish
from app.needs.rules import OPEN

HOUR = 6
"""Of the wall clock: an hour before the letters of the day are written."""
_WATCH: Table = NeedWatch.metadata.tables[NeedWatch.__tablename__]
_FINDS: Table = Find.metadata.tables[Find.__tablename__]


def keep(session: Session, org_id: UUID, found: Found) -> bool:
    """Keeps the finds and moves the mark; nothing when another worker has been there first."""
    new = {"org_id": org_id, "seq": 0, "looks": 0, "told_on": None}
    new |= {"network_on": None, "network_at": None}
    insert_unless_there(session, _WATCH, new)
    moved = session.execute(
        update(NeedWatch)
        .where(
            NeedWatch.org_id == org_id,
            NeedWatch.seq == found.before,
            NeedWatch.looks == found.looks,
        )
        .values(seq=found.seq, looks=found.looks + 1, network_on=found.on, network_at=found.at)
        .execution_options(synchronize_session=False)
    )
    if not changed_rows(moved):
        return False
    now = clock_of(session).now()
    rows = [
        {
            "id": new_id(),
            "org_id": org_id,
            "need_line_id": each.need_line_id,
            "wish_id": each.wish_id,
            "pieces": sum(one.count for one in each.stands),
            "stands": [stood(one) for one in each.stands],
            "found_at": now,
            "told_at": None,
        }
        for each in found.finds
    ]
    if rows:
        insert_ready(session, made_ready(session, _FINDS, rows))
    return True


def tell_found(session: Session, org_id: UUID) -> int:
    """Tells of what was found since the last time; gives of how many needs and wishes.

    Once a working day: who asked for ten things and finds twenty gets one line for each of the ten.
    """
    now = clock_of(session).now()
    here = now.astimezone(OSLO)
    today = here.date()
    if here.hour < HOUR or not is_working_day(today):
        return 0
    watch = session.scalar(
        select(NeedWatch).where(NeedWatch.org_id == org_id).with_for_update(of=NeedWatch)
    )
    if watch is None or (watch.told_on is not None and watch.told_on >= today):
        return 0
    watch.told_on = today
    untold = (Find.org_id == org_id, Find.told_at.is_(None))
    for_needs: Counter[UUID] = Counter()
    for need_id, pieces in session.execute(
        select(NeedLine.need_id, Find.pieces)
        .join(NeedLine, (NeedLine.org_id == Find.org_id) & (NeedLine.id == Find.need_line_id))
        .where(*untold)
    ):
        for_needs[need_id] += pieces
    for_wishes: Counter[UUID] = Counter()
    for wish_id, pieces in session.execute(
        select(Wish.id, Find.pieces)
        .join(Wish, (Wish.org_id == Find.org_id) & (Wish.id == Find.wish_id))
        .where(*untold)
    ):
        for_wishes[wish_id] += pieces
    session.execute(
        update(Find).where(*untold).values(told_at=now).execution_options(synchronize_session=False)
    )
    needs = session.scalars(
        select(Need)
        .where(Need.org_id == org_id, Need.id.in_(for_needs), Need.state.in_(OPEN))
        .order_by(Need.number)
    ).all()
    wishes = session.scalars(
        select(Wish)
        .where(Wish.org_id == org_id, Wish.id.in_(for_wishes), Wish.ended_at.is_(None))
        .order_by(Wish.created_at, Wish.id)
    ).all()
    publish(session, [NeedMatched.of(each, None, pieces=for_needs[each.id]) for each in needs])
    publish(session, [WishMatched.of(each, None, pieces=for_wishes[each.id]) for each in wishes])
    return len(needs) + len(wishes)
