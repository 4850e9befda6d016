"""What is changed on one piece, on all pieces of the same registration."""

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.items import queries, service
from app.items.commands import Edit
from app.items.models import Item
from app.items.rules import PRESENT
from app.kit.errors import NotFound
from app.kit.i18n import N_


def edit_lot(session: Session, actor: Actor, command: Edit) -> list[Item]:
    """The piece, and what was changed on it on the others of its lot; where each is, stays.

    Raises what ``edit`` raises, and then no piece is changed.
    """
    actor.must(Permission.ITEM_EDIT)
    return service.edit(session, actor, [command, *_same_for_the_others(session, actor, command)])


def _same_for_the_others(session: Session, actor: Actor, command: Edit) -> list[Edit]:
    """Only what the editor changed: the others may differ in the rest."""
    piece = session.scalar(queries.items_visible_to(actor).where(Item.id == command.item_id))
    if piece is None:
        raise NotFound(N_("Fant ikke møbelet."))
    changed = {
        name: value
        for name, value in command.named().items()
        if getattr(piece, name) != value and name not in service.PLACED
    }
    if "measurements" in command.model_fields_set:
        measured = queries.measurements_of(session, actor, [piece.id]).get(piece.id, {})
        if command.measurements != measured:
            changed["measurements"] = command.measurements
    if not changed:
        return []
    others = session.execute(
        queries.items_visible_to(actor)
        .with_only_columns(Item.id, Item.version)
        .where(Item.lot_id == piece.lot_id, Item.id != piece.id)
        .where(Item.state.in_(sorted(PRESENT)))
    )
    return [Edit(item_id=row.id, version=row.version, **changed) for row in others]
