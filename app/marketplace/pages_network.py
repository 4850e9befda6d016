"""The market of the network: what other organisations offer, and what the two sides ask and answer."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit import i18n
from app.kit.clock import last_day_of
from app.kit.db import Database
from app.kit.errors import Conflict, Invalid, NotFound, Problem
from app.kit.files import FileMissing, Files
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect, url
from app.kit.paging import Cursor, keyset
from app.kit.web import Db
from app.marketplace import names, queries_outside, shown
from app.marketplace.models_outside import OutsideRequest
from app.marketplace.pages_network_browse import picture
from app.marketplace.pages_stages import router
from app.marketplace.rules import OutsideState, Terms
from app.marketplace.search import cards_of
from app.marketplace.service_outside import (
    AnswerOutside,
    AskOutside,
    CallOffOutside,
    OfOutside,
    answer_outside,
    ask_outside,
    call_off_outside,
    cancel_outside,
)
from app.marketplace.service_outside_queue import accept_outside, wait_outside
from app.marketplace.service_outside_thread import threads_of
from app.marketplace.shared import SharedCard, shared_card, shared_photo
from app.places.queries import place_choices

__all__ = ["router"]

AskForm = Annotated[Submission[AskOutside], Depends(submitted(AskOutside))]
AnswerForm = Annotated[Submission[AnswerOutside], Depends(submitted(AnswerOutside))]
CallOffForm = Annotated[Submission[CallOffOutside], Depends(submitted(CallOffOutside))]
OfForm = Annotated[Submission[OfOutside], Depends(submitted(OfOutside))]
A_PAGE = 25
SIZES = frozenset({"small", "medium"})


@router.get("/nettverket/{listing_id}/bilde/{size}", name="network_market:photo")
def photo(request: Request, listing_id: UUID, size: str, actor: SignedIn, db: Db) -> Response:
    """The listing's picture, while the network shows the listing."""
    actor.must(Permission.ITEM_READ)
    if size not in SIZES:
        raise NotFound(N_("Fant ikke bildet."))
    with db.read() as session:
        wanted = (size, "large_jpeg")
        key, media_type, sha256 = shared_photo(session, actor, listing_id, wanted, db.clock.today())
    headers = {"ETag": f'"{sha256}"', "Cache-Control": "private, max-age=300"}
    files: Files = request.app.state.files
    try:
        return Response(files.get(key), 200, headers, media_type)
    except FileMissing as error:
        raise NotFound(N_("Fant ikke bildet.")) from error


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    card: SharedCard,
    *,
    form: dict[str, str] | None = None,
    problem: Problem | None = None,
) -> Response:
    return page(
        request,
        "marketplace/network_listing.html",
        status=problem.status if problem else 200,
        card=card,
        image=picture(request, card.listing_id) if card.has_photo else None,
        size=shown.size_text(card),  # type: ignore[arg-type]
        left=shown.left_text(card.count),
        price=_price(card),
        facts=_facts(card),
        places=place_choices(session, actor),
        units=shown.unit_options(session, actor),
        programme_options=shown.line_options(session, actor),
        answers=[(each.value, gettext(text)) for each, text in names.WOULD_HAVE.items()],
        may_ask=actor.may(Permission.REQUEST_MAKE) and actor.person_id is not None,
        form=form or {"wanted": "1", "unit_id": str(actor.home_unit_id or "")},
        errors=_errors(problem) if problem else {},
        key=str(uuid4()),
        twin=url(request, "api:network_market:get", listing_id=card.listing_id),
    )


def _price(card: SharedCard) -> str:
    if card.terms is Terms.PRICE:
        price = i18n.money_exact(card.price_ore or 0, card.currency)
        return gettext(N_("%(price)s per stykk"), price=price)
    return gettext(names.TERMS[card.terms])


def _facts(card: SharedCard) -> list[tuple[str, str]]:
    rows = [
        (N_("Produsent"), card.maker),
        (N_("Modell"), card.model),
        (N_("Farge"), card.colour),
        (N_("Materiale"), card.material),
        (N_("Kan hentes fra"), i18n.date(card.from_date)),
        (N_("Må være hentet innen"), i18n.date(card.until_date) if card.until_date else None),
    ]
    return [(gettext(label), value) for label, value in rows if value]


