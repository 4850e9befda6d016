"""The inventory as a table: narrowed, sorted, in pages, as a file, and as each person wants it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.items import choices, queries_list, shown
from app.items.chips import chips
from app.items.inventory import COLUMNS, InventoryColumn
from app.items.queries_asked import Asked, asked_in
from app.items.queries_further import further
from app.items.queries_list import MOST_COUNTED, Sorting, is_narrowed
from app.items.queries_selection import selected_ids
from app.items.rules import PRESENT, ItemState
from app.items.service_view import PAGE_SIZES, SetView, set_view, view_of
from app.kit import downloads, i18n
from app.kit.exports import Format, export
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.page import page, redirect, redirect_to_path, url
from app.kit.paging import LongCursor
from app.kit.web import Db

router = APIRouter()

C = InventoryColumn
_ON_LIST = (*[each for each in ItemState if each in PRESENT], ItemState.SOLD, ItemState.DONATED)
_GONE = tuple(
    each
    for each in (ItemState.DISMANTLED, ItemState.RECYCLED, ItemState.DISPOSED)
    if each not in _ON_LIST
)
PageNumber = Annotated[str, Query(alias="side", max_length=20)]
ViewForm = Annotated[Submission[SetView], Depends(submitted(SetView))]


@router.get("/mobler", name="items:browse")
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    cursor: LongCursor = None,
    number: PageNumber = "1",
) -> Response:
    """Filters that can not be read are said at their fields and filter nothing.

    ``cursor`` goes on where the last page ended; ``side`` alone finds a page by its number.
    """
    actor.must(Permission.ITEM_READ)
    asked = asked_in(request.query_params)
    with db.read() as session:
        view = view_of(session, actor)
        total = queries_list.count(session, actor, asked.wanted)
        number_now = _page_number(number, asked, total, view.page_size)
        if cursor is None:
            before = (number_now - 1) * view.page_size
            cursor = queries_list.cursor_of(session, actor, asked.wanted, asked.sorting, before)
            number_now = number_now if cursor else 1
        found = queries_list.inventory(
            session, actor, asked.wanted, asked.sorting, cursor=cursor, limit=view.page_size
        )
        first = (number_now - 1) * view.page_size
        picked = set(selected_ids(session, actor))
        return page(
            request,
            "items/browse.html",
            status=422 if asked.errors else 200,
            block="results",
            rows=[_row(each, view.columns, picked) for each in found.rows],
            headings=_headings(request, asked, view.columns),
            has_photos=C.PHOTO in view.columns,
            pager=_pager(request, asked, found.next, number_now, view.page_size, total),
            counted=_counted(total, first, len(found.rows), asked),
            form=asked.form,
            errors=asked.errors,
            order=_order(asked.sorting),
            is_filtered=is_narrowed(asked.wanted),
            filter_count=len(asked.wanted.chosen),
            chips=chips(request, session, actor, asked),
            column_options=[(key.value, gettext(each.label)) for key, each in COLUMNS.items()],
            view=view,
            page_size_options=[(each, str(each)) for each in PAGE_SIZES],
            exports=_exports(request, actor, asked),
            selected=len(picked),
            take_all_href=url(request, "selection:take_all", query=asked.query),
            twin=url(request, "items:list", query=_twin(asked)),
            may_register=actor.may(Permission.ITEM_REGISTER),
            **_options(session, actor),
        )


def _page_number(typed: str, asked: Asked, total: int, size: int) -> int:
    """What was typed to jump to, or the nearest there is."""
    number = int(typed) if typed.isdecimal() and len(typed) < 8 else 1
    if _is_counted(asked, total):
        number = min(number, -(-total // size))
    return max(1, number)


def _is_counted(asked: Asked, total: int) -> bool:
    """Whether the number is exact: a narrowed table is not counted to its end."""
    return total <= MOST_COUNTED or not is_narrowed(asked.wanted)


def _row(
    each: queries_list.Listed, columns: Sequence[InventoryColumn], picked: set[UUID]
) -> dict[str, Any]:
    return {
        "id": each.row.id,
        "is_picked": each.row.id in picked,
        "name": each.row.name,
        "photo_id": each.photo_id,
        "cells": shown.cells(each, columns),
    }


def _headings(
    request: Request, asked: Asked, columns: Sequence[InventoryColumn]
) -> list[dict[str, Any]]:
    """Each column's name with the address that sorts by it, the other way round the second time."""
    found = []
    for key in sorted(columns, key=lambda each: each is not C.NAME):  # the name stands first
        is_now = asked.sorting.by is key
        down = not asked.sorting.is_down if is_now else False
        query = {**asked.query, "sort": key.value, "order": "desc" if down else "asc"}
        found.append(
            {
                "key": key.value,
                "label": gettext(COLUMNS[key].label),
                "href": url(request, "items:browse", query=query),
                "is_figure": COLUMNS[key].kind in shown.FIGURES,
                "sorted": ("descending" if asked.sorting.is_down else "ascending")
                if is_now
                else None,
            }
        )
    return found


