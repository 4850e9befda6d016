"""What was sold to other organisations over a period, and the basis for each invoice."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import select

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.kit import i18n
from app.kit.exports import MEDIA_TYPES, Column, Format, Value, as_csv
from app.kit.i18n import N_, gettext
from app.kit.page import page, url
from app.kit.paging import Cursor, keyset
from app.kit.pdf import as_pdf
from app.kit.web import Db
from app.ledger.api_partner import sale_of
from app.ledger.pages_income import A_PAGE, First, Last, day, money
from app.ledger.queries_partner import (
    SaleKind,
    booked_on,
    of_unknown_vat,
    partner_sales,
    position,
    sold_pieces,
)
from app.marketplace.models_public import PublicMarket

router = APIRouter(prefix="/inntekter/nettverket")

KINDS = {SaleKind.SALE: N_("Salg"), SaleKind.CREDIT: N_("Kreditering")}


@router.get("", name="partner_sales:browse")
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    first: First = "",
    last: Last = "",
    cursor: Cursor = None,
) -> Response:
    """Of a period, the newest first."""
    actor.must_everywhere(Permission.EXPORT)
    form = {"fra": first.replace("\x00", ""), "til": last.replace("\x00", "")}
    kept: dict[str, Any] = {name: value or None for name, value in form.items()}
    with db.read() as session:
        period = day(form["fra"]), day(form["til"])
        query, order = partner_sales(actor, *period)
        found = keyset(
            session,
            query,
            order,
            cursor=cursor,
            limit=A_PAGE,
            rows=lambda result: result.all(),
            position=position,
        )
        unknown, some = of_unknown_vat(session, actor, *period)
    further = url(request, "partner_sales:browse", query={**kept, "cursor": found.next})
    return page(
        request,
        "ledger/partner_sales.html",
        form=form,
        rows=[
            {
                "row": each,
                "is_credit": each.kind == SaleKind.CREDIT,
                "booked_on": booked_on(each),
                "href": url(request, "partner_sales:show", handover_id=each.id),
                "amount": money(each.net_ore + each.vat_ore, actor.currency),
                "vat": money(each.vat_ore, actor.currency),
            }
            for each in found.rows
        ],
        unknown=unknown,
        unknown_links=[
            (each.number, url(request, "handovers:show", handover_id=each.id)) for each in some
        ],
        is_narrowed=any(form.values()),
        next_href=further if found.next else None,
        csv_href=url(request, "partner_sales:file", query=kept),
        twin=url(request, "api:partner_sales:list"),
    )


@router.get("/fil.csv", name="partner_sales:file")
def download(actor: SignedIn, db: Db, first: First = "", last: Last = "") -> Response:
    """The same period for the accounts: a row a handover, and one for each credit of it.

    Amounts in kroner, those of a credit below 0. The oldest handover first.
    """
    actor.must_everywhere(Permission.EXPORT)
    with db.read() as session:
        query, (number, _, turn, at) = partner_sales(actor, day(first), day(last))
        rows = session.execute(query.order_by(number[0], turn[0], at[0])).all()
    columns = [
        Column("number", gettext(N_("Overlevering"))),
        Column("kind", gettext(N_("Slag"))),
        Column("sold_on", gettext(N_("Dato"))),
        Column("buyer", gettext(N_("Kjøper"))),
        Column("pieces", gettext(N_("Møbler"))),
        Column("received", gettext(N_("Bekreftet mottatt"))),
        Column("net", gettext(N_("Uten merverdiavgift"))),
        Column("vat_percent", gettext(N_("Merverdiavgift, prosent"))),
        Column("vat", gettext(N_("Merverdiavgift"))),
        Column("amount", gettext(N_("Å betale"))),
        Column("currency", gettext(N_("Valuta"))),
    ]
    found: list[list[Value]] = [
        [
            each.number,
            gettext(KINDS[SaleKind(each.kind)]),
            booked_on(each),
            each.buyer,
            each.pieces,
            each.received,
            _kroner(each.net_ore),
            each.vat_percent,
            _kroner(each.vat_ore),
            _kroner(each.net_ore + each.vat_ore),
            actor.currency,
        ]
        for each in rows
    ]
    return StreamingResponse(
        as_csv(columns, found),
        media_type=MEDIA_TYPES[Format.CSV],
        headers={"Content-Disposition": 'attachment; filename="salg-til-virksomheter.csv"'},
    )


def _kroner(ore: int | Decimal) -> Decimal:
    """PostgreSQL's sums are decimals and SQLite's are whole: the file is the same of both."""
    return Decimal(int(ore)) / 100


@router.get("/{handover_id}", name="partner_sales:show")
def show(request: Request, handover_id: UUID, actor: SignedIn, db: Db) -> Response:
    """The basis for an invoice, on the screen and on paper."""
    actor.must_everywhere(Permission.EXPORT)
    with db.read() as session:
        row, taken_back = sale_of(session, actor, handover_id)
        lines = sold_pieces(session, actor, handover_id)
        seller = session.scalar(
            select(PublicMarket.seller).where(PublicMarket.org_id == actor.org_id)
        )
    texts = [
        (
            gettext(N_("%(count)s × %(name)s"), count=each.pieces, name=each.what),
            money(each.net_ore, actor.currency),
        )
        for each in lines
    ]
    sold = row.net_ore + row.vat_ore
    credited = sum(each.net_ore + each.vat_ore for each in taken_back)
    return page(
        request,
        "ledger/partner_sale.html",
        row=row,
        lines=texts,
        seller=seller,
        organisation=actor.organisation_name,
        net=money(row.net_ore, actor.currency),
        vat=money(row.vat_ore, actor.currency),
        amount=money(sold, actor.currency),
        credits=[
            (
                gettext(
                    N_("Kreditert %(day)s: %(count)s stk., herav avgift %(vat)s"),
                    day=i18n.date(booked_on(each)),
                    count=each.pieces,
                    vat=money(each.vat_ore, actor.currency),
                ),
                money(each.net_ore + each.vat_ore, actor.currency),
            )
            for each in taken_back
        ],
        left=money(sold + credited, actor.currency),
        waiting=row.pieces - row.taken_back - row.received,
        twin=url(request, "api:partner_sales:get", handover_id=row.id),
    )


@router.get("/{handover_id}/pdf", name="partner_sales:pdf")
def show_as_pdf(request: Request, handover_id: UUID, actor: SignedIn, db: Db) -> Response:
    """For who writes the invoice."""
    return as_pdf(request, show(request, handover_id, actor, db))
