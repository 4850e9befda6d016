"""What the figures rest on, and what other factors would change, as JSON: whole g, g CO2e, øre."""

from datetime import date
from typing import Annotated, Self

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.impact.rules import View
from app.kit.errors import Invalid
from app.kit.web import Answer, Db
from app.ledger.pages_factors import WRONG_CHOICE, WRONG_DAY
from app.ledger.queries_factors import compared, weak_factors
from app.ledger.rules_factors import BOOKED, CHOICES, DAY, NOW, Choice, Difference, Weak

router = APIRouter(tags=["factors"])
Kind = Annotated[str, Query(max_length=10, description="`booked`, `set`, `now` or `day`.")]


class WeakFactorOut(BaseModel):
    """What rests on a category's factors below T2, gross; shares of the whole, 0 to 1.

    A sum is empty where none of the uses is calculated; ``not_calculated`` of them have no CO2e,
    ``unpriced`` no amount for want of an exchange rate (tier ``TR``).
    """

    category_id: str
    co2e_tier: str | None
    price_tier: str | None
    co2e_g: int | None
    saved_ore: int | None
    co2e_share: float
    saved_share: float
    uses: int
    not_calculated: int
    unpriced: int

    @classmethod
    def of(cls, each: Weak) -> Self:
        return cls(
            category_id=each.category_id,
            co2e_tier=each.co2e_tier,
            price_tier=each.price_tier,
            co2e_g=each.co2e_g,
            saved_ore=each.saved_ore,
            co2e_share=float(each.co2e_share),
            saved_share=float(each.saved_share),
            uses=each.uses,
            not_calculated=each.not_calculated,
            unpriced=each.unpriced,
        )


class DifferenceOut(BaseModel):
    """A sum is empty where none of the entries is calculated: unknown, never 0.

    How many are not stands beside it: ``not_calculated`` for CO2e, ``unpriced`` for want of a rate.
    """

    entries: int
    waste_before_g: int
    waste_after_g: int
    co2e_before_g: int | None
    co2e_after_g: int | None
    saved_before_ore: int | None
    saved_after_ore: int | None
    not_calculated_before: int
    not_calculated_after: int
    unpriced_before: int
    unpriced_after: int

    @classmethod
    def of(cls, each: Difference) -> Self:
        return cls(
            entries=each.entries,
            waste_before_g=each.waste_before,
            waste_after_g=each.waste_after,
            co2e_before_g=each.known("co2e_before"),
            co2e_after_g=each.known("co2e_after"),
            saved_before_ore=each.known("saved_before"),
            saved_after_ore=each.known("saved_after"),
            not_calculated_before=each.not_calculated_before,
            not_calculated_after=each.not_calculated_after,
            unpriced_before=each.unpriced_before,
            unpriced_after=each.unpriced_after,
        )


class CategoryDifferenceOut(BaseModel):
    category_id: str
    gross: DifferenceOut
    net: DifferenceOut


class FactorComparisonOut(BaseModel):
    """``left_out`` entries could not be computed again: a rate or a category is missing."""

    entries: int
    left_out: int
    gross: DifferenceOut
    net: DifferenceOut
    categories: list[CategoryDifferenceOut]


@router.get("/weak-factors", name="api:weak_factors:list", response_model=list[WeakFactorOut])
def weak(
    actor: SignedIn, db: Db, year: Annotated[int | None, Query(ge=1990, le=2200)] = None
) -> JSONResponse:
    """The heaviest first; of a year of account, or all."""
    actor.must(Permission.REPORT_READ)
    with db.read() as session:
        found = [WeakFactorOut.of(each) for each in weak_factors(session, actor, year)]
    return Answer([each.model_dump(mode="json") for each in found])


@router.get(
    "/factor-comparison", name="api:factor_comparison:show", response_model=FactorComparisonOut
)
def compare(
    actor: SignedIn,
    db: Db,
    before: Kind = BOOKED,
    after: Kind = NOW,
    before_day: date | None = None,
    after_day: date | None = None,
) -> JSONResponse:
    """What would change in the open periods. Nothing is written."""
    actor.must(Permission.REPORT_READ)
    first = _choice("before", before, before_day)
    second = _choice("after", after, after_day)
    with db.read() as session:
        found = compared(session, actor, first, second)
    out = FactorComparisonOut(
        entries=found.entries,
        left_out=found.left_out,
        gross=DifferenceOut.of(found.total(View.GROSS)),
        net=DifferenceOut.of(found.total(View.NET)),
        categories=[
            CategoryDifferenceOut(
                category_id=category_id,
                gross=DifferenceOut.of(views.get(View.GROSS, Difference())),
                net=DifferenceOut.of(views.get(View.NET, Difference())),
            )
            for category_id, views in sorted(found.by_category.items())
        ],
    )
    return Answer(out.model_dump(mode="json"))


def _choice(field: str, kind: str, day: date | None) -> Choice:
    if kind not in CHOICES:
        raise Invalid(by_field={field: WRONG_CHOICE})
    if kind == DAY and day is None:
        raise Invalid(by_field={f"{field}_day": WRONG_DAY})
    return Choice(kind, day if kind == DAY else None)
