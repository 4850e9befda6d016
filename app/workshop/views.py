"""Orders to suppliers as their pages show them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Request
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person, Unit
from app.accounts.rules import Permission
from app.catalogue.models import Category, ProductModel
from app.catalogue.models_supplier import Supplier
from app.catalogue.names import WORKS
from app.catalogue.queries import category_name, product_models_visible_to
from app.catalogue.queries_supplier import prices_of, ranked, reference_of, supplier_choices
from app.catalogue.rules import Work
from app.disposals.names import FRACTIONS
from app.impact.queries import factors_of
from app.impact.rules import is_trip_factor
from app.items.models import Item, Photo, PhotoTaken
from app.items.queries import codes_of, items_visible_to
from app.kit import codes
from app.kit.clock import OSLO
from app.kit.db import clock_of
from app.kit.i18n import N_, gettext, locale
from app.kit.page import url
from app.marketplace.names import WOULD_HAVE
from app.needs.models import Need, NeedLine
from app.places.queries import place_choices
from app.projects.models import ProgrammeLine, Project
from app.projects.queries import lines_visible_to, named, place_labels
from app.workshop import names, queries
from app.workshop.models import OrderPiece, Quote, SupplierOrder
from app.workshop.queries_planned import lacking
from app.workshop.rules import BUYING, LEVELS, MAKING, TREATED, OrderState, each_ore
from app.workshop.service_again import was_delivered
from app.workshop.service_approval import waits_for_yes, who_says_yes

MOST_PAIRS = 30
"""Pieces whose pictures stand on the order's page."""


def state_of(order: SupplierOrder) -> dict[str, str]:
    text, tone = names.STATES[order.state]
    return {"text": gettext(text), "tone": tone}


def rows(session: Session, actor: Actor, orders: Sequence[SupplierOrder]) -> list[dict[str, Any]]:
    """Orders in a list, each with what waits."""
    suppliers = named(session, Supplier, actor, {each.supplier_id for each in orders})
    units = named(session, Unit, actor, {each.unit_id for each in orders})
    quotes: dict[UUID, int] = defaultdict(int)
    for each in session.scalars(queries.quotes_of(actor, [each.id for each in orders])):
        quotes[each.supplier_order_id] += 1
    today = clock_of(session).today()
    return [
        {
            "order": each,
            "state": state_of(each),
            "work": gettext(WORKS[each.work]),
            "unit": units.get(each.unit_id, ""),
            "supplier": suppliers.get(each.supplier_id) if each.supplier_id else None,
            "quotes": quotes[each.id],
            "is_late": each.state is OrderState.CONFIRMED
            and each.due_on is not None
            and each.due_on < today,
        }
        for each in orders
    ]


def document(
    request: Request, session: Session, actor: Actor, order: SupplierOrder
) -> dict[str, Any]:
    """Everything the order says."""
    pieces = list(session.scalars(queries.pieces_of(actor, [order.id])))
    items = _items(session, actor, [each.item_id for each in pieces])
    people = _people(session, {order.person_id, order.approved_by_id})
    supplier = _supplier(session, actor, order.supplier_id)
    category = session.get(Category, order.category_id) if order.category_id else None
    shown = _pieces(session, actor, pieces, items)
    materials = list(session.scalars(queries.materials_of(actor.org_id, [order.id])))
    on = order.sent_at.astimezone(OSLO).date() if order.sent_at else clock_of(session).today()
    return {
        "state": state_of(order),
        "work": gettext(WORKS[order.work]),
        "unit": named(session, Unit, actor, {order.unit_id}).get(order.unit_id, ""),
        "place": place_labels(session, actor, {order.place_id}).get(order.place_id),
        "category": category_name(category) if category else None,
        "made_by": people.get(order.person_id, ""),
        "approved_by": people.get(order.approved_by_id, ""),
        "supplier": supplier,
        "agreement": reference_of(session, actor, order.work, order.supplier_id, on),
        "each_ore": each_ore(order.price_ore, order.quantity)
        if order.price_ore is not None
        else None,
        "takes_apart": order.work in {Work.DISMANTLE, Work.BUILD_FROM_SURPLUS} and bool(shown),
        "pieces": shown,
        "pairs": _pairs(request, session, list(items.values())),
        "quotes": _quotes(session, actor, order),
        "level": gettext(names.LEVELS[order.level]) if order.level else None,
        "put_in": [
            (gettext(names.MATERIALS.get(each.material, each.material)), each.mass_g)
            for each in materials
            if not each.is_removed
        ],
        "taken_off": [
            (gettext(names.MATERIALS.get(each.material, each.material)), each.mass_g)
            for each in materials
            if each.is_removed
        ],
        "offcuts": [
            (gettext(FRACTIONS[each.fraction]), each.mass_g)
            for each in session.scalars(queries.offcuts_of(actor, [order.id]))
        ],
        **_origin(session, actor, order),
    }


