"""The organisation's report as JSON."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.accounts.actor import SignedIn
from app.impact.rules import FulfilmentSource, View
from app.kit.errors import Invalid
from app.kit.i18n import N_
from app.kit.web import Db
from app.reports.documents_organisation import as_json
from app.reports.organisation import organisation_report
from app.reports.organisation_figures import OrganisationReport, Wanted

router = APIRouter(prefix="/reports", tags=["reports"])

CODE = r"^[A-Za-z0-9_]+$"
Year = Annotated[int | None, Query(ge=1900, le=2999)]
Part = Literal["source", "unit", "place", "category", "project", "year", "month"]


@router.get("/organisation", response_model=OrganisationReport, name="api:reports:organisation")
def show_organisation(
    actor: SignedIn,
    db: Db,
    view: View = View.GROSS,
    by: Part = "source",
    first_year: Year = None,
    last_year: Year = None,
    unit_id: Annotated[UUID | None, Query()] = None,
    place_id: Annotated[UUID | None, Query()] = None,
    source: FulfilmentSource | None = None,
    category_id: Annotated[str | None, Query(max_length=40, pattern=CODE)] = None,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$")] = None,
) -> Response:
    """Exact integers: g, g CO2e and øre with range, by unit, place, category, source or time.

    In another ``currency`` by the newest rate not later than the last year's end, which is printed.
    """
    if first_year and last_year and first_year > last_year:
        raise Invalid(by_field={"last_year": N_("Til-året er før fra-året.")})
    wanted = Wanted(
        view=view,
        by=by,
        first_year=first_year,
        last_year=last_year,
        unit_id=unit_id,
        place_id=place_id,
        source=source,
        category_id=category_id,
        currency=currency,
    )
    with db.read() as session:
        report = organisation_report(session, actor, wanted)
    return Response(as_json(report), media_type="application/json")
