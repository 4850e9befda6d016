"""What was sold to other organisations over a period, and the basis for each invoice."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import select

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.handovers.models import Handover
from app.kit.exports import MEDIA_TYPES, Column, Format, Value, as_csv
from app.kit.i18n import N_, gettext
from app.kit.page import page, url
from app.kit.paging import Cursor, keyset
from app.kit.pdf import as_pdf
from app.kit.web import Db
from app.ledger.api_partner import sale_of
from app.ledger.pages_income import A_PAGE, First, Last, day, money
from app.ledger.queries_partner import NEWEST_FIRST, partner_sales, sold_pieces
from app.marketplace.models_public import PublicMarket

router = APIRouter(prefix="/inntekter/nettverket")


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
        found = keyset(
            session,
            partner_sales(actor, day(form["fra"]), day(form["til"])),
            NEWEST_FIRST,
            cursor=cursor,
            limit=A_PAGE,
            rows=lambda result: result.all(),
            position=lambda row: (row.number, row.id),
        )
    further = url(request, "partner_sales:browse", query={**kept, "cursor": found.next})
    return page(
        request,
        "ledger/partner_sales.html",
        form=form,
        rows=[
            {
                "row": each,
                "href": url(request, "partner_sales:show", handover_id=each.id),
                "amount": money(each.net_ore + each.vat_ore, actor.currency),
                "vat": money(each.vat_ore, actor.currency),
            }
            for each in found.rows
        ],
        is_narrowed=any(form.values()),
        next_href=further if found.next else None,
        csv_href=url(request, "partner_sales:file", query=kept),
        twin=url(request, "api:partner_sales:list"),
    )


@router.get("/fil.csv", name="partner_sales:file")
def download(actor: SignedIn, db: Db, first: First = "", last: Last = "") -> Response:
    """The same period for the accounts, one row a handover, oldest first; amounts in kroner."""
    actor.must_everywhere(Permission.EXPORT)
    with db.read() as session:
        query = partner_sales(actor, day(first), day(last)).order_by(Handover.number)
        rows = session.execute(query).all()
    columns = [
        Column("number", gettext(N_("Overlevering"))),
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
            each.sold_on,
            each.buyer,
            each.pieces,
            each.received,
            each.net_ore / 100,
            each.vat_percent,
            each.vat_ore / 100,
            (each.net_ore + each.vat_ore) / 100,
            actor.currency,
        ]
        for each in rows
    ]
    return StreamingResponse(
        as_csv(columns, found),
        media_type=MEDIA_TYPES[Format.CSV],
        headers={"Content-Disposition": 'attachment; filename="salg-til-virksomheter.csv"'},
    )


@router.get("/{handover_id}", name="partner_sales:show")
def show(request: Request, handover_id: UUID, actor: SignedIn, db: Db) -> Response:
    """The basis for an invoice, on the screen and on paper."""
    actor.must_everywhere(Permission.EXPORT)
    with db.read() as session:
        row = sale_of(session, actor, handover_id)
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
    return page(
        request,
        "ledger/partner_sale.html",
        row=row,
        lines=texts,
        seller=seller,
        organisation=actor.organisation_name,
        net=money(row.net_ore, actor.currency),
        vat=money(row.vat_ore, actor.currency),
        amount=money(row.net_ore + row.vat_ore, actor.currency),
        twin=url(request, "api:partner_sales:get", handover_id=row.id),
    )


@router.get("/{handover_id}/pdf", name="partner_sales:pdf")
def show_as_pdf(request: Request, handover_id: UUID, actor: SignedIn, db: Db) -> Response:
    """For who writes the invoice."""
    return as_pdf(request, show(request, handover_id, actor, db))
