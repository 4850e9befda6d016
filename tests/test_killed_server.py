"""A server that is killed in the middle of its work loses nothing it answered, and repeats nothing."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import httpx2 as httpx
from sqlalchemy import func, select

from app.accounts.actor import hashed
from app.accounts.models import ApiToken
from app.accounts.rules import Role
from app.items.events import ItemRegistered
from app.items.models import Item
from app.kit.db import Database
from app.kit.events import EventRow
from tests.people import organised
from tools.demo_site import ROOT, DemoServer

PHONES, EACH, KILLS = 6, 20, 3
TOKEN = "killed"
PAUSE = threading.Event()


def _seed(database: Database) -> dict[str, object]:
    """An organisation that has begun; gives the body of one registration."""
    with database.write() as session:
        org = organised(session, database.clock)
        session.add(
            ApiToken(
                org_id=org.org_id,
                person_id=org.person_ids[Role.FURNITURE_MANAGER],
                name="test",
                token_hash=hashed(TOKEN),
                created_at=database.clock.now(),
            )
        )
    return {
        "category_id": "CHAIR_TASK",
        "owner_unit_id": str(org.unit_id),
        "place_id": str(org.room_id),
    }


def _register(address: str, body: dict[str, object], answered: list[str]) -> None:
    """One phone: each registration is sent under its own key until it is answered."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=address, headers=headers, timeout=30) as phone:
        for _ in range(EACH):
            key, is_answered = uuid4().hex, False
            while not is_answered:
                try:
                    answer = phone.post(
                        "/api/v1/items", json=[body], headers={"Idempotency-Key": key}
                    )
                except httpx.TransportError:
                    PAUSE.wait(0.1)
                    continue
                assert answer.status_code == 201, answer.text
                answered.append(answer.json()[0]["id"])
                is_answered = True


def test_every_registration_is_kept_exactly_once_through_three_kills(
    new_database: Callable[[], Database], tmp_path: Path
) -> None:
    database = new_database()
    body = _seed(database)
    server = DemoServer(tmp_path, database.url)
    server.start()
    answered: list[str] = []
    try:
        with ThreadPoolExecutor(PHONES) as pool:
            phones = [pool.submit(_register, server.address, body, answered) for _ in range(PHONES)]
            for kill in range(1, KILLS + 1):
                while len(answered) < kill * PHONES * EACH // (KILLS + 1):
                    PAUSE.wait(0.005)
                server.kill()
                server.start()
            for each in phones:
                each.result()
    finally:
        server.stop()

    with database.read() as session:
        kept = {str(each) for each in session.scalars(select(Item.id))}
        registered = session.scalar(
            select(func.count()).select_from(EventRow).where(EventRow.kind == ItemRegistered.kind)
        )
    assert len(answered) == PHONES * EACH
    assert kept == set(answered)
    assert len(kept) == len(answered) == registered
    environment = {
        **os.environ,
        "OMLOP_DATABASE_URL": database.url,
        "OMLOP_DATA_DIR": str(tmp_path),
    }
    told = subprocess.run(
        [sys.executable, "-m", "app", "verify"],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stdout + told.stderr
