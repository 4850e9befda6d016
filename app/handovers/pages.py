"""Handovers: what waits, one handover with its receipt and undoing, and a new trip."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.models import Person
from app.accounts.queries import unit_choices
from app.accounts.rules import Permission
from app.handovers import queries, service, views, views_across, views_planned, views_return
from app.handovers.api import NEWEST_FIRST, handover_of
from app.handovers.models import Handover, HandoverLine
from app.handovers.outputs import HandoverOut
from app.handovers.queries import handover_lines_visible_to
from app.handovers.queries_scan import receipts_of
from app.handovers.rules import MOST_PIECES
from app.items.models import Item
from app.items.queries import items_visible_to
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext, ngettext
from app.kit.once import once, only_id
from app.kit.page import page, redirect
from app.kit.paging import Cursor, keyset
from app.kit.web import Db
from app.marketplace.models import Request as MarketRequest
from app.places.queries import place_choices
from app.projects.models import Project
from app.projects.queries import projects_visible_to

router = APIRouter(prefix="/overleveringer")

HandOverForm = Annotated[Submission[service.HandOver], Depends(submitted(service.HandOver))]
ReceiveForm = Annotated[Submission[service.Receive], Depends(submitted(service.Receive))]
UndoForm = Annotated[Submission[service.Undo], Depends(submitted(service.Undo))]

Pieces = Annotated[Sequence[UUID], Query(alias="mobel", max_length=MOST_PIECES)]

A_PAGE = 20


@router.get("", name="handovers:browse")
def browse(request: Request, actor: SignedIn, db: Db, cursor: Cursor = None) -> Response:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = keyset(
            session,
            queries.handovers_visible_to(actor),
            NEWEST_FIRST,
            cursor=cursor,
            limit=A_PAGE,
            rows=lambda result: list(result.scalars()),
            position=lambda each: (each.number, each.id),
        )
        mine = queries.to_receive(actor).with_only_columns(HandoverLine.handover_id)
        waiting = session.scalars(
            queries.handovers_visible_to(actor)
            .where(Handover.id.in_(mine))
            .order_by(Handover.number)
            .limit(50)
        ).all()
        may_make = actor.may(Permission.HANDOVER_MAKE)
        coming = views_across.waiting_for(session, actor)
        going = views_across.promised_to_others(session, actor) if may_make else []
        return page(
            request,
            "handovers/browse.html",
            waiting=views.cards(session, actor, waiting),
            from_others=coming[: views_across.MOST_COMING],
            more_from_others=len(coming) > views_across.MOST_COMING,
            to_others=going[: views_across.MOST_PROMISED],
            more_to_others=len(going) > views_across.MOST_PROMISED,
            orders=views.orders_to_hand_over(session, actor) if may_make else [],
            cards=views.cards(session, actor, found.rows),
            next_cursor=found.next,
            is_first=cursor is None,
            may_make=may_make,
        )


@router.get("/ny", name="handovers:new")
def new(
    request: Request,
    actor: SignedIn,
    db: Db,
    request_id: Annotated[UUID | None, Query(alias="bestilling")] = None,
    item_ids: Pieces = (),
) -> Response:
    actor.must(Permission.HANDOVER_MAKE)
    with db.read() as session:
        form = {"handed_over_on": db.clock.today().isoformat()}
        return _new(request, session, actor, request_id, item_ids, form=form, errors={})


@router.post("/ny", name="handovers:hand_over")
def hand_over(
    request: Request,
    form: HandOverForm,
    actor: SignedIn,
    db: Db,
    request_id: Annotated[UUID | None, Query(alias="bestilling")] = None,
    item_ids: Pieces = (),
) -> Response:
    try:
        commands = [form.valid()]
        with db.write() as session:
            handover_id = once(
                session,
                actor,
                form.key,
                commands,
                lambda: HandoverOut.all(
                    session, actor, service.hand_over(session, actor, commands)
                ),
                only_id,
            )
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            raw: dict[str, Any] = {**form.raw, "chosen": form.many.get("reservation_ids", [])}
            return _new(
                request,
                session,
                actor,
                request_id,
                item_ids,
                form=raw,
                errors=errors_of(problem),
                status=problem.status,
            )
    return redirect(
        request,
        "handovers:show",
        message=gettext("Møblene er på vei. Mottakeren bekrefter når de er framme."),
        handover_id=handover_id,
    )


@router.get("/{handover_id}", name="handovers:show")
def show(request: Request, handover_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        handover = handover_of(session, actor, handover_id)
        return _show(request, session, actor, handover, errors={})


@router.post("/{handover_id}/mottatt", name="handovers:receive")
def receive(
    request: Request, handover_id: UUID, form: ReceiveForm, actor: SignedIn, db: Db
) -> Response:
    try:
        commands = [form.valid()]
        with db.write() as session:
            _require_own(session, actor, handover_id, commands[0].handover_line_ids)
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: HandoverOut.of_lines(
                    session, actor, service.receive(session, actor, commands)
                ),
            )
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            handover = handover_of(session, actor, handover_id)
            return _show(
                request,
                session,
                actor,
                handover,
                errors=errors_of(problem, "receive"),
                chosen={"receive": form.many.get("handover_line_ids", [])},
                status=problem.status,
            )
    count = len(commands[0].handover_line_ids)
    return redirect(
        request,
        "handovers:show",
        message=ngettext("Møbelet er mottatt.", "%(num)s møbler er mottatt.", count, num=count),
        handover_id=handover_id,
    )


@router.post("/{handover_id}/angre", name="handovers:undo")
def undo(request: Request, handover_id: UUID, form: UndoForm, actor: SignedIn, db: Db) -> Response:
    try:
        commands = [form.valid()]
        with db.write() as session:
            _require_own(session, actor, handover_id, commands[0].handover_line_ids)
            is_whole = once(
                session,
                actor,
                form.key,
                commands,
                lambda: HandoverOut.of_lines(
                    session, actor, service.undo(session, actor, commands)
                ),
                lambda answer: all(line["undone_at"] for line in answer[0]["lines"]),
            )
    except (Invalid, Conflict) as problem:
        with db.read() as session:
            handover = handover_of(session, actor, handover_id)
            return _show(
                request,
                session,
                actor,
                handover,
                errors=errors_of(problem, "undo"),
                chosen={"undo": form.many.get("handover_line_ids", [])},
                status=problem.status,
            )
    count = len(commands[0].handover_line_ids)
    message = (
        gettext("Overleveringen er angret. Alt er som før.")
        if is_whole
        else ngettext(
            "Overleveringen av ett møbel er angret. Resten står.",
            "Overleveringen av %(num)s møbler er angret. Resten står.",
            count,
        )
    )
    return redirect(request, "handovers:show", message=message, handover_id=handover_id)


def _require_own(
    session: Session, actor: Actor, handover_id: UUID, line_ids: Sequence[UUID]
) -> None:
    """Of this handover and no other: the answer shows what was done on this one's page."""
    handover_of(session, actor, handover_id)
    own = handover_lines_visible_to(actor).where(HandoverLine.handover_id == handover_id)
    if set(line_ids) - set(session.scalars(own.with_only_columns(HandoverLine.id))):
        raise NotFound(N_("Fant ikke møbelet i denne overleveringen."))


