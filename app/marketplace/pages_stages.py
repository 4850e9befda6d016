"""The giver's listings, their dates and stages, and the organisation's way through the stages."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.items.models import Item
from app.kit import i18n
from app.kit.errors import Conflict, Invalid, NotFound, Problem, Stale
from app.kit.forms import STALE, Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect, url
from app.kit.paging import Cursor, keyset
from app.kit.web import Db
from app.marketplace import names, queries, service, shown
from app.marketplace.models import Listing, ListingItem
from app.marketplace.outputs import ListingOut
from app.marketplace.pages import listing_page, refused_page
from app.marketplace.queries_stages import plan_of_rules, remind_days_of, rules_of
from app.marketplace.rules import ListingState, Stage
from app.marketplace.search import Card, card_of, cards_of
from app.marketplace.shown_stages import (
    day_fields,
    history,
    plan_of_organisation,
    stage_options,
    walked,
)

router = APIRouter(prefix="/marked")

RulesForm = Annotated[
    Submission[service.SetListingRules], Depends(submitted(service.SetListingRules))
]
ChangeForm = Annotated[Submission[service.ChangeListing], Depends(submitted(service.ChangeListing))]
RelistForm = Annotated[Submission[service.Relist], Depends(submitted(service.Relist))]
WidenForm = Annotated[Submission[service.OfListing], Depends(submitted(service.OfListing))]
A_PAGE = 24
SHOWN = (ListingState.OPEN, ListingState.ENDED, ListingState.WITHDRAWN)


@router.get("/annonser", name="marketplace:listings")
def listings(
    request: Request,
    actor: SignedIn,
    db: Db,
    state: Annotated[str, Query(alias="status", max_length=20)] = "",
    cursor: Cursor = None,
) -> Response:
    """What the actor's units have given out, newest first, by state."""
    actor.must(Permission.LISTING_PUBLISH)
    chosen = next((each for each in SHOWN if each.value == state), ListingState.OPEN)
    query = queries.listings_visible_to(actor).where(Listing.state == chosen)
    units = actor.permissions[Permission.LISTING_PUBLISH]
    if units is not None:
        own = (
            select(ListingItem.listing_id)
            .join(Item, (Item.org_id == ListingItem.org_id) & (Item.id == ListingItem.item_id))
            .where(ListingItem.org_id == actor.org_id, Item.owner_unit_id.in_(units))
        )
        query = query.where(Listing.id.in_(own))
    with db.read() as session:
        found = keyset(
            session,
            query,
            [(Listing.created_at.expression, True), (Listing.id.expression, True)],
            cursor=cursor,
            limit=A_PAGE,
            rows=lambda result: result.scalars().all(),
            position=lambda row: (row.created_at, row.id),
        )
        ids = [each.id for each in found.rows]
        cards = cards_of(session, actor, ids)
        today = db.clock.today()
        kept = {"status": None if chosen is ListingState.OPEN else chosen.value}
        further = url(request, "marketplace:listings", query={**kept, "cursor": found.next})
        return page(
            request,
            "marketplace/listings.html",
            rows=[
                shown.card_shown(request, actor, cards[each], "small")
                | {"is_over": _is_over(cards[each], today), "is_open": chosen is SHOWN[0]}
                for each in ids
            ],
            chips=[
                (
                    gettext(names.LISTINGS[each]),
                    url(
                        request,
                        "marketplace:listings",
                        query={"status": None if each is ListingState.OPEN else each.value},
                    ),
                    each is chosen,
                )
                for each in SHOWN
            ],
            is_open=chosen is ListingState.OPEN,
            sets_rules=_sets_rules(actor),
            next_href=further if found.next else None,
            first_href=url(request, "marketplace:listings", query=kept) if cursor else None,
            twin=url(request, "api:listings:list"),
        )


def _is_over(card: Card, today: Any) -> bool:
    return card.until_date is not None and card.until_date < today


def _sets_rules(actor: Actor) -> bool:
    return actor.permissions.get(Permission.LISTING_PUBLISH, frozenset()) is None


@router.get("/trinn", name="marketplace:rules")
def rules(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.LISTING_PUBLISH)
    with db.read() as session:
        return _rules_page(request, session, actor)


