"""Disposal decisions as pages: the list, a proposal, and the document with its signature."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.disposals import names, queries, service, service_codes, views
from app.disposals.api import NEWEST_FIRST, disposal_of
from app.disposals.models import Disposal
from app.disposals.outputs import DisposalOut
from app.disposals.rules import DisposalState, Fraction
from app.fieldwork.queries import read_texts
from app.fieldwork.rules import Lead
from app.items.models import Item
from app.items.queries import codes_of, items_visible_to
from app.kit import codes
from app.kit.db import Database
from app.kit.errors import Conflict, Invalid
from app.kit.forms import FILL_IN, Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.paging import Cursor, keyset
from app.kit.pdf import as_pdf
from app.kit.units import g_from_kg
from app.kit.web import Db

router = APIRouter(prefix="/kassasjon")

ProposeForm = Annotated[Submission[service.Propose], Depends(submitted(service.Propose))]
WeighForm = Annotated[Submission[service.Weigh], Depends(submitted(service.Weigh))]
DecideForm = Annotated[Submission[service.Decide], Depends(submitted(service.Decide))]
DeliverForm = Annotated[Submission[service.Deliver], Depends(submitted(service.Deliver))]
WithdrawForm = Annotated[Submission[service.Withdraw], Depends(submitted(service.Withdraw))]
CodeForm = Annotated[
    Submission[service_codes.VerifyCode], Depends(submitted(service_codes.VerifyCode))
]

A_PAGE = 20
NO_FRACTION = N_("Velg hvilken fraksjon kodene gjelder.")
NO_WEIGHT = N_("Skriv minst én vekt.")
NOT_FOUND = N_("Ingen av våre møbler har koden %(code)s.")


@router.get("", name="disposals:browse")
def browse(request: Request, actor: SignedIn, db: Db, cursor: Cursor = None) -> Response:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = keyset(
            session,
            queries.disposals_visible_to(actor),
            NEWEST_FIRST,
            cursor=cursor,
            limit=A_PAGE,
            rows=lambda result: list(result.scalars()),
            position=lambda each: (each.number, each.id),
        )
        return page(
            request,
            "disposals/browse.html",
            rows=views.rows(session, actor, found.rows),
            next_cursor=found.next,
            is_first=cursor is None,
            may_propose=actor.may(Permission.ITEM_EDIT),
        )


@router.get("/ny", name="disposals:new")
def new(
    request: Request,
    actor: SignedIn,
    db: Db,
    item_ids: Annotated[list[UUID], Query(alias="mobel", max_length=500)] = [],  # noqa: B006
) -> Response:
    actor.must(Permission.ITEM_EDIT)
    with db.read() as session:
        own = items_visible_to(actor).where(Item.id.in_(item_ids)).order_by(Item.name, Item.id)
        found = codes_of(session, actor, [each.id for each in session.scalars(own)])
        form = {"codes": "\n".join(codes.grouped(each) for each in found.values())}
        return _new(request, actor, form=form, errors={})


@router.post("/ny", name="disposals:propose")
def propose(request: Request, form: ProposeForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_EDIT)
    try:
        with db.read() as session:
            item_ids = _pieces_named(session, actor, form)
        command = form.valid(item_ids=item_ids)
        disposal_id = _written(db, actor, form, command, service.propose)
    except (Invalid, Conflict) as problem:
        return _new(request, actor, form=form.raw, errors=errors_of(problem), status=problem.status)
    message = gettext("Forslaget er laget. Møblene er i bruk til noen har signert.")
    return redirect(request, "disposals:show", message=message, disposal_id=disposal_id)


@router.get("/fraksjoner", name="disposals:codes")
def show_codes(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        return _codes(request, session, actor, errors={}, form={})


@router.post("/fraksjoner", name="disposals:verify_code")
def verify_code(request: Request, form: CodeForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.DISPOSAL_SIGN)
    try:
        command = form.valid()
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: str(service_codes.verify_code(session, actor, command).id),
            )
    except Invalid as problem:
        known = form.raw.get("fraction") in set(Fraction)
        errors = errors_of(problem) if known else {"": gettext(NO_FRACTION)}
        with db.read() as session:
            return _codes(request, session, actor, errors=errors, form=form.raw, status=422)
    return redirect(request, "disposals:codes", message=gettext("Kodene er lagret."))


@router.get("/{disposal_id}", name="disposals:show")
def show(request: Request, disposal_id: UUID, actor: SignedIn, db: Db) -> Response:
    """The decision as a document: the same address before and after it is signed."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        return _show(request, session, actor, disposal_of(session, actor, disposal_id), errors={})


