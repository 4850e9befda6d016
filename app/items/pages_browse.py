"""The inventory as a table."""

from enum import StrEnum
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.items import choices, names, queries_list
from app.items.queries_list import Wanted
from app.items.rules import PRESENT, Condition, ItemState
from app.kit import codes, i18n
from app.kit.i18n import N_, gettext
from app.kit.page import page, url
from app.kit.paging import Cursor
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
