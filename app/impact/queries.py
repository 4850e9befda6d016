"""The factor sets in the database, as the exact values the calculation uses.

A factor set is immutable, so each process parses it once.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.accounts.models import Organisation
from app.impact.models import FactorRow, FactorSet
from app.impact.queries_own import own_factors, rates_of
from app.impact.rules import (
    CategoryRow,
    Factors,
    UnknownFactorError,
    parse_factor_set,
    usual_price_ore,
)
from app.kit.db import clock_of
from app.kit.i18n import N_
from app.kit.prepared import Prepared

MATERIAL_NAMES: Mapping[str, str] = {
    "steel": N_("stål"),
    "stainless_steel": N_("rustfritt stål"),
    "aluminium": N_("aluminium"),
    "solid_wood": N_("heltre"),
    "wood_panel": N_("treplate"),
    "plastic_mixed": N_("blandet plast"),
    "plastic_pp": N_("polypropylen"),
    "pur_foam": N_("skumplast"),
    "textile": N_("tekstil"),
    "leather": N_("skinn"),
    "rubber": N_("gummi"),
    "glass": N_("glass"),
    "electronics": N_("elektronikk"),
    "mineral_wool": N_("mineralull"),
    "pet_felt": N_("filt av PET"),
    "laminate_hpl": N_("laminat"),
    "cardboard": N_("papp"),
    "carpet_tile": N_("teppeflis"),
    "concrete": N_("betong"),
    "other": N_("annet"),
    "mixed_furniture": N_("blandede møbler"),
}
_parsed: dict[str, Factors] = {}


_newest = (
    select(FactorSet.id)
    .where(FactorSet.valid_from <= bindparam("day"))
    .order_by(FactorSet.valid_from.desc(), FactorSet.id.desc())
    .limit(1)
)
_NEWEST = Prepared(_newest)
NEWEST_FACTOR_SET = _newest.scalar_subquery()
"""For a hot page's own statement: the set that is valid on ``day``, or none before the first."""


def newest_factor_set(session: Session, on: date | None = None) -> str:
    """Id of the newest set that is valid on the day, today when none is given."""
    day = on or clock_of(session).now().date()
    row = _NEWEST.first(session, {"day": day})
    if row is not None:
        newest: str = row.id
        return newest
    # A handover older than the first set is counted with the first one there is.
    return session.scalars(select(FactorSet.id).order_by(FactorSet.valid_from).limit(1)).one()


def factor_tables(session: Session, factor_set_id: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of a set by table, each spelled as it was published."""
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for table, columns in session.execute(
        select(FactorRow.table, FactorRow.columns)
        .where(FactorRow.factor_set_id == factor_set_id)
        .order_by(FactorRow.table, FactorRow.key)
    ):
        tables[table].append(columns)
    return tables


def factors_of(
    session: Session,
    factor_set_id: str | None = None,
    *,
    org_id: UUID | None = None,
    until: datetime | None = None,
) -> Factors:
    """Everything the calculation may look up; the newest valid set unless one is named.

    With an organisation, its own factors (those that held at ``until``) and exchange rates too.
    Raises ``UnknownFactorError`` for a set that does not exist.
    """
    wanted = factor_set_id or newest_factor_set(session)
    if wanted not in _parsed:
        tables = factor_tables(session, wanted)
        if not tables:
            raise UnknownFactorError(f"no factor set {wanted}")
        _parsed[wanted] = Factors(parse_factor_set(wanted, tables))
    if org_id is None:
        return _parsed[wanted]
    return replace(
        _parsed[wanted],
        overrides=own_factors(session, org_id, until),
        rates=rates_of(session, org_id),
    )


def usual_prices(session: Session, org_id: UUID) -> Callable[[str], int | None]:
    """What a new piece of a category costs, in øre: the organisation's own price, else the set's."""
    factors = factors_of(session, org_id=org_id)
    query = select(Organisation.currency).where(Organisation.id == org_id)
    currency, today = session.scalars(query).one(), clock_of(session).today()
    return lambda category_id: usual_price_ore(category_id, factors, currency, today)


def defaults_of(
    session: Session, category_id: str, factor_set_id: str | None = None
) -> CategoryRow:
    """The category's row in the newest set: mass, GWP and price with low, high and source.

    Whoever has asked which set that is says so with ``factor_set_id``.

    Raises ``UnknownFactorError`` for a category the set does not hold.
    """
    factors = factors_of(session, factor_set_id).factor_set
    found = factors.categories.get(category_id)
    if found is None:
        raise UnknownFactorError(f"no category {category_id} in set {factors.id}")
    return found