def errors_of(problem: Invalid | Conflict, chosen: str = "") -> dict[str, str]:
    """What was refused, at its field; a conflict, and a choice of nothing, concern the form."""
    if isinstance(problem, Invalid):
        named = {
            chosen if name == "handover_line_ids" else name: gettext(text)
            for name, text in problem.by_field.items()
        }
        if not problem.by_field:
            named[""] = gettext(problem.detail or problem.title)
        if "handover_line_ids" in problem.by_field:
            named[chosen] = gettext("Velg minst ett møbel.")
        return named
    return {"": gettext(problem.detail or problem.title)}


def _new(
    request: Request,
    session: Session,
    actor: Actor,
    request_id: UUID | None,
    item_ids: Sequence[UUID],
    *,
    form: dict[str, Any],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    actor.must(Permission.HANDOVER_MAKE)
    order: MarketRequest | None = None
    items: list[Item] = []
    reserved: dict[UUID, UUID] = {}
    if request_id is not None:
        order = session.scalar(
            select(MarketRequest).where(
                MarketRequest.org_id == actor.org_id, MarketRequest.id == request_id
            )
        )
        if order is None:
            raise NotFound
        pairs = views.reserved_pieces(session, actor, request_id)
        items = [item for _, item in pairs]
        reserved = {item.id: reservation.id for reservation, item in pairs}
        form = {"to_place_id": str(order.place_id or ""), **form}
    elif item_ids:
        found = items_visible_to(actor).where(Item.id.in_(item_ids)).order_by(Item.name, Item.id)
        items = list(session.scalars(found))
        if len(items) < len(set(item_ids)):
            raise NotFound
        form = views_planned.meant(session, actor, item_ids) | form
    pieces = views.piece_rows(session, actor, items)
    return page(
        request,
        "handovers/new.html",
        status=status,
        order=order,
        orders=[] if items else views.orders_to_hand_over(session, actor),
        is_chosen=order is not None or bool(item_ids),
        pieces=[{**pieces[each.id], "reservation_id": reserved.get(each.id)} for each in items],
        item_ids=item_ids,
        waiting=views_planned.waiting(session, actor, item_ids),
        receiver=_unit_name(session, actor, order.unit_id if order else None),
        units=unit_choices(session, actor),
        places=place_choices(session, actor),
        vehicles=views.vehicle_choices(session),
        key=str(uuid4()),
        form=form,
        errors=errors,
    )


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    handover: Handover,
    *,
    errors: dict[str, str],
    chosen: Mapping[str, Sequence[str]] | None = None,
    status: int = 200,
) -> Response:
    (card,) = views.cards(session, actor, [handover])
    mine = views.receivable(session, actor, handover)
    rows = views.line_rows(session, actor, handover, mine)
    who = {i for r in rows for i in (r["line"].picked_up_by, r["line"].received_by) if i}
    people = {
        row[0]: row[1]
        for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(who)))
    }
    project = session.scalar(projects_visible_to(actor).where(Project.id == handover.project_id))
    return page(
        request,
        "handovers/show.html",
        status=status,
        handover=handover,
        card=card,
        rows=rows,
        people=people,
        project=project,
        label_lot=views.label_lot(rows) if actor.may(Permission.LABEL_PRINT) else None,
        receipts=session.scalars(receipts_of(actor, handover.id)).all(),
        facts=views.facts_of(session, actor, handover, rows[0]["line"]),
        to_receive=[each for each in rows if each["may_receive"]],
        may_undo=actor.may(
            Permission.HANDOVER_MAKE, handover.giver_unit_id or handover.receiver_unit_id
        )
        and any(each["may_undo"] for each in rows),
        may_give_back=views_return.may_give_back(session, actor, handover),
        key=str(uuid4()),
        undo_key=str(uuid4()),
        chosen=chosen or {},
        errors=errors,
    )


def _unit_name(session: Session, actor: Actor, unit_id: UUID | None) -> str | None:
    return dict(unit_choices(session, actor)).get(str(unit_id))
