"""Years of account: what each holds, its report as files, and closing it."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.models import Person
from app.accounts.rules import Permission
from app.impact.rules import View
from app.kit.errors import Conflict
from app.kit.exports import Format
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect, url
from app.kit.web import Db
from app.ledger.api_period import periods, sent
from app.ledger.models import Period
from app.ledger.queries_period import PeriodReport, Sum, entries_booked
from app.ledger.service_period import (
    ClosePeriod,
    close_period,
    own_period,
    print_for_closing,
    refusal,
    report_of,
    unchanged,
)
from app.ledger.wording import VIEW_MEANING, VIEWS, about_mass, about_money

router = APIRouter(prefix="/perioder")

CloseForm = Annotated[Submission[ClosePeriod], Depends(submitted(ClosePeriod))]
CHECKED_AT_ONCE = 2_000
"""Entries of a closed year that a page may print again unasked; of more, somebody asks for it."""
SHOWN_GROUPS = ("source", "giver_unit_id", "receiver_unit_id")


@router.get("", name="periods:browse")
def browse(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.REPORT_READ)
    with db.read() as session:
        rows = [
            {
                "period": each,
                "href": url(request, "periods:show", period_id=each.id),
                "entries": entries_booked(session, actor.org_id, each.id),
            }
            for each in periods(session, actor)
        ]
        return page(
            request, "ledger/periods.html", rows=rows, twin=url(request, "api:periods:list")
        )


@router.get("/{period_id}", name="periods:show")
def show(
    request: Request,
    period_id: UUID,
    actor: SignedIn,
    db: Db,
    check: Annotated[str, Query(alias="kontroll", max_length=1)] = "",
) -> Response:
    """Its sums; of a closed year also whether its report is what it was."""
    actor.must(Permission.REPORT_READ)
    with db.read() as session:
        return _show(request, session, actor, period_id, is_checked=check == "1")


@router.post("/{period_id}/lukk", name="periods:close")
def close(request: Request, period_id: UUID, form: CloseForm, actor: SignedIn, db: Db) -> Response:
    actor.must_everywhere(Permission.PERIOD_CLOSE)
    command = form.valid(period_id=period_id)
    try:
        with db.read() as session:
            made = print_for_closing(session, actor, command)
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: [str(close_period(session, actor, command, made).id)],
            )
    except Conflict as problem:
        with db.read() as session:
            return _show(request, session, actor, period_id, problem=problem)
    message = gettext(N_("Perioden er lukket."))
    return redirect(request, "periods:show", message=message, period_id=period_id)


@router.get("/{period_id}/rapport.json", name="periods:json")
def report_json(period_id: UUID, actor: SignedIn, db: Db) -> Response:
    return sent(db, actor, period_id, Format.JSON)


@router.get("/{period_id}/rapport.csv", name="periods:csv")
def report_csv(period_id: UUID, actor: SignedIn, db: Db) -> Response:
    return sent(db, actor, period_id, Format.CSV)


@router.get("/{period_id}/rapport.xlsx", name="periods:xlsx")
def report_xlsx(period_id: UUID, actor: SignedIn, db: Db) -> Response:
    """With every entry, the sums, the method and the factors, a sheet each."""
    return sent(db, actor, period_id, Format.XLSX)


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    period_id: UUID,
    *,
    is_checked: bool = False,
    problem: Conflict | None = None,
) -> Response:
    period = own_period(session, actor, period_id)
    booked = entries_booked(session, actor.org_id, period.id)
    report = report_of(session, actor, period)
    hindered = refusal(session, actor, period) if period.closed_at is None else None
    may_close = actor.may_everywhere(Permission.PERIOD_CLOSE)
    check = None
    if period.closed_at is not None and (is_checked or booked <= CHECKED_AT_ONCE):
        check = unchanged(session, actor, period)
    return page(
        request,
        "ledger/period.html",
        status=problem.status if problem else 200,
        period=period,
        booked=booked,
        closed_by=_name(session, period),
        totals=[_total(each, report) for each in report.sums if each.group == "all"],
        groups=_groups(report),
        may_close=may_close and period.closed_at is None and hindered is None,
        hindered=_said(hindered) if may_close and hindered else None,
        error=_said(problem) if problem else None,
        check=None if check is None else [(form.value.upper(), ok) for form, ok in check.items()],
        is_unchanged=check is not None and all(check.values()),
        check_href=url(request, "periods:show", query={"kontroll": "1"}, period_id=period.id),
        files=[
            (form.value.upper(), url(request, f"periods:{form.value}", period_id=period.id))
            for form in (Format.XLSX, Format.CSV, Format.JSON)
        ],
        key=str(uuid4()),
        twin=url(request, "api:periods:get", period_id=period.id),
    )


def _said(problem: Conflict) -> str:
    return gettext(problem.detail or problem.title, **problem.values)


def _name(session: Session, period: Period) -> str | None:
    if period.closed_by_id is None:
        return None
    person = session.get(Person, period.closed_by_id)
    return None if person is None else person.name


def _figures(found: Sum, currency: str) -> dict[str, Any]:
    unknown = gettext("ikke beregnet"), None
    return {
        "co2e": about_mass(found.co2e_g) if found.co2e_g else unknown,
        "waste": about_mass(found.waste_g),
        "saved": about_money(found.saved_ore, currency) if found.saved_ore else unknown,
    }


def _total(found: Sum, report: PeriodReport) -> dict[str, Any]:
    return {
        "view": gettext(VIEWS[found.view]),
        "meaning": gettext(VIEW_MEANING[found.view]),
        "entries": found.entries,
        "not_calculated": found.not_calculated,
        **_figures(found, report.head["currency"]),
    }


def _groups(report: PeriodReport) -> list[tuple[str, Sequence[tuple[str, ...]]]]:
    """Tables by source and by unit, each entry's unit once as giver and once as receiver."""
    texts, names = report.head["texts"], report.head["names"]
    # A correction may book in one view alone: what a later use changes is net.
    both: dict[str, dict[str | None, dict[View, Sum]]] = {each: {} for each in SHOWN_GROUPS}
    for found in report.sums:
        if found.group in both:
            both[found.group].setdefault(found.key, {})[found.view] = found
    tables: list[tuple[str, Sequence[tuple[str, ...]]]] = []
    for group, by_key in both.items():
        known = texts["words"] if group == "source" else names["unit_id"]
        rows = []
        for key, views in by_key.items():
            gross, net = (_cells(views.get(view), report) for view in (View.GROSS, View.NET))
            name = gettext("Ingen") if key is None else known.get(key, key)
            rows.append((name, gross[0], gross[1], net[1], gross[2], net[2]))
        if rows:
            tables.append((texts["groups"][group], rows))
    return tables


def _cells(found: Sum | None, report: PeriodReport) -> tuple[str, str, str]:
    if found is None:
        return "–", "–", "–"
    figures = _figures(found, report.head["currency"])
    return figures["waste"][0], figures["co2e"][0], figures["saved"][0]
