"""Every word that pieces which are written already are found by, read back from their rows."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.models import Category, ProductModel
from app.items.models import Code, ItemIdentifier
from app.items.things import piece_words
from app.items.words import own_words

Part = TypeVar("Part")

AT_ONCE = 500
SIDES = ("width_mm", "depth_mm", "height_mm")
_Model = tuple[str | None, tuple[int | None, ...]]
_NO_MODEL: _Model = (None, (None, None, None))


def words_by_piece(session: Session, items: Sequence[Any]) -> dict[UUID, tuple[str, ...]]:
    """Every word each piece is found by: its own texts, category, model, codes.

    Pieces are ``Item`` or rows with its columns of these names.
    """
    if not items:
        return {}
    categories = {
        key: tuple(names)
        for key, *names in session.execute(
            select(Category.id, Category.name_nb, Category.name_sv, Category.name_en)
        )
    }
    model_ids = {item.product_model_id for item in items if item.product_model_id is not None}
    models: dict[UUID, _Model] = {}
    for some in parted(list(model_ids)):
        for key, maker, name, *sides in session.execute(
            select(
                ProductModel.id,
                ProductModel.maker,
                ProductModel.name,
                *(getattr(ProductModel, side) for side in SIDES),
            ).where(ProductModel.id.in_(some))
        ):
            models[key] = f"{maker} {name}", tuple(sides)
    single = _own_words(session, [item.id for item in items])
    found: dict[UUID, tuple[str, ...]] = {}
    for item in items:
        made, others = models.get(item.product_model_id, _NO_MODEL)
        texts = (item.maker, item.model, item.colour, item.material)
        shared = piece_words(
            item.category_id,
            item.name,
            (*texts, *categories.get(item.category_id, ()), made),
            tuple(getattr(item, side) or other for side, other in zip(SIDES, others, strict=True)),
        )
        found[item.id] = (*shared, *single.get(item.id, ()))
    return found


def _own_words(session: Session, item_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Words that no other piece has: label codes and foreign codes."""
    labels: dict[UUID, list[str]] = defaultdict(list)
    foreign: dict[UUID, list[str]] = defaultdict(list)
    for some in parted(item_ids):
        for item_id, code in session.execute(
            select(Code.item_id, Code.code).where(Code.item_id.in_(some))
        ):
            if item_id is not None:
                labels[item_id].append(code)
        for item_id, value in session.execute(
            select(ItemIdentifier.item_id, ItemIdentifier.value).where(
                ItemIdentifier.item_id.in_(some)
            )
        ):
            foreign[item_id].append(value)
    return {
        each: own_words(labels.get(each, ()), foreign.get(each, ()))
        for each in labels.keys() | foreign.keys()
    }


def parted(every: Sequence[Part]) -> Iterator[Sequence[Part]]:
    return (every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE))