def _pager(
    request: Request, asked: Asked, further: str | None, number: int, size: int, total: int
) -> dict[str, Any]:
    """Where one can go: on by a cursor, back and to any page by its number."""

    def to(**where: Any) -> str:
        return url(request, "items:browse", query={**asked.query, **where})

    return {
        "number": number,
        "most": max(1, -(-total // size)),
        "is_counted": _is_counted(asked, total),
        "next": to(side=number + 1, cursor=further) if further else None,
        "before": to(side=number - 1 if number > 2 else None) if number > 1 else None,
        "first": to() if number > 2 else None,
        "keep": [(name, value) for name, value in _pairs(asked.query) if name != "side"],
    }


def _pairs(query: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in query.items():
        if isinstance(value, list):
            yield from ((name, each) for each in value)
        elif value is not None:
            yield name, value


def _counted(total: int, first: int, shown_now: int, asked: Asked) -> str:
    """``51–100 av 23 411 møbler``."""
    if not shown_now:
        return ""
    where = {"first": i18n.number(first + 1), "last": i18n.number(first + shown_now)}
    if not _is_counted(asked, total):
        text = N_("%(first)s–%(last)s av mer enn %(most)s møbler")
        return gettext(text, **where, most=i18n.number(MOST_COUNTED))
    plural = "%(first)s–%(last)s av %(most)s møbler"
    return i18n.ngettext("%(num)s møbel", plural, total, **where, most=i18n.number(total))


def _order(sorting: Sorting) -> dict[str, str]:
    return {"sort": sorting.by.value, "order": "desc" if sorting.is_down else "asc"}


def _options(session: Session, actor: Actor) -> dict[str, Any]:
    units = choices.unit_options(session, actor)
    return {
        "category_options": choices.category_options(session),
        "place_options": choices.place_options(session, actor),
        "unit_options": units,
        "condition_options": [each[:2] for each in choices.condition_options()],
        "state_options": choices.state_options((*_ON_LIST, *_GONE)),
        "suitability_options": choices.suitability_options(),
        "yes_no": [("true", gettext(N_("Med"))), ("false", gettext(N_("Uten")))],
        "further": [
            (name, gettext(each.label), each.options(session, actor))
            for name, each in further(session).items()
        ],
    }


def _exports(request: Request, actor: Actor, asked: Asked) -> list[tuple[str, str]]:
    if not actor.may(Permission.EXPORT):
        return []
    return [
        (text, url(request, "items:export", query={**asked.query, "format": form.value}))
        for form, text in ((Format.XLSX, "Excel"), (Format.CSV, "CSV"), (Format.JSON, "JSON"))
    ]


def _twin(asked: Asked) -> dict[str, Any]:
    found = asked.wanted.model_dump(mode="json", include=set(asked.wanted.chosen))
    return {**found, "q": asked.wanted.q or None, **_order(asked.sorting)}


@router.get("/mobler/fil", name="items:export")
def download(
    request: Request,
    actor: SignedIn,
    db: Db,
    form: Annotated[Format, Query(alias="format")] = Format.XLSX,
) -> Response:
    """What the table shows, as a file: same filter, order and columns, all rows."""
    actor.must(Permission.EXPORT)
    asked = asked_in(request.query_params)
    if asked.errors:
        return redirect(request, "items:browse", query=asked.query)
    with downloads.written() as file, db.read() as session:
        columns = view_of(session, actor).columns
        found = queries_list.everything(session, actor, asked.wanted, asked.sorting, columns)
        rows = (shown.file_row(each, columns) for each in found)
        title = gettext(N_("Møbler"))
        for part in export(form, shown.file_columns(columns), rows, title=title):
            file.write(part)
    return downloads.sent(file, form, "mobler")


@router.post("/mobler/visning", name="items:set_view")
def keep_view(request: Request, form: ViewForm, actor: SignedIn, db: Db) -> Response:
    """Keeps the columns for the person, and goes back to the table as it was."""
    command = form.valid(columns=form.many.get("columns", []) or [C.NAME])
    with db.write() as session:
        set_view(session, actor, command)
    return redirect_to_path(request, form.raw.get("back") or url(request, "items:browse"))
