"""Sets and withdraws an organisation's own factors, and records exchange rates.

Nothing is changed: each change is a new version, and what was booked keeps what it was booked with.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.impact.commands import OfFactor, RecordRate, SetOverride, Stored, WithdrawOverride
from app.impact.currency import MissingRateError, exchange_rate
from app.impact.facts import FactorKind
from app.impact.models_own import ExchangeRate, FactorDocument, FactorOverride
from app.impact.queries import factors_of
from app.impact.queries_own import (
    Key,
    document_of,
    newest_of,
    rates_of,
    told_of_override,
    told_of_rate,
)
from app.impact.tables import CategoryRow, Spread
from app.impact.tiers import MAKER_BAND, MATERIALS_BAND, Tier, epd_band
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, Stale
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.pointing import concerning

STATED_TIERS = (Tier.T1, Tier.T2, Tier.T3, Tier.T4)
"""T5 and T6 are what the calculation falls back on, not what somebody states."""
_POSITIVE = frozenset({FactorKind.MASS, FactorKind.PRICE, FactorKind.SERVICE_LIFE})
_MOST_MONTHS = 1_200


class NoOwnFactor(Conflict):
    title = N_("Kategorien har ingen egen verdi å trekke tilbake.")


class RateTaken(Conflict):
    title = N_("Det er alt ført en kurs for disse valutaene den dagen.")


def add_document(session: Session, actor: Actor, document: Stored) -> FactorDocument:
    """What factors are read from; its file lies in the store already."""
    actor.must_everywhere(Permission.MODEL_EDIT)
    row = FactorDocument(
        id=new_id(),
        org_id=actor.org_id,
        name=document.name,
        key=document.key,
        media_type=document.kind.media_type,
        sha256=document.sha256,
        byte_count=document.byte_count,
        person_id=actor.person_id,
        created_at=clock_of(session).now(),
    )
    session.add(row)
    session.flush()
    return row


def set_overrides(
    session: Session, actor: Actor, commands: Sequence[SetOverride]
) -> list[FactorOverride]:
    """Own factors from now on, one version each.

    Raises ``Invalid`` at the field, ``Stale`` when somebody was there first, ``NotFound`` for a
    document of nobody's.
    """
    actor.must_everywhere(Permission.MODEL_EDIT)
    _each_once(commands)
    categories = factors_of(session).factor_set.categories
    wanted = {each.document_id for each in commands if each.document_id}
    documents: dict[UUID | None, FactorDocument] = {
        each: document_of(session, actor, each) for each in wanted
    }
    rates = rates_of(session, actor.org_id)
    rows = []
    for each in commands:
        with concerning(each):
            row = categories.get(each.category_id)
            if row is None:
                raise Invalid(by_field={"category_id": N_("Velg en kategori fra listen.")})
            _require_sense(each, row)
            currency = (each.currency or actor.currency) if each.kind == FactorKind.PRICE else None
            if currency is not None:
                try:
                    exchange_rate(rates, currency, actor.currency, clock_of(session).today())
                except MissingRateError as error:
                    text = N_("Før først en valutakurs for denne valutaen.")
                    raise Invalid(by_field={"currency": text}) from error
            rows.append(_version(session, actor, each, spread_of(each, row), currency))
    _write(session, actor, rows, commands)
    publish(
        session, [told_of_override(each, documents.get(each.factor_document_id)) for each in rows]
    )
    return rows


def withdraw_overrides(
    session: Session, actor: Actor, commands: Sequence[WithdrawOverride]
) -> list[FactorOverride]:
    """The factor set's own rows count from now on. Raises ``NoOwnFactor`` and ``Stale``."""
    actor.must_everywhere(Permission.MODEL_EDIT)
    _each_once(commands)
    newest = _newest(session, actor, commands)
    for each in commands:
        found = newest.get((each.category_id, each.kind))
        if found is None or found.value is None:
            raise NoOwnFactor(category_id=each.category_id, kind=each.kind.value)
    rows = [_version(session, actor, each, None, None) for each in commands]
    _write(session, actor, rows, commands)
    publish(session, [told_of_override(each, None) for each in rows])
    return rows


def _each_once(commands: Sequence[OfFactor]) -> None:
    keys = [(each.category_id, each.kind) for each in commands]
    for at, each in enumerate(commands):
        if keys.index(keys[at]) < at:
            with concerning(each):
                text = N_("Kategorien står to ganger med samme slags verdi.")
                raise Invalid(by_field={"category_id": text})


