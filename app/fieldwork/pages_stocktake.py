"""Stocktakes: a room, everything in it, and what follows from the difference."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.fieldwork import names_stocktake, queries_stocktake, service_count, views_stocktake
from app.fieldwork import service_stocktake as service
from app.fieldwork.models import Stocktake
from app.fieldwork.modes import COUNT
from app.fieldwork.pages_move import lines_in
from app.fieldwork.pages_scan import with_reader
from app.fieldwork.rules_stocktake import Decision, Sighting, StocktakeState
from app.fieldwork.service_count import Count, Counted, CountUnlabelled, Decide
from app.fieldwork.service_stocktake import Begin, OfStocktake
from app.fieldwork.shown import modes_shown
from app.kit.db import Database
from app.kit.errors import Invalid, NotFound
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext, ngettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db
from app.places.queries import PlaceCodeUnknown, place_by_code, place_choices

router = APIRouter(prefix="/varetelling")

ROWS = 30
BeginForm = Annotated[Submission[Begin], Depends(submitted(Begin))]
CountForm = Annotated[Submission[Count], Depends(submitted(Count))]
UnlabelledForm = Annotated[Submission[CountUnlabelled], Depends(submitted(CountUnlabelled))]
DecideForm = Annotated[Submission[Decide], Depends(submitted(Decide))]
OfForm = Annotated[Submission[OfStocktake], Depends(submitted(OfStocktake))]


def _browse(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    place_id: UUID | None = None,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    status: int = 200,
) -> Response:
    query = queries_stocktake.stocktakes_visible_to(actor).where(
        Stocktake.state != StocktakeState.JOINED
    )
    if place_id is not None:
        query = query.where(Stocktake.place_id == place_id)
    newest = query.order_by(Stocktake.started_at.desc(), Stocktake.id).limit(ROWS)
    stocktakes = views_stocktake.summaries(session, actor, list(session.scalars(newest)))
    places = place_choices(session, actor)
    response = page(
        request,
        "fieldwork/stocktakes.html",
        status=status,
        modes=modes_shown(request, actor, COUNT),
        stocktakes=stocktakes,
        open_counts=[(str(each.id), each.place) for each in stocktakes if each.is_open],
        place=dict(places).get(str(place_id)) if place_id else None,
        places=places,
        may_edit=actor.may(Permission.ITEM_EDIT),
        form=form,
        errors=errors,
        key=str(uuid4()),
    )
    return with_reader(response)


@router.get("", name="stocktakes:browse")
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    place: Annotated[UUID | None, Query(alias="sted")] = None,
) -> Response:
    """The way to a new one, and the history: of all rooms, or of one."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        form = {"place_id": str(place)} if place else {}
        return _browse(request, session, actor, place_id=place, form=form, errors={})


@router.post("", name="stocktakes:begin")
def begin(request: Request, form: BeginForm, actor: SignedIn, db: Db) -> Response:
    """In the room whose code was scanned, or that was chosen; one that is open there is joined."""
    actor.must(Permission.ITEM_EDIT)
    try:
        form.raw["place_id"] = _place_named(form, actor, db)
        command = form.valid(id=None)
        with db.write() as session:
            stocktake_id = once(
                session,
                actor,
                form.key,
                [command],
                lambda: str(service.begin(session, actor, command).id),
                UUID,
            )
    except (Invalid, PlaceCodeUnknown) as problem:
        found = problem.by_field if isinstance(problem, Invalid) else {}
        errors = found or {"code": problem.detail or problem.title}
        said = {name: gettext(text) for name, text in errors.items()}
        with db.read() as session:
            return _browse(request, session, actor, form=form.raw, errors=said, status=422)
    return redirect(request, "stocktakes:show", stocktake_id=stocktake_id)


def _place_named(form: BeginForm, actor: Actor, db: Database) -> str:
    typed, chosen = form.raw.get("code", "").strip()[:200], form.raw.get("place_id", "").strip()
    if typed:
        with db.read() as session:
            return str(place_by_code(session, actor, typed).id)
    if not chosen:
        raise Invalid(by_field={"code": N_("Skann rommet, eller velg det i listen.")})
    return chosen


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    stocktake_id: UUID,
    *,
    form: Mapping[str, str],
    errors: Mapping[str, str],
    status: int = 200,
) -> Response:
    row = session.scalar(
        queries_stocktake.stocktakes_visible_to(actor).where(Stocktake.id == stocktake_id)
    )
    if row is None:
        raise NotFound(N_("Fant ikke tellingen."))
    if row.joined_id is not None:
        return redirect(request, "stocktakes:show", stocktake_id=row.joined_id)
    response = page(
        request,
        "fieldwork/stocktake.html",
        status=status,
        report=views_stocktake.report(session, actor, row),
        moved=queries_stocktake.last_moved(session, actor, row.id),
        may_edit=actor.may(Permission.ITEM_EDIT),
        form=form,
        errors={name: gettext(text) for name, text in errors.items()},
        key=str(uuid4()),
    )
    return with_reader(response)


