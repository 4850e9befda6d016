"""Price lists as pages: choose the file, see what changes, take it into use."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.impact.names import TIERS
from app.impact.service_own import STATED_TIERS
from app.items.uploads import uploaded
from app.kit.errors import Invalid, NotFound, Problem, Stale
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext, ngettext
from app.kit.once import once
from app.kit.page import page, redirect, url
from app.kit.web import Db
from app.transfer import service_prices as service
from app.transfer import shown, shown_prices
from app.transfer.service_prices import ApplyPrices, OfPrices
from app.transfer.service_prices_undo import UndoPrices, undo_prices
from app.transfer.sheet_limits import LIMITS
from app.transfer.shown_prices import PriceListListed
from app.transfer.upload_prices import kept
from app.transfer.upload_programme import BODY_BYTES

router = APIRouter(prefix="/prislister")
MOST_LISTED = 50
_CHANGED = N_("En av prisene er endret siden listen ble lest. Last listen opp på nytt.")

UploadForm = Annotated[Submission[OfPrices], Depends(uploaded(OfPrices))]
UndoForm = Annotated[Submission[UndoPrices], Depends(submitted(UndoPrices))]
ApplyForm = Annotated[Submission[ApplyPrices], Depends(submitted(ApplyPrices))]


@router.get("", name="price_lists:browse")
def browse(request: Request, actor: SignedIn, db: Db) -> Response:
    """The form for a new list, and the lists that were read before, the newest first."""
    actor.must(Permission.MODEL_EDIT)
    with db.read() as session:
        return _browse(
            request, session, actor, {"price_year": str(db.clock.today().year), "tier": "T3"}
        )


@router.post("", name="price_lists:upload", max_body_size=BODY_BYTES)
def upload(request: Request, form: UploadForm, actor: SignedIn, db: Db) -> Response:
    actor.must_everywhere(Permission.MODEL_EDIT)
    try:
        form.raw["currency"] = form.raw.get("currency", "").strip().upper()
        sent = form.files.get("file")
        try:
            command = form.valid()
        except Invalid as error:
            missing = {} if sent else {"file": N_("Velg en fil.")}
            raise Invalid(by_field={**error.by_field, **missing}) from error
        if not sent:
            raise Invalid(by_field={"file": N_("Velg en fil.")})
        content = sent[0].file.read(LIMITS.file_bytes + 1)
        files = request.app.state.files
        list_id = kept(db, files, actor, command, content, sent[0].filename or "", form.key)
    except Problem as problem:
        with db.read() as session:
            return _browse(request, session, actor, form.raw, problem)
    return redirect(request, "price_lists:show", price_list_id=list_id)


@router.get("/{price_list_id}", name="price_lists:show")
def show(request: Request, price_list_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.MODEL_EDIT)
    with db.read() as session:
        return _show(request, session, actor, price_list_id)


@router.post("/{price_list_id}", name="price_lists:apply")
def apply_prices(
    request: Request, price_list_id: UUID, form: ApplyForm, actor: SignedIn, db: Db
) -> Response:
    actor.must_everywhere(Permission.MODEL_EDIT)
    try:
        commands = [form.valid(price_list_id=price_list_id, skip_bad="skip_bad" in form.raw)]
        with db.write() as session:
            count: int = once(
                session,
                actor,
                form.key,
                commands,
                lambda: sum(
                    categories + models
                    for _, categories, models in service.apply_prices(session, actor, commands)
                ),
                int,
            )
    except NotFound:
        raise
    except Problem as problem:
        with db.read() as session:
            return _show(request, session, actor, price_list_id, problem)
    message = ngettext(
        "%(num)s pris gjelder fra nå. Det som er bokført, endres ikke.",
        "%(num)s priser gjelder fra nå. Det som er bokført, endres ikke.",
        count,
    )
    return redirect(request, "price_lists:show", message=message, price_list_id=price_list_id)


@router.post("/{price_list_id}/angre", name="price_lists:undo")
def undo(
    request: Request, price_list_id: UUID, form: UndoForm, actor: SignedIn, db: Db
) -> Response:
    actor.must_everywhere(Permission.MODEL_EDIT)
    try:
        commands = [form.valid(price_list_id=price_list_id)]

        def call(session: Session) -> tuple[int, int]:
            [(_, undone)] = undo_prices(session, actor, commands)
            return undone.categories + undone.models, undone.left

        with db.write() as session:
            count, left = once(session, actor, form.key, commands, lambda: call(session), tuple)
    except NotFound:
        raise
    except Problem as problem:
        with db.read() as session:
            return _show(request, session, actor, price_list_id, problem)
    message = ngettext(
        "%(num)s pris er som før prislisten.", "%(num)s priser er som før prislisten.", count
    )
    if left:
        message += " " + ngettext(
            "%(num)s er endret siden, og står.", "%(num)s er endret siden, og står.", left
        )
    return redirect(request, "price_lists:show", message=message, price_list_id=price_list_id)


def _browse(
    request: Request,
    session: Session,
    actor: Actor,
    form: dict[str, str],
    problem: Problem | None = None,
) -> Response:
    return page(
        request,
        "transfer/prices.html",
        status=problem.status if problem else 200,
        lists=PriceListListed.newest(session, actor, MOST_LISTED),
        tiers=[(each.value, gettext(TIERS[each])) for each in STATED_TIERS],
        form=form,
        errors=shown.errors_of(problem, "file") if problem else {},
        may_edit=actor.may_everywhere(Permission.MODEL_EDIT),
        currency=actor.currency,
        key=str(uuid4()),
        twin=url(request, "api:price_lists:list"),
    )


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    price_list_id: UUID,
    problem: Problem | None = None,
) -> Response:
    row = service.list_of(session, actor, price_list_id)
    errors = shown.errors_of(problem, "") if problem else {}
    if isinstance(problem, Stale):
        errors = {"": gettext(_CHANGED)}
    return page(
        request,
        "transfer/price_list.html",
        status=problem.status if problem else 200,
        row=row,
        **shown_prices.list_page(session, actor, row),
        errors=errors,
        may_edit=actor.may_everywhere(Permission.MODEL_EDIT),
        key=str(uuid4()),
        twin=url(request, "price_lists:read", price_list_id=price_list_id),
    )
