"""The organisations' public pages: what anybody may see without signing in, and ask for.

Nothing here depends on who looks, and whatever is not for everybody is as if it were not there.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import MaybeSignedIn
from app.items.service_found import Anybody
from app.kit import i18n
from app.kit.db import Database
from app.kit.errors import Conflict, Gone, Invalid, NotFound, Problem, TooMany
from app.kit.files import FileMissing, Files
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect, url
from app.kit.paging import Cursor
from app.kit.web import Db
from app.marketplace import service_buyers
from app.marketplace.models_public import BuyerAsk
from app.marketplace.queries_public import (
    PublicCard,
    kind_of,
    open_markets,
    public_card,
    public_categories,
    public_page,
    public_photo,
)
from app.marketplace.rules_public import CONFIRMED_WITHIN, BuyerState
from app.marketplace.service_buyers import AskToBuy, BuyerLinkUnknown
from app.marketplace.service_outside_queue import accept_ask, place_of
from app.marketplace.shown_public import ask_shown, card_shown, category_names

router = APIRouter(prefix="/ombruk")

AskForm = Annotated[Submission[AskToBuy], Depends(submitted(AskToBuy))]
Token = Annotated[str, Query(alias="lenke", max_length=100)]
PostedToken = Annotated[str, Form(alias="lenke", max_length=100)]
Kind = Annotated[str, Query(alias="slag", max_length=40)]
CARDS = 24
SIZES = frozenset({"small", "medium", "large"})


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _for_robots(response: Response, *, is_indexed: bool) -> Response:
    """Search engines come where the organisation asked for them, and nowhere else."""
    if not is_indexed:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


@router.get("", name="public:browse")
def browse(
    request: Request,
    actor: MaybeSignedIn,  # noqa: ARG001  (whose menu the page shows)
    db: Db,
    category_id: Kind = "",
    cursor: Cursor = None,
) -> Response:
    """What every organisation with a public page has out, the newest first."""
    return _browse(request, db, None, category_id, cursor)


@router.get("/lenke", name="public:link")
def link(
    request: Request,
    actor: MaybeSignedIn,  # noqa: ARG001
    db: Db,
    token: Token = "",
) -> Response:
    """What a letter's link is about; to open it changes nothing."""
    try:
        with db.read() as session:
            return _link_page(request, session, token)
    except BuyerLinkUnknown:
        with db.write() as session:
            service_buyers.count_link(session, _address(request))
        raise


def _link_page(
    request: Request, session: Session, token: str, problem: Problem | None = None
) -> Response:
    ask = service_buyers.opened(session, token)
    markets = {market.org_id: (market, name) for market, name in session.execute(open_markets())}
    market, giver = markets.get(ask.org_id, (None, None))
    response = page(
        request,
        "public/link.html",
        status=problem.status if problem else 200,
        ask=ask_shown(session, ask, kind_of(session, ask)),
        giver=giver,
        market=market,
        token=token,
        place=place_of(session, ask),
        errors={"": gettext(problem.title)} if problem else {},
        key=str(uuid4()),
    )
    return _for_robots(response, is_indexed=False)


@router.post("/lenke/bekreft", name="public:confirm")
def confirm(request: Request, db: Db, token: PostedToken = "") -> Response:
    """The address is the asker's own: now the giver sees what was asked."""
    return _done(request, db, token, _confirmed)


def _confirmed(session: Session, token: str) -> BuyerAsk:
    """A second press, as from the page in another tab, finds it confirmed and is told nothing else."""
    try:
        return service_buyers.confirm(session, token)
    except service_buyers.BuyerAnswered:
        ask = service_buyers.opened(session, token)
        if ask.state is not BuyerState.REQUESTED:
            raise
        return ask


@router.post("/lenke/ja", name="public:accept")
def accept(request: Request, db: Db, token: PostedToken = "") -> Response:
    """Yes to what fell free for who waited."""
    return _done(request, db, token, accept_ask)


@router.post("/lenke/trekk", name="public:withdraw")
def withdraw(request: Request, db: Db, token: PostedToken = "") -> Response:
    return _done(request, db, token, service_buyers.withdraw_ask)


def _done(
    request: Request, db: Database, token: str, verb: Callable[[Session, str], BuyerAsk]
) -> Response:
    try:
        with db.write() as session:
            verb(session, token)
    except (Conflict, service_buyers.ListingGone) as problem:
        with db.read() as session:
            return _link_page(request, session, token, problem)
    return redirect(request, "public:link", query={"lenke": token})


@router.get("/{slug}", name="public:of")
def browse_of(
    request: Request,
    slug: str,
    actor: MaybeSignedIn,  # noqa: ARG001
    db: Db,
    category_id: Kind = "",
    cursor: Cursor = None,
) -> Response:
    """One organisation's."""
    return _browse(request, db, slug, category_id, cursor)


