"""The pictures of what comes from another organisation: stored for the receiver before it is written.

Files are stored first and rows second, as everywhere: a receipt that is refused leaves files without
a row, which the sweep removes.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from app.accounts.actor import Actor
from app.fieldwork.queries import codes_among
from app.handovers.queries_across import coming_by_code, pieces_coming
from app.handovers.service_unconfirmed import overdue_lines, receiver_for
from app.items.service_taken_over import copy_pictures, pictures_of
from app.kit.db import Database
from app.kit.files import Files


def copied(files: Files, db: Database, actor: Actor, line_ids: Collection[UUID]) -> dict[str, str]:
    """Of the giver's lines that are on their way to the actor's organisation."""
    with db.read() as session:
        pictures = [
            each
            for giver_id, item_ids in pieces_coming(session, actor, line_ids).items()
            for each in pictures_of(session, giver_id, item_ids)
        ]
    return copy_pictures(files, actor.org_id, pictures)


def copied_overdue(
    files: Files, db: Database, actor: Actor, outside_request_id: UUID
) -> dict[str, str]:
    """Of what the giver may confirm for another organisation; none where there is nothing, or no more."""
    with db.read() as session:
        ids = overdue_lines(session, actor, outside_request_id)
        receiver = receiver_for(session, actor, outside_request_id)
    return copied(files, db, receiver, ids)


def copied_of_labels(
    files: Files, db: Database, actor: Actor, texts: Sequence[str]
) -> dict[str, str]:
    """Of the labels among what was scanned."""
    with db.read() as session:
        coming = coming_by_code(session, actor, set(codes_among(texts).values()))
    return copied(files, db, actor, [each.line_id for each in coming.values()]) if coming else {}
