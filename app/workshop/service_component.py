"""Parts with a code of their own: a top on a frame. They go where the whole goes, and earn nothing.

D7 of the savings method: what is handed over and counted is the whole, whose mass holds its parts.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.disposals.queries import weights_of
from app.handovers.service_trips import require_unclaimed
from app.items.events import (
    ItemDismantled,
    ItemEdited,
    ItemGivenBack,
    ItemLeft,
    ItemMoved,
    ItemPickedUp,
    ItemReceived,
    ItemReturned,
)
from app.items.models import Item
from app.items.service_lifecycle import ItemNotThere, locked
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid
from app.kit.events import change, publish, revise, subjects
from app.kit.i18n import N_, gettext, mass_g
from app.workshop.commands import AttachPart, DetachPart, SwapPart
from app.workshop.queries import parts_of
from app.workshop.service import HERE


class PartIsOn(Conflict):
    title = N_("Delen sitter på et møbel. Ta den av først.")


class WholeHasParts(Conflict):
    title = N_("Møbelet har deler med egen kode. Ta dem av først.")


class PartIsOff(Conflict):
    title = N_("Delen sitter ikke på noe møbel.")


def attach_part(session: Session, actor: Actor, command: AttachPart) -> Item:
    """The part is on the whole, and moves with it. Raises ``Invalid`` where it could not fit."""
    actor.must(Permission.ITEM_EDIT)
    if command.item_id == command.parent_id:
        raise Invalid(by_field={"item_id": N_("Et møbel kan ikke sitte på seg selv.")})
    ids = [command.item_id, command.parent_id]
    part, whole = locked(session, actor, ids, Permission.ITEM_EDIT)
    _attach(session, actor, part, whole)
    return part


def detach_part(session: Session, actor: Actor, command: DetachPart) -> Item:
    """The part is a piece by itself again, where the whole stands."""
    actor.must(Permission.ITEM_EDIT)
    (part,) = locked(session, actor, [command.item_id], Permission.ITEM_EDIT)
    _detach(session, actor, part)
    return part


def swap_part(session: Session, actor: Actor, command: SwapPart) -> Item:
    """Another part in the place of one: both or neither."""
    actor.must(Permission.ITEM_EDIT)
    if command.item_id == command.new_item_id:
        raise Invalid(by_field={"new_item_id": N_("Velg en annen del.")})
    ids = [command.item_id, command.new_item_id]
    old, new = locked(session, actor, ids, Permission.ITEM_EDIT)
    if old.parent_id is None:
        raise PartIsOff(id=str(old.id))
    (whole,) = locked(session, actor, [old.parent_id], Permission.ITEM_EDIT)
    _detach(session, actor, old)
    _attach(session, actor, new, whole, field="new_item_id")
    return new


def keep_on(session: Session, events: Sequence[ItemPickedUp | ItemDismantled | ItemLeft]) -> None:
    """A part goes nowhere without its whole, and a whole ends only without its parts."""
    ends = [each for each in events if not isinstance(each, ItemPickedUp)]
    for org_id, item_ids in subjects(events).items():
        on = select(Item.id).where(
            Item.org_id == org_id, Item.id.in_(item_ids), Item.parent_id.is_not(None)
        )
        if found := session.scalar(on.limit(1)):
            raise PartIsOn(id=str(found))
    for org_id, item_ids in subjects(ends).items():
        if part := session.scalar(parts_of(org_id, item_ids).limit(1)):
            raise WholeHasParts(id=str(part.parent_id))


def follow(
    session: Session,
    events: Sequence[ItemMoved | ItemReceived | ItemReturned | ItemGivenBack],
) -> None:
    """Parts are where their whole is, and whose it is."""
    by = {each.subject_id: each.person_id for each in events}
    for org_id, item_ids in subjects(events).items():
        parts = list(session.scalars(parts_of(org_id, item_ids)))
        if not parts:
            continue
        query = select(Item).where(Item.org_id == org_id, Item.id.in_(item_ids))
        wholes = {each.id: each for each in session.scalars(query)}
        told = []
        for part in parts:
            assert part.parent_id is not None  # it was found by it
            whole = wholes[part.parent_id]
            names = ("owner_unit_id", "holder_unit_id", "place_id")
            changes = change(part, {name: getattr(whole, name) for name in names})
            if changes:
                place_id, unit_id = part.place_id, part.holder_unit_id
                person_id = by[whole.id]
                event = ItemMoved.of(part, person_id, place_id=place_id, unit_id=unit_id)
                told.append((event, changes))
        publish(session, [event for event, _ in told])
        revise(session, told)


def _attach(
    session: Session, actor: Actor, part: Item, whole: Item, field: str = "item_id"
) -> None:
    for each in (part, whole):
        if each.state not in HERE:
            raise ItemNotThere(id=str(each.id), state=each.state.value)
        if each.parent_id is not None:
            raise PartIsOn(id=str(each.id))
    others = list(session.scalars(parts_of(actor.org_id, [whole.id])))
    if session.scalar(parts_of(actor.org_id, [part.id]).limit(1)) is not None:
        raise WholeHasParts(id=str(part.id))
    require_unclaimed(session, actor, [part.id])
    _require_mass(session, actor, part, whole, others, field)
    names = ("owner_unit_id", "holder_unit_id", "place_id")
    _change(session, actor, part, whole.id, {name: getattr(whole, name) for name in names})


def _detach(session: Session, actor: Actor, part: Item) -> None:
    if part.parent_id is None:
        raise PartIsOff(id=str(part.id))
    _change(session, actor, part, None, {})


def _change(
    session: Session, actor: Actor, part: Item, parent_id: UUID | None, placed: dict[str, UUID]
) -> None:
    changes = change(part, {"parent_id": parent_id, **placed})
    event = ItemEdited.of(part, actor.person_id)
    publish(session, [event])
    revise(session, [(event, changes)])


def _require_mass(
    session: Session, actor: Actor, part: Item, whole: Item, others: Sequence[Item], field: str
) -> None:
    """D7: the parts never weigh more than the whole, which holds them."""
    weights = weights_of(session, actor, [part, whole, *others], clock_of(session).today())
    most = weights[whole.id].mass_g
    parts = [weights[each.id].mass_g for each in (part, *others)]
    if most is None or any(each is None for each in parts):
        raise Invalid(by_field={field: N_("Vekten er ukjent. Skriv den inn på møblene først.")})
    weighed = sum(each or 0 for each in parts)
    if weighed > most:
        text = N_("Møbelet veier %(whole)s, og delene veier %(parts)s til sammen.")
        said = gettext(text, whole=mass_g(most), parts=mass_g(weighed))
        raise Invalid(by_field={field: said})