def _require_sense(command: SetOverride, row: CategoryRow) -> None:
    wrong: dict[str, str] = {}
    kind, value = command.kind, command.value
    if kind == FactorKind.GWP and row.gwp_g is None:
        wrong["kind"] = N_("Utstyr uten klimatall regnes aldri ut, heller ikke med en egen verdi.")
    if kind == FactorKind.MASS and row.amount_unit == "kg":
        wrong["kind"] = N_("Denne kategorien regnes per kg, og har ingen egen masse.")
    if kind in _POSITIVE and value == 0:
        wrong["value"] = N_("Skriv et tall over 0.")
    if kind == FactorKind.SERVICE_LIFE and value > _MOST_MONTHS:
        wrong["value"] = N_("Levetiden kan være høyst 100 år.")
    if command.tier not in STATED_TIERS:
        wrong["tier"] = N_("Velg T1, T2, T3 eller T4.")
    wrong |= _wrong_range(command)
    if kind != FactorKind.PRICE and (command.currency or command.price_year):
        field = "currency" if command.currency else "price_year"
        wrong[field] = N_("Bare en pris har valuta og prisår.")
    if wrong:
        raise Invalid(by_field=wrong)


def _wrong_range(command: SetOverride) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if (command.low is None) != (command.high is None):
        missing = "low" if command.low is None else "high"
        wrong[missing] = N_("Fyll ut både lav og høy, eller ingen av dem.")
    if command.low is not None and command.low > command.value:
        wrong["low"] = N_("Den lave verdien kan ikke være over verdien selv.")
    if command.high is not None and command.high < command.value:
        wrong["high"] = N_("Den høye verdien kan ikke være under verdien selv.")
    return wrong


def spread_of(command: SetOverride, row: CategoryRow) -> Spread:
    """The range as stated, else that of the tier."""
    value = command.value
    if command.low is not None and command.high is not None:
        return Spread(value, command.low, command.high)
    if command.kind == FactorKind.SERVICE_LIFE:
        return Spread(value, value, value)
    low, high = _band(command.tier, _usual(row, command.kind))
    return Spread(value, min(value, round(value * low)), max(value, round(value * high)))


def _usual(row: CategoryRow, kind: FactorKind) -> Spread | None:
    usual = {
        FactorKind.MASS: row.mass_g,
        FactorKind.GWP: row.gwp_g,
        FactorKind.PRICE: row.price_ore,
    }
    return usual.get(kind)


def _band(tier: Tier, usual: Spread | None) -> tuple[Fraction, Fraction]:
    """Low and high as parts of the value (section 10); T3 errs as far as the row it replaces."""
    if tier == Tier.T1:
        return epd_band(None)
    if tier == Tier.T2:
        return MAKER_BAND
    if tier == Tier.T4:
        return MATERIALS_BAND
    if usual is None or usual.value == 0:
        return Fraction(1), Fraction(1)
    return Fraction(usual.low, usual.value), Fraction(usual.high, usual.value)


def _version(
    session: Session, actor: Actor, command: OfFactor, spread: Spread | None, currency: str | None
) -> FactorOverride:
    row = FactorOverride(
        id=new_id(),
        org_id=actor.org_id,
        category_id=command.category_id,
        kind=command.kind,
        number=command.version + 1,
        reason=command.reason,
        person_id=actor.person_id,
        created_at=clock_of(session).now(),
    )
    if isinstance(command, SetOverride) and spread is not None:
        row.value, row.low, row.high = spread.value, spread.low, spread.high
        row.tier, row.source, row.currency = command.tier, command.source, currency
        row.price_year, row.factor_document_id = command.price_year, command.document_id
    return row


def _newest(
    session: Session, actor: Actor, commands: Sequence[OfFactor]
) -> Mapping[Key, FactorOverride]:
    wanted = {each.category_id for each in commands}
    query = select(FactorOverride).where(FactorOverride.org_id == actor.org_id)
    return newest_of(session.scalars(query.where(FactorOverride.category_id.in_(wanted))))


def _write(
    session: Session,
    actor: Actor,
    rows: Sequence[FactorOverride],
    commands: Sequence[OfFactor],
) -> None:
    newest = _newest(session, actor, commands)
    for each in commands:
        found = newest.get((each.category_id, each.kind))
        if (found.number if found else 0) != each.version:
            with concerning(each):
                raise Stale(category_id=each.category_id, kind=each.kind.value)
    try:
        with session.begin_nested():
            session.add_all(rows)
            session.flush()  # meets the unique number: of two at once the second finds the first's
    except IntegrityError as error:
        raise Stale from error


def record_rate(session: Session, actor: Actor, command: RecordRate) -> ExchangeRate:
    """A dated rate. Raises ``Invalid`` at the field, ``RateTaken`` for a day that has one."""
    actor.must_everywhere(Permission.MODEL_EDIT)
    wrong: dict[str, str] = {}
    if command.currency == command.quote_currency:
        wrong["quote_currency"] = N_("Velg to forskjellige valutaer.")
    if command.day > clock_of(session).today():
        wrong["day"] = N_("Kursen kan ikke være fra en dag som ikke har vært.")
    if wrong:
        raise Invalid(by_field=wrong)
    row = ExchangeRate(
        id=new_id(),
        org_id=actor.org_id,
        person_id=actor.person_id,
        created_at=clock_of(session).now(),
        **command.model_dump(),
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError as error:
        raise RateTaken from error
    publish(session, [told_of_rate(row)])
    return row
