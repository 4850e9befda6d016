"""One file through all steps to a preview, for page, API and command line alike.

Reading and judging hold no lock and no transaction; staging takes the writers' turn for a few
thousand rows at a time, so that others get theirs in between.
"""

import hashlib
from uuid import UUID

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.kit.bulk import without_collecting
from app.kit.db import Database
from app.kit.once import once
from app.transfer import queries, service
from app.transfer.models import ImportRun
from app.transfer.reading import read
from app.transfer.service import ROWS_AT_ONCE, How, Look, Upload
from app.transfer.states import ImportState


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
    """Stages the preview and gives its run's id; a repeat under ``key`` gives the same id."""
    found = looked_at(db, actor, content, name, how)
    upload = Upload(file_name=name[-200:], sha256=hashlib.sha256(content).hexdigest(), how=how)
    with db.write() as session:
        answer = once(
            session, actor, key, [upload], lambda: [str(service.begin(session, actor, upload).id)]
        )
        run_id = UUID(answer[0])
        if session.get_one(ImportRun, run_id).state is not ImportState.STAGING:
            return run_id
        # A first try may have been cut off halfway.
        service.forget_rows(session, actor.org_id, run_id)
    for start in range(0, len(found.rows), ROWS_AT_ONCE):
        with db.write() as session:
            service.stage(session, actor, run_id, found.rows[start : start + ROWS_AT_ONCE])
    with db.write() as session:
        service.show(session, actor, run_id, found)
    return run_id
