"""A price list becomes prices: kept as a preview, then taken into use in one go."""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.catalogue.models import Category, ProductModel
from app.catalogue.queries import product_models_visible_to
from app.catalogue.service import EditModel, edit_model
from app.impact.commands import Currency, SetOverride, Stored, Year
from app.impact.queries import factors_of
from app.impact.queries_own import newest_overrides, rates_of
from app.impact.rules import FactorKind, MissingRateError, Tier, exchange_rate
from app.impact.service_own import STATED_TIERS, add_document, set_overrides, spread_of
from app.kit.chance import new_id
from app.kit.db import changed_rows, clock_of
from app.kit.documents import Kind
from app.kit.errors import Conflict, Invalid, NotFound, TooLarge
from app.kit.events import publish
from app.kit.i18n import N_, gettext
from app.kit.text import STRIPPED, Line
from app.transfer.events import PriceListApplied
from app.transfer.headed import bad_as_json
from app.transfer.models_prices import PriceList
from app.transfer.price_plan import (
    Now,
    Target,
    as_json,
    by_category,
    category_target,
    from_json,
    model_targets,
)
from app.transfer.price_sheet import KnownModel, PriceRows, PriceWords, words_of

MOST_ROWS = 20_000
MOST_MODELS = 2_000
ONE_ROW = N_("Prisen står i én rad i prislisten; spennet er nivåets.")
MEDIAN = N_("Medianen av %(rows)s rader i prislisten; lav og høy er den laveste og den høyeste.")


class TooManyPrices(TooLarge):
    title = N_("Prislisten har for mange rader.")


class PricesAppliedAlready(Conflict):
    title = N_("Prisene i listen er alt tatt i bruk.")


class PricesHaveBadRows(Conflict):
    title = N_("Noen rader kan ikke brukes. Rett dem, eller ta i bruk resten uten dem.")


class NoPrices(Conflict):
    title = N_("Det er ingen priser å endre: alle er som før.")


