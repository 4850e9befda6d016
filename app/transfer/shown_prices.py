"""A price list's preview, for people and for programs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.models import Category, ProductModel
from app.catalogue.queries import category_name, product_models_visible_to
from app.impact.rules import Tier
from app.kit.i18n import gettext, money_exact, money_ore, ngettext
from app.transfer.models_prices import PriceList
from app.transfer.price_plan import Target
from app.transfer.service_prices import lists_visible_to, targets_of
from app.transfer.shown_programme import BadCellOut

SHOWN_ROWS = 200
LISTED: tuple[Any, ...] = (
    PriceList.id,
    PriceList.file_name,
    PriceList.sha256,
    PriceList.source,
    PriceList.tier,
    PriceList.created_at,
    PriceList.applied_at,
    PriceList.factor_document_id,
    PriceList.undone_at,
)
"""What stands in a list of lists, beside the counts."""


class PriceOut(BaseModel):
    """The price that a category or a product model gets, in øre excl. VAT per amount unit.

    ``key`` is the category's code or the model's id; ``rows`` are the numbers of its rows in the
    sheet, of which ``read`` are of the category by the article's name. A model has no range.
    """

    key: str
    is_model: bool
    is_change: bool
    price_ore: int
    low_ore: int | None
    high_ore: int | None
    currency: str
    price_year: int
    source: str
    rows: list[int]
    read: int
    before_ore: int | None
    before_currency: str
    before_price_year: int | None

    @classmethod
    def of(cls, each: Target) -> "PriceOut":
        return cls(
            key=each.key,
            is_model=each.is_model,
            is_change=each.is_change,
            price_ore=each.ore,
            low_ore=each.low,
            high_ore=each.high,
            currency=each.currency,
            price_year=each.year,
            source=each.source,
            rows=list(each.rows),
            read=each.read,
            before_ore=each.before.ore,
            before_currency=each.before.currency,
            before_price_year=each.before.year,
        )


class UnknownOut(BaseModel):
    """A row of something that is neither a category nor a model."""

    row: int
    article: str
    price_ore: int
    currency: str


class PriceListListed(BaseModel):
    """One list without its rows."""

    id: UUID
    file_name: str
    sha256: str
    source: str
    tier: Tier
    created_at: datetime
    applied_at: datetime | None
    factor_document_id: UUID | None
    undone_at: datetime | None
    changed: int
    unchanged: int
    unknown_rows: int
    bad_rows: int

    @classmethod
    def fields_of(cls, row: Any) -> dict[str, Any]:
        """Of a list, or of its row without the preview."""
        return {**{each.key: getattr(row, each.key) for each in LISTED}, **row.summary}

    @classmethod
    def newest(cls, session: Session, actor: Actor, most: int) -> "list[PriceListListed]":
        query = lists_visible_to(actor).with_only_columns(*LISTED, PriceList.summary)
        ordered = query.order_by(PriceList.created_at.desc(), PriceList.id).limit(most)
        return [PriceListListed(**cls.fields_of(each)) for each in session.execute(ordered)]


class PriceListOut(PriceListListed):
    """A price list that was read: what it changes, and which rows it leaves.

    ``models_in_other_currency`` counts models whose price is in another currency than the
    organisation's; they keep the price they have, and their rows count in their category.
    """

    prices: list[PriceOut]
    unknown: list[UnknownOut]
    bad: list[BadCellOut]
    unused: list[str]
    models_in_other_currency: int

    @classmethod
    def of(cls, row: PriceList) -> "PriceListOut":
        content = row.content
        return cls(
            **cls.fields_of(row),
            prices=[PriceOut.of(each) for each in targets_of(row)],
            unknown=[
                UnknownOut(row=number, article=article, price_ore=ore, currency=currency)
                for number, article, ore, currency in content["unknown"]
            ],
            bad=BadCellOut.all(content["bad"]),
            unused=content["unused"],
            models_in_other_currency=content["models_in_other_currency"],
        )


def list_page(session: Session, actor: Actor, row: PriceList) -> dict[str, Any]:
    """What the preview's page shows; of long lists the first rows."""
    targets = targets_of(row)
    called = _names(session, actor, targets)
    out = PriceListOut.of(row)
    return {
        "changed": [_shown(each, called) for each in targets if each.is_change],
        "unchanged": [_same(each, called) for each in targets if not each.is_change],
        "rows": [
            (number, article, called.get(code, code) + (f" ({_read()})" if is_read else ""),
             money_ore(ore, currency, 2))
            for number, article, code, is_read, ore, currency in row.content["rows"][:SHOWN_ROWS]
        ],
        "row_count": len(row.content["rows"]),
        "unknown": [
            (each.row, each.article, money_ore(each.price_ore, each.currency, 2))
            for each in out.unknown[:SHOWN_ROWS]
        ],
        "unknown_count": out.unknown_rows,
        "bad": [
            (each.row, f"{each.column} · {each.header}", each.value, each.reason)
            for each in out.bad[:SHOWN_ROWS]
        ],
        "bad_count": out.bad_rows,
        "unused": out.unused,
        "other_currency": out.models_in_other_currency,
    }  # fmt: skip


def _read() -> str:
    return gettext("lest av artikkelnavnet")


def _names(session: Session, actor: Actor, targets: list[Target]) -> Mapping[str, str]:
    codes = {each.key for each in targets if not each.is_model}
    ids = [UUID(each.key) for each in targets if each.is_model]
    found = session.scalars(select(Category).where(Category.id.in_(codes)))
    models = session.execute(
        product_models_visible_to(actor)
        .with_only_columns(ProductModel.id, ProductModel.maker, ProductModel.name)
        .where(ProductModel.id.in_(ids))
    )
    return {each.id: category_name(each) for each in found} | {
        str(each.id): f"{each.maker} {each.name}" for each in models
    }


def _shown(each: Target, called: Mapping[str, str]) -> dict[str, Any]:
    """One price that changes, as it was and as it becomes."""
    before = each.before
    parts = [ngettext("%(num)s rad", "%(num)s rader", len(each.rows))]
    if each.read:
        parts.append(ngettext("%(num)s lest av artikkelnavnet", "%(num)s lest av artikkelnavnet",
                              each.read))  # fmt: skip
    return {
        "key": each.key,
        "name": called.get(each.key, each.key),
        "is_model": each.is_model,
        "price": money_exact(each.ore, each.currency),
        "range": (
            f"{money_ore(each.low, each.currency)} – {money_ore(each.high, each.currency)}"
            if each.low is not None and each.high is not None
            else None
        ),
        "before": money_ore(None)
        if before.ore is None
        else money_exact(before.ore, before.currency),
        "is_own": before.tier is not None or (each.is_model and before.ore is not None),
        "year": each.year,
        "source": each.source,
        "rows": ", ".join(parts),
    }


def _same(each: Target, called: Mapping[str, str]) -> tuple[str, str, int]:
    return called.get(each.key, each.key), money_ore(each.ore, each.currency, 2), each.year
