"""The figures of the year as a page, as files, and each of them as the list behind it."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.models import Unit
from app.accounts.rules import Permission
from app.inbox import names
from app.inbox.queries_figures import Days, Figures, as_document, figures, years
from app.kit import i18n
from app.kit.clock import OSLO
from app.kit.exports import MEDIA_TYPES, Column, Format, Value, as_csv
from app.kit.i18n import N_, gettext
from app.kit.page import page, redirect, url
from app.kit.pdf import as_pdf
from app.kit.web import Db
from app.projects.queries import named

router = APIRouter(prefix="/innboks/tall")

Year = Annotated[int, Path(ge=2000, le=2999)]
MONTHS = (
    N_("januar"),
    N_("februar"),
    N_("mars"),
    N_("april"),
    N_("mai"),
    N_("juni"),
    N_("juli"),
    N_("august"),
    N_("september"),
    N_("oktober"),
    N_("november"),
    N_("desember"),
)


@router.get("", name="inbox:figures")
def newest(request: Request, actor: SignedIn, db: Db) -> Response:
    """Of the year that it is."""
    actor.must(Permission.CASE_HANDLE)
    return redirect(request, "inbox:figures_of", year=db.clock.now().astimezone(OSLO).year)


@router.get("/{year}", name="inbox:figures_of")
def show(request: Request, year: Year, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.CASE_HANDLE)
    with db.read() as session:
        found = figures(session, actor, year)
        known = sorted({*years(session, actor), year}, reverse=True)
        groups = _groups(session, actor, found)
        return page(
            request,
            "inbox/figures.html",
            found=found,
            to_reply=_days(found.to_reply),
            to_end=_days(found.to_end),
            groups=[
                {
                    "name": name,
                    "rows": [
                        (label, count, i18n.number(count), _list(request, year, query))
                        for label, count, query in rows
                    ],
                    "sum": i18n.number(sum(count for _, count, _ in rows)),
                }
                for name, rows in groups
            ],
            lists={
                "all": _list(request, year, {}),
                "open": _list(request, year, {"is_open": "true"}),
                "closed": _list(request, year, {"state": "closed"}),
                "withdrawn": _list(request, year, {"state": "withdrawn"}),
                "visited": _list(request, year, {"is_visited": "true"}),
                "answered": _list(request, year, {"is_answered": "true"}),
            },
            years=[(each, url(request, "inbox:figures_of", year=each)) for each in known],
            csv_href=url(request, "inbox:figures_file", year=year, form="csv"),
            json_href=url(request, "inbox:figures_file", year=year, form="json"),
        )


@router.get("/{year}/pdf", name="inbox:figures_pdf")
def show_as_pdf(request: Request, year: Year, actor: SignedIn, db: Db) -> Response:
    return as_pdf(request, show(request, year, actor, db))


def _list(request: Request, year: int, query: dict[str, str]) -> str:
    return url(request, "cases:browse", query={"year": year, **query})


def _groups(
    session: Session, actor: Actor, found: Figures
) -> list[tuple[str, list[tuple[str, int, dict[str, str]]]]]:
    """Each way to part the cases: its name, and label, count and filter of each part."""
    units = named(session, Unit, actor, {each for each in found.by_unit if each})
    kinds = [
        (gettext(names.KINDS[each]), count, {"kind": each.value})
        for each, count in found.by_kind.items()
    ]
    outcomes = [
        (gettext(names.OUTCOMES[each]), count, {"outcome": each.value})
        for each, count in found.by_outcome.items()
    ]
    by_unit = [
        (
            units[each] if each else gettext(N_("Uten enhet")),
            count,
            {"unit_id": str(each)} if each else {"without_unit": "true"},
        )
        for each, count in found.by_unit.items()
    ]
    months = [
        (gettext(MONTHS[at]).capitalize(), count, {"received_month": str(at + 1)})
        for at, count in enumerate(found.by_month)
        if count
    ]
    return [
        (gettext(N_("Hva det gjaldt")), kinds),
        (gettext(N_("Utfall")), outcomes),
        (gettext(N_("Enhet")), by_unit),
        (gettext(N_("Måned")), months),
    ]


def _days(days: Days) -> dict[str, Any]:
    return {
        "count": days.count,
        "median": i18n.number(days.median, 0 if days.median == int(days.median) else 1)
        if days.median is not None
        else "–",
        "most": i18n.number(days.most, 0) if days.most is not None else "–",
    }


@router.get("/{year}/fil/{form}", name="inbox:figures_file")
def download(request: Request, year: Year, form: Format, actor: SignedIn, db: Db) -> Response:  # noqa: ARG001
    """CSV with one row a figure, or the document of the API."""
    actor.must(Permission.CASE_HANDLE)
    with db.read() as session:
        found = figures(session, actor, year)
        groups = _groups(session, actor, found)
    if form is Format.JSON:
        return JSONResponse(as_document(found))
    whole: list[tuple[str, str, Value]] = [
        (gettext(N_("Henvendelser")), gettext(N_("Alle")), found.total),
        (gettext(N_("Henvendelser")), gettext(N_("Åpne")), found.open),
        (gettext(N_("Henvendelser")), gettext(N_("Avsluttet")), found.closed),
        (gettext(N_("Henvendelser")), gettext(N_("Trukket")), found.withdrawn),
        (gettext(N_("Møbler")), gettext(N_("Avsluttede henvendelser")), found.pieces),
        (gettext(N_("Befaringer")), gettext(N_("Gjennomført")), found.visits),
        (gettext(N_("Dager til første svar")), gettext(N_("Median")), found.to_reply.median),
        (gettext(N_("Dager til første svar")), gettext(N_("Ni av ti")), found.to_reply.most),
        (gettext(N_("Dager til avsluttet")), gettext(N_("Median")), found.to_end.median),
        (gettext(N_("Dager til avsluttet")), gettext(N_("Ni av ti")), found.to_end.most),
    ]
    parts = [(name, label, count) for name, rows in groups for label, count, _ in rows]
    columns = [
        Column("figure", gettext(N_("Tall")), 28),
        Column("part", gettext(N_("Del")), 28),
        Column("count", gettext(N_("Antall"))),
    ]
    return StreamingResponse(
        as_csv(columns, [*whole, *parts]),
        media_type=MEDIA_TYPES[Format.CSV],
        headers={"Content-Disposition": f'attachment; filename="henvendelser-{year}.csv"'},
    )
