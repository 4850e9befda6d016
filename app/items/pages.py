"""The page of one piece."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.items import names, queries_piece
from app.items.models import MeasurementKind, PhotoTaken
from app.items.queries_history import Happened, history_of
from app.items.queries_piece import CATEGORY, DECLARED, MODEL, Facts, Shown
from app.items.rules import MACHINE, PRESENT, ItemState, ItemVerb
from app.kit import codes, i18n
from app.kit.i18n import N_, gettext
from app.kit.page import page, panels, url
from app.kit.states import verbs
from app.kit.web import Db

router = APIRouter()


@router.get("/mobler/{item_id}", name="items:show")
async def show(request: Request, item_id: UUID) -> Response:
    """A hot page: one statement, columns instead of objects, no thread, the history on demand."""
    actor, piece = queries_piece.asked_for(request, item_id, request.app.state.signs)
    with request.app.state.db.looks() as session:
        if piece.state in (ItemState.MERGED, ItemState.DELETED):
            return _wrong(request, session, actor, piece)
        beside = queries_piece.beside(session, piece)
        facts = queries_piece.facts_shown(session, piece)
        gallery = _gallery(request, session, piece)
        return page(
            request,
            "items/show.html",
            piece=piece,
            state=gettext(names.STATES[piece.state]),
            state_tone=names.STATE_TONES.get(piece.state, "neutral"),
            gallery=gallery,
            mended=_mended(gallery),
            rows=_rows(actor, piece, facts),
            co2e=facts.gwp_g,
            co2e_source=source_text(facts.gwp_g),
            measurements=_measurements(facts, beside.measurements),
            identifiers=[
                (gettext(names.IDENTIFIERS[kind]), value) for kind, value in beside.identifiers
            ],
            code=codes.grouped(piece.code) if piece.code else None,
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


def _gallery(request: Request, session: Session, piece: Any) -> list[dict[str, Any]]:
    return [
        {
            "taken": row.taken,
            "src": url(request, "photos:show", photo_id=row.id, size="medium"),
            "full": url(request, "photos:show", photo_id=row.id, size="large"),
            "thumb": url(request, "photos:show", photo_id=row.id, size="small"),
            "alt": _alt(row, piece),
        }
        for row in queries_piece.photo_rows(session, piece)
    ]


_ALTS = {PhotoTaken.BEFORE: N_("%(what)s, før"), PhotoTaken.AFTER: N_("%(what)s, etter")}


def _alt(photo: Any, piece: Any) -> str:
    what: str = photo.alt or piece.name
    return gettext(_ALTS[photo.taken], what=what) if photo.taken else what


def _mended(gallery: Sequence[dict[str, Any]]) -> list[tuple[Any, Any]]:
    """Photos of before and after beside each other, in their order; nothing where one is missing."""
    marked = ([each for each in gallery if each["taken"] is taken] for taken in PhotoTaken)
    return list(zip_longest(*marked))


def source_text(shown: Shown) -> str | None:
    """Where a default comes from, in words; nothing for the piece's own value."""
    if shown.source == MODEL:
        return gettext(N_("Standard fra modellen"))
    if shown.source == CATEGORY:
        return gettext(N_("Standard fra kategorien"))
    if shown.source == DECLARED:
        return gettext(N_("Møbelets miljødeklarasjon"))
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