@router.get("/{disposal_id}/pdf", name="disposals:pdf")
def show_as_pdf(request: Request, disposal_id: UUID, actor: SignedIn, db: Db) -> Response:
    return as_pdf(request, show(request, disposal_id, actor, db))


@router.post("/{disposal_id}/fraksjoner", name="disposals:weigh")
def weigh(
    request: Request, disposal_id: UUID, form: WeighForm, actor: SignedIn, db: Db
) -> Response:
    try:
        given = {"disposal_id": disposal_id, "fractions": _fractions_typed(form.raw)}
        command = form.valid(**given)
        _written(db, actor, form, command, service.weigh)
    except (Invalid, Conflict) as problem:
        proposed = DisposalState.PROPOSED
        return _refused(request, db, actor, disposal_id, form, problem, proposed)
    message = gettext("Fraksjonene er rettet.")
    return redirect(request, "disposals:show", message=message, disposal_id=disposal_id)


@router.post("/{disposal_id}/signer", name="disposals:decide")
def decide(
    request: Request, disposal_id: UUID, form: DecideForm, actor: SignedIn, db: Db
) -> Response:
    text = N_("Vedtaket er signert. Møblene er ute av bruk.")
    state = DisposalState.PROPOSED
    return _changed(request, db, actor, disposal_id, form, service.decide, text, state)


@router.post("/{disposal_id}/levert", name="disposals:deliver")
def deliver(
    request: Request, disposal_id: UUID, form: DeliverForm, actor: SignedIn, db: Db
) -> Response:
    text = N_("Avfallet er ført som levert.")
    state = DisposalState.DECIDED
    return _changed(request, db, actor, disposal_id, form, service.deliver, text, state)


@router.post("/{disposal_id}/omgjor", name="disposals:withdraw")
def withdraw(
    request: Request, disposal_id: UUID, form: WithdrawForm, actor: SignedIn, db: Db
) -> Response:
    text = N_("Vedtaket er omgjort. Møblene er som før.")
    return _changed(request, db, actor, disposal_id, form, service.withdraw, text)


def errors_of(problem: Invalid | Conflict) -> dict[str, str]:
    """What was refused, at its field; a conflict concerns the form."""
    if isinstance(problem, Invalid) and problem.by_field:
        renamed = {"item_ids": "codes"}
        return {
            renamed.get(name, name.partition("/")[0]): gettext(text)
            for name, text in problem.by_field.items()
        }
    return {"": gettext(problem.detail or problem.title)}


def _in_form(
    disposal: Disposal, state: DisposalState | None, problem: Invalid | Conflict
) -> dict[str, str]:
    """As ``errors_of``; a form that the decision's state does not show has no fields to lead to."""
    if state is not None and disposal.state is not state:
        return {"": gettext(service.DisposalOver.title)}
    errors = errors_of(problem)
    return {"": gettext(NO_WEIGHT)} if "fractions" in errors else errors


def _pieces_named(session: Session, actor: Actor, form: ProposeForm) -> list[UUID]:
    """The pieces whose codes were scanned or typed, one a line. Raises ``Invalid`` at ``codes``."""
    lines = [each.strip() for each in form.raw.get("codes", "").splitlines() if each.strip()]
    if not lines:
        raise Invalid(by_field={"codes": FILL_IN})
    if len(lines) > 500 or any(len(each) > 200 for each in lines):
        raise Invalid(by_field={"codes": N_("Skann høyst 500 om gangen.")})
    found = []
    for scan in read_texts(session, actor, lines):
        if scan.lead is not Lead.PIECE or scan.item_id is None:
            raise Invalid(by_field={"codes": gettext(NOT_FOUND, code=scan.text)})
        found.append(scan.item_id)
    return list(dict.fromkeys(found))


