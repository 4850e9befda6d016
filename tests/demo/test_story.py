"""The demo story: what it leaves behind is what was promised, and it proves itself."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.demo import lensmannslia
from app.demo.stage import Stage
from app.demo.story import START, play
from app.items.models import Item, Photo, PhotoTaken
from app.items.rules import PRESENT
from app.kit.clock import MovedClock
from app.kit.db import Database
from app.kit.files import Files
from app.ledger.models import LedgerEntry
from app.ledger.service import verify
from app.projects.models import Fulfilment

Played = tuple[Database, Stage]


@pytest.fixture(scope="module")
def played(
    module_database: Callable[[MovedClock], Database],
    tmp_path_factory: pytest.TempPathFactory,
) -> Played:
    """The story, played once for all tests of this file."""
    clock = MovedClock(START)
    database = module_database(clock)
    files = Files.local(Path(tmp_path_factory.mktemp("files")))
    return database, play(database, files, clock)


def test_lensmannslia_ends_at_the_shares_of_the_slides(played: Played) -> None:
    database, stage = played
    with database.read() as session:
        rows = session.execute(
            select(Fulfilment.source, func.count())
            .where(Fulfilment.org_id == stage.org_id, Fulfilment.undone_at.is_(None))
            .group_by(Fulfilment.source)
        )
        found = {source.value: count for source, count in rows}

    wanted = {"internal_reuse": 124, "redesigned": 14, "redesigned_from_surplus": 40}
    assert found == wanted | {"bought_used": 18, "new": 4}


def test_every_fulfilled_piece_has_one_gross_and_one_net_entry(played: Played) -> None:
    database, stage = played
    with database.read() as session:
        rows = session.execute(
            select(LedgerEntry.item_id, func.count().label("count"))
            .where(LedgerEntry.org_id == stage.org_id)
            .group_by(LedgerEntry.item_id)
        )
        counts: dict[UUID, int] = {row[0]: row[1] for row in rows}

    assert len(counts) == sum(each.quantity for each in lensmannslia.NEEDS)
    assert set(counts.values()) == {2}


def test_there_are_about_two_thousand_pieces_with_pictures_of_models_and_of_a_repair(
    played: Played,
) -> None:
    database, stage = played
    with database.read() as session:
        pieces = session.scalar(
            select(func.count()).where(Item.org_id == stage.org_id, Item.state.in_(PRESENT))
        )
        shown = select(Photo.taken, func.count()).where(Photo.org_id == stage.org_id)
        rows = session.execute(shown.group_by(Photo.taken))
        pictures = {row[0]: row[1] for row in rows}

    assert 2_000 <= (pieces or 0) <= 2_500
    assert pictures == {None: 34, PhotoTaken.BEFORE: 4, PhotoTaken.AFTER: 4}


def test_the_ledger_and_the_chain_verify(played: Played) -> None:
    database, stage = played
    with database.read() as session:
        assert verify(session, stage.org_id).ok
