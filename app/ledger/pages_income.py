"""External income over a period, the basis for an invoice, and what is recorded by hand."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit import i18n
from app.kit.errors import Conflict, Invalid, Problem
from app.kit.exports import MEDIA_TYPES, Column, Format, Value, as_csv
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect, url
from app.kit.paging import Cursor, keyset
from app.kit.pdf import as_pdf
from app.kit.web import Db
from app.ledger.api_income import income_of
from app.ledger.models_income import ExternalIncome
from app.ledger.queries_income import (
    NEWEST_FIRST,
    incomes_between,
    incomes_visible_to,
    sums_of,
)
from app.ledger.service_income import RecordIncome, ReverseIncome, record_income, reverse_income
from app.marketplace.models_public import PublicMarket

router = APIRouter(prefix="/inntekter")

RecordForm = Annotated[Submission[RecordIncome], Depends(submitted(RecordIncome))]
ReverseForm = Annotated[Submission[ReverseIncome], Depends(submitted(ReverseIncome))]
First = Annotated[str, Query(alias="fra", max_length=10)]
Last = Annotated[str, Query(alias="til", max_length=10)]
A_PAGE = 50


def day(typed: str) -> date | None:
    """A day that is none is no bound; the field shows what was typed."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


@router.get("", name="incomes:browse")
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    first: First = "",
    last: Last = "",
    cursor: Cursor = None,
) -> Response:
    """Of a period, the newest first, with its sums."""
    actor.must_everywhere(Permission.EXPORT)
    form = {"fra": first.replace("\x00", ""), "til": last.replace("\x00", "")}
    kept = {name: value or None for name, value in form.items()}
    with db.read() as session:
        query = incomes_between(actor, day(form["fra"]), day(form["til"]))
        sums = sums_of(session, query)
        found = keyset(
            session,
            query,
            NEWEST_FIRST,
            cursor=cursor,
            limit=A_PAGE,
            rows=lambda result: result.scalars().all(),
            position=lambda row: (row.number, row.id),
        )
        further = url(request, "incomes:browse", query={**kept, "cursor": found.next})
        return page(
            request,
            "ledger/incomes.html",
            form=form,
            rows=[
                {
                    "row": each,
                    "href": url(request, "incomes:show", income_id=each.id),
                    "amount": money(each.amount_ore, each.currency),
                    "vat": money(each.vat_ore, each.currency),
                }
                for each in found.rows
            ],
            sums={
                name: money(getattr(sums, name), actor.currency)
                for name in ("net_ore", "vat_ore", "amount_ore")
            },
            count=sums.rows,
            is_narrowed=any(form.values()),
            may_record=actor.may_everywhere(Permission.LISTING_PUBLISH),
            next_href=further if found.next else None,
            csv_href=url(request, "incomes:file", query=kept),
            twin=url(request, "api:incomes:list"),
        )


def money(ore: int, currency: str) -> str:
    """With øre: the figures are accounts'."""
    return i18n.money_ore(ore, currency, 2)


@router.get("/fil.csv", name="incomes:file")
def download(actor: SignedIn, db: Db, first: First = "", last: Last = "") -> Response:
    """The same period for the accounts, one row a sale, oldest first; amounts in kroner."""
    actor.must_everywhere(Permission.EXPORT)
    with db.read() as session:
        query = incomes_between(actor, day(first), day(last))
        rows = session.scalars(query.order_by(ExternalIncome.number)).all()
        numbers = _numbers(session, actor)
    columns = [
        Column("number", gettext(N_("Bilag"))),
        Column("sold_on", gettext(N_("Dato"))),
        Column("what", gettext(N_("Hva"))),
        Column("buyer", gettext(N_("Kjøper"))),
        Column("contact", gettext(N_("Kontakt"))),
        Column("net", gettext(N_("Uten merverdiavgift"))),
        Column("vat_percent", gettext(N_("Merverdiavgift, prosent"))),
        Column("vat", gettext(N_("Merverdiavgift"))),
        Column("amount", gettext(N_("Betalt"))),
        Column("currency", gettext(N_("Valuta"))),
        Column("reverses", gettext(N_("Tilbakefører bilag"))),
        Column("reason", gettext(N_("Grunn"))),
    ]
    found: list[list[Value]] = [
        [
            each.number,
            each.sold_on,
            each.what,
            each.buyer,
            each.contact,
            each.net_ore / 100,
            each.vat_percent,
            each.vat_ore / 100,
            each.amount_ore / 100,
            each.currency,
            numbers.get(each.reverses_id) if each.reverses_id else None,
            each.reason,
        ]
        for each in rows
    ]
    return StreamingResponse(
        as_csv(columns, found),
        media_type=MEDIA_TYPES[Format.CSV],
        headers={"Content-Disposition": 'attachment; filename="ekstern-inntekt.csv"'},
    )


