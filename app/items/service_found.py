"""Found reports: what anybody sends from a label's page, and what the furniture manager does."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints
from sqlalchemy.orm import Session

from app.accounts.actor import SYSTEM, Actor
from app.accounts.attempts import WINDOW, count_attempt
from app.accounts.rules import Permission
from app.items import events
from app.items.commands import Command, Note, Words
from app.items.models import FoundReport
from app.items.queries_codes import find_by_code, found_reports_visible_to, is_used_up
from app.items.rules import FoundReportState, FoundReportVerb
from app.items.service_codes import CodeUnknown, TypedCode
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, NotFound, TooMany
from app.kit.events import Change, Changes, Event, publish, revise
from app.kit.i18n import N_
from app.kit.states import advance

MOST_WRONG_CODES = 60
"""Codes that lead nowhere, a quarter of an hour from one address: a hospital's whole house."""

MOST_REPORTS = 10
"""Reports a quarter of an hour, from one address and about one piece."""


class FoundReportDone(Conflict):
    title = N_("Noen andre har alt tatt hånd om meldingen.")


class Report(Command):
    """What somebody who stands beside the piece has to say; nobody has to say who they are."""

    code: TypedCode
    text: Annotated[Note, StringConstraints(strip_whitespace=True), Field(min_length=3)]
    contact: Words | None = None


class OfFoundReport(Command):
    found_report_id: UUID


class Anybody:
    """Whose idempotency key a stranger's form has: the organisation's, and nobody's."""

    def __init__(self, org_id: UUID) -> None:
        self.org_id = org_id
        self.caller_id = SYSTEM


def may_look_up(session: Session, address: str) -> None:
    """Raises ``TooMany`` when this address has tried out too many codes; a good one then too.

    Else a guesser would only have to go on to learn which of the answers is a hit.
    """
    now = clock_of(session).now().timestamp()
    window = int(now // WINDOW.total_seconds())
    if is_used_up(session, _wrong_key(address), window, MOST_WRONG_CODES):
        left = int((window + 1) * WINDOW.total_seconds() - now) + 1
        raise TooMany(headers={"Retry-After": str(left)})


def count_wrong_code(session: Session, address: str) -> None:
    """One code from this address that led nowhere. Raises ``TooMany``."""
    count_attempt(session, _wrong_key(address), MOST_WRONG_CODES)


def _wrong_key(address: str) -> str:
    return f"wrong-code:{address}"


def report(session: Session, command: Report, person_id: UUID | None, address: str) -> FoundReport:
    """Keeps a report about the piece that the code leads to, for its organisation only.

    The one verb that needs no permission: the label asks everybody. Raises ``TooMany`` and
    ``CodeUnknown``, the latter for a blank label too.
    """
    found = find_by_code(session, command.code)
    if found is None or found.item_id is None or found.is_gone:
        raise CodeUnknown
    count_attempt(session, f"found-report:{address}", MOST_REPORTS)
    count_attempt(session, f"found-report:{found.item_id}", MOST_REPORTS)
    row = FoundReport(
        id=new_id(),
        org_id=found.org_id,
        state=FoundReportState.OPEN,
        item_id=found.item_id,
        text=command.text,
        contact=command.contact,
        created_at=clock_of(session).now(),
    )
    session.add(row)
    publish(
        session,
        [
            events.ItemFoundReported(
                org_id=row.org_id,
                subject_id=row.item_id,
                person_id=person_id,
                report_id=row.id,
            )
        ],
    )
    return row


def close_found_reports(
    session: Session, actor: Actor, commands: Sequence[OfFoundReport]
) -> list[FoundReport]:
    """They are dealt with. Raises ``FoundReportDone`` when somebody else was first."""
    actor.must(Permission.FOUND_REPORT_HANDLE)
    return _moved(session, actor, commands, FoundReportVerb.CLOSE, events.FoundReportClosed)


def reopen_found_reports(
    session: Session, actor: Actor, commands: Sequence[OfFoundReport]
) -> list[FoundReport]:
    """They were not dealt with after all."""
    actor.must(Permission.FOUND_REPORT_HANDLE)
    return _moved(session, actor, commands, FoundReportVerb.REOPEN, events.FoundReportReopened)


def _moved(
    session: Session,
    actor: Actor,
    commands: Sequence[OfFoundReport],
    verb: FoundReportVerb,
    event: type[events.FoundReportClosed | events.FoundReportReopened],
) -> list[FoundReport]:
    wanted = {command.found_report_id for command in commands}
    rows = list(
        session.scalars(
            found_reports_visible_to(actor)
            .where(FoundReport.id.in_(wanted))
            .order_by(FoundReport.id)
        )
    )
    if len(rows) < len(wanted):
        raise NotFound(N_("Fant ikke meldingen."))
    before = {row.id: row.state for row in rows}
    advance(session, rows, verb, refused=FoundReportDone)
    told: list[tuple[Event, Changes]] = [
        (
            event(
                org_id=row.org_id,
                subject_id=row.item_id,
                person_id=actor.person_id,
                report_id=row.id,
            ),
            {"state": Change(before[row.id], row.state)},
        )
        for row in rows
    ]
    publish(session, [each for each, _ in told])
    revise(session, told)
    return rows
