"""The pages of wishes: made from a search of the market, listed with what came, changed and ended."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.catalogue.models import Category
from app.catalogue.queries import category_name
from app.items.names import CONDITIONS, SUITABLES
from app.kit import i18n
from app.kit.errors import Conflict, Invalid, NotFound, Stale
from app.kit.forms import STALE, Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once, only_id
from app.kit.page import page, redirect, url
from app.kit.paging import Cursor, keyset
from app.kit.web import Db
from app.marketplace.commands import MarketSearch
from app.needs import queries_wish, service_wish
from app.needs.models_wish import Wish
from app.needs.outputs_wish import NEWEST_FIRST, WishOut
from app.places.models import Place

router = APIRouter(prefix="/onsker")

ROWS = 30
MakeForm = Annotated[Submission[service_wish.MakeWish], Depends(submitted(service_wish.MakeWish))]
EditForm = Annotated[Submission[service_wish.EditWish], Depends(submitted(service_wish.EditWish))]
EndForm = Annotated[Submission[service_wish.OfWish], Depends(submitted(service_wish.OfWish))]
SEARCHED = ("words", "group", "category_id", "place_id", "condition", "suitability", "count")
SIZES = tuple(f"{side}_{end}_cm" for side in ("width", "depth", "height") for end in ("min", "max"))


@router.get("", name="wishes:browse")
def browse(request: Request, actor: SignedIn, db: Db, cursor: Cursor = None) -> Response:
    """One's own that stand, the newest first."""
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        found = keyset(
            session,
            queries_wish.open_wishes(actor),
            NEWEST_FIRST,
            cursor=cursor,
            limit=ROWS,
            rows=lambda result: list(result.scalars()),
            position=lambda each: (each.created_at, each.id),
        )
        counts = queries_wish.found_of(session, actor, [each.id for each in found.rows])
        said = _said(
            session, actor, [MarketSearch.model_validate(each.wanted) for each in found.rows]
        )
        return page(
            request,
            "needs/wishes.html",
            rows=[
                {"wish": wish, "said": text, "found": counts.get(wish.id, 0)}
                for wish, text in zip(found.rows, said, strict=True)
            ],
            next_href=url(request, "wishes:browse", query={"cursor": found.next})
            if found.next
            else None,
            first_href=url(request, "wishes:browse") if cursor else None,
        )


@router.get("/nytt", name="wishes:new")
def new(request: Request, actor: SignedIn, db: Db) -> Response:
    """The search comes along in the address, as the market's page has it."""
    actor.must(Permission.REQUEST_MAKE)
    typed = request.query_params
    raw = {name: value for name, value in typed.multi_items() if value}
    many = {name: typed.getlist(name) for name in raw}
    form = Submission(service_wish.MakeWish, raw, many)
    with db.read() as session:
        return _new(request, session, actor, form)


@router.post("/nytt", name="wishes:make")
def make(request: Request, form: MakeForm, actor: SignedIn, db: Db) -> Response:
    try:
        commands = [form.valid(wanted=_wanted(form))]
        with db.write() as session:
            wish_id = once(
                session,
                actor,
                form.key,
                commands,
                lambda: WishOut.all(session, service_wish.make_wish(session, actor, commands)),
                only_id,
            )
    except Invalid as problem:
        with db.read() as session:
            return _new(request, session, actor, form, problem)
    said = gettext(N_("Vi sier fra når noe slikt kommer."))
    return redirect(request, "wishes:show", message=said, wish_id=wish_id)


def _wanted(form: Submission[Any]) -> MarketSearch:
    return Submission(MarketSearch, form.raw, form.many).valid()


def _new(
    request: Request,
    session: Session,
    actor: Actor,
    form: Submission[service_wish.MakeWish],
    problem: Invalid | None = None,
) -> Response:
    errors = dict(problem.by_field) if problem else {}
    try:
        wanted = _wanted(form)
    except Invalid as wrong:
        wanted, errors = MarketSearch(), {**wrong.by_field, **errors}
    (said,) = _said(session, actor, [wanted])
    typed = {
        "name": said[:1].upper() + said[1:120],
        "quantity": form.raw.get("count", "1"),
        **form.raw,
    }
    carried = [
        (name, value) for name in (*SEARCHED, *SIZES) for value in form.many.get(name, ()) if value
    ]
    return page(
        request,
        "needs/wish_new.html",
        status=problem.status if problem else 200,
        said=said,
        is_empty=wanted == MarketSearch(),
        carried=carried,
        key=str(uuid4()),
        form=typed,
        errors=_shown(errors),
    )


