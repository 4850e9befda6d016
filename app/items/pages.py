"""The inventory and the page of one piece."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.items import choices, names, queries_list, queries_piece
from app.items.models import MeasurementKind
from app.items.queries_history import Happened, history_of
from app.items.queries_list import Wanted
from app.items.queries_piece import CATEGORY, MODEL, Facts, Shown
from app.items.rules import MACHINE, PRESENT, Condition, ItemState, ItemVerb
from app.kit import codes, i18n
from app.kit.i18n import N_, gettext
from app.kit.page import page, panels, url
from app.kit.paging import Cursor
from app.kit.states import verbs
from app.kit.web import Db

router = APIRouter()

ROWS = 50
_Chosen = TypeVar("_Chosen", bound=StrEnum)
Typed = Annotated[str, Query(max_length=200)]
_ON_LIST = (*[each for each in ItemState if each in PRESENT], ItemState.SOLD, ItemState.DONATED)


def _one_of(enum: type[_Chosen], typed: str, field: str, errors: dict[str, str]) -> _Chosen | None:
    if not typed:
        return None
    try:
        return enum(typed)
    except ValueError:
        errors[field] = gettext(N_("Velg en av mulighetene."))
        return None


def _id(typed: str, field: str, errors: dict[str, str]) -> UUID | None:
    if not typed:
        return None
    try:
        return UUID(typed)
    except ValueError:
        errors[field] = gettext(N_("Velg en av mulighetene."))
        return None


@router.get("/mobler", name="items:browse")
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    q: Typed = "",
    kategori: Typed = "",
    sted: Typed = "",
    tilstand: Typed = "",
    status: Typed = "",
    cursor: Cursor = None,
) -> Response:
    """Filters that can not be read are said at their fields and filter nothing."""
    actor.must(Permission.ITEM_READ)
    errors: dict[str, str] = {}
    form = {"q": q, "kategori": kategori, "sted": sted, "tilstand": tilstand, "status": status}
    wanted = Wanted(
        words=q.replace("\x00", ""),
        category_id=kategori.replace("\x00", "") or None,
        place_id=_id(sted, "sted", errors),
        condition=_one_of(Condition, tilstand, "tilstand", errors),
        state=_one_of(ItemState, status, "status", errors),
    )
    query = {name: value or None for name, value in form.items()}
    with db.read() as session:
        found = queries_list.inventory(session, actor, wanted, cursor=cursor, limit=ROWS)
        further = url(request, "items:browse", query={**query, "cursor": found.next})
        return page(
            request,
            "items/browse.html",
            status=422 if errors else 200,
            block="results",
            rows=[row_shown(each) for each in found.rows],
            next_href=further if found.next else None,
            first_href=url(request, "items:browse", query=query) if cursor else None,
            form=form,
            errors=errors,
            is_filtered=bool(wanted.count or q),
            filter_count=wanted.count,
            category_options=choices.category_options(session),
            place_options=choices.place_options(session, actor),
            condition_options=[each[:2] for each in choices.condition_options()],
            state_options=choices.state_options(_ON_LIST),
            may_register=actor.may(Permission.ITEM_REGISTER),
        )


def row_shown(each: queries_list.Listed) -> dict[str, Any]:
    item = each.item
    return {
        "id": item.id,
        "name": item.name,
        "category": item.category_name,
        "place": item.place_label,
        "holder": item.holder_name,
        "condition": item.condition.value,
        "state": gettext(names.STATES[item.state]),
        "tone": names.STATE_TONES.get(item.state, "neutral"),
        "size": size_text(item.width_mm, item.depth_mm, item.height_mm),
        "photo_id": each.photo_id,
        "code": codes.grouped(each.code) if each.code else None,
    }


def size_text(width_mm: int | None, depth_mm: int | None, height_mm: int | None) -> str | None:
    """``80 × 60 × 74 cm``, with a dash where one is unknown; nothing when all are."""
    sizes = (width_mm, depth_mm, height_mm)
    if not any(sizes):
        return None
    return " × ".join(i18n.number(mm / 10, None) if mm else "–" for mm in sizes) + "\xa0cm"


@router.get("/mobler/{item_id}", name="items:show")
async def show(request: Request, item_id: UUID, actor: SignedIn, db: Db) -> Response:
    """A hot page: columns instead of objects, no thread, the history on demand."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        piece = queries_piece.piece(session, actor, item_id)
        if piece.state in (ItemState.MERGED, ItemState.DELETED):
            return _wrong(request, session, actor, piece)
        beside = queries_piece.beside(session, piece)
        facts = queries_piece.facts_shown(session, piece)
        return page(
            request,
            "items/show.html",
            piece=piece,
            state=gettext(names.STATES[piece.state]),
            state_tone=names.STATE_TONES.get(piece.state, "neutral"),
            gallery=_gallery(request, session, piece),
            rows=_rows(actor, piece, facts),
            co2e=facts.gwp_g,
            co2e_source=source_text(facts.gwp_g),
            measurements=_measurements(facts, beside.measurements),
            identifiers=[
                (gettext(names.IDENTIFIERS[kind]), value) for kind, value in beside.identifiers
            ],
            code=codes.grouped(beside.code) if beside.code else None,
            verbs=_verbs(actor, piece),
            may_edit=actor.may(Permission.ITEM_EDIT, piece.owner_unit_id)
            and piece.state in PRESENT,
            may_merge=actor.may(Permission.ITEM_MERGE, piece.owner_unit_id),
            may_register=actor.may(Permission.ITEM_REGISTER),
            key=str(uuid4()),
            panels=panels(request, "piece", session, actor, piece),
        )


