"""Closes years of account, and prints their reports.

Printing may take seconds and no write lock waits for it: the report is made from a snapshot first,
and what is written afterwards holds only if nothing was booked in the year meanwhile.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.rules import Permission
from app.catalogue.models import Category
from app.catalogue.queries import category_name
from app.kit.canonical import canonical
from app.kit.chain import GENESIS, ChainHead
from app.kit.db import clock_of
from app.kit.errors import Conflict, NotFound
from app.kit.events import publish
from app.kit.exports import Format
from app.kit.i18n import N_, locale
from app.ledger.events import PeriodClosed
from app.ledger.models import LedgerEntry, Period
from app.ledger.outputs_period import FORM, digest, printed
from app.ledger.queries_period import PeriodReport, entries, entries_booked, factors, sums, told_of
from app.ledger.rules_period import Hindrance, hindrance
from app.ledger.rules_report import texts
from app.projects.models import Project


class PeriodNotFound(NotFound):
    title = N_("Fant ikke perioden.")


class PeriodClosedAlready(Conflict):
    title = N_("Perioden er alt lukket.")


class PeriodNotOver(Conflict):
    title = N_("Perioden er ikke over.")


class EarlierPeriodOpen(Conflict):
    title = N_("En tidligere periode er åpen.")


class BookedMeanwhile(Conflict):
    title = N_("Det ble ført noe i perioden mens den ble lukket. Prøv igjen.")


REFUSALS: Mapping[Hindrance, tuple[type[Conflict], str]] = {
    Hindrance.CLOSED: (PeriodClosedAlready, N_("%(year)s er alt lukket.")),
    Hindrance.NOT_OVER: (
        PeriodNotOver,
        N_("%(year)s er ikke over. Perioden kan lukkes fra 1. januar %(next)s."),
    ),
    Hindrance.EARLIER_OPEN: (
        EarlierPeriodOpen,
        N_("%(year)s er åpen. Lukk den først: perioder lukkes i rekkefølge."),
    ),
}


class ClosePeriod(BaseModel):
    """Closes a year for good: it can not be opened again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    period_id: UUID


@dataclass(frozen=True, slots=True)
class Printed:
    """A year's report as it was printed from one snapshot, and what it was printed from."""

    at: datetime
    entries: int
    chain_seq: int
    chain_digest: str
    frozen: str
    sha256: Mapping[Format, str]


def own_period(session: Session, actor: Actor, period_id: UUID) -> Period:
    """Raises ``PeriodNotFound`` for another organisation's as for none."""
    query = select(Period).where(Period.org_id == actor.org_id, Period.id == period_id)
    found = session.scalar(query)
    if found is None:
        raise PeriodNotFound
    return found


def refusal(session: Session, actor: Actor, period: Period) -> Conflict | None:
    """Why the year can not be closed now, to be raised or shown."""
    rows = session.execute(
        select(Period.year, Period.closed_at).where(Period.org_id == actor.org_id)
    )
    is_closed = {row.year: row.closed_at is not None for row in rows}
    found = hindrance(period.year, is_closed, clock_of(session).today())
    if found is None:
        return None
    reason, year = found
    problem, text = REFUSALS[reason]
    return problem(text, values={"year": year, "next": year + 1})


def print_for_closing(session: Session, actor: Actor, command: ClosePeriod) -> Printed | None:
    """The first half of closing, for a reading session: the report in its three forms.

    Nothing where the year is closed already: the answer may be kept under the caller's key. Raises
    ``PeriodNotFound``, ``PeriodNotOver`` and ``EarlierPeriodOpen``.
    """
    actor.must_everywhere(Permission.PERIOD_CLOSE)
    period = own_period(session, actor, command.period_id)
    if period.closed_at is not None:
        return None
    if (problem := refusal(session, actor, period)) is not None:
        raise problem
    now = clock_of(session).now()
    head = session.get(ChainHead, actor.org_id)
    seq, tip = (head.seq, head.digest) if head else (0, GENESIS)
    frozen = canonical(
        head_of(session, actor, period)
        | {"closed_at": now.isoformat(), "chain_seq": seq, "chain_digest": tip}
    )
    report = _report(session, actor, period, json.loads(frozen))
    return Printed(
        at=now,
        entries=entries_booked(session, actor.org_id, period.id),
        chain_seq=seq,
        chain_digest=tip,
        frozen=frozen,
        sha256={form: digest(_printed(session, actor, period, report, form)) for form in Format},
    )