def _shown(errors: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the search has no field here: it stands above the form."""
    fields = {"name", "quantity", "wanted_date", "version"}
    shown = {name: text for name, text in errors.items() if name in fields}
    others = [text for name, text in errors.items() if name not in fields]
    return {**({"": gettext(others[0])} if others else {}), **shown}


@router.get("/{wish_id}", name="wishes:show")
def show(request: Request, wish_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        return _show(request, session, actor, wish_id)


@router.post("/{wish_id}", name="wishes:edit")
def edit(request: Request, wish_id: UUID, form: EditForm, actor: SignedIn, db: Db) -> Response:
    try:
        commands = [form.valid(wish_id=wish_id)]
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: WishOut.all(session, service_wish.edit_wish(session, actor, commands)),
            )
    except (Invalid, Conflict, Stale) as problem:
        with db.read() as session:
            return _show(request, session, actor, wish_id, form=form.raw, problem=problem)
    return redirect(request, "wishes:show", message=gettext(N_("Lagret.")), wish_id=wish_id)


@router.post("/{wish_id}/avslutt", name="wishes:end")
def end(request: Request, wish_id: UUID, form: EndForm, actor: SignedIn, db: Db) -> Response:
    commands = [form.valid(wish_id=wish_id)]
    with db.write() as session:
        once(
            session,
            actor,
            form.key,
            commands,
            lambda: WishOut.all(session, service_wish.end_wish(session, actor, commands)),
        )
    return redirect(request, "wishes:browse", message=gettext(N_("Ønsket er avsluttet.")))


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    wish_id: UUID,
    *,
    form: dict[str, str] | None = None,
    problem: Invalid | Conflict | Stale | None = None,
) -> Response:
    wish = session.scalar(queries_wish.wishes_of(actor).where(Wish.id == wish_id))
    if wish is None:
        raise NotFound(N_("Fant ikke ønsket."))
    errors: dict[str, str] = {}
    if isinstance(problem, Invalid):
        errors = _shown(problem.by_field)
    elif problem is not None:
        said = STALE if isinstance(problem, Stale) else problem.detail or problem.title
        errors = {"": gettext(said)}
    wanted = MarketSearch.model_validate(wish.wanted)
    (said,) = _said(session, actor, [wanted])
    return page(
        request,
        "needs/wish.html",
        status=problem.status if problem else 200,
        wish=wish,
        said=said,
        finds=queries_wish.finds(session, actor, wish_id=wish.id),
        search=url(request, "marketplace:browse", query=_query(wanted)),
        key=str(uuid4()),
        form=form
        or {
            "name": wish.name,
            "quantity": str(wish.quantity),
            "wanted_date": wish.wanted_date.isoformat() if wish.wanted_date else "",
        },
        errors=errors,
    )


def _query(wanted: MarketSearch) -> dict[str, object]:
    """The search as the market's address has it: lengths in cm."""
    found: dict[str, object] = {}
    for name, value in wanted.model_dump(mode="json", exclude_defaults=True).items():
        if name.endswith("_mm"):
            found[name.removesuffix("_mm") + "_cm"] = i18n.number(
                value / 10, 1 if value % 10 else 0
            )
        else:
            found[name] = value
    return found


def _said(session: Session, actor: Actor, searches: Sequence[MarketSearch]) -> list[str]:
    """What each search is for, in words; categories and places are read once for all."""
    named = {each.category_id for each in searches if each.category_id}
    found = session.scalars(select(Category).where(Category.id.in_(named)))
    categories = {each.id: category_name(each) for each in found}
    ids = {each.place_id for each in searches if each.place_id}
    rows = session.execute(
        select(Place.id, Place.label).where(Place.org_id == actor.org_id, Place.id.in_(ids))
    )
    places = {row.id: row.label for row in rows}
    return [_in_words(each, categories, places) for each in searches]


def _in_words(
    wanted: MarketSearch, categories: Mapping[str, str], places: Mapping[UUID, str]
) -> str:
    parts = [wanted.words.strip()]
    if wanted.category_id:
        parts.append(categories.get(wanted.category_id, wanted.category_id))
    parts += [gettext(CONDITIONS[each]) for each in wanted.condition]
    for side, text in (("width", N_("bredde")), ("depth", N_("dybde")), ("height", N_("høyde"))):
        least, most = getattr(wanted, f"{side}_min_mm"), getattr(wanted, f"{side}_max_mm")
        if least and most:
            parts.append(f"{gettext(text)} {i18n.cm(least)}–{i18n.cm(most)}")
        elif least or most:
            word = gettext(N_("fra")) if least else gettext(N_("til"))
            parts.append(f"{gettext(text)} {word} {i18n.cm(least or most)}")
    if wanted.place_id is not None and wanted.place_id in places:
        parts.append(places[wanted.place_id])
    if wanted.suitability:
        parts.append(gettext(SUITABLES[wanted.suitability]))
    if wanted.count:
        parts.append(gettext(N_("minst %(n)s sammen"), n=i18n.number(wanted.count)))
    return ", ".join(each for each in parts if each)