def acts(session: Session, actor: Actor, order: SupplierOrder) -> dict[str, Any]:
    """What the reader can do with it now, and what is asked for it."""
    may = actor.may(Permission.SUPPLIER_ORDER, order.unit_id)
    is_draft = order.state is OrderState.DRAFT
    price_ore = order.price_ore
    waits = is_draft and price_ore is not None and waits_for_yes(session, order, price_ore)
    may_yes = (
        waits
        and price_ore is not None
        and actor.person_id in who_says_yes(session, order, price_ore)
    )
    return {
        "may_quote": may and is_draft,
        "may_send": may and is_draft and price_ore is not None and not waits,
        "waits_for_yes": waits,
        "may_approve": may_yes,
        "may_confirm": may and order.state is OrderState.SENT,
        "may_deliver": may and order.state is OrderState.CONFIRMED,
        "may_invoice": may and order.state is OrderState.DONE,
        "label_lot": session.scalar(queries.lot_made(order))
        if order.work in MAKING and order.done_on and actor.may(Permission.LABEL_PRINT)
        else None,
        **_undone(session, actor, order, may=may),
        "may_cancel": may
        and order.state in {OrderState.DRAFT, OrderState.SENT, OrderState.CONFIRMED},
        "suppliers": _choices(session, actor, order) if may and is_draft else [],
        "is_treated": order.work in TREATED,
        "is_made": order.work in MAKING,
        "is_bought": order.work in BUYING,
    }


def _undone(session: Session, actor: Actor, order: SupplierOrder, *, may: bool) -> dict[str, Any]:
    """How many of the delivered pieces were taken back, and whether it can be delivered anew."""
    lines = (
        list(session.scalars(queries.delivered_lines(order)))
        if order.state is OrderState.DONE
        else []
    )
    undone = sum(each.undone_at is not None for each in lines)
    # What was registered with the delivery is deleted, which is for those who may do that.
    may_delete = order.work not in MAKING or actor.may(Permission.ITEM_MERGE)
    # Where none of the pieces had a user as they came back, nothing was handed over.
    had_none = (
        order.state is OrderState.DONE
        and not lines
        and any(
            was_delivered(order, each)
            for each in session.scalars(queries.pieces_of(actor, [order.id]))
        )
    )
    is_all = had_none or (bool(lines) and undone == len(lines))
    return {
        "undone": undone,
        "delivered": len(lines),
        "may_reopen": may and may_delete and is_all,
    }


def delivery(session: Session, actor: Actor, order: SupplierOrder) -> dict[str, Any]:
    """What the form for a delivery asks of this kind of order."""
    models = session.scalars(
        product_models_visible_to(actor)
        .where(ProductModel.category_id == order.category_id)
        .order_by(ProductModel.maker, ProductModel.name)
        .limit(500)
    )
    return {
        "is_treated": order.work in TREATED,
        "is_made": order.work in MAKING,
        "levels": [
            (each.value, gettext(names.LEVELS[each])) for each in LEVELS.get(order.work, ())
        ],
        "materials": [(code, gettext(text)) for code, text in names.MATERIALS.items()],
        "fractions": [(each.value, gettext(text)) for each, text in FRACTIONS.items()],
        "models": [(str(each.id), f"{each.maker} {each.name}") for each in models],
        "places": place_choices(session, actor),
        "vehicles": _vehicles(session),
        "answers": [(each.value, gettext(text)) for each, text in WOULD_HAVE.items()]
        if order.work not in {Work.DISMANTLE, Work.BUY_NEW}
        else [],
    }


