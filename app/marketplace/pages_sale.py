"""The giver's side of the public page: whether there is one, what is asked, and what things cost."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.models import Organisation, Person
from app.accounts.rules import Permission
from app.kit import i18n
from app.kit.db import Database
from app.kit.errors import Conflict, Invalid, NotFound, Problem, Stale
from app.kit.events import EventRow
from app.kit.forms import STALE, Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect, url
from app.kit.paging import Cursor, keyset
from app.kit.web import Db
from app.marketplace import service_sale
from app.marketplace.models_public import BuyerAsk
from app.marketplace.names import TERMS
from app.marketplace.names_public import BUYER_EVENTS
from app.marketplace.queries_outside import names_of
from app.marketplace.queries_public import asks_visible_to, market_of, terms_of
from app.marketplace.rules import ListingState, Terms
from app.marketplace.rules_public import OVER, BuyerState
from app.marketplace.search import card_of, cards_of
from app.marketplace.service_outside_queue import place_of, wait_buyer
from app.marketplace.service_public import (
    SetPublicMarket,
    SetPublicTerms,
    set_public_market,
    set_public_terms,
)
from app.marketplace.service_sale import AnswerBuyer, CancelBuyer, HandOverBuyer
from app.marketplace.shown import left_text
from app.marketplace.shown_public import ask_shown
from app.marketplace.shown_stages import history

router = APIRouter(prefix="/marked")

MarketForm = Annotated[Submission[SetPublicMarket], Depends(submitted(SetPublicMarket))]
TermsForm = Annotated[Submission[SetPublicTerms], Depends(submitted(SetPublicTerms))]
AnswerForm = Annotated[Submission[AnswerBuyer], Depends(submitted(AnswerBuyer))]
CancelForm = Annotated[Submission[CancelBuyer], Depends(submitted(CancelBuyer))]
OfForm = Annotated[Submission[service_sale.OfBuyer], Depends(submitted(service_sale.OfBuyer))]
GoneForm = Annotated[Submission[HandOverBuyer], Depends(submitted(HandOverBuyer))]
A_PAGE = 24
SWITCHES = ("is_open", "is_indexed")
CHIPS = (
    ("venter", N_("Venter på svar"), (BuyerState.REQUESTED,)),
    ("ko", N_("På venteliste"), (BuyerState.WAITING, BuyerState.OFFERED)),
    ("avtalt", N_("Avtalt"), (BuyerState.APPROVED,)),
    ("ferdig", N_("Ferdig"), OVER),
)


def _errors(problem: Problem) -> dict[str, str]:
    """The messages for the form; a conflict concerns the form as a whole."""
    if isinstance(problem, Invalid):
        return {name: gettext(text) for name, text in problem.by_field.items()}
    return {"": gettext(STALE if isinstance(problem, Stale) else problem.title)}


@router.get("/apen-side", name="public_market:show")
def show_market(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.LISTING_PUBLISH)
    with db.read() as session:
        return _market_page(request, session, actor)


def _market_page(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    form: dict[str, str] | None = None,
    problem: Problem | None = None,
) -> Response:
    row = session.scalar(market_of(actor.org_id))
    kept: dict[str, str] = {"vat_percent": "0"}
    if row is not None:
        texts = ("slug", "area", "pick_up", "seller", "vat_percent")
        kept = {name: str(getattr(row, name) or "") for name in texts}
        kept["vat_percent"] = str(row.vat_percent)
        kept |= {name: "1" for name in SWITCHES if getattr(row, name)}
    is_stale = isinstance(problem, Stale)
    version = row.version if row is not None else 0
    return page(
        request,
        "marketplace/public_market.html",
        status=problem.status if problem else 200,
        form=form or kept,
        errors=_errors(problem) if problem else {},
        version=version if form is None or is_stale else form.get("version", version),
        may_set=actor.permissions.get(Permission.LISTING_PUBLISH, frozenset()) is None,
        href=url(request, "public:of", slug=row.slug) if row is not None and row.is_open else None,
        host=request.app.state.settings.public_url,
        history=history(session, actor, row.id) if row is not None else [],
        twin=url(request, "api:public_market:get"),
    )


@router.post("/apen-side", name="public_market:set")
def set_market(request: Request, form: MarketForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.LISTING_PUBLISH)
    given = {name: bool(form.raw.get(name)) for name in SWITCHES}
    try:
        command = form.valid(**given)
        with db.write() as session:
            set_public_market(session, actor, command)
    except (Invalid, Stale) as problem:
        with db.read() as session:
            return _market_page(request, session, actor, form=form.raw, problem=problem)
    message = gettext(
        N_("Den åpne siden er på.") if command.is_open else N_("Lagret. Den åpne siden er av.")
    )
    return redirect(request, "public_market:show", message=message)


@router.get("/kjopere", name="buyers:browse")
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    chosen: Annotated[str, Query(alias="vis", max_length=20)] = "venter",
    cursor: Cursor = None,
) -> Response:
    """What buyers have asked for, the oldest first where somebody waits."""
    actor.must(Permission.RESERVATION_APPROVE)
    name, _, states = next((each for each in CHIPS if each[0] == chosen), CHIPS[0])
    with db.read() as session:
        found = keyset(
            session,
            asks_visible_to(actor).where(BuyerAsk.state.in_(states)),
            [(BuyerAsk.confirmed_at.expression, states == OVER), (BuyerAsk.id.expression, False)],
            cursor=cursor,
            limit=A_PAGE,
            rows=lambda result: result.scalars().all(),
            position=lambda row: (row.confirmed_at, row.id),
        )
        called = names_of(session, {each.listing_id for each in found.rows})
        further = url(request, "buyers:browse", query={"vis": name, "cursor": found.next})
        return page(
            request,
            "marketplace/buyers.html",
            rows=[
                ask_shown(session, each, called[each.listing_id])
                | {"href": url(request, "buyers:show", buyer_ask_id=each.id)}
                for each in found.rows
            ],
            chips=[
                (gettext(text), url(request, "buyers:browse", query={"vis": key}), key == name)
                for key, text, _ in CHIPS
            ],
            chosen=name,
            next_href=further if found.next else None,
            twin=url(request, "api:buyer_asks:list"),
        )


@router.get("/kjopere/{buyer_ask_id}", name="buyers:show")
def show(request: Request, buyer_ask_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.RESERVATION_APPROVE)
    with db.read() as session:
        return _ask_page(request, session, actor, buyer_ask_id)


def _ask_page(
    request: Request,
    session: Session,
    actor: Actor,
    buyer_ask_id: UUID,
    *,
    form: dict[str, str] | None = None,
    problem: Problem | None = None,
) -> Response:
    ask = session.scalar(asks_visible_to(actor).where(BuyerAsk.id == buyer_ask_id))
    if ask is None:
        raise NotFound(service_sale.NO_ASK)
    card = cards_of(session, actor, [ask.listing_id])[ask.listing_id]
    market = session.scalar(market_of(actor.org_id))
    most = min(ask.wanted, card.count)
    return page(
        request,
        "marketplace/buyer.html",
        status=problem.status if problem else 200,
        ask=ask_shown(session, ask, card.name),
        listing_href=url(request, "marketplace:show", listing_id=ask.listing_id),
        left=left_text(card.count),
        may_wait=card.count < ask.wanted,
        place=place_of(session, ask),
        form=form
        or {"quantity": str(most), "vat_percent": str(market.vat_percent if market else 0)},
        errors=_errors(problem) if problem else {},
        others=_others(session, actor, ask),
        history=_history(session, actor, buyer_ask_id),
        may_hand_over=actor.may(Permission.HANDOVER_MAKE, card.giver_unit_id),
        key=str(uuid4()),
        twin=url(request, "api:buyer_asks:get", buyer_ask_id=buyer_ask_id),
    )


def _others(session: Session, actor: Actor, ask: BuyerAsk) -> int:
    """How many others wait for an answer about the same listing."""
    query = asks_visible_to(actor).where(
        BuyerAsk.listing_id == ask.listing_id,
        BuyerAsk.id != ask.id,
        BuyerAsk.state == BuyerState.REQUESTED,
    )
    return len(session.scalars(query.with_only_columns(BuyerAsk.id)).all())


def _history(session: Session, actor: Actor, buyer_ask_id: UUID) -> list[dict[str, str]]:
    """Newest first; what the buyer did is nobody's of the organisation."""
    rows = session.execute(
        select(EventRow.at, EventRow.kind, EventRow.payload, Person.name)
        .outerjoin(Person, Person.id == EventRow.person_id)
        .where(EventRow.org_id == actor.org_id, EventRow.subject_id == buyer_ask_id)
        .order_by(EventRow.at.desc(), EventRow.id)
    )
    return [
        {
            "when": i18n.datetime_(at),
            "who": name or "",
            "what": gettext(BUYER_EVENTS[kind][0], **payload),
            "icon": BUYER_EVENTS[kind][1],
        }
        for at, kind, payload, name in rows
        if kind in BUYER_EVENTS
    ]


