"""Exchange rates as a page, and the documents that own factors were read from."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.impact.commands import RecordRate
from app.impact.models_own import ExchangeRate
from app.impact.pages_own import disposition
from app.impact.queries_own import document_of, rates_visible_to
from app.impact.service_own import record_rate
from app.impact.views_own import names_of
from app.kit.errors import Invalid, Problem
from app.kit.files import Files
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext, number
from app.kit.page import page, redirect, url
from app.kit.units import typed_decimal
from app.kit.web import Db

router = APIRouter()

RateForm = Annotated[Submission[RecordRate], Depends(submitted(RecordRate))]
MOST_SHOWN = 500


@router.get("/valutakurser", name="exchange_rates:browse")
def browse(request: Request, actor: SignedIn, db: Db) -> Response:
    """The dated rates that prices in other currencies are converted by, the newest first."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        form = {"quote_currency": actor.currency, "day": db.clock.today().isoformat()}
        return _browse(request, session, actor, form)


def _browse(
    request: Request,
    session: Session,
    actor: Actor,
    form: dict[str, str],
    problem: Problem | None = None,
) -> Response:
    ordered = rates_visible_to(actor).order_by(
        ExchangeRate.day.desc(), ExchangeRate.currency, ExchangeRate.quote_currency
    )
    rows = session.scalars(ordered.limit(MOST_SHOWN)).all()
    people = names_of(session, [each.person_id for each in rows])
    errors: dict[str, str] = {}
    if isinstance(problem, Invalid):
        errors = {name: gettext(text) for name, text in problem.by_field.items()}
    elif problem is not None:
        errors = {"day": gettext(problem.title)}
    return page(
        request,
        "impact/rates.html",
        status=problem.status if problem else 200,
        rows=[
            {
                "row": each,
                "rate": number(each.rate, max(0, -int(each.rate.as_tuple().exponent))),
                "who": people.get(each.person_id, "") if each.person_id else "",
            }
            for each in rows
        ],
        form=form,
        errors=errors,
        may_edit=actor.may_everywhere(Permission.MODEL_EDIT),
        twin=url(request, "api:exchange_rates:list"),
    )


@router.post("/valutakurser", name="exchange_rates:record")
def record(request: Request, form: RateForm, actor: SignedIn, db: Db) -> Response:
    actor.must_everywhere(Permission.MODEL_EDIT)
    typed = dict(form.raw)
    try:
        for name in ("currency", "quote_currency"):
            form.raw[name] = form.raw.get(name, "").strip().upper()
        text = form.raw.get("rate", "").replace("\x00", "").strip()
        try:
            form.raw["rate"] = format(typed_decimal(text), "f") if text else ""
        except ValueError as error:
            raise Invalid(by_field={"rate": str(error)}) from error
        command = form.valid()
        with db.write() as session:
            record_rate(session, actor, command)
    except Problem as problem:
        with db.read() as session:
            return _browse(request, session, actor, typed, problem)
    return redirect(request, "exchange_rates:browse", message=gettext(N_("Kursen er ført.")))


@router.get("/faktordokumenter/{factor_document_id}", name="own_factors:document")
def document(request: Request, factor_document_id: UUID, actor: SignedIn, db: Db) -> Response:
    """What a factor was read from, only for download, whatever it may hold."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = document_of(session, actor, factor_document_id)
    files: Files = request.app.state.files
    headers = {
        "Cache-Control": "private, max-age=3600",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": disposition(found.name, found.key.rpartition(".")[2]),
    }
    return Response(files.get(found.key), 200, headers, found.media_type)
