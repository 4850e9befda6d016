"""The demo story: what it leaves behind is what was promised, and it proves itself."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.accounts.sign_in import new_set_up
from app.demo import lensmannslia
from app.demo.stage import Stage
from app.demo.story import START, play
from app.items.models import Item, Photo, PhotoTaken
from app.items.rules import PRESENT
from app.kit import chance
from app.kit.bulk import new_ids
from app.kit.clock import Clock, MovedClock
from app.kit.codes import mint_many
from app.kit.db import Database, tried
from app.kit.files import Files
from app.kit.tenancy import Model
from app.ledger.models import LedgerEntry
from app.ledger.service import verify
from app.projects.models import Fulfilment
from app.schema import ROOT
from tests.databases import new_url

Played = tuple[Database, Stage]


@pytest.fixture(scope="module")
def played(
    module_database: Callable[[MovedClock], Database],
    tmp_path_factory: pytest.TempPathFactory,
) -> Played:
    """The story as ``omlop demo`` plays it today, once for all tests of this file."""
    clock = MovedClock(START)
    database = module_database(clock)
    files = Files.local(Path(tmp_path_factory.mktemp("files")))
    return database, play(database, files, clock, until=Clock().today())


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
            .where(LedgerEntry.org_id == stage.org_id, LedgerEntry.project_id.is_not(None))
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


def everything_in(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, but for what is salted anew each time."""
    with database.read() as session:
        return {
            name: sorted(
                (
                    {key: value for key, value in row._mapping.items() if key != "password_hash"}
                    for row in session.execute(select(table))
                ),
                key=lambda row: [str(value) for value in row.values()],
            )
            for name, table in Model.metadata.tables.items()
        }


def test_played_again_elsewhere_it_is_the_same_to_the_last_code_and_file(
    played: Played, tmp_path: Path
) -> None:
    """In another process, in which what has no order comes in another order."""
    database, _ = played
    url = new_url(tmp_path)
    environment = os.environ | {
        "OMLOP_DATA_DIR": str(tmp_path / "demo"),
        "OMLOP_DATABASE_URL": url,
        "PYTHONHASHSEED": "20260112",
    }
    command = [sys.executable, "-m", "app", "demo", "--no-serve"]
    subprocess.run(command, env=environment, check=True, capture_output=True)

    again = Database(url)
    first, second = everything_in(database), everything_in(again)
    again.close()

    assert [name for name, rows in first.items() if rows != second[name]] == []
    assert len(first["code"]) > 2_000
    photos = [row["sha256"] for row in first["photo_file"]]
    files = {each.stem for each in (tmp_path / "demo" / "files").rglob("*.*")}
    assert photos
    assert set(photos) <= files


def test_codes_outside_the_story_can_not_be_foreseen(played: Played) -> None:
    with chance.given("x", 0):
        foreseen = mint_many(2), new_ids(2)
    with chance.given("x", 0):
        assert (mint_many(2), new_ids(2)) == foreseen
    with chance.given("y", 0):
        assert mint_many(2) != foreseen[0]

    after = mint_many(2), new_ids(2)
    assert after[0] != foreseen[0]
    assert after[1] != foreseen[1]
    assert abs((after[1][0].int >> 80) - time.time() * 1000) < 60_000
    users = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "app").rglob("*.py")
        if re.search(r"\bchance\.given\(", path.read_text("utf-8")) and path.name != "chance.py"
    ]
    assert users == ["app/demo/story.py"]


def test_secrets_are_never_drawn_where_codes_are(played: Played) -> None:
    database, _ = played
    tokens = []
    for _ in range(2):
        with chance.given("x", 0), database.write() as session, tried(session, is_kept=False):
            tokens.append(new_set_up(session))
    assert tokens[0] != tokens[1]