@router.post("/kjopere/{buyer_ask_id}/svar", name="buyers:answer")
def answer(
    request: Request, buyer_ask_id: UUID, form: AnswerForm, actor: SignedIn, db: Db
) -> Response:
    message = N_("Svaret er sendt til kjøperen.")
    if form.raw.get("says") == "wait":
        waiting = Submission(service_sale.OfBuyer, form.raw, form.many)
        return _done(request, db, actor, buyer_ask_id, waiting, wait_buyer, message)
    given = {"quantity": 0} if form.raw.get("says") == "no" else {}
    return _done(
        request, db, actor, buyer_ask_id, form, service_sale.answer_buyer, message, **given
    )


@router.post("/kjopere/{buyer_ask_id}/hentet", name="buyers:hand_over")
def hand_over(
    request: Request, buyer_ask_id: UUID, form: GoneForm, actor: SignedIn, db: Db
) -> Response:
    message = N_("Møblene er hentet og ute av oversikten.")
    return _done(request, db, actor, buyer_ask_id, form, service_sale.hand_over_buyer, message)


@router.post("/kjopere/{buyer_ask_id}/angre", name="buyers:take_back")
def take_back(
    request: Request, buyer_ask_id: UUID, form: OfForm, actor: SignedIn, db: Db
) -> Response:
    message = N_("Angret: møblene står i oversikten igjen, holdt av til kjøperen.")
    return _done(request, db, actor, buyer_ask_id, form, service_sale.take_back_buyer, message)


