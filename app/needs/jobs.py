"""Work by the clock: what is new is looked through for needs and wishes, and told once a day."""

from uuid import UUID

import structlog
from sqlalchemy import select

from app.accounts.models import Organisation
from app.kit.jobs import Parts
from app.needs.found import found_since
from app.needs.service_watch import keep, tell_found

log = structlog.get_logger()


def watch(parts: Parts) -> None:
    """Every organisation's news, in short units of work: what takes time is read before them."""
    for org_id in _organisations(parts):
        is_on = True
        while is_on:
            with parts.db.read() as session:
                found = found_since(session, org_id)
            if found.is_done:
                break
            with parts.db.write() as session:
                is_on = keep(session, org_id, found)
            if found.finds:
                log.info("found_for_needs", finds=len(found.finds))
        with parts.db.write() as session:
            tell_found(session, org_id)


def _organisations(parts: Parts) -> list[UUID]:
    with parts.db.read() as session:
        return list(session.scalars(select(Organisation.id).order_by(Organisation.id)))
