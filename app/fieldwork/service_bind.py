"""A scanned code gets its piece: a foreign code, or a blank label of ours."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.fieldwork.queries_found import Outcome, looked_up
from app.fieldwork.reading import ReadKind, identifier_of, read, spellings
from app.items import service, service_codes
from app.items.commands import Command, Identify, Name
from app.items.models import IdentifierKind, Item, ItemIdentifier
from app.items.queries import items_visible_to
from app.items.rules import PRESENT
from app.items.service_codes import TypedCode
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.i18n import N_, gettext
from app.places.models import Place


class NotAPiece(NotFound):
    title = N_("Etiketten sitter ikke på noe møbel hos dere.")


class IdentifierTaken(Conflict):
    """Another piece carries the foreign code; whoever sends it again may still bind it."""

    title = N_("Koden er alt knyttet til et annet møbel.")


class BindCode(Command):
    """A code that was scanned, and the piece by its label or by its id.

    ``kind`` is what kind of foreign code it is. Without it the text says so itself, and is a blank
    label where it is one of our codes. With ``only_if_free`` a foreign code that another piece has
    is refused, unless it is an EAN, which all pieces of a model share.
    """

    value: Name
    kind: IdentifierKind | None = None
    piece: TypedCode | None = None
    item_id: UUID | None = None
    only_if_free: bool = Field(default=False)


@dataclass(frozen=True, slots=True)
class Bound:
    """``kind`` is empty where it is a label of ours."""

    item_id: UUID
    kind: IdentifierKind | None
    value: str


def bind_code(session: Session, actor: Actor, command: BindCode) -> Bound:
    """The piece is found by this code from now on.

    Raises ``NotAPiece``, ``IdentifierTaken``, ``IdentifierThereAlready`` and, for a label, what
    ``service_codes.bind`` raises.
    """
    actor.must(Permission.ITEM_EDIT)
    item_id = _piece(session, actor, command)
    found = read(command.value)
    if command.kind is None and found.kind is ReadKind.PIECE:
        bind = service_codes.Bind(code=found.code, item_id=item_id)
        service_codes.bind(session, actor, [bind])
        return Bound(item_id, None, found.code)
    kind, value = identifier_of(found.text)
    if command.kind is not None:
        kind, value = command.kind, command.value
    if command.only_if_free and kind is not IdentifierKind.EAN:
        _must_be_free(session, actor, value, item_id)
    try:
        service.identify(session, actor, [Identify(item_id=item_id, kind=kind, value=value)])
    except service.IdentifierThereAlready:
        # Who could not look first hears nothing of it: the piece has the code, as it was to have.
        if not command.only_if_free:
            raise
    return Bound(item_id, kind, value)


def _piece(session: Session, actor: Actor, command: BindCode) -> UUID:
    if command.piece is not None:
        hit = looked_up(session, actor, read(command.piece))
        if hit.outcome is not Outcome.PIECE:
            raise NotAPiece
        found: UUID = hit.seen[0].item.id
        return found
    if command.item_id is None:
        raise Invalid(by_field={"piece": gettext(N_("Skann eller skriv koden på møbelet."))})
    return command.item_id


def _must_be_free(session: Session, actor: Actor, value: str, item_id: UUID) -> None:
    carriers = (
        select(ItemIdentifier.item_id)
        .where(ItemIdentifier.org_id == actor.org_id, ItemIdentifier.value.in_(spellings(value)))
        .where(ItemIdentifier.item_id != item_id)
        .scalar_subquery()
    )
    taken = session.execute(
        items_visible_to(actor)
        .with_only_columns(Item.id, Item.name, Place.label)
        .join(Place, (Place.org_id == Item.org_id) & (Place.id == Item.place_id))
        .where(Item.id.in_(carriers), Item.state.in_(sorted(PRESENT)))
        .order_by(Item.created_at.desc(), Item.id.desc())
        .limit(1)
    ).first()
    if taken is not None:
        raise IdentifierTaken(
            N_("Koden %(value)s sitter alt på %(name)s (%(place)s)."),
            values={"value": value, "name": taken.name, "place": taken.label},
            value=value,
            item_id=str(taken.id),
        )
