"""One file through all steps to a preview, for page, API and command line alike.

Reading and judging hold no lock and no transaction; staging takes the writers' turn for a few
thousand rows at a time, so that others get theirs in between.
"""

import hashlib
import time
from uuid import UUID

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.kit.bulk import without_collecting
from app.kit.chance import new_id
from app.kit.db import Database
from app.kit.errors import Unavailable
from app.kit.i18n import N_
from app.kit.once import once
from app.kit.text import sayable
from app.transfer import queries, service
from app.transfer import service_staging as staging
from app.transfer.reading import read
from app.transfer.service import How, Look, Upload
from app.transfer.states import ImportState

ROWS_AT_ONCE = 5_000
WAIT_SECONDS = 60
LOOK_AGAIN_SECONDS = 0.2


@without_collecting()
def looked_at(db: Database, actor: Actor, content: bytes, name: str, how: How) -> Look:
    """The preview alone; nothing is written."""
    actor.must(Permission.IMPORT)
    sheet = read(content, name, sheet=how.mapping.sheet if how.mapping else "")
    with db.read() as session:
        known = queries.known(session, actor)
    found = service.look(actor, sheet, how, known)
    with db.read() as session:
        service.compare(session, actor, found)
    return found


@without_collecting()  # and not before all rows are gone again: they would be looked through
def previewed(
    db: Database, actor: Actor, content: bytes, name: str, how: How, key: str | None = None
) -> UUID:
    """Stages the preview and gives its run's id; a repeat under ``key`` gives the same id.

    A repeat that meets the first try at work waits for its preview. Raises ``Unavailable`` when
    that takes more than a minute.
    """
    name = sayable(name)
    found = looked_at(db, actor, content, name, how)
    upload = Upload(file_name=name[-200:], sha256=hashlib.sha256(content).hexdigest(), how=how)
    with db.write() as session:
        run_id: UUID = once(
            session,
            actor,
            key,
            [upload],
            lambda: [str(staging.begin(session, actor, upload).id)],
            lambda answer: UUID(answer[0]),
        )
    until = time.monotonic() + WAIT_SECONDS
    while not _is_staged(db, actor, run_id, found):
        if time.monotonic() > until:
            raise Unavailable(N_("Filen leses alt inn. Prøv igjen."), headers={"Retry-After": "5"})
        time.sleep(LOOK_AGAIN_SECONDS)
    return run_id


def _is_staged(db: Database, actor: Actor, run_id: UUID, found: Look) -> bool:
    """Whether the preview is there: it was, or is now, unless somebody else is at it."""
    with db.read() as session:
        run = queries.staged_run(session, actor, run_id)
        if run.state is not ImportState.STAGING:
            return True
        if not staging.is_free(session, run):
            return False
    token = new_id()
    try:
        with db.write(is_long=True) as session:
            staging.take(session, actor, run_id, token)
        for start in range(0, len(found.rows), ROWS_AT_ONCE):
            with db.write(is_long=True) as session:
                rows = found.rows[start : start + ROWS_AT_ONCE]
                staging.stage(session, actor, run_id, token, rows)
        with db.write() as session:
            staging.show(session, actor, run_id, token, found)
    except staging.StagedByAnother:
        return False
    return True