@router.get("/{stocktake_id}", name="stocktakes:show")
def show(request: Request, stocktake_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        return _show(request, session, actor, stocktake_id, form={}, errors={})


@router.post("/{stocktake_id}/skann", name="stocktakes:count")
def count(
    request: Request, stocktake_id: UUID, form: CountForm, actor: SignedIn, db: Db
) -> Response:
    """Keeps what can be read; what is mistyped stays in the field with its message."""
    actor.must(Permission.ITEM_EDIT)
    try:
        texts = lines_in(form)
        command = form.valid(stocktake_id=stocktake_id, scans=[{"text": each} for each in texts])
        with db.write() as session:
            answers = once(
                session,
                actor,
                form.key,
                [command],
                lambda: _as_kept(service_count.count(session, actor, command)),
                lambda kept: [(str(text), Sighting(sighting)) for text, sighting in kept],
            )
    except Invalid as problem:
        errors = {"codes": next(iter(problem.by_field.values()), problem.title)}
        with db.read() as session:
            return _show(
                request,
                session,
                actor,
                stocktake_id,
                form=form.raw,
                errors=errors,
                status=problem.status,
            )
    asked_again = [text for text, sighting in answers if sighting is Sighting.MISTYPED]
    if asked_again:
        error = N_("Disse kodene er ikke riktig skrevet. De andre er tatt med.")
        typed = {"codes": "\n".join(asked_again)}
        with db.read() as session:
            return _show(
                request,
                session,
                actor,
                stocktake_id,
                form=typed,
                errors={"codes": error},
                status=422,
            )
    return redirect(
        request, "stocktakes:show", message=_summed_up(answers), stocktake_id=stocktake_id
    )


def _as_kept(answers: list[Counted]) -> list[tuple[str, str]]:
    return [(each.text, each.sighting.value) for each in answers]


def _summed_up(answers: list[tuple[str, Sighting]]) -> str:
    """«3 funnet, 1 uventet»."""
    counted = Counter(sighting for _, sighting in answers)
    return ", ".join(
        f"{counted[each]} {gettext(text)}"
        for each, text in names_stocktake.SIGHTINGS.items()
        if counted[each]
    )


@router.post("/{stocktake_id}/uten-etikett", name="stocktakes:count_unlabelled")
def count_unlabelled(
    request: Request, stocktake_id: UUID, form: UnlabelledForm, actor: SignedIn, db: Db
) -> Response:
    actor.must(Permission.ITEM_EDIT)
    try:
        command = form.valid(stocktake_id=stocktake_id)
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                [command],
                lambda: service_count.count_unlabelled(session, actor, command).count,
            )
    except Invalid as problem:
        with db.read() as session:
            return _show(
                request,
                session,
                actor,
                stocktake_id,
                form=form.raw,
                errors=problem.by_field,
                status=problem.status,
            )
    message = gettext("Uten etikett: %(count)s lagt til.", count=command.count)
    return redirect(request, "stocktakes:show", message=message, stocktake_id=stocktake_id)


@router.post("/{stocktake_id}/avgjor", name="stocktakes:decide")
def decide(
    request: Request, stocktake_id: UUID, form: DecideForm, actor: SignedIn, db: Db
) -> Response:
    """One tap: moved here, called lost, or left as it is."""
    command = form.valid(stocktake_id=stocktake_id)
    with db.write() as session:
        done = once(
            session,
            actor,
            form.key,
            [command],
            lambda: service_count.decide(session, actor, command).settled,
            int,
        )
    decided = gettext(names_stocktake.DECISIONS[Decision(command.decision)])
    message = ngettext(
        "%(num)s møbel: %(decided)s.",
        "%(num)s møbler: %(decided)s.",
        done,
        decided=decided.lower(),
    )
    return redirect(request, "stocktakes:show", message=message, stocktake_id=stocktake_id)


Verb = Callable[[Session, Actor, OfStocktake], Stocktake]


def _step(
    request: Request, stocktake_id: UUID, form: OfForm, actor: Actor, db: Database, verb: Verb
) -> Response:
    command = form.valid(stocktake_id=stocktake_id)
    with db.write() as session:
        once(session, actor, form.key, [command], lambda: str(verb(session, actor, command).state))
    return redirect(request, "stocktakes:show", stocktake_id=stocktake_id)


@router.post("/{stocktake_id}/avslutt", name="stocktakes:finish")
def finish(request: Request, stocktake_id: UUID, form: OfForm, actor: SignedIn, db: Db) -> Response:
    return _step(request, stocktake_id, form, actor, db, service.finish)


@router.post("/{stocktake_id}/gjenapne", name="stocktakes:reopen")
def reopen(request: Request, stocktake_id: UUID, form: OfForm, actor: SignedIn, db: Db) -> Response:
    return _step(request, stocktake_id, form, actor, db, service.reopen)


@router.post("/{stocktake_id}/avbryt", name="stocktakes:cancel")
def cancel(request: Request, stocktake_id: UUID, form: OfForm, actor: SignedIn, db: Db) -> Response:
    return _step(request, stocktake_id, form, actor, db, service.cancel)