class _Command(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OfPrices(_Command):
    """What counts for the list. ``source`` is supplier and agreement, where no row says another.

    ``currency`` and ``price_year`` are for rows that say none. Prices are excl. VAT.
    """

    source: Line
    reason: Annotated[str, STRIPPED, Field(min_length=1, max_length=200)]
    price_year: Year
    currency: Currency | None = None
    tier: Tier = Tier.T3


class KeepPrices(OfPrices):
    """A list that was read, by its file's content too."""

    sha256: str = Field(max_length=64)


class PriceListCommand(_Command):
    """Something to do with a list that was read."""

    price_list_id: UUID


class ApplyPrices(PriceListCommand):
    """``skip_bad`` leaves bad rows out; ``leave_out`` are categories and models that stay."""

    skip_bad: bool = False
    leave_out: list[Annotated[str, Field(max_length=40)]] = Field(
        default_factory=list, max_length=MOST_MODELS
    )


def lists_visible_to(actor: Actor) -> Select[PriceList]:
    return select(PriceList).where(PriceList.org_id == actor.org_id)


def list_of(session: Session, actor: Actor, price_list_id: UUID) -> PriceList:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(lists_visible_to(actor).where(PriceList.id == price_list_id))
    if found is None:
        raise NotFound(N_("Fant ikke prislisten."))
    return found


def targets_of(row: PriceList) -> list[Target]:
    return [from_json(each) for each in row.content["targets"]]


def known_words(session: Session, actor: Actor, command: OfPrices) -> PriceWords:
    """What the cells are looked up in."""
    actor.must_everywhere(Permission.MODEL_EDIT)
    if command.tier not in STATED_TIERS:
        raise Invalid(by_field={"tier": N_("Velg T1, T2, T3 eller T4.")})
    priced = factors_of(session).factor_set.categories
    categories = [each for each in session.scalars(select(Category)) if each.id in priced]
    models = session.execute(
        product_models_visible_to(actor).with_only_columns(
            ProductModel.id, ProductModel.category_id, ProductModel.maker, ProductModel.name
        )
    )
    return words_of(
        [(each.id, each.amount_unit, (each.name_nb, each.name_sv, each.name_en)) for each in categories],
        [KnownModel(*row) for row in models],
        currency=command.currency or actor.currency,
        year=command.price_year,
        source=command.source,
    )  # fmt: skip


def keep_prices(
    session: Session, actor: Actor, command: OfPrices, file: Stored, found: PriceRows
) -> PriceList:
    """Keeps the preview. Raises as ``previewed``."""
    actor.must_everywhere(Permission.MODEL_EDIT)
    row = previewed(session, actor, command, file, found)
    session.add(row)
    session.flush()
    return row


def previewed(
    session: Session, actor: Actor, command: OfPrices, file: Stored, found: PriceRows
) -> PriceList:
    """The preview, not kept.

    Raises ``TooManyPrices``, and ``Invalid`` for an empty list or a currency without a rate.
    """
    actor.must_everywhere(Permission.MODEL_EDIT)
    rows = len(found.rows) + len(found.unknown) + len({each.number for each in found.bad})
    if not rows:
        raise Invalid(by_field={"file": N_("Prislisten har ingen rader under overskriften.")})
    if rows > MOST_ROWS:
        values = {"found": rows, "limit": MOST_ROWS}
        raise TooManyPrices(N_("Den har %(found)s rader; grensen er %(limit)s."), values=values)
    _require_rates(session, actor, {each.currency for each in found.rows})
    models = {each.model_id for each in found.rows if each.model_id is not None}
    if len(models) > MOST_MODELS:
        values = {"found": len(models), "limit": MOST_MODELS}
        text = N_("Den nevner %(found)s av modellene deres; grensen er %(limit)s.")
        raise TooManyPrices(text, values=values)
    of_models, other = model_targets(found, _models_now(session, actor, models), actor.currency)
    targets = [*_category_targets(session, actor, command, found), *of_models]
    return PriceList(
        id=new_id(),
        org_id=actor.org_id,
        file_name=file.name,
        key=file.key,
        media_type=file.kind.media_type,
        sha256=file.sha256,
        byte_count=file.byte_count,
        source=command.source,
        reason=command.reason,
        tier=command.tier,
        content=_as_json(found, targets, other),
        summary=_summary(found, targets),
        person_id=actor.person_id,
        created_at=clock_of(session).now(),
    )


def _require_rates(session: Session, actor: Actor, currencies: Collection[str]) -> None:
    """Said before anything is kept: a category's price in another currency needs a rate."""
    rates, today = rates_of(session, actor.org_id), clock_of(session).today()
    for each in sorted(currencies):
        try:
            exchange_rate(rates, each, actor.currency, today)
        except MissingRateError as error:
            text = N_("Før først en valutakurs for denne valutaen.")
            raise Invalid(by_field={"currency": text}) from error


def _category_targets(
    session: Session, actor: Actor, command: OfPrices, found: PriceRows
) -> list[Target]:
    newest = newest_overrides(session, actor.org_id)
    set_rows = factors_of(session).factor_set.categories
    targets = []
    for code, rows in sorted(by_category(found.rows).items()):
        own = newest.get((code, FactorKind.PRICE))
        number = own.number if own else 0
        if own is not None and own.value is not None:
            now = Now(number, own.value, own.low, own.high, own.currency or "", own.price_year,
                      own.source or "", own.tier)  # fmt: skip
        else:
            usual = set_rows[code].price_ore
            now = Now(number, None, None, None, "NOK", None, "", None)
            if usual is not None:
                now = now._replace(ore=usual.value, low=usual.low, high=usual.high)
        target = category_target(code, rows, command.tier, now)
        range_ = spread_of(_override(target, command.tier, command.reason), set_rows[code])
        targets.append(target._replace(low=range_.low, high=range_.high))
    return targets


def _models_now(session: Session, actor: Actor, ids: Collection[UUID]) -> Mapping[UUID, Now]:
    query = product_models_visible_to(actor).where(ProductModel.id.in_(ids))
    return {
        each.id: Now(each.version, each.new_price_ore, None, None, actor.currency, each.price_year,
                     each.price_source or "", None)
        for each in session.scalars(query)
    }  # fmt: skip


def _override(
    target: Target, tier: Tier, reason: str, document_id: UUID | None = None
) -> SetOverride:
    rows = len(target.rows)
    rule = gettext(MEDIAN, rows=rows) if rows > 1 else gettext(ONE_ROW)
    stated = rows > 1
    return SetOverride(
        category_id=target.key,
        kind=FactorKind.PRICE,
        version=target.before.version,
        reason=f"{reason.rstrip('.')}. {rule}",
        value=target.ore,
        low=target.low if stated else None,
        high=target.high if stated else None,
        tier=tier,
        source=target.source,
        currency=target.currency,
        price_year=target.year,
        document_id=document_id,
    )


def apply_prices(
    session: Session, actor: Actor, commands: Sequence[ApplyPrices]
) -> list[tuple[PriceList, int, int]]:
    """Takes each list into use once: gives it with its count of categories and of models changed.

    Raises ``PricesAppliedAlready``, ``PricesHaveBadRows``, ``NoPrices``, and ``Stale`` where a
    price is no longer the one that was shown beside it.
    """
    actor.must_everywhere(Permission.MODEL_EDIT)
    return [_applied(session, actor, each) for each in commands]


def _applied(session: Session, actor: Actor, command: ApplyPrices) -> tuple[PriceList, int, int]:
    row = list_of(session, actor, command.price_list_id)
    if row.applied_at is not None:
        raise PricesAppliedAlready
    if row.content["bad"] and not command.skip_bad:
        raise PricesHaveBadRows
    left = set(command.leave_out)
    changes = [each for each in targets_of(row) if each.is_change and each.key not in left]
    if not changes:
        raise NoPrices
    kind = Kind(row.key.rpartition(".")[2], row.media_type)
    file = Stored(row.file_name, row.key, row.sha256, row.byte_count, kind)
    document = add_document(session, actor, file)
    claimed = session.execute(
        update(PriceList)
        .where(PriceList.org_id == actor.org_id, PriceList.id == row.id)
        .where(PriceList.applied_at.is_(None))
        .values(applied_at=clock_of(session).now(), factor_document_id=document.id)
        .execution_options(synchronize_session=False)
    )
    if changed_rows(claimed) != 1:
        raise PricesAppliedAlready
    categories = [
        _override(each, row.tier, row.reason, document.id) for each in changes if not each.is_model
    ]
    models = [
        EditModel(
            product_model_id=UUID(each.key),
            version=each.before.version,
            new_price_ore=each.ore,
            price_year=each.year,
            price_source=each.source,
        )
        for each in changes
        if each.is_model
    ]
    if categories:
        set_overrides(session, actor, categories)
    if models:
        edit_model(session, actor, models)
    session.refresh(row)
    event = PriceListApplied.of(
        row, actor.person_id, categories=len(categories), models=len(models)
    )
    publish(session, [event])
    return row, len(categories), len(models)


def _summary(found: PriceRows, targets: Sequence[Target]) -> dict[str, int]:
    changed = sum(each.is_change for each in targets)
    return {
        "changed": changed,
        "unchanged": len(targets) - changed,
        "unknown_rows": len(found.unknown),
        "bad_rows": len({each.number for each in found.bad}),
    }


def _as_json(found: PriceRows, targets: Sequence[Target], other: int) -> dict[str, Any]:
    return {
        "targets": [as_json(each) for each in targets],
        "rows": [
            [each.number, each.article, each.category_id, each.is_read, each.ore, each.currency]
            for each in found.rows
        ],
        "unknown": [list(each) for each in found.unknown],
        "models_in_other_currency": other,
        "bad": bad_as_json(found.bad),
        "unused": found.unused,
    }