def close_period(
    session: Session, actor: Actor, command: ClosePeriod, made: Printed | None
) -> Period:
    """The second half: keeps what was printed. Of two at once the first closes.

    Raises ``PeriodClosedAlready``, and ``BookedMeanwhile`` where the report is out of date.
    """
    actor.must_everywhere(Permission.PERIOD_CLOSE)
    query = select(Period).where(Period.org_id == actor.org_id, Period.id == command.period_id)
    locked = query.with_for_update().execution_options(populate_existing=True)
    period = session.scalar(locked)
    if period is None:
        raise PeriodNotFound
    if (problem := refusal(session, actor, period)) is not None:
        raise problem
    if made is None or made.entries != entries_booked(session, actor.org_id, period.id):
        raise BookedMeanwhile
    period.closed_at = made.at
    period.closed_by_id = actor.person_id
    period.entries = made.entries
    period.chain_seq, period.chain_digest = made.chain_seq, made.chain_digest
    period.frozen = made.frozen
    period.json_sha256 = made.sha256[Format.JSON]
    period.csv_sha256 = made.sha256[Format.CSV]
    period.xlsx_sha256 = made.sha256[Format.XLSX]
    publish(session, [PeriodClosed.of(period, actor.person_id, **told_of(period))])
    return period


def print_period(
    session: Session, actor: Actor, period_id: UUID, form: Format
) -> tuple[Period, Iterator[bytes]]:
    """The year's report: of a closed one as it was closed, of an open one as things are now."""
    actor.must(Permission.REPORT_READ)
    period = own_period(session, actor, period_id)
    report = report_of(session, actor, period)
    return period, _printed(session, actor, period, report, form)


def unchanged(session: Session, actor: Actor, period: Period) -> dict[Format, bool]:
    """Whether a closed year's report, printed from the ledger again, has the bytes it had."""
    report = report_of(session, actor, period)
    kept = {
        Format.JSON: period.json_sha256,
        Format.CSV: period.csv_sha256,
        Format.XLSX: period.xlsx_sha256,
    }
    return {
        form: digest(_printed(session, actor, period, report, form)) == sha256
        for form, sha256 in kept.items()
    }


def report_of(session: Session, actor: Actor, period: Period) -> PeriodReport:
    if period.frozen is not None:
        return _report(session, actor, period, json.loads(period.frozen))
    now = clock_of(session).now().isoformat()
    head = head_of(session, actor, period) | {"made_at": now, "closed_at": None}
    return _report(session, actor, period, head)


def _report(
    session: Session, actor: Actor, period: Period, head: Mapping[str, Any]
) -> PeriodReport:
    return PeriodReport(
        head,
        sums(session, actor.org_id, period.id),
        factors(session, actor.org_id, period.id),
    )


def _printed(
    session: Session, actor: Actor, period: Period, report: PeriodReport, form: Format
) -> Iterator[bytes]:
    return printed(form, report, lambda: entries(session, actor.org_id, period.id))


def head_of(session: Session, actor: Actor, period: Period) -> dict[str, Any]:
    """What the report says that is not in the ledger, as it is now."""
    return {
        "form": FORM,
        "organisation": actor.organisation_name,
        "currency": actor.currency,
        "language": locale(),
        "year": period.year,
        "names": _names(session, actor, period),
        "texts": texts(actor.currency),
    }


def _names(session: Session, actor: Actor, period: Period) -> dict[str, dict[str, str]]:
    """Of the categories, units and projects that the period's entries point at."""
    of_period = (LedgerEntry.org_id == actor.org_id, LedgerEntry.period_id == period.id)

    def named(model: Any, *columns: Any) -> dict[str, str]:
        ids: set[Any] = set()
        for column in columns:
            ids.update(session.scalars(select(column).where(*of_period).distinct()))
        rows = session.execute(
            select(model.id, model.name).where(model.org_id == actor.org_id, model.id.in_(ids))
        )
        return {str(row.id): row.name for row in rows}

    used = select(LedgerEntry.category_id).where(*of_period)
    categories = session.scalars(select(Category).where(Category.id.in_(used)))
    return {
        "category_id": {each.id: category_name(each) for each in categories},
        "unit_id": named(Unit, LedgerEntry.giver_unit_id, LedgerEntry.receiver_unit_id),
        "project_id": named(Project, LedgerEntry.project_id),
    }
