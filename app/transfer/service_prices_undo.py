"""A price list is taken back: each price that it set and nobody has set since is as it was before.

What was booked with its prices stays, as it does when a price is changed by hand.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.catalogue.models import ProductModel
from app.catalogue.queries import product_models_visible_to
from app.catalogue.service import EditModel, edit_model
from app.impact.commands import SetOverride, WithdrawOverride
from app.impact.models_own import FactorOverride
from app.impact.queries_own import newest_overrides
from app.impact.rules import FactorKind, Tier
from app.impact.service_own import set_overrides, withdraw_overrides
from app.kit.db import changed_rows, clock_of
from app.kit.errors import Conflict
from app.kit.events import publish
from app.kit.i18n import N_, gettext
from app.transfer.events import PriceListUndone
from app.transfer.models_prices import PriceList
from app.transfer.price_plan import Target
from app.transfer.service_prices import PriceListCommand, list_of, targets_of

REASON = N_("Prislisten «%(name)s» er tatt tilbake.")


class PricesNotInUse(Conflict):
    title = N_("Prisene i listen er ikke i bruk.")


class PricesChangedSince(Conflict):
    title = N_("Alle prisene fra listen er endret siden.")


class UndoPrices(PriceListCommand):
    """Takes the list's prices back."""


class Undone(NamedTuple):
    """How many own prices of categories and prices of models are as before; ``left`` were set since."""

    categories: int
    models: int
    left: int


def undo_prices(
    session: Session, actor: Actor, commands: Sequence[UndoPrices]
) -> list[tuple[PriceList, Undone]]:
    """Once for each list.

    Raises ``PricesNotInUse``, ``PricesChangedSince`` where nothing is left to take back, and
    ``Stale`` where a price is set at the same moment.
    """
    actor.must_everywhere(Permission.MODEL_EDIT)
    return [_undone(session, actor, each.price_list_id) for each in commands]


def _undone(session: Session, actor: Actor, price_list_id: UUID) -> tuple[PriceList, Undone]:
    row = list_of(session, actor, price_list_id)
    claimed = session.execute(
        update(PriceList)
        .where(PriceList.org_id == actor.org_id, PriceList.id == row.id)
        .where(PriceList.applied_at.is_not(None), PriceList.undone_at.is_(None))
        .values(undone_at=clock_of(session).now())
        .execution_options(synchronize_session=False)
    )
    if changed_rows(claimed) != 1:
        raise PricesNotInUse
    changes = [each for each in targets_of(row) if each.is_change]
    categories = _categories(session, actor, row, [each for each in changes if not each.is_model])
    models = _models(session, actor, [each for each in changes if each.is_model])
    undone = Undone(sum(categories), sum(models), categories.count(False) + models.count(False))
    if not undone.categories + undone.models:
        raise PricesChangedSince
    session.refresh(row)
    told = {"categories": undone.categories, "models": undone.models}
    publish(session, [PriceListUndone.of(row, actor.person_id, **told)])
    return row, undone


def _categories(
    session: Session, actor: Actor, row: PriceList, targets: Sequence[Target]
) -> list[bool]:
    """Of each price that the list set whether it is taken back; what it left out is not among them."""
    newest = newest_overrides(session, actor.org_id)
    earlier = _versions(session, actor, [each.key for each in targets])
    reason = gettext(REASON, name=row.file_name)
    set_again: list[SetOverride] = []
    withdrawn: list[WithdrawOverride] = []
    found: list[bool] = []
    for each in targets:
        mine = earlier.get((each.key, each.before.version + 1))
        if mine is None or mine.factor_document_id != row.factor_document_id:
            continue
        now = newest[each.key, FactorKind.PRICE]
        found.append(now.id == mine.id)
        if now.id != mine.id:
            continue
        before = earlier.get((each.key, each.before.version))
        if before is None or before.value is None:
            withdrawn.append(WithdrawOverride(**_of(now, reason)))
        else:
            set_again.append(_as_before(before, _of(now, reason)))
    if set_again:
        set_overrides(session, actor, set_again)
    if withdrawn:
        withdraw_overrides(session, actor, withdrawn)
    return found


def _versions(
    session: Session, actor: Actor, codes: Sequence[str]
) -> Mapping[tuple[str, int], FactorOverride]:
    query = select(FactorOverride).where(
        FactorOverride.org_id == actor.org_id,
        FactorOverride.kind == FactorKind.PRICE,
        FactorOverride.category_id.in_(codes),
    )
    return {(each.category_id, each.number): each for each in session.scalars(query)}


def _of(now: FactorOverride, reason: str) -> dict[str, Any]:
    return {
        "category_id": now.category_id,
        "kind": FactorKind.PRICE,
        "version": now.number,
        "reason": reason,
    }


def _as_before(before: FactorOverride, of: Mapping[str, Any]) -> SetOverride:
    return SetOverride(
        **of,
        value=before.value,
        low=before.low,
        high=before.high,
        tier=before.tier or Tier.T3,
        source=before.source or "",
        currency=before.currency,
        price_year=before.price_year,
        document_id=before.factor_document_id,
    )


def _models(session: Session, actor: Actor, targets: Sequence[Target]) -> list[bool]:
    """A model has no versions of its price: one that is the list's own is taken for the list's."""
    query = product_models_visible_to(actor).where(
        ProductModel.id.in_([UUID(each.key) for each in targets])
    )
    models = {str(each.id): each for each in session.scalars(query)}
    commands, found = [], []
    for each in targets:
        now = models.get(each.key)
        if now is None:
            continue
        is_own = (now.new_price_ore, now.price_year, now.price_source) == (
            each.ore,
            each.year,
            each.source,
        )
        found.append(is_own)
        if is_own:
            commands.append(
                EditModel(
                    product_model_id=now.id,
                    version=now.version,
                    new_price_ore=each.before.ore,
                    price_year=each.before.year,
                    price_source=each.before.source or None,
                )
            )
    if commands:
        edit_model(session, actor, commands)
    return found
