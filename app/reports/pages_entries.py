"""The entries behind a figure of the organisation's, a goal's or a year's report, and their sum."""

from dataclasses import fields
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.impact.rules import FulfilmentSource
from app.kit.errors import Invalid
from app.kit.i18n import N_, gettext
from app.kit.page import page, url
from app.kit.paging import Cursor, keyset
from app.kit.web import Db
from app.ledger.models import LedgerEntry
from app.ledger.queries_sums import Role
from app.reports.organisation_figures import Wanted
from app.reports.pages_organisation import Question
from app.reports.queries_entries import (
    Behind,
    Without,
    asked_of,
    entries_of,
    named,
    sum_behind,
)
from app.reports.words import (
    NOT_CALCULATED,
    VIEW_MEANINGS,
    VIEWS,
    grams,
    inputs_summary,
    kroner,
    source_name,
)

router = APIRouter(prefix="/rapporter")

ENTRIES_A_PAGE = 100


def figure(
    role: Annotated[Role, Query(alias="rolle")] = Role.RECEIVER,
    project_id: Annotated[UUID | None, Query(alias="prosjekt")] = None,
    month: Annotated[int | None, Query(alias="maaned", ge=190001, le=299912)] = None,
    without: Annotated[Without | None, Query(alias="uten")] = None,
    sources: Annotated[list[FulfilmentSource], Query(alias="kilder", max_length=9)] = [],  # noqa: B006
    *,
    is_alone: Annotated[bool, Query(alias="alene")] = False,
) -> Behind:
    """Which figure the entries are behind. Raises ``Invalid`` for no month.

    ``kilder`` may be named several times: some figures are of two sources or more.
    """
    if month is not None and not 1 <= month % 100 <= 12:
        raise Invalid(
            by_field={"maaned": N_("Skriv måneden som år og måned, for eksempel 202603.")}
        )
    return Behind(
        role=role,
        project_id=project_id,
        is_alone=is_alone,
        month=month,
        without=without,
        sources=tuple(sources),
    )


def _kept(behind: Behind) -> dict[str, str | list[str] | None]:
    return {
        "rolle": behind.role.value,
        "prosjekt": str(behind.project_id) if behind.project_id else None,
        "maaned": str(behind.month) if behind.month else None,
        "uten": behind.without,
        "kilder": [each.value for each in behind.sources] or None,
        "alene": "1" if behind.is_alone else None,
    }


Figure = Annotated[Behind, Depends(figure)]


@router.get("/poster", name="reports:organisation_entries")
def show_entries(
    request: Request,
    actor: SignedIn,
    db: Db,
    question: Question,
    behind: Figure,
    cursor: Cursor = None,
) -> Response:
    """The entries that a figure is the sum of, each with a way to how it was calculated."""
    actor.must(Permission.REPORT_READ)
    wanted = question.wanted()
    with db.read() as session:
        whole = sum_behind(session, actor, wanted, behind)
        found = keyset(
            session,
            named(entries_of(actor, wanted, behind)),
            [(LedgerEntry.booked_at.expression, True), (LedgerEntry.id.expression, True)],
            cursor=cursor,
            limit=ENTRIES_A_PAGE,
            rows=lambda result: list(result.all()),
            position=lambda row: (row[0].booked_at, row[0].id),
        )

        def here(**changes: str | None) -> str:
            query = {**question.kept, **_kept(behind), **changes}
            return url(request, "reports:organisation_entries", query=query)

        return page(
            request,
            "reports/organisation_entries.html",
            rows=[
                {
                    "entry": entry,
                    "name": name,
                    "category": category,
                    "source": source_name(entry.source),
                    "inputs": inputs_summary(entry.inputs, wanted.view),
                }
                for entry, name, category in found.rows
            ],
            whole=whole,
            figures={
                "co2e": grams(whole.co2e_g),
                "waste": grams(whole.waste_g),
                "saved": kroner(whole.saved_ore, actor.currency)
                if whole.is_priced or not whole.uses
                else None,
                "unknown": gettext(NOT_CALCULATED)
                if whole.uses and not whole.is_calculated
                else None,
            },
            view_title=gettext(VIEWS[wanted.view]),
            view_meaning=gettext(VIEW_MEANINGS[wanted.view]),
            sources=" · ".join(source_name(each) for each in behind.sources),
            twin=url(request, "list_entries", query=_entries_twin(wanted, behind)),
            report_href=url(request, "reports:organisation", query=question.kept),
            next_href=here(cursor=found.next) if found.next else None,
            first_href=here() if cursor else None,
        )


def _entries_twin(wanted: Wanted, behind: Behind) -> dict[str, str | list[str]]:
    """The same entries as the API gives them."""
    asked = asked_of(wanted, behind)
    found: dict[str, str | list[str]] = {}
    for each in fields(asked):
        value = getattr(asked, each.name)
        if each.name == "sources":
            if value is not None:
                found["source"] = [source.value for source in value]
        elif value is not None and value is not False:
            found[each.name] = str(value).lower() if value is True else str(value)
    return found