def _errors(problem: Problem) -> dict[str, str]:
    if isinstance(problem, Invalid):
        return {name: gettext(text) for name, text in problem.by_field.items()}
    return {"": gettext(problem.title)}


@router.get("/nettverket/{listing_id}", name="network_market:show")
def show(request: Request, listing_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        card = shared_card(session, actor, listing_id, db.clock.today())
        return _show(request, session, actor, card)


@router.post("/nettverket/{listing_id}", name="network_market:ask")
def ask(request: Request, listing_id: UUID, form: AskForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.REQUEST_MAKE)
    try:
        command = form.valid(listing_id=listing_id)
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: [str(ask_outside(session, actor, command).id)],
            )
    except Invalid as problem:
        with db.read() as session:
            card = shared_card(session, actor, listing_id, db.clock.today())
            return _show(request, session, actor, card, form=form.raw, problem=problem)
    message = gettext(N_("Forespørselen er sendt. Du får svar på e-post."))
    return redirect(request, "outside:sent", message=message)


@router.get("/andre", name="outside:sent")
def sent(request: Request, actor: SignedIn, db: Db, cursor: Cursor = None) -> Response:
    """What one has asked of other organisations."""
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        query = queries_outside.sent_requests(actor)
        return requests_page(request, session, actor, query, is_giver=False, cursor=cursor)


@router.get("/utenfra", name="outside:got")
def got(request: Request, actor: SignedIn, db: Db, cursor: Cursor = None) -> Response:
    """What other organisations have asked for, first what waits for an answer."""
    actor.must(Permission.RESERVATION_APPROVE)
    with db.read() as session:
        query = queries_outside.got_requests(actor)
        return requests_page(request, session, actor, query, is_giver=True, cursor=cursor)


def requests_page(
    request: Request,
    session: Session,
    actor: Actor,
    query: Any,
    *,
    is_giver: bool,
    cursor: str | None = None,
    problem: Problem | None = None,
    refused: UUID | None = None,
    form: dict[str, str] | None = None,
) -> Response:
    """A page of them, in as many statements whatever their number.

    ``refused`` is the one whose answer was: it stands alone, with what was typed and what is wrong.
    """
    found = keyset(
        session,
        queries_outside.named(query if refused is None else query.where(_is(refused))),
        queries_outside.OPEN_FIRST,
        cursor=cursor,
        limit=A_PAGE,
        rows=lambda result: list(result.all()),
        position=lambda row: queries_outside.place_in(row.OutsideRequest),
    )
    rows, here = found.rows, "outside:got" if is_giver else "outside:sent"
    called = queries_outside.names_of(session, {each[0].listing_id for each in rows})
    places = queries_outside.places_in_queue(session, [each[0].id for each in rows])
    threads = threads_of(session, actor, [each[0].id for each in rows])
    left: dict[UUID, int] = {}
    if is_giver:
        cards = cards_of(session, actor, list(called))
        left = {listing_id: card.count for listing_id, card in cards.items()}
    return page(
        request,
        "marketplace/outside.html",
        status=problem.status if problem else 200,
        is_giver=is_giver,
        rows=[
            _request(request, each.OutsideRequest, each.asker, each.giver, called, left)
            | {
                "place": places.get(each.OutsideRequest.id),
                "thread": threads.get(each.OutsideRequest.id, []),
            }
            for each in rows
        ],
        may_hand_over=actor.may(Permission.HANDOVER_MAKE),
        refused=refused,
        form=form,
        errors=_errors(problem) if problem else {},
        next_href=url(request, here, query={"cursor": found.next}) if found.next else None,
        first_href=url(request, here) if cursor or refused else None,
        key=str(uuid4()),
    )


def _is(outside_request_id: UUID) -> ColumnElement[bool]:
    return OutsideRequest.id == outside_request_id


