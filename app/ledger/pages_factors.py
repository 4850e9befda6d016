"""What the figures rest on, and what other factors would make of the open period, as pages."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.catalogue.models import Category
from app.catalogue.queries import category_name
from app.impact.rules import View
from app.kit.errors import Invalid
from app.kit.i18n import N_, co2e_g, gettext, mass_g, money_ore, percent
from app.kit.page import page, url
from app.kit.web import Db
from app.ledger.queries_factors import Comparison, TooManyToCompare, compared, weak_factors
from app.ledger.rules_factors import BOOKED, CHOICES, DAY, NOW, SET, Choice, Difference

router = APIRouter()

SAID: Mapping[str, str] = {
    BOOKED: N_("Slik det er bokført"),
    SET: N_("Faktorsettet alene"),
    NOW: N_("Egne verdier slik de er nå"),
    DAY: N_("Egne verdier en bestemt dag"),
}
WRONG_CHOICE = N_("Velg en av mulighetene.")
WRONG_DAY = N_("Skriv dagen, for eksempel 2026-03-01.")
Typed = Annotated[str, Query(max_length=10)]


def choice_of(kind: str, day: str, field: str, errors: dict[str, str]) -> Choice:
    """What was chosen; a day is asked for where a day is meant."""
    if kind not in CHOICES:
        errors[field] = WRONG_CHOICE
        return Choice(NOW)
    if kind != DAY:
        return Choice(kind)
    try:
        return Choice(DAY, date.fromisoformat(day))
    except ValueError:
        errors[f"{field}_dag"] = WRONG_DAY
        return Choice(NOW)


@router.get("/svake-faktorer", name="weak_factors:browse")
def weak(
    request: Request,
    actor: SignedIn,
    db: Db,
    year: Annotated[str, Query(alias="ar", max_length=4)] = "",
) -> Response:
    """The categories whose weak factors the most rests on."""
    actor.must(Permission.REPORT_READ)
    errors = {}
    wanted = int(year) if year.isdecimal() and year.isascii() and len(year) == 4 else None
    if year and wanted is None:
        errors["ar"] = gettext(N_("Skriv et årstall, eller la feltet stå tomt."))
    with db.read() as session:
        rows = [] if errors else weak_factors(session, actor, wanted)
        names = _names(session)
    return page(
        request,
        "ledger/weak_factors.html",
        status=422 if errors else 200,
        form={"ar": year.replace("\x00", "")},
        errors=errors,
        rows=[
            {
                "id": each.category_id,
                "name": names.get(each.category_id, each.category_id),
                "co2e": _known(each.co2e_g, co2e_g),
                "co2e_share": _share(each.co2e_share),
                "co2e_tier": each.co2e_tier,
                "saved": _known(each.saved_ore, lambda ore: money_ore(ore, actor.currency)),
                "saved_share": _share(each.saved_share),
                "price_tier": each.price_tier,
            }
            for each in rows
        ],
        co2e_share=_share(sum((each.co2e_share for each in rows), Fraction(0))),
        saved_share=_share(sum((each.saved_share for each in rows), Fraction(0))),
        not_calculated=sum(each.not_calculated for each in rows),
        unpriced=sum(each.unpriced for each in rows),
        twin=url(request, "api:weak_factors:list", query={"year": wanted}),
    )


def _share(share: Fraction) -> str:
    return percent(Decimal(share.numerator) / Decimal(share.denominator))


def _names(session: Session) -> dict[str, str]:
    return {each.id: category_name(each) for each in session.scalars(select(Category))}


class Asked:
    """What is compared, as typed."""

    def __init__(
        self,
        before: Annotated[str, Query(alias="fra", max_length=10)] = BOOKED,
        before_day: Annotated[str, Query(alias="fra_dag", max_length=10)] = "",
        after: Annotated[str, Query(alias="til", max_length=10)] = NOW,
        after_day: Annotated[str, Query(alias="til_dag", max_length=10)] = "",
    ) -> None:
        typed = {"fra": before, "fra_dag": before_day, "til": after, "til_dag": after_day}
        self.form = {name: text.replace("\x00", "") for name, text in typed.items()}

    def choices(self) -> tuple[Choice, Choice]:
        """Raises ``Invalid`` at the field."""
        errors: dict[str, str] = {}
        found = (
            choice_of(self.form["fra"], self.form["fra_dag"], "fra", errors),
            choice_of(self.form["til"], self.form["til_dag"], "til", errors),
        )
        if errors:
            raise Invalid(by_field=errors)
        return found


@router.get("/faktorsammenligning", name="factor_comparison:show")
def compare(
    request: Request, actor: SignedIn, db: Db, wanted: Annotated[Asked, Depends(Asked)]
) -> Response:
    """What would change in the open periods. Nothing is written."""
    actor.must(Permission.REPORT_READ)
    errors: dict[str, str] = {}
    rows: list[dict[str, Any]] = []
    totals: list[dict[str, str]] = []
    found = None
    status = 200
    with db.read() as session:
        try:
            before, after = wanted.choices()
            found = compared(session, actor, before, after)
        except Invalid as problem:
            status = problem.status
            errors = {name: gettext(text) for name, text in problem.by_field.items()}
        except TooManyToCompare as problem:
            status, errors = problem.status, {"": gettext(problem.title)}
        if found is not None:
            names = _names(session)
            totals = [_said(found.total(view), actor) for view in (View.GROSS, View.NET)]
            rows = [
                {
                    "name": names.get(category_id, category_id),
                    "id": category_id,
                    **_said(views.get(View.GROSS, Difference()), actor),
                }
                for category_id, views in found.by_category.items()
                if any(each.changes for each in views.values())
            ]
            rows.sort(key=lambda row: str(row["name"]))
    query = {name: text or None for name, text in wanted.form.items()}
    return page(
        request,
        "ledger/factor_comparison.html",
        status=status,
        form=wanted.form,
        errors=errors,
        choices=[(each, gettext(SAID[each])) for each in CHOICES],
        rows=rows,
        totals=totals,
        entries=found.entries if found else 0,
        left_out=found.left_out if found else 0,
        missing=_missing(found) if found else (0, 0),
        twin=url(
            request,
            "api:factor_comparison:show",
            query={
                "before": query["fra"],
                "before_day": query["fra_dag"],
                "after": query["til"],
                "after_day": query["til_dag"],
            },
        )
        if not errors
        else url(request, "api:factor_comparison:show"),
    )


def _missing(found: Comparison) -> tuple[int, int]:
    """Uses without CO2e and without an amount, on the side that has more of them."""
    each = found.total(View.GROSS)
    return (
        max(each.not_calculated_before, each.not_calculated_after),
        max(each.unpriced_before, each.unpriced_after),
    )


def _said(each: Difference, actor: Actor) -> dict[str, str]:
    def signed(value: int, text: str) -> str:
        return f"+{text}" if value > 0 else text

    def of(figure: str, spelled: Callable[[int], str]) -> dict[str, str]:
        before, after = (each.known(f"{figure}_{side}") for side in ("before", "after"))
        differs = None if before is None or after is None else after - before
        return {
            f"{figure}_before": _known(before, spelled),
            f"{figure}_after": _known(after, spelled),
            figure: _known(differs, lambda value: signed(value, spelled(value))),
        }

    waste = each.waste_after - each.waste_before
    return {
        **of("co2e", co2e_g),
        **of("saved", lambda ore: money_ore(ore, actor.currency)),
        "waste": signed(waste, mass_g(waste)),
    }


def _known(value: int | None, spelled: Callable[[int], str]) -> str:
    return gettext(N_("ikke beregnet")) if value is None else spelled(value)
