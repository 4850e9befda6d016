"""The categories with what is assumed of each, and the factors behind the calculation."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.catalogue.models import Category
from app.catalogue.queries import GROUP_NAMES, categories, category_name
from app.impact.queries import MATERIAL_NAMES, factors_of
from app.impact.rules import CategoryRow, FactorSet, Spread
from app.kit.i18n import N_, gettext, mass_g, money_ore, number
from app.kit.page import page
from app.kit.web import Db

router = APIRouter()

QUALITIES: Mapping[str, tuple[str, str]] = {
    "measured": (N_("Målt"), "success"),
    "benchmark": (N_("Sammenlignet"), "info"),
    "estimate": (N_("Anslag"), "warning"),
}
"""How a row's value came about, with the tone it is shown in."""

UNIT_NAMES: Mapping[str, str] = {"m2": N_("per m²"), "kg": N_("per kg")}


def _quality(quality: str) -> dict[str, str]:
    name, tone = QUALITIES.get(quality, (quality, "neutral"))
    return {"name": gettext(name), "tone": tone}


def _mass(spread: Spread | None) -> dict[str, str] | None:
    if spread is None:
        return None
    return {"value": mass_g(spread.value), "range": f"{mass_g(spread.low)} – {mass_g(spread.high)}"}


def _money(spread: Spread | None) -> dict[str, str] | None:
    if spread is None:
        return None
    low, high = money_ore(spread.low), money_ore(spread.high)
    return {"value": money_ore(spread.value), "range": f"{low} – {high}"}


def _source_kind(source: str) -> str:
    """A source text starts with how good it is: ``estimate anchored on …``."""
    return source.partition(":")[0].split(" ")[0].lower() if source else ""


def _row(category: Category, row: CategoryRow) -> dict[str, Any]:
    return {
        "id": category.id,
        "name": category_name(category),
        "unit": gettext(UNIT_NAMES.get(category.amount_unit, "")),
        "mass": _mass(row.mass_g),
        "gwp": _mass(row.gwp_g),
        "price": _money(row.price_ore),
        "life": None if row.service_life_months is None else row.service_life_months // 12,
        "quality": _quality(row.quality) if row.quality else None,
        "price_quality": _quality(_source_kind(row.source_price)) if row.source_price else None,
        "sources": [
            (label, text)
            for label, text in (
                (gettext("Masse"), row.source_mass),
                (gettext("CO2e"), row.source_gwp),
                (gettext("Pris"), row.source_price),
            )
            if text
        ],
    }


@router.get("/kategorier", name="impact:categories")
def browse(request: Request, actor: SignedIn, db: Db) -> Response:
    """Each group's categories, with the defaults a piece gets where nothing better is known."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        rows = factors_of(session).factor_set
        groups: dict[str, list[dict[str, Any]]] = {name: [] for name in GROUP_NAMES}
        for category in session.scalars(categories()):
            row = rows.categories.get(category.id)
            if row is not None:
                groups.setdefault(category.group, []).append(_row(category, row))
        estimates = [
            sum(row.quality == "estimate" for row in rows.categories.values()),
            sum(row.source_price.startswith("estimate") for row in rows.categories.values()),
        ]
        return page(
            request,
            "impact/categories.html",
            groups=[
                (key, gettext(GROUP_NAMES.get(key, key)), found)
                for key, found in groups.items()
                if found
            ],
            factor_set_id=rows.id,
            count=sum(not row.is_equipment for row in rows.categories.values()),
            estimates=estimates,
        )


@router.get("/faktorer", name="impact:factors")
def factors(request: Request, actor: SignedIn, db: Db) -> Response:
    """Materials, transport and energy, each with its published value and source."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        rows = factors_of(session).factor_set
        return page(
            request,
            "impact/factors.html",
            factor_set_id=rows.id,
            materials=_materials(rows),
            transport=_transport(rows),
        )


def _exact(value: Decimal) -> str:
    """Every published decimal."""
    return number(value, max(0, -int(value.as_tuple().exponent)))


def _materials(rows: FactorSet) -> list[dict[str, Any]]:
    return [
        {
            "name": gettext(MATERIAL_NAMES.get(each.material, each.material)),
            "production": _exact(each.production),
            "range": f"{_exact(each.production_low)} – {_exact(each.production_high)}",
            "incineration": _exact(each.incineration),
            "recycling": _exact(each.recycling),
            "quality": _quality(each.quality),
            "source": each.source,
        }
        for each in rows.materials.values()
    ]


def _transport(rows: FactorSet) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name_nb,
            "total": _exact(each.total),
            "unit": each.unit.replace("kgCO2e", "kg CO2e"),
            "quality": _quality(each.quality),
            "source": each.source,
            "note": each.note,
        }
        for each in rows.transport.values()
    ]