def _numbers(session: Session, actor: Actor) -> dict[UUID, int]:
    """The numbers of what was reversed."""
    reversed_ids = incomes_visible_to(actor).with_only_columns(ExternalIncome.reverses_id)
    query = incomes_visible_to(actor).with_only_columns(ExternalIncome.id, ExternalIncome.number)
    rows = session.execute(query.where(ExternalIncome.id.in_(reversed_ids)))
    return {row[0]: row[1] for row in rows}


@router.get("/ny", name="incomes:new")
def new(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must_everywhere(Permission.LISTING_PUBLISH)
    form = {"sold_on": db.clock.today().isoformat(), "vat_percent": "0"}
    return _new_page(request, actor, form)


def _new_page(
    request: Request, actor: Actor, form: dict[str, str], problem: Invalid | None = None
) -> Response:
    errors = problem.by_field if problem else {}
    return page(
        request,
        "ledger/income_new.html",
        status=problem.status if problem else 200,
        form=form,
        errors={name: gettext(text) for name, text in errors.items()},
        currency=actor.currency,
        key=str(uuid4()),
    )


@router.post("/ny", name="incomes:record")
def record(request: Request, form: RecordForm, actor: SignedIn, db: Db) -> Response:
    actor.must_everywhere(Permission.LISTING_PUBLISH)
    try:
        command = form.valid()
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: [str(record_income(session, actor, command).id)],
            )
    except Invalid as problem:
        return _new_page(request, actor, form.raw, problem)
    return redirect(request, "incomes:browse", message=gettext(N_("Inntekten er ført.")))


@router.get("/{income_id}", name="incomes:show")
def show(request: Request, income_id: UUID, actor: SignedIn, db: Db) -> Response:
    """The basis for an invoice, on the screen and on paper."""
    actor.must_everywhere(Permission.EXPORT)
    with db.read() as session:
        return _show(request, session, actor, income_id)


@router.get("/{income_id}/pdf", name="incomes:pdf")
def show_as_pdf(request: Request, income_id: UUID, actor: SignedIn, db: Db) -> Response:
    """For who writes the invoice."""
    return as_pdf(request, show(request, income_id, actor, db))


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    income_id: UUID,
    *,
    form: dict[str, str] | None = None,
    problem: Problem | None = None,
) -> Response:
    row = income_of(session, actor, income_id)
    seller = session.scalar(select(PublicMarket.seller).where(PublicMarket.org_id == actor.org_id))
    other = incomes_visible_to(actor)
    undone = session.scalar(other.where(ExternalIncome.reverses_id == row.id))
    of = session.scalar(other.where(ExternalIncome.id == row.reverses_id))
    errors: dict[str, Any] = {}
    if isinstance(problem, Invalid):
        errors = {name: gettext(text) for name, text in problem.by_field.items()}
    elif problem is not None:
        errors = {"": gettext(problem.title)}
    return page(
        request,
        "ledger/income.html",
        status=problem.status if problem else 200,
        row=row,
        seller=seller,
        organisation=actor.organisation_name,
        net=money(row.net_ore, row.currency),
        vat=money(row.vat_ore, row.currency),
        amount=money(row.amount_ore, row.currency),
        undone=undone,
        of=of,
        may_reverse=undone is None
        and of is None
        and actor.may_everywhere(Permission.LISTING_PUBLISH),
        form=form,
        errors=errors,
        key=str(uuid4()),
        twin=url(request, "api:incomes:get", income_id=row.id),
    )


@router.post("/{income_id}/tilbakefor", name="incomes:reverse")
def reverse(
    request: Request, income_id: UUID, form: ReverseForm, actor: SignedIn, db: Db
) -> Response:
    actor.must_everywhere(Permission.LISTING_PUBLISH)
    try:
        command = form.valid(income_id=income_id)
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: [str(reverse_income(session, actor, command).id)],
            )
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            return _show(request, session, actor, income_id, form=form.raw, problem=problem)
    message = gettext(N_("Inntekten er tilbakeført med et eget bilag."))
    return redirect(request, "incomes:show", message=message, income_id=income_id)