def _vehicles(session: Session) -> list[tuple[str, str]]:
    rows = factors_of(session).factor_set.transport.items()
    is_english = locale() == "en"
    return [
        (code, row.name_en if is_english else row.name_nb.replace("<=", "inntil "))
        for code, row in rows
        if is_trip_factor(row)
    ]


def suggested(
    session: Session,
    actor: Actor,
    items: Sequence[Item],
    line_id: UUID | None,
    need_line_id: UUID | None,
) -> dict[str, str]:
    """What a new order is filled in with: by its pieces, or by what it is for."""
    found: dict[str, str] = {}
    if items:
        found["unit_id"] = str(items[0].owner_unit_id)
        found["title"] = items[0].name
    if line_id is not None:
        line = session.scalar(lines_visible_to(actor).where(ProgrammeLine.id == line_id))
        if line is not None:
            project = session.get_one(Project, line.project_id)
            missing = lacking(session, actor, line)
            place_id = line.place_id or project.place_id
            found |= _asked(line.category_id, missing, project.unit_id, place_id)
    if need_line_id is not None:
        row = session.execute(
            select(NeedLine, Need)
            .join(Need, (Need.org_id == NeedLine.org_id) & (Need.id == NeedLine.need_id))
            .where(NeedLine.org_id == actor.org_id, NeedLine.id == need_line_id)
        ).one_or_none()
        if row is not None:
            wanted, need = row
            found |= _asked(wanted.category_id, wanted.quantity, need.unit_id, need.place_id)
    return found


def _asked(
    category_id: str, quantity: int, unit_id: UUID | None, place_id: UUID | None
) -> dict[str, str]:
    named_ids = {"unit_id": unit_id, "place_id": place_id}
    found = {name: str(value) for name, value in named_ids.items() if value is not None}
    return {"category_id": category_id, "quantity": str(min(quantity, 500)), **found}


def _items(session: Session, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, Item]:
    query = items_visible_to(actor).where(Item.id.in_(ids)).order_by(Item.name, Item.id)
    return {each.id: each for each in session.scalars(query)}


def _people(session: Session, ids: set[UUID | None]) -> dict[UUID | None, str]:
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids - {None})))
    return {row[0]: row[1] for row in rows}


def _supplier(session: Session, actor: Actor, supplier_id: UUID | None) -> Supplier | None:
    return session.scalar(
        select(Supplier).where(Supplier.org_id == actor.org_id, Supplier.id == supplier_id)
    )


def _pieces(
    session: Session, actor: Actor, pieces: Sequence[OrderPiece], items: Mapping[UUID, Item]
) -> list[dict[str, Any]]:
    found = codes_of(session, actor, list(items))
    places = place_labels(session, actor, {each.place_id for each in items.values()})
    outcomes = {each.item_id: each.outcome for each in pieces}
    return [
        {
            "item": item,
            "code": codes.grouped(found[item.id]) if item.id in found else "",
            "condition": item.condition.value,
            "place": places.get(item.place_id, ""),
            "outcome": gettext(names.OUTCOMES[outcome]) if (outcome := outcomes[item.id]) else "",
        }
        for item in items.values()
    ]


