"""Proposing, signing, delivering and withdrawing: the only way to ``disposed`` and ``recycled``."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.numbers import next_number
from app.accounts.rules import Permission
from app.disposals import queries
from app.disposals.events import (
    DisposalDecided,
    DisposalDelivered,
    DisposalProposed,
    DisposalWeighed,
    DisposalWithdrawn,
)
from app.disposals.models import Disposal, DisposalFraction, DisposalPiece
from app.disposals.rules import (
    MOST_PIECES,
    DisposalState,
    DisposalVerb,
    Fate,
    Fraction,
    Reason,
    fractions_of,
)
from app.handovers.service import ItemClaimed, ItemOnOffer
from app.handovers.service_aside import require_unplanned
from app.handovers.service_trips import require_unclaimed
from app.items.models import Item
from app.items.queries import codes_of, items_visible_to
from app.items.rules import MACHINE, ItemVerb
from app.items.service_lifecycle import ItemNotThere, leave, locked, restore
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.events import publish
from app.kit.i18n import N_, gettext
from app.kit.states import advance, allows
from app.kit.text import PRINTABLE, STRIPPED

__all__ = ["ItemClaimed", "ItemOnOffer"]

Words = Annotated[str, STRIPPED, Field(min_length=3, max_length=2000), PRINTABLE]
Receiver = Annotated[str, STRIPPED, Field(max_length=160), PRINTABLE]
Grams = Annotated[int, Field(ge=1, le=100_000_000)]

ITEM_VERB = {Fate.RECYCLE: ItemVerb.RECYCLE, Fate.DISPOSE: ItemVerb.DISPOSE}


class DisposalOver(Conflict):
    """It has been signed, delivered or withdrawn already; another came first."""

    title = N_("Vedtaket er ikke lenger slik at dette kan gjøres.")


class PieceOnDisposal(Conflict):
    title = N_("Møbelet står alt på et kassasjonsvedtak.")


class DisposalDeliveredAlready(Conflict):
    title = N_("Avfallet er levert, så vedtaket kan ikke omgjøres.")


class Command(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Propose(Command):
    """Pieces that should go out of use. ``not_offered_why`` is asked of those nobody was offered."""

    item_ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_PIECES)]
    fate: Fate
    reason: Reason
    reason_text: Words | None = None
    not_offered_why: Words | None = None
    receiver: Receiver | None = None


class FractionMass(Command):
    fraction: Fraction
    mass_g: Grams


class Weigh(Command):
    """The fractions as somebody entered them, instead of the calculated ones."""

    disposal_id: UUID
    fractions: Annotated[list[FractionMass], Field(min_length=1, max_length=len(Fraction))]


class Decide(Command):
    """The signature. ``receiver`` is who takes the waste; it must be known by now."""

    disposal_id: UUID
    receiver: Receiver | None = None


class Deliver(Command):
    disposal_id: UUID
    delivered_on: date


class Withdraw(Command):
    disposal_id: UUID
    why: Words


def propose(session: Session, actor: Actor, command: Propose) -> Disposal:
    """Nothing changes for the pieces until somebody signs.

    Raises ``Invalid`` at the field, and the conflicts of a piece that is reserved, on offer, on
    another decision or not there.
    """
    actor.must(Permission.ITEM_EDIT)
    items = locked(session, actor, command.item_ids, Permission.ITEM_EDIT)
    _require_free(session, actor, items, command.fate)
    today = clock_of(session).today()
    offers = queries.offers_of(session, actor, [each.id for each in items], today)
    _require_reasons(command, [each for each in items if not offers.get(each.id)])
    disposal = Disposal(
        id=new_id(),
        org_id=actor.org_id,
        number=next_number(session, actor.org_id, "disposal"),
        state=DisposalState.PROPOSED,
        **command.model_dump(exclude={"item_ids"}),
        person_id=actor.person_id,
        created_at=clock_of(session).now(),
    )
    session.add(disposal)
    session.flush()  # pieces and fractions refer to it
    weights = queries.weights_of(session, actor, items, today)
    labels = codes_of(session, actor, [each.id for each in items])
    pieces = [
        DisposalPiece(
            org_id=actor.org_id,
            disposal_id=disposal.id,
            item_id=item.id,
            name=item.name,
            code=labels.get(item.id),
            condition=item.condition,
            mass_g=weights[item.id].mass_g,
            is_mass_default=weights[item.id].is_default,
            offers=[each.frozen() for each in offers.get(item.id, ())],
        )
        for item in items
    ]
    try:
        with session.begin_nested():
            session.add_all(pieces)
    except IntegrityError as error:
        raise PieceOnDisposal from error
    sums: dict[Fraction, int] = {}
    for item in items:
        known = weights[item.id]
        for fraction, grams in fractions_of(known.mass_g or 0, known.shares, command.fate).items():
            sums[fraction] = sums.get(fraction, 0) + grams
    _set_fractions(session, actor, disposal, sums, is_entered=False)
    mass = sum(sums.values())
    told = DisposalProposed.of(disposal, actor.person_id, pieces=len(items), mass_g=mass)
    publish(session, [told])
    return disposal


def weigh(session: Session, actor: Actor, command: Weigh) -> Disposal:
    """Replaces the calculated fractions before the decision is signed."""
    actor.must(Permission.ITEM_EDIT)
    disposal = _locked(session, actor, command.disposal_id, {DisposalState.PROPOSED})
    _items(session, actor, disposal, Permission.ITEM_EDIT)
    sums: dict[Fraction, int] = {}
    for each in command.fractions:
        if each.fraction in sums:
            raise Invalid(by_field={"fractions": N_("Samme fraksjon står flere ganger.")})
        sums[each.fraction] = each.mass_g
    _set_fractions(session, actor, disposal, sums, is_entered=True)
    told = DisposalWeighed.of(disposal, actor.person_id, mass_g=sum(sums.values()))
    publish(session, [told])
    return disposal


def decide(session: Session, actor: Actor, command: Decide) -> Disposal:
    """Signs: the pieces are out of use, and the document stands as it is read then.

    Raises ``Invalid`` without a receiver of the waste, and the conflicts of a piece that somebody
    has been promised since.
    """
    actor.must(Permission.DISPOSAL_SIGN)
    disposal = _locked(session, actor, command.disposal_id, {DisposalState.PROPOSED})
    items = _items(session, actor, disposal, Permission.DISPOSAL_SIGN)
    receiver = command.receiver or disposal.receiver
    if not receiver:
        raise Invalid(by_field={"receiver": N_("Skriv hvem som tar imot avfallet.")})
    _require_free(session, actor, items, disposal.fate)
    now = clock_of(session).now()
    offers = queries.offers_of(
        session, actor, [each.id for each in items], clock_of(session).today()
    )
    pieces = list(session.scalars(queries.pieces_of(actor, [disposal.id])))
    by_id = {each.id: each for each in items}
    for piece in pieces:
        piece.offers = [each.frozen() for each in offers.get(piece.item_id, ())]
        piece.condition = by_id[piece.item_id].condition
    leave(session, actor, items, ITEM_VERB[disposal.fate])
    advance(
        session,
        [disposal],
        DisposalVerb.DECIDE,
        refused=DisposalOver,
        values={"receiver": receiver, "decided_by_id": actor.person_id, "decided_at": now},
    )
    fractions = list(session.scalars(queries.fractions_of(actor, [disposal.id])))
    told = DisposalDecided.of(
        disposal,
        actor.person_id,
        pieces=len(pieces),
        mass_g=sum(each.mass_g for each in fractions),
        document_sha256=disposal.sha256(pieces, fractions),
    )
    publish(session, [told])
    return disposal


def deliver(session: Session, actor: Actor, command: Deliver) -> Disposal:
    """The waste has been handed over. From now on nothing is taken back."""
    actor.must(Permission.ITEM_EDIT)
    disposal = _locked(session, actor, command.disposal_id, {DisposalState.DECIDED})
    _items(session, actor, disposal, Permission.ITEM_EDIT)
    today = clock_of(session).today()
    assert disposal.decided_at is not None  # it has been signed
    if not disposal.decided_at.date() <= command.delivered_on <= today:
        text = N_("Datoen må være fra vedtaket og til i dag.")
        raise Invalid(by_field={"delivered_on": gettext(text)})
    advance(
        session,
        [disposal],
        DisposalVerb.DELIVER,
        refused=DisposalOver,
        values={"delivered_by_id": actor.person_id, "delivered_on": command.delivered_on},
    )
    rows = session.scalars(queries.fractions_of(actor, [disposal.id]))
    mass = sum(each.mass_g for each in rows)
    publish(session, [DisposalDelivered.of(disposal, actor.person_id, mass_g=mass)])
    return disposal


def withdraw(session: Session, actor: Actor, command: Withdraw) -> Disposal:
    """A proposal is dropped, or a signed decision reversed while nothing was delivered.

    Who proposes may drop; only who may sign reverses. Raises ``DisposalDeliveredAlready``.
    """
    actor.must(Permission.ITEM_READ)
    either = {DisposalState.PROPOSED, DisposalState.DECIDED}
    disposal = _locked(session, actor, command.disposal_id, either)
    is_signed = disposal.state is DisposalState.DECIDED
    may = Permission.DISPOSAL_SIGN if is_signed else Permission.ITEM_EDIT
    actor.must(may)
    items = _items(session, actor, disposal, may)
    now = clock_of(session).now()
    pieces = list(session.scalars(queries.pieces_of(actor, [disposal.id])))
    for each in pieces:
        each.withdrawn_at = now
    if is_signed:
        restore(session, actor, items)
    values = {
        "withdrawn_by_id": actor.person_id,
        "withdrawn_at": now,
        "withdrawn_why": command.why,
    }
    advance(session, [disposal], DisposalVerb.WITHDRAW, refused=DisposalOver, values=values)
    publish(session, [DisposalWithdrawn.of(disposal, actor.person_id, pieces=len(pieces))])
    return disposal


def _locked(
    session: Session, actor: Actor, disposal_id: UUID, states: set[DisposalState]
) -> Disposal:
    """Raises ``NotFound``, ``DisposalDeliveredAlready`` or ``DisposalOver``."""
    query = queries.disposals_visible_to(actor).where(Disposal.id == disposal_id)
    locking = query.with_for_update(of=Disposal).execution_options(populate_existing=True)
    found = session.scalar(locking)
    if found is None:
        raise NotFound(N_("Fant ikke kassasjonsvedtaket."))
    if found.state is DisposalState.DELIVERED:
        raise DisposalDeliveredAlready(id=str(found.id))
    if found.state not in states:
        raise DisposalOver(id=str(found.id), state=found.state.value)
    return found


def _items(
    session: Session, actor: Actor, disposal: Disposal, permission: Permission
) -> list[Item]:
    """The decision's pieces, locked by id; the permission is held to each one's owner."""
    ids = [each.item_id for each in session.scalars(queries.pieces_of(actor, [disposal.id]))]
    query = items_visible_to(actor).where(Item.id.in_(ids)).order_by(Item.id)
    locking = query.with_for_update(of=Item).execution_options(populate_existing=True)
    items = list(session.scalars(locking))
    for item in items:
        actor.must(permission, unit=item.owner_unit_id)
    if len(items) < len(ids):
        raise ItemNotThere(id=str(disposal.id))
    return items


def _require_free(session: Session, actor: Actor, items: Sequence[Item], fate: Fate) -> None:
    for item in items:
        if not allows(MACHINE, item.state, ITEM_VERB[fate]):
            raise ItemNotThere(id=str(item.id), state=item.state.value)
    ids = [each.id for each in items]
    require_unclaimed(session, actor, ids)
    require_unplanned(session, actor, ids)


def _require_reasons(command: Propose, never_offered: Sequence[Item]) -> None:
    wrong = {}
    if command.reason is Reason.OTHER and not command.reason_text:
        wrong["reason_text"] = N_("Skriv hva grunnen er.")
    if never_offered and not command.not_offered_why:
        wrong["not_offered_why"] = N_("Skriv hvorfor det ikke har vært tilbudt noen.")
    if command.reason is Reason.NO_TAKER and never_offered:
        wrong["reason"] = N_("Noe av dette har aldri vært tilbudt noen. Velg en annen grunn.")
    if wrong:
        raise Invalid(by_field={name: gettext(text) for name, text in wrong.items()})


def _set_fractions(
    session: Session,
    actor: Actor,
    disposal: Disposal,
    sums: dict[Fraction, int],
    *,
    is_entered: bool,
) -> None:
    codes = queries.codes_of_waste(session, actor)
    session.execute(
        delete(DisposalFraction).where(
            DisposalFraction.org_id == actor.org_id, DisposalFraction.disposal_id == disposal.id
        )
    )
    session.add_all(
        DisposalFraction(
            org_id=actor.org_id,
            disposal_id=disposal.id,
            fraction=fraction,
            mass_g=grams,
            is_entered=is_entered,
            ns_code=codes[fraction][0].ns_code,
            eal_code=codes[fraction][0].eal_code,
        )
        for fraction, grams in sums.items()
    )
    session.flush()  # what is read of it next has these rows