def _fractions_typed(raw: Mapping[str, str]) -> list[dict[str, Any]]:
    """Kilograms as typed, one field for each fraction; an empty one is none of it."""
    found = []
    for fraction in Fraction:
        typed = raw.get(f"kg_{fraction.value}", "").strip()
        if not typed:
            continue
        try:
            grams = g_from_kg(typed)
        except ValueError as wrong:
            raise Invalid(by_field={f"kg_{fraction.value}": str(wrong)}) from wrong
        if grams > 0:
            found.append({"fraction": fraction, "mass_g": grams})
    return found


def _written(
    db: Database,
    actor: Actor,
    form: Submission[Any],
    command: BaseModel,
    verb: Callable[[Session, Actor, Any], Disposal],
) -> UUID:
    with db.write() as session:
        disposal_id: UUID = once(
            session,
            actor,
            form.key,
            [command],
            lambda: DisposalOut.all(session, actor, [verb(session, actor, command)])[0],
            lambda answer: UUID(answer["id"]),
        )
    return disposal_id


def _changed(
    request: Request,
    db: Database,
    actor: Actor,
    disposal_id: UUID,
    form: Submission[Any],
    verb: Callable[[Session, Actor, Any], Disposal],
    said: str,
    state: DisposalState | None = None,
) -> Response:
    try:
        _written(db, actor, form, form.valid(disposal_id=disposal_id), verb)
    except (Invalid, Conflict) as problem:
        return _refused(request, db, actor, disposal_id, form, problem, state)
    return redirect(request, "disposals:show", message=gettext(said), disposal_id=disposal_id)


def _refused(
    request: Request,
    db: Database,
    actor: Actor,
    disposal_id: UUID,
    form: Submission[Any],
    problem: Invalid | Conflict,
    state: DisposalState | None,
) -> Response:
    with db.read() as session:
        disposal = disposal_of(session, actor, disposal_id)
        errors = _in_form(disposal, state, problem)
        return _show(
            request, session, actor, disposal, errors=errors, form=form.raw, status=problem.status
        )


def _new(
    request: Request,
    actor: Actor,
    *,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    status: int = 200,
) -> Response:
    actor.must(Permission.ITEM_EDIT)
    return page(
        request,
        "disposals/new.html",
        status=status,
        fates=[(each.value, gettext(text)) for each, text in names.FATES.items()],
        reasons=[(each.value, gettext(text)) for each, text in names.REASONS.items()],
        form=form,
        errors=errors,
        key=str(uuid4()),
    )


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    disposal: Disposal,
    *,
    errors: Mapping[str, str],
    form: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    shown = views.document(session, actor, disposal)
    may_edit = all(actor.may(Permission.ITEM_EDIT, each) for each in shown.owners)
    may_sign = all(actor.may(Permission.DISPOSAL_SIGN, each) for each in shown.owners)
    is_proposed = disposal.state is DisposalState.PROPOSED
    is_decided = disposal.state is DisposalState.DECIDED
    return page(
        request,
        "disposals/show.html",
        status=status,
        shown=shown,
        disposal=disposal,
        may_sign=may_sign and is_proposed,
        waits_for_signer=is_proposed and not may_sign,
        may_weigh=may_edit and is_proposed,
        may_deliver=may_edit and is_decided,
        may_withdraw=(may_edit and is_proposed) or (may_sign and is_decided),
        today=views.today(session),
        form=form,
        errors=errors,
        key=str(uuid4()),
    )


def _codes(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    errors: Mapping[str, str],
    form: Mapping[str, str],
    status: int = 200,
) -> Response:
    return page(
        request,
        "disposals/codes.html",
        status=status,
        rows=views.code_rows(session, actor),
        may_verify=actor.may(Permission.DISPOSAL_SIGN),
        today=views.today(session),
        form=form,
        errors=errors,
        key=str(uuid4()),
    )