@router.post("/kjopere/{buyer_ask_id}/avbryt", name="buyers:cancel")
def cancel(
    request: Request, buyer_ask_id: UUID, form: CancelForm, actor: SignedIn, db: Db
) -> Response:
    message = N_("Avtalen er avbrutt, og kjøperen får beskjed.")
    return _done(request, db, actor, buyer_ask_id, form, service_sale.cancel_buyer, message)


def _done(
    request: Request,
    db: Database,
    actor: Actor,
    buyer_ask_id: UUID,
    form: Submission[Any],
    verb: Any,
    message: str,
    **given: int,
) -> Response:
    try:
        command = form.valid(buyer_ask_id=buyer_ask_id, **given)
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: [str(verb(session, actor, command).id)],
            )
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            return _ask_page(request, session, actor, buyer_ask_id, form=form.raw, problem=problem)
    return redirect(request, "buyers:show", message=gettext(message), buyer_ask_id=buyer_ask_id)


@router.get("/{listing_id}/vilkar", name="public_terms:show")
def show_terms(request: Request, listing_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.LISTING_PUBLISH)
    with db.read() as session:
        return _terms_page(request, session, actor, listing_id)


def _terms_page(
    request: Request,
    session: Session,
    actor: Actor,
    listing_id: UUID,
    *,
    form: dict[str, str] | None = None,
    problem: Problem | None = None,
) -> Response:
    card = card_of(session, actor, listing_id)
    actor.must(Permission.LISTING_PUBLISH, unit=card.giver_unit_id)
    if card.state is not ListingState.OPEN:
        raise NotFound(N_("Bare åpne annonser kan endres."))
    row = session.scalar(terms_of(actor.org_id, listing_id))
    terms, price_ore = (row.terms, row.price_ore) if row else (card.terms, card.price_ore)
    kept = {
        "terms": terms.value,
        "price_kr": _kroner(price_ore),
        "offers_until": str(row.offers_until or "") if row else "",
    }
    version = row.version if row is not None else 0
    return page(
        request,
        "marketplace/public_terms.html",
        status=problem.status if problem else 200,
        card=card,
        currency=session.get_one(Organisation, actor.org_id).currency,
        href=url(request, "marketplace:show", listing_id=listing_id),
        form=form or kept,
        errors=_errors(problem) if problem else {},
        version=version if form is None or isinstance(problem, Stale) else form.get("version"),
        terms=[(each.value, gettext(text)) for each, text in TERMS.items()],
        twin=url(request, "api:public_terms:get", listing_id=listing_id),
    )


def _kroner(ore: int | None) -> str:
    """As it is typed: ``250`` or ``249,50``."""
    if ore is None:
        return ""
    return f"{ore // 100},{ore % 100:02d}" if ore % 100 else str(ore // 100)


@router.post("/{listing_id}/vilkar", name="public_terms:set")
def set_terms(
    request: Request, listing_id: UUID, form: TermsForm, actor: SignedIn, db: Db
) -> Response:
    actor.must(Permission.LISTING_PUBLISH)
    # What was typed for another choice is nothing of this one.
    kept = {Terms.PRICE.value: "price_ore", Terms.OFFERS.value: "offers_until"}
    given = {name: None for terms, name in kept.items() if form.raw.get("terms") != terms}
    try:
        command = form.valid(listing_id=listing_id, **given)
        with db.write() as session:
            set_public_terms(session, actor, command)
    except (Invalid, Conflict, Stale) as problem:
        with db.read() as session:
            return _terms_page(request, session, actor, listing_id, form=form.raw, problem=problem)
    message = gettext(N_("Vilkårene er lagret."))
    return redirect(request, "marketplace:show", message=message, listing_id=listing_id)
