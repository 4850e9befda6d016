"""The factors that count for an organisation, as pages, files and JSON show them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.catalogue.models import Category
from app.catalogue.queries import categories
from app.impact.facts import FactorKind
from app.impact.models_own import FactorDocument, FactorOverride
from app.impact.queries import factors_of
from app.impact.queries_own import documents_visible_to, newest_overrides, overrides_visible_to
from app.impact.tables import CategoryRow, Spread
from app.impact.tiers import Tier
from app.kit.exports import Value
from app.kit.i18n import N_, gettext, mass_g, money_ore, ngettext
from app.kit.units import typed_scaled

KINDS: Mapping[FactorKind, str] = {
    FactorKind.MASS: N_("Masse"),
    FactorKind.GWP: N_("CO2e for nytt (A1–A3)"),
    FactorKind.PRICE: N_("Nypris"),
    FactorKind.SERVICE_LIFE: N_("Levetid"),
}
TYPED_PER: Mapping[FactorKind, int] = {
    FactorKind.MASS: 1000,
    FactorKind.GWP: 1000,
    FactorKind.PRICE: 100,
    FactorKind.SERVICE_LIFE: 12,
}
"""How many stored units there are in what people type: kg, kg CO2e, kr and years."""
UNITS: Mapping[FactorKind, str] = {
    FactorKind.MASS: "g",
    FactorKind.GWP: "g CO2e",
    FactorKind.PRICE: "ore",
    FactorKind.SERVICE_LIFE: "months",
}
COPY = "DESNZ"
"""Stands in the source of every row that was read from the third-party copy (section 17)."""


def is_from_copy(source: str) -> bool:
    """Whether the row was read from a copy of the UK factors, not from the official file."""
    return COPY in source


@dataclass(frozen=True, slots=True)
class Effective:
    """One factor of one category as it counts now. ``spread`` is empty where none is known.

    ``version`` is the number of the newest own version, withdrawn ones counted too.
    """

    category: Category
    kind: FactorKind
    spread: Spread | None
    tier: Tier | None
    source: str
    currency: str | None
    version: int
    own: FactorOverride | None


def effective(session: Session, actor: Actor, category_id: str | None = None) -> list[Effective]:
    """Every factor of every category, or of one, in the order of the categories."""
    rows = factors_of(session).factor_set.categories
    newest = newest_overrides(session, actor.org_id)
    query = categories()
    if category_id is not None:
        query = query.where(Category.id == category_id)
    return [
        _effective(category, kind, rows[category.id], newest.get((category.id, kind)))
        for category in session.scalars(query)
        if category.id in rows
        for kind in FactorKind
    ]


def _effective(
    category: Category, kind: FactorKind, row: CategoryRow, own: FactorOverride | None
) -> Effective:
    number = own.number if own else 0
    if own is not None and own.value is not None:
        spread = Spread(own.value, own.low or 0, own.high or 0)
        return Effective(
            category, kind, spread, own.tier, own.source or "", own.currency, number, own
        )
    usual, source = _usual(row, kind)
    tier = None if usual is None else Tier.T3
    currency = "NOK" if kind == FactorKind.PRICE and usual is not None else None
    return Effective(category, kind, usual, tier, source, currency, number, None)


def _usual(row: CategoryRow, kind: FactorKind) -> tuple[Spread | None, str]:
    if kind == FactorKind.MASS:
        return row.mass_g, row.source_mass
    if kind == FactorKind.GWP:
        return row.gwp_g, row.source_gwp
    if kind == FactorKind.PRICE:
        return row.price_ore, row.source_price
    months = row.service_life_months
    return (None, "") if months is None else (Spread(months, months, months), "")


def said(kind: FactorKind, value: int | None, currency: str | None) -> str:
    """A factor in the unit people use."""
    if value is None:
        return gettext("ikke beregnet") if kind == FactorKind.GWP else gettext("ukjent")
    if kind == FactorKind.PRICE:
        return money_ore(value, currency or "NOK")
    if kind == FactorKind.SERVICE_LIFE:
        if value % 12:
            return ngettext("%(num)s måned", "%(num)s måneder", value)
        return ngettext("%(num)s år", "%(num)s år", value // 12)
    return mass_g(value)


def shown(each: Effective) -> dict[str, Any]:
    """One factor as the pages show it."""
    spread = each.spread
    has_range = spread is not None and (spread.low, spread.high) != (spread.value, spread.value)
    return {
        "kind": each.kind.value,
        "name": gettext(KINDS[each.kind]),
        "value": said(each.kind, spread.value if spread else None, each.currency),
        "range": (
            f"{said(each.kind, spread.low, each.currency)}"
            f" – {said(each.kind, spread.high, each.currency)}"
            if spread is not None and has_range
            else None
        ),
        "tier": each.tier.value if each.tier else None,
        "source": each.source,
        "is_own": each.own is not None,
        "price_year": each.own.price_year if each.own else None,
        "version": each.version,
        "row": each.own,
        "is_from_copy": each.own is None and is_from_copy(each.source),
    }


def typed(each: Effective) -> dict[str, str]:
    """The factor as its form would have been typed; an empty one where it is not the own."""
    form = {"kind": each.kind.value, "version": str(each.version), "tier": Tier.T3.value}
    own = each.own
    if own is None:
        return form
    per = TYPED_PER[each.kind]
    return form | {
        "value": typed_scaled(own.value, per),
        "low": typed_scaled(own.low, per),
        "high": typed_scaled(own.high, per),
        "tier": own.tier.value if own.tier else "",
        "source": own.source or "",
        "currency": own.currency or "",
        "price_year": str(own.price_year or ""),
    }


def history(session: Session, actor: Actor, category_id: str) -> list[dict[str, Any]]:
    """Every version of the category's own factors, the newest first."""
    query = overrides_visible_to(actor).where(FactorOverride.category_id == category_id)
    ordered = query.order_by(FactorOverride.created_at.desc(), FactorOverride.number.desc())
    rows = session.scalars(ordered).all()
    people = names_of(session, [each.person_id for each in rows])
    documents = _documents(session, actor, [each.factor_document_id for each in rows])
    return [
        {
            "row": each,
            "name": gettext(KINDS[each.kind]),
            "value": None if each.value is None else said(each.kind, each.value, each.currency),
            "range": (
                None
                if each.value is None or (each.low, each.high) == (each.value, each.value)
                else f"{said(each.kind, each.low, each.currency)}"
                f" – {said(each.kind, each.high, each.currency)}"
            ),
            "who": people.get(each.person_id, "") if each.person_id else "",
            "document": documents.get(each.factor_document_id) if each.factor_document_id else None,
        }
        for each in rows
    ]


def names_of(session: Session, ids: Sequence[UUID | None]) -> dict[UUID, str]:
    wanted = {each for each in ids if each is not None}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return {row[0]: row[1] for row in rows}


def _documents(
    session: Session, actor: Actor, ids: Sequence[UUID | None]
) -> dict[UUID, FactorDocument]:
    wanted = {each for each in ids if each is not None}
    query = documents_visible_to(actor).where(FactorDocument.id.in_(wanted))
    return {each.id: each for each in session.scalars(query)}


def file_rows(found: Sequence[Effective]) -> Iterator[Sequence[Value]]:
    """Rows of the factor sheet: whole numbers in the unit that is beside them."""
    for each in found:
        spread = each.spread
        yield (
            each.category.id,
            each.category.name_nb,
            each.kind.value,
            spread.value if spread else None,
            spread.low if spread else None,
            spread.high if spread else None,
            UNITS[each.kind],
            each.category.amount_unit.value,
            each.currency,
            each.own.price_year if each.own else None,
            each.tier.value if each.tier else None,
            each.own is not None,
            each.version if each.own else None,
            each.own.created_at if each.own else None,
            each.source,
            each.own is None and is_from_copy(each.source),
        )
