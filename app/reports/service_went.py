"""Where a project's pieces came from and went, and its waste by fraction."""

from collections import Counter
from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.disposals.queries import codes_of_waste
from app.disposals.rules import Fraction
from app.impact.queries import factors_of
from app.impact.rules import View
from app.reports import queries_went
from app.reports.figures import Ranged, Route, Waste
from app.reports.rules import Group, whole_of
from app.reports.rules_waste import Materials, WastePart, avoided_by_fraction, own_part


def routes_of(session: Session, actor: Actor, project_id: UUID) -> tuple[Route, ...]:
    """The largest first; names decide between like ones, so that a frozen report is one and the same."""
    found = [
        Route(
            row.from_unit,
            row.from_place,
            row.to_unit,
            row.to_place,
            row.source.value,
            int(row.pieces),
        )
        for row in queries_went.routes(session, actor, project_id)
    ]

    def order(each: Route) -> tuple[int, *tuple[str, ...]]:
        named = (each.from_unit, each.from_place, each.to_unit, each.to_place, each.source)
        return -each.pieces, *(name or "" for name in named)

    return tuple(sorted(found, key=order))


def avoided_waste(session: Session, groups: Iterable[Group]) -> Mapping[Fraction, Ranged]:
    """Gross, every fraction. Materials are those of the factor set that an entry was booked with."""

    def materials_of(factor_set_id: str, category_id: str) -> Materials:
        known = factors_of(session, factor_set_id).factor_set.categories.get(category_id)
        return [(each.material, each.share) for each in known.materials] if known else []

    return avoided_by_fraction(
        (
            WastePart(
                each.factor_set_id,
                each.category_id,
                each.mass_tier,
                *(whole_of(each, f"waste_g{end}") for end in ("", "_low", "_high")),
            )
            for each in groups
            if each.view == View.GROSS
        ),
        materials_of,
    )


def waste_of(
    session: Session, actor: Actor, project_id: UUID, groups: Iterable[Group]
) -> tuple[Waste, ...]:
    """Every fraction that there is any of, in the order of the list of fractions."""
    avoided = avoided_waste(session, groups)
    delivered: Counter[Fraction] = Counter()
    for row in queries_went.delivered_waste(session, actor, project_id):
        delivered[row.fraction] += own_part(row.mass_g, row.own_pieces, row.pieces)
    return tuple(
        Waste(
            fraction=fraction.value,
            avoided_g=avoided[fraction].value,
            avoided_g_low=avoided[fraction].low,
            avoided_g_high=avoided[fraction].high,
            delivered_g=delivered[fraction],
            ns_code=code.ns_code if code.is_confirmed else None,
            eal_code=code.eal_code if code.is_confirmed else None,
        )
        for fraction, (code, _) in codes_of_waste(session, actor).items()
        if avoided[fraction].value or delivered[fraction]
    )
