"""The market: one listing, and putting pieces on it."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.items.models import Item
from app.items.queries import items_visible_to, photos_of
from app.items.search import matching
from app.kit import i18n
from app.kit.db import Database
from app.kit.errors import Conflict, Invalid
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect, url
from app.kit.states import allows
from app.kit.web import Db
from app.marketplace import names, service, shown
from app.marketplace.models import ListingItem
from app.marketplace.outputs import ListingOut
from app.marketplace.queries import OFFERABLE
from app.marketplace.rules import LISTING_MACHINE, ListingState, ListingVerb, Terms
from app.marketplace.search import Card, card_of
from app.marketplace.service_favourite import is_favourite
from app.marketplace.shown_stages import plan_of_organisation, stages_shown
from app.marketplace.shown_waiting import queue_shown, waiting_text
from app.places.models import Place
from app.places.queries import place_choices, subtree_ids

router = APIRouter(prefix="/marked")

PIECES = 100
OfferForm = Annotated[Submission[service.Offer], Depends(submitted(service.Offer))]


def listing_page(
    request: Request,
    session: Session,
    actor: Actor,
    listing_id: UUID,
    today: date,
    *,
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """The listing, also when what was put in the basket is refused."""
    card = card_of(session, actor, listing_id)
    item = session.scalar(items_visible_to(actor).where(Item.id == card.item_id))
    photos = session.scalars(photos_of(actor, item)).all() if item is not None else []
    is_open = card.state is ListingState.OPEN
    decides = actor.may(Permission.RESERVATION_APPROVE, card.giver_unit_id)
    return page(
        request,
        "marketplace/show.html",
        status=status,
        card=shown.card_shown(request, actor, card),
        gallery=[
            {
                "src": url(request, "photos:show", photo_id=each.id, size="medium"),
                "full": url(request, "photos:show", photo_id=each.id, size="large"),
                "thumb": url(request, "photos:show", photo_id=each.id, size="small"),
                "alt": each.alt or card.name,
            }
            for each in photos
        ],
        facts=_facts(card),
        text=card.text,
        state=gettext(names.LISTINGS[card.state]),
        is_open=is_open,
        is_later=card.from_date > today,
        most=service.MOST_PIECES,
        item_id=card.item_id,
        waiting=waiting_text(session, actor, listing_id),
        is_favourite=is_favourite(session, actor, listing_id),
        queue=queue_shown(request, session, actor, listing_id) if decides else [],
        refusals=shown.refusal_options(),
        may_order=is_open and actor.may(Permission.REQUEST_MAKE) and actor.person_id is not None,
        may_withdraw=allows(LISTING_MACHINE, card.state, ListingVerb.WITHDRAW)
        and actor.may(Permission.LISTING_PUBLISH, card.giver_unit_id),
        **stages_shown(session, actor, card, today),
        key=str(uuid4()),
        form=form or {"wanted": "1"},
        errors=errors or {},
        twin=url(request, "api:listings:get", listing_id=listing_id),
    )


def refused_page(
    request: Request, actor: Actor, db: Database, listing_id: UUID, problem: Conflict
) -> Response:
    """The listing as it stands, with why what an old page asked for was not done."""
    today, errors = db.clock.now().date(), {"": gettext(problem.detail or problem.title)}
    with db.read() as session:
        return listing_page(
            request, session, actor, listing_id, today, errors=errors, status=problem.status
        )


def _facts(card: Card) -> list[tuple[str, str]]:
    rows = [
        (N_("Produsent"), card.maker),
        (N_("Modell"), card.model),
        (N_("Farge"), card.colour),
        (N_("Materiale"), card.material),
        (N_("Bredde"), i18n.cm(card.width_mm) if card.width_mm else None),
        (N_("Dybde"), i18n.cm(card.depth_mm) if card.depth_mm else None),
        (N_("Høyde"), i18n.cm(card.height_mm) if card.height_mm else None),
        (N_("Kan hentes fra"), i18n.date(card.from_date)),
        (N_("Må være hentet innen"), i18n.date(card.until_date) if card.until_date else None),
    ]
    return [(gettext(label), value) for label, value in rows if value]


def _candidates(session: Session, actor: Actor, request: Request) -> list[dict[str, Any]]:
    """Pieces that could be offered: those named, or those a search finds."""
    on_market = select(ListingItem.item_id).where(
        ListingItem.org_id == actor.org_id, ListingItem.left_at.is_(None)
    )
    query = items_visible_to(actor).where(Item.state.in_(OFFERABLE), Item.id.not_in(on_market))
    is_all = request.query_params.get("velg") == "alle"
    named = _ids(request.query_params.getlist("item_id"))
    lots = _ids(request.query_params.getlist("lot_id"))
    words = request.query_params.get("q", "")[:200].replace("\x00", "")
    places = _ids([request.query_params.get("place_id", "")])
    if named or lots:
        query = query.where(Item.id.in_(named) if named else Item.lot_id.in_(lots))
    if words.strip():
        query = query.where(matching(session, words, org_id=actor.org_id))
    if places:
        query = query.where(Item.place_id.in_(subtree_ids(actor, places[0])))
    units = actor.permissions.get(Permission.LISTING_PUBLISH, frozenset())
    if units is not None:
        query = query.where(Item.owner_unit_id.in_(units))
    rows = session.execute(
        query.add_columns(Place.label)
        .join(Place, (Place.org_id == Item.org_id) & (Place.id == Item.place_id))
        .order_by(Item.name, Item.created_at.desc(), Item.id)
        .limit(service.MOST_PIECES if named or lots else PIECES)
    )
    return [
        {
            "id": str(item.id),
            "name": item.name,
            "place": label,
            "condition": item.condition.value,
            "chosen": is_all or item.id in named or item.lot_id in lots,
        }
        for item, label in rows
    ]


def _ids(typed: list[str]) -> list[UUID]:
    found = []
    for each in typed[: service.MOST_PIECES]:
        try:
            found.append(UUID(each))
        except ValueError:
            continue  # an id that can not be one names no piece
    return found


@router.get("/ny", name="marketplace:offer")
def offer(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.LISTING_PUBLISH)
    with db.read() as session:
        today = db.clock.now().date()
        return _offer_page(request, session, actor, {"from_date": today.isoformat()}, {})


def _offer_page(
    request: Request,
    session: Session,
    actor: Actor,
    form: dict[str, str],
    errors: dict[str, str],
    *,
    chosen: list[str] | None = None,
    status: int = 200,
) -> Response:
    pieces = _candidates(session, actor, request)
    for each in pieces:
        each["chosen"] = each["chosen"] if chosen is None else each["id"] in chosen
    return page(
        request,
        "marketplace/offer.html",
        status=status,
        pieces=pieces,
        form=form,
        errors=errors,
        q=request.query_params.get("q", ""),
        place_id=request.query_params.get("place_id", ""),
        is_named=any(request.query_params.getlist(name) for name in ("item_id", "lot_id")),
        place_options=place_choices(session, actor),
        terms=[(each.value, gettext(text)) for each, text in names.TERMS.items()],
        **plan_of_organisation(session, actor),
        action=url(request, "marketplace:do_offer", query=_kept(request)),
        most=PIECES,
        all_href=url(request, "marketplace:offer", query={**_kept(request), "velg": "alle"}),
        key=str(uuid4()),
    )


def _kept(request: Request) -> dict[str, Any]:
    """The choice of pieces in the address, so that a refused form shows the same ones."""
    typed = request.query_params
    return {
        "q": typed.get("q") or None,
        "place_id": typed.get("place_id") or None,
        "item_id": typed.getlist("item_id") or None,
        "lot_id": typed.getlist("lot_id") or None,
    }


def _offered(form: Submission[service.Offer], chosen: list[str]) -> service.Offer:
    if not chosen:
        raise Invalid(by_field={"item_ids": N_("Velg minst ett møbel.")})
    # A price typed before another choice was made is no price.
    given = {} if form.raw.get("terms") == Terms.PRICE else {"price_ore": None}
    return form.valid(**given)


@router.post("/ny", name="marketplace:do_offer")
def do_offer(request: Request, form: OfferForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.LISTING_PUBLISH)
    chosen = form.many.get("item_ids", [])
    try:
        commands = [_offered(form, chosen)]
        with db.write() as session:
            ids = once(
                session,
                actor,
                form.key,
                commands,
                lambda: ListingOut.all(service.offer(session, actor, commands)),
                lambda answer: [UUID(each["id"]) for each in answer],
            )
    except (Invalid, Conflict) as problem:
        errors = (
            {name.partition(".")[0]: gettext(text) for name, text in problem.by_field.items()}
            if isinstance(problem, Invalid)
            else {"item_ids": gettext(problem.title)}
        )
        with db.read() as session:
            return _offer_page(
                request, session, actor, form.raw, errors, chosen=chosen, status=problem.status
            )
    message = i18n.ngettext(
        "Lagt ut på markedet: %(num)s annonse.",
        "Lagt ut på markedet: %(num)s annonser.",
        len(ids),
        num=len(ids),
    )
    if len(ids) == 1:
        return redirect(request, "marketplace:show", message=message, listing_id=ids[0])
    return redirect(request, "marketplace:browse", message=message)


@router.get("/{listing_id}", name="marketplace:show")
def show(request: Request, listing_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        return listing_page(request, session, actor, listing_id, db.clock.now().date())


WithdrawForm = Annotated[Submission[service.OfListing], Depends(submitted(service.OfListing))]


@router.post("/{listing_id}/trekk", name="marketplace:do_withdraw")
def withdraw(
    request: Request, listing_id: UUID, form: WithdrawForm, actor: SignedIn, db: Db
) -> Response:
    commands = [form.valid(listing_id=listing_id)]
    try:
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: ListingOut.all(service.withdraw(session, actor, commands)),
            )
    except Conflict as problem:
        return refused_page(request, actor, db, listing_id, problem)
    message = gettext(N_("Annonsen er trukket tilbake."))
    return redirect(request, "marketplace:show", message=message, listing_id=listing_id)