def _request(
    request: Request,
    row: OutsideRequest,
    asker: str,
    giver: str,
    called: dict[UUID, str],
    left: dict[UUID, int],
) -> dict[str, Any]:
    free = left.get(row.listing_id, 0)
    return {
        "id": row.id,
        "number": row.number,
        "name": called[row.listing_id],
        "href": url(request, "marketplace:show", listing_id=row.listing_id),
        "asker": asker,
        "giver": giver,
        "wanted": row.wanted,
        "approved": row.approved,
        "left": free,
        "most": min(row.wanted, free),
        "delivery": row.delivery,
        "wanted_date": row.wanted_date,
        "project_date": row.project_date,
        "is_rest": row.rest_of_id is not None,
        "note": row.note,
        "answer": row.answer,
        "asked_at": row.asked_at,
        "state": gettext(names.OUTSIDE[row.state]),
        "tone": names.OUTSIDE_TONES.get(row.state, "neutral"),
        "is_requested": row.state is OutsideState.REQUESTED,
        "is_approved": row.state is OutsideState.APPROVED,
        "is_waiting": row.state is OutsideState.WAITING,
        "is_handed_over": row.state is OutsideState.HANDED_OVER,
        "is_overdue": row.reminders > 1,
        "is_offered": row.state is OutsideState.OFFERED,
        "last_day": last_day_of(row.limit_at)
        if row.state is OutsideState.OFFERED and row.limit_at
        else None,
    }


@router.post("/utenfra/{outside_request_id}/svar", name="outside:answer")
def answer(
    request: Request, outside_request_id: UUID, form: AnswerForm, actor: SignedIn, db: Db
) -> Response:
    actor.must(Permission.RESERVATION_APPROVE)
    given = {"quantity": 0} if form.raw.get("says") in {"no", "wait"} else {}
    try:
        command: Any = form.valid(outside_request_id=outside_request_id, **given)
        verb: Any = answer_outside
        if form.raw.get("says") == "wait":
            command, verb = OfOutside(outside_request_id=outside_request_id), wait_outside
        with db.write() as session:
            once(
                session, actor, form.key, [command], lambda: [str(verb(session, actor, command).id)]
            )
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            query = queries_outside.got_requests(actor)
            return requests_page(
                request,
                session,
                actor,
                query,
                is_giver=True,
                problem=problem,
                refused=outside_request_id,
                form=form.raw,
            )
    return redirect(request, "outside:got", message=gettext(N_("Svaret er sendt.")))


@router.post("/utenfra/{outside_request_id}/avbryt", name="outside:call_off")
def call_off(
    request: Request, outside_request_id: UUID, form: CallOffForm, actor: SignedIn, db: Db
) -> Response:
    """The giver's way out of a yes or an offer."""
    _once(actor, db, form, outside_request_id, call_off_outside)
    message = gettext(N_("Avtalen er avbrutt, og de får beskjed."))
    return redirect(request, "outside:got", message=message)


@router.post("/andre/{outside_request_id}/ja", name="outside:accept")
def accept(
    request: Request, outside_request_id: UUID, form: OfForm, actor: SignedIn, db: Db
) -> Response:
    """Yes to what fell free for who waited."""
    _once(actor, db, form, outside_request_id, accept_outside)
    message = gettext(N_("Møblene er deres. Avtal henting med giveren."))
    return redirect(request, "outside:sent", message=message)


@router.post("/andre/{outside_request_id}/trekk", name="outside:cancel")
def cancel(
    request: Request, outside_request_id: UUID, form: OfForm, actor: SignedIn, db: Db
) -> Response:
    _once(actor, db, form, outside_request_id, cancel_outside)
    message = gettext(N_("Forespørselen er trukket."))
    return redirect(request, "outside:sent", message=message)


def _once(
    actor: Actor, db: Database, form: Submission[Any], outside_request_id: UUID, verb: Any
) -> None:
    command = form.valid(outside_request_id=outside_request_id)
    with db.write() as session:
        once(session, actor, form.key, [command], lambda: [str(verb(session, actor, command).id)])