def _rules_page(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    row = session.scalar(rules_of(actor.org_id))
    plan = plan_of_rules(row)
    stages = walked(session, actor)
    kept: dict[str, Any] = {
        "unit_days": str(plan.unit_days),
        "organisation_days": str(plan.organisation_days),
        "network_days": str(plan.network_days),
        "last_stage": plan.last_stage.value,
        "remind_days": str(remind_days_of(row)),
    }
    return page(
        request,
        "marketplace/listing_rules.html",
        status=status,
        form=typed or kept,
        errors=errors or {},
        version=row.version if row is not None else 0,
        may_set=_sets_rules(actor),
        stage_options=stage_options(stages),
        day_fields=day_fields(stages),
        history=history(session, actor, row.id) if row is not None else [],
        twin=url(request, "api:listing_rules:get"),
    )


@router.post("/trinn", name="marketplace:set_rules")
def set_rules(request: Request, form: RulesForm, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.LISTING_PUBLISH)
    try:
        command = form.valid()
        with db.write() as session:
            service.set_rules(session, actor, command)
    except (Invalid, Stale) as problem:
        with db.read() as session:
            return _rules_page(
                request,
                session,
                actor,
                typed=form.raw,
                errors=_errors(problem),
                status=problem.status,
            )
    message = gettext(N_("Trinnene er lagret. Åpne annonser følger dem."))
    return redirect(request, "marketplace:rules", message=message)


def _errors(problem: Problem) -> dict[str, str]:
    """The messages for the form; a conflict concerns the form as a whole."""
    if isinstance(problem, Invalid):
        return {name: gettext(text) for name, text in problem.by_field.items()}
    return {"": gettext(STALE if isinstance(problem, Stale) else problem.title)}


@router.get("/{listing_id}/endre", name="marketplace:change")
def change(request: Request, listing_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.LISTING_PUBLISH)
    with db.read() as session:
        return _change_page(request, session, actor, listing_id)


def _change_page(
    request: Request,
    session: Session,
    actor: Actor,
    listing_id: UUID,
    *,
    typed: dict[str, str] | None = None,
    problem: Problem | None = None,
) -> Response:
    card = card_of(session, actor, listing_id)
    actor.must(Permission.LISTING_PUBLISH, unit=card.giver_unit_id)
    row = session.scalars(queries.own_listings(actor).where(Listing.id == listing_id)).one()
    if row.state is not ListingState.OPEN:
        raise NotFound(N_("Bare åpne annonser kan endres."))
    fields = service.ListingFields.model_fields
    kept = {name: _typed(getattr(row, name)) for name in fields}
    is_stale = isinstance(problem, Stale)
    theirs = [
        (label, _read(name, kept[name]), _read(name, typed.get(name, "")))
        for name, label in _labels()
        if typed is not None and kept[name] != typed.get(name, "").strip()
    ]
    return page(
        request,
        "marketplace/change.html",
        status=problem.status if problem else 200,
        card=shown.card_shown(request, actor, card, "small"),
        form=typed or kept,
        errors=_errors(problem) if problem and not is_stale else {},
        theirs=theirs if is_stale else None,
        version=row.version if typed is None or is_stale else typed.get("version", row.version),
        **plan_of_organisation(session, actor),
    )


def _labels() -> list[tuple[str, str]]:
    """The fields of a listing's dates and stages, as the form calls them."""
    return [
        ("from_date", gettext(N_("Kan hentes fra"))),
        ("until_date", gettext(N_("Må være hentet innen"))),
        *day_fields(),
        ("last_stage", gettext(N_("Siste trinn"))),
    ]


def _read(name: str, typed: str) -> str:
    """What a field holds, as people read it and not as the form sends it."""
    if name.endswith("_date"):
        try:
            return i18n.date(date.fromisoformat(typed))
        except ValueError:
            return typed or "\N{EM DASH}"
    if name == "last_stage" and typed in set(Stage):
        return gettext(names.STAGES[Stage(typed)])
    return typed or "\N{EM DASH}"


def _typed(value: Any) -> str:
    return "" if value is None else str(value)


@router.post("/{listing_id}/endre", name="marketplace:do_change")
def do_change(
    request: Request, listing_id: UUID, form: ChangeForm, actor: SignedIn, db: Db
) -> Response:
    actor.must(Permission.LISTING_PUBLISH)
    try:
        command = form.valid(listing_id=listing_id)
        with db.write() as session:
            service.change_listing(session, actor, [command])
    except (Invalid, Stale) as problem:
        with db.read() as session:
            return _change_page(
                request, session, actor, listing_id, typed=form.raw, problem=problem
            )
    message = gettext(N_("Annonsen er endret."))
    return redirect(request, "marketplace:show", message=message, listing_id=listing_id)


@router.post("/{listing_id}/videre", name="marketplace:widen")
def widen(request: Request, listing_id: UUID, form: WidenForm, actor: SignedIn, db: Db) -> Response:
    commands = [form.valid(listing_id=listing_id)]
    try:
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: ListingOut.all(service.widen(session, actor, commands)),
            )
    except Conflict as problem:
        return refused_page(request, actor, db, listing_id, problem)
    message = gettext(N_("Nå ser flere annonsen."))
    return redirect(request, "marketplace:show", message=message, listing_id=listing_id)


@router.post("/{listing_id}/igjen", name="marketplace:relist")
def relist(
    request: Request, listing_id: UUID, form: RelistForm, actor: SignedIn, db: Db
) -> Response:
    actor.must(Permission.LISTING_PUBLISH)
    try:
        commands = [form.valid(listing_id=listing_id)]
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: ListingOut.all(service.relist(session, actor, commands)),
            )
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            return listing_page(
                request,
                session,
                actor,
                listing_id,
                db.clock.today(),
                form=form.raw,
                errors=_errors(problem),
                status=problem.status,
            )
    message = gettext(N_("Annonsen ligger ute igjen."))
    return redirect(request, "marketplace:show", message=message, listing_id=listing_id)
