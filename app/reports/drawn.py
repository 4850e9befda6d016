"""The report's page, drawn once for each link of its organisation's chain.

Every verb that changes what a report shows publishes an event, and its link moves the head of the
chain in the same transaction; the page prints that head. So a page drawn at the same head, for the
same reader's language and within the same minute, says the same, and another organisation's is
found by another key. Who may read it is asked before.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from fastapi import Request
from markupsafe import Markup

from app.accounts.actor import ORGANISATION_ID, Actor, Errand
from app.accounts.rules import Permission
from app.kit import i18n
from app.kit.chain import GENESIS, ChainHead
from app.kit.db import Database, clock_of
from app.kit.drawn import Store, draw, store
from app.kit.page import url
from app.reports import queries
from app.reports.figures import ProjectSummary
from app.reports.queries_pictures import photos_of, still_there
from app.reports.service import project_summary, some_pieces
from app.reports.service_frozen import frozen_of, read, some_frozen_pieces, versions_of
from app.reports.views import pieces_context, report_context
from app.reports.words_pictures import pairs_shown

MOST_KEPT = 100
"""About 60 kB each."""
_ERRAND = Errand(
    lambda who: who.outerjoin(ChainHead, ChainHead.org_id == ORGANISATION_ID).add_columns(
        ChainHead.digest.label("chain_digest")
    )
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the page says between its frame."""

    name: str
    html: Markup


def asked_for(request: Request) -> tuple[Actor, str]:
    """Who asks for a report, and the head of the chain, in one statement.

    Raises ``SignInRequired`` and ``Forbidden``.
    """
    actor, row = _ERRAND.asked_by_member(request)
    actor.must(Permission.REPORT_READ)
    return actor, row.chain_digest or GENESIS


def drawn_before(
    request: Request,
    actor: Actor,
    head: str,
    project_id: UUID,
    cursor: str | None,
    version: int | None = None,
) -> Drawn | None:
    """The page as it was drawn at this head of the chain."""
    now = request.app.state.db.clock.now()
    return _store(request).get(_key(actor, head, now, project_id, cursor, version))


def draw_report_once(
    request: Request,
    actor: Actor,
    head: str,
    project_id: UUID,
    cursor: str | None,
    version: int | None = None,
) -> Drawn:
    """As ``draw_report``; of several who ask at once for a page as it is at ``head``, one draws it."""
    with _store(request).turn((project_id, cursor, version)):
        found = drawn_before(request, actor, head, project_id, cursor, version)
        return found or draw_report(request, actor, project_id, cursor, version)


def draw_report(
    request: Request,
    actor: Actor,
    project_id: UUID,
    cursor: str | None,
    version: int | None = None,
) -> Drawn:
    """The page as things are now, or were as the project was closed.

    Raises ``ProjectNotFound``, ``ReportVersionNotFound`` and ``CursorUnknown``.
    """
    db: Database = request.app.state.db

    def here(cursor: str | None) -> str:
        query = {"cursor": cursor, "versjon": version}
        path = url(request, "reports:project", query=query, project_id=project_id)
        return f"{path}#pieces"

    with db.read() as session:
        versions = versions_of(session, actor, project_id)
        row = frozen_of(session, actor, project_id, version)
        report: ProjectSummary
        if row is None:
            report = project_summary(session, actor, project_id)
            some = some_pieces(session, actor, project_id, cursor=cursor)
        else:
            whole = read(row)
            report, some = whole, some_frozen_pieces(whole, cursor)
        there = still_there(session, actor, photos_of(report.pictures or ()))
        chain = queries.chain_head(session, actor)
        now = clock_of(session).now()
        facts = {
            **report_context(report),
            **pieces_context(some, report.programme.fulfilled_pieces),
            "pairs": pairs_shown(partial(url, request), report.pictures or (), there),
            "next_href": here(some.next) if some.next else None,
            "first_href": here(None) if cursor else None,
            "frozen": row,
            "versions": versions,
            "url": partial(url, request),
        }
        found = Drawn(report.project.name, draw(request, "reports/_project.html", facts))
    # The head of the same snapshot: another link may have come since the reader was asked for.
    head = chain.digest if chain else GENESIS
    return _store(request).keep(_key(actor, head, now, project_id, cursor, version), found)


def _store(request: Request) -> Store[Drawn]:
    return store(request, "project_reports", MOST_KEPT)


def _key(
    actor: Actor,
    head: str,
    now: datetime,
    project_id: UUID,
    cursor: str | None,
    version: int | None,
) -> Hashable:
    minute = now.replace(second=0, microsecond=0)  # as exact as the page says when it was made
    organisation = (actor.org_id, actor.organisation_name, actor.currency)
    return (*organisation, i18n.locale(), head, minute, project_id, cursor, version)
