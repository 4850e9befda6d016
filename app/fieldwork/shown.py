"""Pieces and answers to a scan, as the pages show them."""

from typing import Any
from uuid import uuid4

from fastapi import Request

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.fieldwork.modes import Mode, offered
from app.fieldwork.queries_found import Hit, Seen
from app.fieldwork.reading import identifier_of
from app.items import names
from app.items.rules import MACHINE, PRESENT, ItemVerb
from app.kit import codes
from app.kit.i18n import gettext
from app.kit.page import url
from app.kit.states import verbs


def modes_shown(request: Request, actor: Actor, current: Mode) -> list[dict[str, Any]]:
    """The modes that the actor may use, as links."""
    return [
        {
            "label": gettext(mode.label),
            "icon": mode.icon,
            "is_current": mode is current,
            "href": url(request, mode.route, query=mode.query)
            if mode.route
            else url(request, "scan:show", query={"modus": mode.slug}),
        }
        for mode in offered(actor)
    ]


def may_register(actor: Actor) -> bool:
    return actor.may(Permission.ITEM_REGISTER) and actor.may(Permission.CODE_BIND)


def hit_shown(request: Request, actor: Actor, hit: Hit) -> dict[str, Any]:
    """The answer for the page: what it is, the pieces, and what can be done next."""
    code = hit.read.code
    return {
        "outcome": hit.outcome.value,
        "code": code,
        "grouped": codes.grouped(code) if code else "",
        "text": hit.read.text,
        "organisation": hit.organisation_name,
        "place": hit.place,
        "is_more": hit.is_more,
        "withdrawn": hit.withdrawn,
        "may_bind": actor.may(Permission.ITEM_EDIT),
        "may_register": may_register(actor),
        "pieces": [piece_shown(request, actor, each) for each in hit.seen],
        "identifier": _identifier(hit.read.text),
    }


def _identifier(text: str) -> dict[str, str]:
    kind, value = identifier_of(text)
    return {"kind": kind.value, "kind_name": gettext(names.IDENTIFIERS[kind]), "value": value}


def piece_shown(request: Request, actor: Actor, seen: Seen) -> dict[str, Any]:
    item = seen.item
    may_edit = actor.may(Permission.ITEM_EDIT, item.owner_unit_id)
    steps = verbs(MACHINE, item.state) if may_edit else ()
    picture = seen.photo_id and url(request, "photos:show", photo_id=seen.photo_id, size="small")
    return {
        "id": item.id,
        "name": item.name,
        "category": item.category_name,
        "place": item.place_label,
        "holder": item.holder_name,
        "condition": item.condition.value,
        "state": gettext(names.STATES[item.state]),
        "state_tone": names.STATE_TONES.get(item.state, "neutral"),
        "code": codes.grouped(seen.code) if seen.code else None,
        "picture": picture,
        "may_edit": may_edit and item.state in PRESENT,
        "is_found": ItemVerb.FIND in steps,
        "verbs": [(v.value, gettext(names.VERBS[ItemVerb(v)])) for v in steps if v in names.VERBS],
        "key": str(uuid4()),
    }
