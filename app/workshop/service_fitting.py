"""What is said of a delivery, held to its order and to what its pieces weigh."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.disposals.queries import weights_of
from app.impact.queries import factors_of
from app.impact.rules import FulfilmentSource
from app.items.models import Donor, Item
from app.kit.clock import OSLO
from app.kit.db import clock_of
from app.kit.errors import Invalid
from app.kit.i18n import N_, gettext, mass_g
from app.workshop.commands import DeliverOrder, MaterialMass
from app.workshop.models import SupplierOrder
from app.workshop.rules import LEVELS, MAKING, SOURCE, TREATED

TOO_HEAVY = N_("Møblene veier %(whole)s til sammen. Du har ført %(entered)s.")


def require_fitting(
    session: Session,
    actor: Actor,
    order: SupplierOrder,
    command: DeliverOrder,
    items: Sequence[Item],
) -> None:
    """Raises ``Invalid`` at the fields."""
    _require_fields(session, order, command, items)
    _require_masses(session, actor, command, items)


def _require_fields(
    session: Session, order: SupplierOrder, command: DeliverOrder, items: Sequence[Item]
) -> None:
    today = clock_of(session).today()
    wrong: dict[str, str] = {}
    assert order.sent_at is not None  # a confirmed order has been sent
    if not order.sent_at.astimezone(OSLO).date() <= command.delivered_on <= today:
        wrong["delivered_on"] = N_("Datoen må være fra oppdraget ble sendt og til i dag.")
    on = {each.id for each in items}
    if set(command.dismantled_ids) - on or (command.dismantled_ids and order.work not in TREATED):
        wrong["dismantled_ids"] = N_("Velg blant møblene på oppdraget.")
    lost = set(command.not_returned_ids)
    if lost - on or lost & {*command.dismantled_ids, *(each.item_id for each in command.donors)}:
        wrong["not_returned_ids"] = N_(
            "Velg blant dem som verken er tatt fra hverandre eller brukt."
        )
    if command.received is not None and (
        order.work not in MAKING or command.received > order.quantity
    ):
        wrong["received"] = N_("Skriv hvor mange av de bestilte som kom.")
    if command.level is not None and command.level not in LEVELS.get(order.work, ()):
        wrong["level"] = N_("Velg det som passer til arbeidet.")
    is_building = SOURCE.get(order.work) is FulfilmentSource.REDESIGNED_FROM_SURPLUS
    if is_building and not command.donors:
        wrong["donors"] = N_("Skriv hvor mye av hvert donormøbel som er bygd inn.")
    if command.donors and (not is_building or {each.item_id for each in command.donors} - on):
        wrong["donors"] = N_("Velg blant møblene på oppdraget.")
    wrong |= _wrong_lists(session, command)
    if wrong:
        raise Invalid(by_field={name: gettext(text) for name, text in wrong.items()})


def _wrong_lists(session: Session, command: DeliverOrder) -> dict[str, str]:
    known = factors_of(session).factor_set.materials
    wrong = {}
    for name, parts in (("materials", command.materials), ("removed", command.removed)):
        if any(each.material not in known for each in parts):
            wrong[name] = N_("Velg et materiale fra listen.")
        if len({each.material for each in parts}) < len(parts):
            wrong[name] = N_("Samme materiale står flere ganger.")
    if len({each.fraction for each in command.offcuts}) < len(command.offcuts):
        wrong["offcuts"] = N_("Samme fraksjon står flere ganger.")
    return wrong


def _require_masses(
    session: Session, actor: Actor, command: DeliverOrder, items: Sequence[Item]
) -> None:
    """Nothing is taken off a piece, built in or cut away, that the pieces did not weigh."""
    weights = weights_of(session, actor, items, command.delivered_on)
    known = [each.mass_g for each in weights.values() if each.mass_g is not None]
    removed = grams_of(command.removed)
    if items and len(known) == len(items) and removed > min(known):
        text = N_("Møbelet veier %(whole)s. Du har ført %(entered)s.")
        said = gettext(text, whole=mass_g(min(known)), entered=mass_g(removed))
        raise Invalid(by_field={"removed": said})
    if not command.offcuts:
        return
    built_in = {each.item_id for each in command.donors}
    apart = set(command.dismantled_ids) or built_in or {each.id for each in items}
    whole = sum(weights[each].mass_g or 0 for each in apart if each in weights)
    whole -= _given_before(session, actor, built_in)
    entered = sum(each.mass_g for each in command.offcuts)
    entered += sum(each.built_in_g for each in command.donors)
    if entered > whole:
        said = gettext(TOO_HEAVY, whole=mass_g(whole), entered=mass_g(entered))
        raise Invalid(by_field={"offcuts": said})


def _given_before(session: Session, actor: Actor, donor_ids: Collection[UUID]) -> int:
    """Grams of the donors that were built into other pieces already."""
    given = session.scalar(
        select(func.sum(Donor.built_in_g)).where(
            Donor.org_id == actor.org_id, Donor.donor_id.in_(donor_ids)
        )
    )
    return int(given or 0)


def grams_of(parts: Sequence[MaterialMass]) -> int:
    return sum(each.mass_g for each in parts)
