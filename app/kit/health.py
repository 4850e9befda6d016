"""Whether this process lives, and whether it can do its work: ok or not, and nothing from inside.

``/healthz`` asks nothing of anything else, so that a dead database restarts no server. ``/readyz``
asks the database, its schema and the storage. Why something is not ready stands in the log alone:
these pages are open to everybody (guarantees C8).
"""

import hashlib
from functools import cache
from pathlib import Path
from uuid import UUID

import structlog
from alembic.script import ScriptDirectory
from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.kit.db import Database
from app.kit.errors import Problem
from app.kit.files import Files, StorageFull
from app.kit.web import Db

log = structlog.get_logger()

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
PROBE_OWNER = UUID(int=0)
"""No organisation has this id; the sweep may take the file, and the next question writes it."""
PROBE = b"ready"
PROBE_SUFFIX = "txt"
_DIGEST = hashlib.sha256(PROBE).hexdigest()
PROBE_KEY = f"{PROBE_OWNER}/{_DIGEST[:2]}/{_DIGEST[2:4]}/{_DIGEST}.{PROBE_SUFFIX}"

router = APIRouter()


@router.api_route("/healthz", methods=["GET", "HEAD"], name="health:alive")
async def alive() -> PlainTextResponse:
    """The process answers."""
    return PlainTextResponse("ok\n")


@router.api_route("/readyz", methods=["GET", "HEAD"], name="health:ready")
def ready(request: Request, db: Db) -> PlainTextResponse:
    """The database answers with this program's schema, and the storage takes and gives files."""
    is_ready = _has_schema(db) and _has_storage(request.app.state.files)
    if is_ready:
        return PlainTextResponse("ok\n")
    return PlainTextResponse("not ok\n", status_code=503, headers={"Retry-After": "10"})


@cache
def _head() -> str | None:
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _has_schema(db: Database) -> bool:
    try:
        with db.read() as session:
            found = session.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError as error:
        log.warning("not_ready", part="database", reason=type(error).__name__)
        return False
    if found != _head():
        log.warning("not_ready", part="schema", found=found, wanted=_head())
        return False
    return True


def _has_storage(files: Files) -> bool:
    """Writes once and only looks afterwards: the question is asked every few seconds."""
    try:
        if not files.exists(PROBE_KEY):
            files.put(PROBE_OWNER, PROBE, PROBE_SUFFIX)
    except StorageFull:
        return True  # what is stored can still be read; writing says so itself
    except Problem as error:
        log.warning("not_ready", part="storage", reason=type(error).__name__)
        return False
    return True
