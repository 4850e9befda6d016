"""The basket, from the first piece to the request that is sent."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.impact.rules import WouldHave
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once, only_id
from app.kit.page import page, panels, redirect
from app.kit.web import Db
from app.marketplace import names, service, shown
from app.marketplace.models import RequestLine
from app.marketplace.outputs import LineOut, RequestOut
from app.marketplace.pages import listing_page
from app.marketplace.queries import basket_of
from app.marketplace.search import cards_of
from app.places.queries import place_choices

router = APIRouter(prefix="/kurv")

PutForm = Annotated[Submission[service.PutInBasket], Depends(submitted(service.PutInBasket))]
SubmitForm = Annotated[Submission[service.Submit], Depends(submitted(service.Submit))]


def _lines(session: Session, actor: Actor) -> list[RequestLine]:
    basket = basket_of(actor).subquery()
    return list(
        session.scalars(
            select(RequestLine)
            .join(basket, basket.c.id == RequestLine.request_id)
            .where(RequestLine.org_id == actor.org_id)
            .order_by(RequestLine.created_at, RequestLine.id)
        )
    )


def _basket_page(
    request: Request,
    session: Session,
    actor: Actor,
    form: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    lines = _lines(session, actor)
    cards = cards_of(session, actor, [each.listing_id for each in lines])
    programme = shown.line_options(session, actor) if lines else []
    return page(
        request,
        "marketplace/basket.html",
        status=status,
        lines=[
            {
                "id": str(each.listing_id),
                "wanted": each.wanted,
                "card": shown.card_shown(request, actor, cards[each.listing_id], "small"),
                "is_short": each.wanted > cards[each.listing_id].count,
            }
            for each in lines
            if each.listing_id in cards
        ],
        panels=panels(request, "basket", session, actor, lines) if lines else [],
        pieces=sum(each.wanted for each in lines),
        most=service.MOST_PIECES,
        answers=[(each.value, gettext(text)) for each, text in names.WOULD_HAVE.items()],
        programme_options=programme,
        unit_options=shown.unit_options(session, actor),
        place_options=place_choices(session, actor),
        key=str(uuid4()),
        form=form,
        errors=errors if lines else {},  # the basket of another tab, sent already
    )


@router.get("", name="basket:show")
def show(request: Request, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.REQUEST_MAKE)
    form = {"unit_id": str(actor.home_unit_id or "")}
    with db.read() as session:
        return _basket_page(request, session, actor, form, {})


@router.post("", name="basket:put")
def put(request: Request, form: PutForm, actor: SignedIn, db: Db) -> Response:
    try:
        commands = [form.valid()]
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: LineOut.all(service.put_in_basket(session, actor, commands)),
            )
    except (Invalid, Conflict) as problem:
        listing_id = _uuid(form.raw.get("listing_id", ""))
        with db.read() as session:
            return listing_page(
                request,
                session,
                actor,
                listing_id,
                db.clock.now().date(),
                form=form.raw,
                errors=_said(problem, "wanted"),
                status=problem.status,
            )
    return redirect(request, "basket:show", message=gettext(N_("Lagt i kurven.")))


def _uuid(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError as error:
        raise NotFound from error


def _said(problem: Invalid | Conflict, field: str) -> dict[str, str]:
    """The problem's messages, translated; what concerns no field of its own stands at ``field``."""
    if isinstance(problem, Invalid) and problem.by_field:
        return {name: gettext(text) for name, text in problem.by_field.items()}
    return {field: gettext(problem.detail or problem.title)}


@router.post("/endre", name="basket:change")
def change(request: Request, form: SubmitForm, actor: SignedIn, db: Db) -> Response:
    """New counts from the basket's form; the button ``remove`` takes one line out."""
    try:
        with db.write() as session:
            _change(session, actor, form.raw)
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            errors = _said(problem, "")
            return _basket_page(request, session, actor, form.raw, errors, problem.status)
    return redirect(request, "basket:show", message=gettext(N_("Kurven er oppdatert.")))


def _change(session: Session, actor: Actor, raw: dict[str, str]) -> None:
    errors: dict[str, str] = {}
    for line in _lines(session, actor):
        field = f"wanted-{line.listing_id}"
        wanted = 0 if raw.get("remove") == str(line.listing_id) else line.wanted
        typed = raw.get(field, "").strip()
        if wanted and typed:
            wanted = _count(typed, field, errors) or 0
        if field in errors or wanted == line.wanted:
            continue
        command = service.ChangeBasket(listing_id=line.listing_id, wanted=wanted)
        try:
            service.change_basket(session, actor, [command])
        except (Invalid, Conflict) as problem:
            errors.update(_said(problem, field))
            errors[field] = errors.pop("wanted", errors.get(field, ""))
    if errors:
        raise Invalid(by_field=errors)


def _count(typed: str, field: str, errors: dict[str, str]) -> int | None:
    if typed.isdecimal() and len(typed) <= 3 and int(typed) <= service.MOST_PIECES:
        return int(typed)
    errors[field] = gettext(N_("Skriv et antall fra 0 til %(most)s."), most=service.MOST_PIECES)
    return None


@router.post("/send", name="basket:submit")
def submit(request: Request, form: SubmitForm, actor: SignedIn, db: Db) -> Response:
    try:
        commands = [form.valid(lines=_answers(form.raw))]
        with db.write() as session:
            request_id, number = once(
                session,
                actor,
                form.key,
                commands,
                lambda: RequestOut.all(service.submit(session, actor, commands)),
                lambda answer: (only_id(answer), int(answer[0]["number"])),
            )
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            return _basket_page(
                request, session, actor, form.raw, _said(problem, ""), problem.status
            )
    message = gettext(N_("Bestilling %(number)s er sendt."), number=number)
    return redirect(request, "requests:show", message=message, request_id=request_id)


def _answers(raw: dict[str, str]) -> list[service.LineAnswer]:
    """What the form says of each line: ``wanted-<id>``, ``would_have-<id>``, ``need-<id>``."""
    answers = []
    errors: dict[str, str] = {}
    for name, typed in raw.items():
        if not name.startswith("wanted-"):
            continue
        listing_id = _uuid(name.removeprefix("wanted-"))
        wanted = _count(typed.strip(), name, errors)
        if wanted == 0:
            errors[name] = gettext(N_("Skriv minst 1, eller ta linjen ut av kurven."))
        values: dict[str, Any] = {"listing_id": listing_id, "wanted": wanted or 1}
        said = raw.get(f"would_have-{listing_id}", "")
        if said in set(WouldHave):
            values["would_have"] = said
        need = raw.get(f"need-{listing_id}", "")
        if need:
            values["programme_line_id"] = _uuid(need)
        answers.append(service.LineAnswer.model_validate(values))
    if errors:
        raise Invalid(by_field=errors)
    return answers