def _wrong(request: Request, session: Session, actor: Actor, piece: Any) -> Response:
    """What became of a mistaken registration, with its history."""
    return page(
        request,
        "items/wrong.html",
        status=410 if piece.state is ItemState.DELETED else 200,
        piece=piece,
        events=timeline(history_of(session, actor, piece.id)),
    )


def _gallery(request: Request, session: Session, piece: Any) -> list[dict[str, str]]:
    return [
        {
            "src": url(request, "photos:show", photo_id=row.id, size="medium"),
            "full": url(request, "photos:show", photo_id=row.id, size="large"),
            "thumb": url(request, "photos:show", photo_id=row.id, size="small"),
            "alt": row.alt or piece.name,
        }
        for row in queries_piece.photo_rows(session, piece)
    ]


def source_text(shown: Shown) -> str | None:
    """Where a default comes from, in words; nothing for the piece's own value."""
    if shown.source == MODEL:
        return gettext(N_("Standard fra modellen"))
    if shown.source == CATEGORY:
        return gettext(N_("Standard fra kategorien"))
    return None


def _rows(actor: Actor, piece: Any, facts: Facts) -> list[tuple[str, str, str | None]]:
    """Label, value and, for a default, its source; a default never looks like a measured value."""
    own = [
        (N_("Kategori"), piece.category_name, None),
        (N_("Produsent"), piece.maker or piece.model_maker, None),
        (N_("Modell"), piece.model or piece.model_name, None),
        (N_("Farge"), piece.colour, None),
        (N_("Materiale"), piece.material, None),
    ]
    rows: list[tuple[str, str, str | None]] = [
        (gettext(label), value, note) for label, value, note in own if value
    ]
    money = i18n.money_ore(facts.new_price_ore.value, actor.currency)
    if piece.amount != 1 or piece.amount_unit.value != "piece":
        unit = {"m2": "m²", "kg": "kg"}.get(piece.amount_unit.value, "")
        rows.append((gettext(N_("Mengde")), f"{i18n.number(piece.amount)}\xa0{unit}", None))
    rows.append((gettext(N_("Vekt")), i18n.mass_g(facts.mass_g.value), _note(facts.mass_g, "g")))
    rows.append((gettext(N_("Nypris")), money, _note(facts.new_price_ore, "ore")))
    return rows


def _note(shown: Shown, unit: str) -> str | None:
    text = source_text(shown)
    if text is None or shown.low is None or shown.high is None or shown.low == shown.high:
        return text
    show = i18n.mass_g if unit == "g" else i18n.money_ore
    return f"{text} ({show(shown.low)}–{show(shown.high)})"


def _measurements(
    facts: Facts, more: Mapping[MeasurementKind, int]
) -> list[tuple[str, str, str | None]]:
    sizes: list[tuple[str, str, str | None]] = [
        (gettext(label), i18n.cm(shown.value), source_text(shown))
        for label, shown in (
            (N_("Bredde"), facts.width_mm),
            (N_("Dybde"), facts.depth_mm),
            (N_("Høyde"), facts.height_mm),
        )
        if shown.value is not None
    ]
    return sizes + [
        (gettext(text), i18n.cm(more[kind]), None)
        for kind, text in names.MEASUREMENTS.items()
        if kind in more
    ]


def _verbs(actor: Actor, piece: Any) -> list[tuple[str, str]]:
    """What can be done now, from the state machine's own table."""
    if not actor.may(Permission.ITEM_EDIT, piece.owner_unit_id):
        return []
    return [
        (verb.value, gettext(names.VERBS[ItemVerb(verb)]))
        for verb in verbs(MACHINE, piece.state)
        if verb in names.VERBS
    ]


def timeline(happened: list[Happened]) -> list[dict[str, Any]]:
    """The history as the macro shows it."""
    return [
        {
            "when": i18n.datetime_(each.at),
            "who": each.who or gettext(N_("Systemet")),
            "what": each.what,
            "icon": names.EVENT_ICONS.get(each.kind, "history"),
            "changes": [(field.label, field.before, field.after) for field in each.changes],
        }
        for each in happened
    ]


@router.get("/mobler/{item_id}/historikk", name="items:history")
def history(request: Request, item_id: UUID, actor: SignedIn, db: Db) -> Response:
    """Who, when, before and after; also fetched into the piece's page."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        piece = queries_piece.piece(session, actor, item_id)
        events = timeline(history_of(session, actor, item_id))
        return page(request, "items/history.html", block="events", piece=piece, events=events)