def _pairs(request: Request, session: Session, items: Sequence[Item]) -> list[dict[str, Any]]:
    """Pictures of before and after, piece by piece, those of the whole lot once."""
    some = items[:MOST_PAIRS]
    if not some:
        return []
    org_id = some[0].org_id
    found = session.scalars(
        select(Photo)
        .where(
            Photo.org_id == org_id,
            Photo.taken.is_not(None),
            Photo.removed_at.is_(None),
            or_(
                Photo.item_id.in_([each.id for each in some]),
                Photo.lot_id.in_({each.lot_id for each in some}),
            ),
        )
        .order_by(Photo.position, Photo.id)
    ).all()
    of: dict[UUID, dict[PhotoTaken, Photo]] = defaultdict(dict)
    for each in found:
        key = each.item_id or each.lot_id
        if key is not None and each.taken is not None:
            of[key].setdefault(each.taken, each)
    called = {**{each.lot_id: each.name for each in some}, **{each.id: each.name for each in some}}
    return [
        {
            "name": called[key],
            "pair": [_picture(request, photos.get(taken), called[key]) for taken in PhotoTaken],
        }
        for key, photos in of.items()
    ]


def _picture(request: Request, photo: Photo | None, name: str) -> dict[str, str] | None:
    if photo is None:
        return None
    what = N_("%(what)s, før") if photo.taken is PhotoTaken.BEFORE else N_("%(what)s, etter")
    return {
        "src": url(request, "photos:show", photo_id=photo.id, size="medium"),
        "full": url(request, "photos:show", photo_id=photo.id, size="large"),
        "alt": gettext(what, what=photo.alt or name),
    }


def _quotes(session: Session, actor: Actor, order: SupplierOrder) -> list[dict[str, Any]]:
    """Side by side: rank, price in all and for each, and the agreed prices beside them."""
    quotes = list(session.scalars(queries.quotes_of(actor, [order.id])))
    today = clock_of(session).today()
    ranks = ranked(session, actor, order.work, today)
    called = named(session, Supplier, actor, {each.supplier_id for each in quotes})
    agreed: dict[UUID, list[Any]] = defaultdict(list)
    for price in session.scalars(prices_of(actor, [each.id for each in ranks.values()])):
        agreed[price.framework_agreement_id].append(price)
    first = next(iter(ranks), None)
    return [
        {
            "quote": each,
            "name": called[each.supplier_id],
            "rank": ranks[each.supplier_id].rank if each.supplier_id in ranks else None,
            "agreed": agreed[ranks[each.supplier_id].id] if each.supplier_id in ranks else [],
            "each_ore": each_ore(each.price_ore, order.quantity),
            "is_first": first is None or first == each.supplier_id,
            "is_cheapest": each.price_ore == quotes[0].price_ore and len(quotes) > 1,
            "is_over": _is_over(each, today),
        }
        for each in quotes
    ]


def _is_over(quote: Quote, today: date) -> bool:
    return quote.valid_until is not None and quote.valid_until < today


def _choices(session: Session, actor: Actor, order: SupplierOrder) -> list[tuple[str, str]]:
    """Who can be asked: those of the agreements by rank, then the others by name."""
    ranks = ranked(session, actor, order.work, clock_of(session).today())
    choices = supplier_choices(session, actor)
    called = dict(choices)
    first = [
        (str(each), gettext(N_("%(rank)s. %(name)s"), rank=row.rank, name=called[str(each)]))
        for each, row in ranks.items()
    ]
    return first + [each for each in choices if UUID(each[0]) not in ranks]


def _origin(session: Session, actor: Actor, order: SupplierOrder) -> dict[str, Any]:
    """What the order is for: a project's line, a need."""
    project = need = None
    if order.programme_line_id is not None:
        project = session.scalar(
            select(Project.name)
            .join(
                ProgrammeLine,
                (ProgrammeLine.org_id == Project.org_id) & (ProgrammeLine.project_id == Project.id),
            )
            .where(Project.org_id == actor.org_id, ProgrammeLine.id == order.programme_line_id)
        )
    if order.need_line_id is not None:
        need = session.scalar(
            select(Need)
            .join(NeedLine, (NeedLine.org_id == Need.org_id) & (NeedLine.need_id == Need.id))
            .where(Need.org_id == actor.org_id, NeedLine.id == order.need_line_id)
        )
    return {"project": project, "need": need}