def _browse(
    request: Request, db: Database, slug: str | None, typed: str, cursor: str | None
) -> Response:
    today = db.clock.today()
    category_id = typed.replace("\x00", "").strip() or None
    with db.looks() as session:
        markets = session.execute(open_markets()).all()
        own = [row for row in markets if row.PublicMarket.slug == slug]
        if slug is not None and not own:
            raise NotFound(N_("Fant ikke siden."))
        counts = public_categories(session, today, slug)
        found = public_page(
            session, today, slug=slug, category_id=category_id, cursor=cursor, limit=CARDS
        )
        called = category_names(session, {*counts, *(each.category_id for each in found.rows)})
        route = ("public:of", {"slug": slug}) if slug else ("public:browse", {})

        def here(**query: object) -> str:
            return url(request, route[0], query=query, **route[1])

        response = page(
            request,
            "public/browse.html",
            market=own[0].PublicMarket if own else None,
            giver=own[0].name if own else None,
            givers=[
                (row.name, url(request, "public:of", slug=row.PublicMarket.slug)) for row in markets
            ],
            cards=[card_shown(request, each, called, today) for each in found.rows],
            total=sum(counts.values()),
            kinds=[
                (called[each], i18n.number(counts[each]), here(slag=each), each == category_id)
                for each in sorted(counts, key=lambda each: called[each].casefold())
            ],
            all_href=here(),
            is_narrowed=category_id is not None,
            next_href=here(slag=category_id, cursor=found.next) if found.next else None,
            first_href=here(slag=category_id) if cursor else None,
        )
    shown = own or markets
    is_indexed = bool(shown) and all(row.PublicMarket.is_indexed for row in shown)
    return _for_robots(response, is_indexed=is_indexed)


@router.get("/{slug}/{listing_id}", name="public:show")
def show(
    request: Request,
    slug: str,
    listing_id: UUID,
    actor: MaybeSignedIn,  # noqa: ARG001
    db: Db,
) -> Response:
    with db.looks() as session:
        card = public_card(session, db.clock.today(), listing_id, slug)
        if card is None:
            return _gone(request, session, slug)
        return _show(request, session, card, is_sent="sendt" in request.query_params)


def _gone(request: Request, session: Session, slug: str) -> Response:
    """The same for what is gone, what is not for everybody and what never was."""
    markets = session.execute(open_markets()).all()
    own = next((row for row in markets if row.PublicMarket.slug == slug), None)
    response = page(
        request,
        "public/gone.html",
        status=404,
        href=url(request, "public:of", slug=slug) if own else url(request, "public:browse"),
        giver=own.name if own else None,
    )
    return _for_robots(response, is_indexed=False)


def _show(
    request: Request,
    session: Session,
    card: PublicCard,
    *,
    form: dict[str, str] | None = None,
    problem: Problem | None = None,
    is_sent: bool = False,
) -> Response:
    today = request.app.state.db.clock.today()
    called = category_names(session, {card.category_id})
    errors: dict[str, str] = {}
    if isinstance(problem, Invalid):
        errors = {
            {"offer_ore": "offer_kr"}.get(name, name): gettext(text)
            for name, text in problem.by_field.items()
        }
    elif problem is not None:
        errors = {"": gettext(problem.detail or problem.title)}
    response = page(
        request,
        "public/show.html",
        status=problem.status if problem else 200,
        card=card_shown(request, card, called, today),
        form=form or {"wanted": "1"},
        errors=errors,
        is_sent=is_sent,
        hours=int(CONFIRMED_WITHIN.total_seconds()) // 3600,
        key=str(uuid4()),
    )
    if problem is not None:
        response.headers.update(problem.headers)
    return _for_robots(response, is_indexed=card.is_indexed and not errors and not is_sent)


@router.post("/{slug}/{listing_id}", name="public:ask")
def ask(request: Request, slug: str, listing_id: UUID, form: AskForm, db: Db) -> Response:
    """Sends the letter with the link; until that is used, nobody here sees what was asked."""
    today = db.clock.today()
    try:
        command = form.valid()
        with db.write() as session:
            card = public_card(session, today, listing_id, slug)
            if card is None:
                raise service_buyers.ListingGone
            ask_once = partial(
                service_buyers.ask_to_buy,
                session,
                card,
                command,
                address=_address(request),
                language=i18n.locale(),
            )
            once(session, Anybody(card.org_id), form.key, [command], lambda: str(ask_once().id))
    except (Invalid, TooMany, Gone) as problem:
        with db.read() as session:
            card = public_card(session, today, listing_id, slug)
            if card is None:
                return _gone(request, session, slug)
            return _show(request, session, card, form=form.raw, problem=problem)
    return redirect(request, "public:show", slug=slug, listing_id=listing_id, query={"sendt": "1"})


@router.get("/{slug}/{listing_id}/bilde/{size}", name="public:photo")
def photo(request: Request, slug: str, listing_id: UUID, size: str, db: Db) -> Response:
    """The listing's picture, while everybody may see the listing."""
    if size not in SIZES:
        raise NotFound(N_("Fant ikke bildet."))
    with db.read() as session:
        card = public_card(session, db.clock.today(), listing_id, slug)
        found = public_photo(session, card, (size, "large_jpeg")) if card else None
    if found is None:
        raise NotFound(N_("Fant ikke bildet."))
    headers = {"ETag": f'"{found.sha256}"', "Cache-Control": "public, max-age=300"}
    files: Files = request.app.state.files
    try:
        return Response(files.get(found.key), 200, headers, found.media_type)
    except FileMissing as error:
        raise NotFound(N_("Fant ikke bildet.")) from error
