"""A programme's file to its preview, for page and API alike."""

import hashlib
from uuid import UUID

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.kit.db import Database
from app.kit.once import once
from app.transfer import service_programme as service
from app.transfer.programme_sheet import read_programme
from app.transfer.reading import read
from app.transfer.service_programme import KeepSheet
from app.transfer.sheet_limits import LIMITS

BODY_BYTES = LIMITS.file_bytes + 200_000
"""One file at its limit, and the form around it."""


def kept(
    db: Database, actor: Actor, project_id: UUID, content: bytes, name: str, key: str | None
) -> UUID:
    """The preview's id. Reading holds no lock and no transaction."""
    actor.must(Permission.PROJECT_EDIT)
    sheet = read(content, name)
    with db.read() as session:
        words = service.known_words(session, actor)
    found = read_programme(sheet, words._replace(today=db.clock.today()))
    digest = hashlib.sha256(content).hexdigest()
    command = KeepSheet(project_id=project_id, file_name=name[-1_000:], sha256=digest)
    with db.write() as session:
        sheet_id: UUID = once(
            session,
            actor,
            key,
            [command],
            lambda: str(service.keep_sheet(session, actor, command, found).id),
            UUID,
        )
    return sheet_id
