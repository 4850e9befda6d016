"""The rows of a preview are staged in several units of work, by one request at a time.

A repeated request finds the run of the first. Both would stage all rows, so the one that may holds
the run's token, and each of its units proves that it still does. Who was cut off is not heard of
any more, and another begins anew.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.kit.bulk import insert_rows
from app.kit.chance import new_id
from app.kit.db import changed_rows, clock_of
from app.kit.errors import Conflict
from app.kit.i18n import N_
from app.kit.once import KEPT
from app.kit.states import advance
from app.transfer import queries
from app.transfer.models import ImportRow, ImportRun
from app.transfer.service import Look, Upload
from app.transfer.service_apply import ImportFinished, locked
from app.transfer.states import ImportState, ImportVerb

SILENT = timedelta(seconds=30)
"""Longer than one unit can wait for its turn and then take; after it the run is anybody's."""
LEFT = timedelta(hours=1)
"""Longer than anybody tries again by itself; after it what was staged is swept."""


class StagedByAnother(Conflict):
    title = N_("En annen forespørsel leser alt inn denne filen.")


def begin(session: Session, actor: Actor, upload: Upload) -> ImportRun:
    """The run, before its rows: nobody sees it until ``show``."""
    actor.must(Permission.IMPORT)
    made = ImportRun(
        id=new_id(),
        org_id=actor.org_id,
        state=ImportState.STAGING,
        file_name=upload.file_name,
        sha256=upload.sha256,
        mapping=upload.how.model_dump(mode="json"),
        report={},
        person_id=actor.person_id,
        created_at=clock_of(session).now(),
        applied_at=None,
        undone_at=None,
        staging_token=None,
        staging_at=None,
    )
    session.add(made)
    session.flush()  # rows staged in units of work of their own refer to it
    return made


def is_free(session: Session, run: ImportRun) -> bool:
    """Whether nobody stages the run's rows, or nobody has been heard of lately."""
    return run.staging_at is None or run.staging_at < clock_of(session).now() - SILENT


def take(session: Session, actor: Actor, run_id: UUID, token: UUID) -> None:
    """Makes the run ours to stage, from the first row on. Raises ``StagedByAnother``."""
    actor.must(Permission.IMPORT)
    now = clock_of(session).now()
    is_free = ImportRun.staging_at.is_(None) | (ImportRun.staging_at < now - SILENT)
    _sign(session, actor, run_id, token, now, is_free)
    forget_rows(session, actor.org_id, run_id)  # of somebody who was cut off


def stage(
    session: Session, actor: Actor, run_id: UUID, token: UUID, rows: Sequence[dict[str, Any]]
) -> None:
    """Some of the rows; the caller gives other writers their turn between the calls."""
    actor.must(Permission.IMPORT)
    _sign_again(session, actor, run_id, token)
    shared = {"org_id": actor.org_id, "import_run_id": run_id}
    insert_rows(session, ImportRow.metadata.tables[ImportRow.__tablename__], rows, shared=shared)


def show(session: Session, actor: Actor, run_id: UUID, token: UUID, found: Look) -> None:
    """All rows are staged: the preview can be looked at and applied."""
    actor.must(Permission.IMPORT)
    _sign_again(session, actor, run_id, token)
    staged = queries.staged_run(session, actor, run_id)
    values = {
        "report": found.report(),
        "mapping": found.how.model_dump(mode="json"),
        "staging_token": None,
        "staging_at": None,
    }
    advance(session, [staged], ImportVerb.SHOW, values=values)


def discard(session: Session, actor: Actor, run_id: UUID) -> None:
    """Takes a preview away, also when it is read anew with other choices.

    Raises ``ImportFinished`` when it is one no longer.
    """
    actor.must(Permission.IMPORT)
    found = locked(session, actor, run_id)  # it may be being applied at this moment
    if found.state is not ImportState.PREVIEWED:
        raise ImportFinished(state=found.state.value)
    forget_rows(session, actor.org_id, run_id)
    session.delete(found)


def forget_rows(session: Session, org_id: UUID, run_id: UUID) -> int:
    done = session.execute(
        delete(ImportRow).where(ImportRow.org_id == org_id, ImportRow.import_run_id == run_id)
    )
    return changed_rows(done)


def forget_cut_off(session: Session) -> int:
    """Takes away what was staged for runs that nobody is at any more, and in the end these too.

    A repeat under the run's key still finds the run, and stages it anew, for as long as keys are
    kept. Gives the number of rows.
    """
    now = clock_of(session).now()
    silent = (
        update(ImportRun)
        .where(ImportRun.state == ImportState.STAGING, ImportRun.staging_at < now - LEFT)
        .values(staging_token=None, staging_at=None)  # who was at it is shut out from here on
        .returning(ImportRun.org_id, ImportRun.id)
        .execution_options(synchronize_session=False)
    )
    rows = 0
    for org_id, run_id in session.execute(silent).all():
        rows += forget_rows(session, org_id, run_id)
    session.execute(
        delete(ImportRun)
        .where(ImportRun.state == ImportState.STAGING, ImportRun.staging_at.is_(None))
        .where(ImportRun.created_at < now - KEPT - LEFT)
        .execution_options(synchronize_session=False)
    )
    return rows


def _sign_again(session: Session, actor: Actor, run_id: UUID, token: UUID) -> None:
    now = clock_of(session).now()
    _sign(session, actor, run_id, token, now, ImportRun.staging_token == token)


def _sign(
    session: Session,
    actor: Actor,
    run_id: UUID,
    token: UUID,
    now: datetime,
    allowed: ColumnElement[bool],
) -> None:
    """Under the row's lock until the unit ends: nobody takes the run meanwhile."""
    signed = session.execute(
        update(ImportRun)
        .where(ImportRun.org_id == actor.org_id, ImportRun.id == run_id)
        .where(ImportRun.state == ImportState.STAGING, allowed)
        .values(staging_token=token, staging_at=now)
        .execution_options(synchronize_session=False)
    )
    if not changed_rows(signed):
        raise StagedByAnother
