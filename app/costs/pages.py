"""The month's basis for internal invoices: sums, lines, each line with what it rests on, and files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.models import Unit
from app.accounts.queries import unit_choices, units_below, units_visible_to
from app.catalogue.models import Category
from app.catalogue.queries import category_name
from app.costs import views
from app.costs.models import CostEntry
from app.costs.names import KINDS, PAYERS
from app.costs.queries import (
    NEWEST_FIRST,
    entries_between,
    entries_visible_to,
    entry_of,
    must_see_costs,
    reversal_of,
    rules_of,
    sums_of,
    with_names,
)
from app.costs.rules import NO_MONTH, month_of
from app.kit.errors import Invalid
from app.kit.exports import MEDIA_TYPES, Format, Sheet, as_book, as_csv
from app.kit.i18n import N_, gettext
from app.kit.page import page, url
from app.kit.paging import Cursor, keyset
from app.kit.web import Db

router = APIRouter(prefix="/kostnader")
A_PAGE = 50


@dataclass(frozen=True)
class Asked:
    """What is asked for, as typed; an empty field is no bound."""

    month: str
    unit: str

    @property
    def kept(self) -> dict[str, str]:
        return {"maned": self.month.replace("\x00", ""), "enhet": self.unit.replace("\x00", "")}

    @property
    def bounds(self) -> tuple[date, date] | None:
        return month_of(self.month)

    @property
    def unit_id(self) -> UUID | None:
        try:
            return UUID(self.unit)
        except ValueError:
            return None

    def entries(self, session: Session, actor: Actor) -> Select[CostEntry]:
        """Raises ``Invalid`` at the field: a basis is not widened by what was mistyped."""
        wrong = {}
        if self.month and self.bounds is None:
            wrong["maned"] = NO_MONTH
        if self.unit and self.unit_id is None:
            wrong["enhet"] = N_("Velg en enhet fra listen.")
        if wrong:
            raise Invalid(by_field=wrong)
        unit_id = self.unit_id
        below = None if unit_id is None else units_below(session, actor, unit_id)
        return entries_between(actor, self.bounds, below)


def asked(
    db: Db,
    month: Annotated[str | None, Query(alias="maned", max_length=7)] = None,
    unit: Annotated[str, Query(alias="enhet", max_length=36)] = "",
) -> Asked:
    """This month where none is said; an empty one is all there is."""
    typed = f"{db.clock.today():%Y-%m}" if month is None else month
    return Asked(typed, unit)


Wanted = Annotated[Asked, Depends(asked)]


@router.get("", name="costs:browse")
def browse(
    request: Request, actor: SignedIn, db: Db, wanted: Wanted, cursor: Cursor = None
) -> Response:
    """Who owes whom what for a month; eight statements however many lines there are."""
    with db.read() as session:
        must_see_costs(session, actor)
        try:
            query = wanted.entries(session, actor)
        except Invalid as problem:
            return _refused(request, session, actor, wanted, problem)
        found = keyset(
            session,
            with_names(query),
            NEWEST_FIRST,
            cursor=cursor,
            limit=A_PAGE,
            rows=lambda result: result.all(),
            position=lambda row: (row[0].booked_at, row[0].id),
        )
        further = url(request, "costs:browse", query={**wanted.kept, "cursor": found.next})
        asked_for = {"month": wanted.month} if wanted.bounds else {}
        if wanted.unit_id is not None:
            asked_for["unit_id"] = str(wanted.unit_id)
        return page(
            request,
            "costs/browse.html",
            form=wanted.kept,
            errors={},
            sums=views.sums_shown(sums_of(session, query)),
            lines=[views.line_of(each) for each in found.rows],
            units=unit_choices(session, actor),
            is_month=wanted.bounds is not None,
            has_rule=bool(rules_of(session, actor.org_id)),
            months=_neighbours(request, wanted),
            next_href=further if found.next else None,
            first_href=url(request, "costs:browse", query=wanted.kept) if cursor else None,
            csv_href=url(request, "costs:csv", query=wanted.kept),
            xlsx_href=url(request, "costs:xlsx", query=wanted.kept),
            twin=url(request, "api:cost_entries:list", query=asked_for),
        )


def _refused(
    request: Request, session: Session, actor: Actor, wanted: Asked, problem: Invalid
) -> Response:
    """What was mistyped, and no figures beside it."""
    return page(
        request,
        "costs/browse.html",
        status=problem.status,
        form=wanted.kept,
        errors={name: gettext(text) for name, text in problem.by_field.items()},
        units=unit_choices(session, actor),
        lines=[],
        months=[],
        twin=url(request, "api:cost_entries:list"),
    )


def _neighbours(request: Request, wanted: Asked) -> list[tuple[str, str]]:
    """The months before and after, as links."""
    bounds = wanted.bounds
    if bounds is None:
        return []
    days = bounds[0] - timedelta(days=1), bounds[1]
    return [
        (
            f"{day:%Y-%m}",
            url(request, "costs:browse", query={**wanted.kept, "maned": f"{day:%Y-%m}"}),
        )
        for day in days
    ]


def _all(session: Session, query: Select[CostEntry]) -> Sequence[Any]:
    """For a file: as they were booked, the oldest first."""
    named = with_names(query).order_by(CostEntry.booked_at, CostEntry.id)
    return session.execute(named).all()


@router.get("/fil.csv", name="costs:csv")
def download_csv(actor: SignedIn, db: Db, wanted: Wanted) -> Response:
    """The lines for the accounts; amounts in kroner."""
    with db.read() as session:
        must_see_costs(session, actor)
        rows = _all(session, wanted.entries(session, actor))
    content = as_csv(views.line_columns(actor.currency), views.line_values(rows))
    return _file(content, Format.CSV, wanted)


@router.get("/fil.xlsx", name="costs:xlsx")
def download_xlsx(actor: SignedIn, db: Db, wanted: Wanted) -> Response:
    """Sums, lines, and the rules that they rest on, each a sheet."""
    with db.read() as session:
        must_see_costs(session, actor)
        query = wanted.entries(session, actor)
        rows = _all(session, query)
        sums = sums_of(session, query)
        used = {row[0].cost_rule_id for row in rows}
        rules = [each for each in rules_of(session, actor.org_id) if each.row.id in used]
        named = units_visible_to(actor).with_only_columns(Unit.id, Unit.name)
        units = {row[0]: row[1] for row in session.execute(named)}
        wanted_ids = {category_id for each in rules for category_id in each.prices}
        found = session.scalars(select(Category).where(Category.id.in_(wanted_ids)))
        categories = {each.id: category_name(each) for each in found}
    lines = Sheet(gettext("Linjer"), views.line_columns(actor.currency), views.line_values(rows))
    sheets = [
        views.sums_sheet(sums, actor.currency),
        lines,
        views.rules_sheet(rules, units, categories, actor.currency),
    ]
    return _file(as_book(sheets), Format.XLSX, wanted)


def _file(content: Any, form: Format, wanted: Asked) -> Response:
    name = f"kostnadsdeling-{wanted.month}" if wanted.bounds else "kostnadsdeling"
    return StreamingResponse(
        content,
        media_type=MEDIA_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}.{form.value}"'},
    )


@router.get("/{cost_entry_id}", name="costs:show")
def show(request: Request, cost_entry_id: UUID, actor: SignedIn, db: Db) -> Response:
    """One line with everything it rests on."""
    with db.read() as session:
        must_see_costs(session, actor)
        entry = entry_of(session, actor, cost_entry_id)
        own = entries_visible_to(actor).where(CostEntry.id == cost_entry_id)
        row = session.execute(with_names(own)).one()
        return page(
            request,
            "costs/show.html",
            row=row,
            line=views.line_of(row),
            entry=entry,
            kind=gettext(KINDS[entry.kind]),
            payer=gettext(PAYERS[entry.payer]),
            whole=views.amount(entry.whole_ore, entry.currency),
            turned_by=reversal_of(session, actor, entry.id),
            twin=url(request, "api:cost_entries:get", cost_entry_id=entry.id),
        )
