"""An organisation's own factors and exchange rates: what holds, what has held, and since when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.impact import facts
from app.impact.events import (
    ExchangeRateRecorded,
    FactorOverrideSet,
    FactorOverrideWithdrawn,
)
from app.impact.facts import FactorKind, Override, price_source
from app.impact.models_own import ExchangeRate, FactorDocument, FactorOverride
from app.impact.tables import CategoryRow, Spread
from app.kit.errors import NotFound
from app.kit.i18n import N_

Key = tuple[str, FactorKind]


def overrides_visible_to(actor: Actor) -> Select[FactorOverride]:
    """Every version, withdrawn ones too."""
    return select(FactorOverride).where(FactorOverride.org_id == actor.org_id)


def documents_visible_to(actor: Actor) -> Select[FactorDocument]:
    return select(FactorDocument).where(FactorDocument.org_id == actor.org_id)


def document_of(session: Session, actor: Actor, document_id: UUID) -> FactorDocument:
    """Raises ``NotFound``."""
    found = session.scalar(documents_visible_to(actor).where(FactorDocument.id == document_id))
    if found is None:
        raise NotFound(N_("Fant ikke dokumentet."))
    return found


def rates_visible_to(actor: Actor) -> Select[ExchangeRate]:
    return select(ExchangeRate).where(ExchangeRate.org_id == actor.org_id)


def newest_of(versions: Iterable[FactorOverride]) -> dict[Key, FactorOverride]:
    """The last version of each factor, withdrawn ones too."""
    found: dict[Key, FactorOverride] = {}
    for each in versions:
        key = each.category_id, each.kind
        if key not in found or found[key].number < each.number:
            found[key] = each
    return found


def newest_overrides(
    session: Session, org_id: UUID, until: datetime | None = None
) -> Mapping[Key, FactorOverride]:
    """What held at a moment, now when none is given; a withdrawn factor is there without value."""
    query = select(FactorOverride).where(FactorOverride.org_id == org_id)
    if until is not None:
        query = query.where(FactorOverride.created_at <= until)
    return newest_of(session.scalars(query))


def own_factors(
    session: Session, org_id: UUID, until: datetime | None = None
) -> tuple[Override, ...]:
    """The organisation's own factors as the calculation takes them."""
    newest = newest_overrides(session, org_id, until)
    return tuple(
        override_of(newest[key]) for key in sorted(newest) if newest[key].value is not None
    )


def has_own_factors(org_id: Any, category_id: Any) -> ColumnElement[bool]:
    """For a hot page's own statement: whether there is anything to ask `with_own` for."""
    return exists().where(
        FactorOverride.org_id == org_id, FactorOverride.category_id == category_id
    )


def with_own(session: Session, org_id: UUID, row: CategoryRow, currency: str) -> CategoryRow:
    """The category's row with the organisation's own factors in it.

    A price in another currency than the reader's is left out: what is booked converts it.
    """
    query = select(FactorOverride).where(FactorOverride.org_id == org_id)
    versions = session.scalars(query.where(FactorOverride.category_id == row.code))
    for each in newest_of(versions).values():
        if each.value is None:
            continue
        own = override_of(each)
        if each.kind == FactorKind.MASS:
            row = replace(row, mass_g=own.spread, source_mass=own.source)
        elif each.kind == FactorKind.GWP:
            row = replace(row, gwp_g=own.spread, source_gwp=own.source)
        elif each.kind == FactorKind.SERVICE_LIFE:
            row = replace(row, service_life_months=each.value)
        elif each.currency == currency:
            row = replace(row, price_ore=own.spread, source_price=own.source)
    return row


def override_of(row: FactorOverride) -> Override:
    """A version with a value; its source says which version it is, so that an entry keeps that."""
    assert row.value is not None
    assert row.low is not None
    assert row.high is not None
    assert row.tier is not None
    made = f"own factor {row.number} of {row.created_at.date().isoformat()}"
    return Override(
        row.category_id,
        row.kind,
        Spread(row.value, row.low, row.high),
        f"{price_source(row.source, row.price_year)} ({made})",
        row.tier,
        row.currency or "NOK",
    )


def told_of_override(
    row: FactorOverride, document: FactorDocument | None
) -> FactorOverrideSet | FactorOverrideWithdrawn:
    """The event that a version is told by; ``omlop verify`` asks for it again.

    The row's own person is the one who set it.
    """
    said: dict[str, Any] = {
        "category_id": row.category_id,
        "factor_kind": row.kind,
        "number": row.number,
        "row_sha256": row.sha256(),
    }
    if row.value is None:
        return FactorOverrideWithdrawn.of(row, row.person_id, **said)
    return FactorOverrideSet.of(
        row,
        row.person_id,
        value=row.value,
        low=row.low,
        high=row.high,
        currency=row.currency,
        tier=row.tier,
        factor_document_id=row.factor_document_id,
        document_sha256=None if document is None else document.sha256,
        **said,
    )


def told_of_rate(row: ExchangeRate) -> ExchangeRateRecorded:
    """The event that a rate is told by."""
    return ExchangeRateRecorded.of(
        row,
        row.person_id,
        currency=row.currency,
        quote_currency=row.quote_currency,
        rate=format(row.rate, "f"),
        day=row.day,
        row_sha256=row.sha256(),
    )


def rates_of(session: Session, org_id: UUID) -> tuple[facts.ExchangeRate, ...]:
    """The organisation's dated rates, as the calculation takes them."""
    rows: Sequence[ExchangeRate] = session.scalars(
        select(ExchangeRate).where(ExchangeRate.org_id == org_id).order_by(ExchangeRate.day)
    ).all()
    return tuple(
        facts.ExchangeRate(each.currency, each.quote_currency, each.rate, each.day, each.source)
        for each in rows
    )
