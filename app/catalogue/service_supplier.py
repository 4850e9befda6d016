"""Suppliers and their framework agreements: registered, edited, ranked, with their prices."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.catalogue.events_supplier import AgreementMade, SupplierEdited, SupplierRegistered
from app.catalogue.models_supplier import AgreedPrice, FrameworkAgreement, Supplier
from app.catalogue.queries_supplier import agreements_visible_to, suppliers_visible_to
from app.catalogue.rules import Work
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound, Stale
from app.kit.events import change, publish, revise
from app.kit.i18n import N_
from app.kit.text import PRINTABLE, STRIPPED, Line, Name, ShortText

MOST_PRICES = 200
LongText = Annotated[str, STRIPPED, Field(max_length=2000), PRINTABLE]
Ore = Annotated[int, Field(ge=0, le=10_000_000_000)]


class SupplierTaken(Conflict):
    title = N_("Det finnes alt en leverandør med dette navnet.")


class Command(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SupplierFields(Command):
    name: Name
    org_number: ShortText | None = None
    contact: Name | None = None
    email: Line | None = None
    phone: ShortText | None = None
    note: LongText | None = None


class RegisterSupplier(SupplierFields):
    """Somebody to order from."""


class EditSupplier(SupplierFields):
    """All fields as they are to be; with ``is_ended`` nothing more is ordered there."""

    supplier_id: UUID
    version: int
    is_ended: bool = False


class PriceLine(Command):
    what: Line
    price_ore: Ore


class MakeAgreement(Command):
    """An agreement as it is to stand; with ``framework_agreement_id`` instead of what it was."""

    supplier_id: UUID
    framework_agreement_id: UUID | None = None
    work: Work
    reference: Name
    rank: int = Field(ge=1, le=99)
    valid_from: date
    valid_until: date
    prices: Annotated[list[PriceLine], Field(max_length=MOST_PRICES)] = Field(default_factory=list)


def register_supplier(session: Session, actor: Actor, command: RegisterSupplier) -> Supplier:
    """Raises ``SupplierTaken``."""
    actor.must(Permission.SUPPLIER_ORDER)
    supplier = Supplier(
        id=new_id(),
        org_id=actor.org_id,
        created_at=clock_of(session).now(),
        **command.model_dump(),
    )
    try:
        with session.begin_nested():
            session.add(supplier)
            session.flush()  # the unique index must answer inside the savepoint
    except IntegrityError as error:
        raise SupplierTaken from error
    publish(session, [SupplierRegistered.of(supplier, actor.person_id)])
    return supplier


def edit_supplier(session: Session, actor: Actor, command: EditSupplier) -> Supplier:
    """Raises ``NotFound``, ``Stale``, ``SupplierTaken``."""
    actor.must(Permission.SUPPLIER_ORDER)
    supplier = _locked(session, actor, command.supplier_id)
    if supplier.version != command.version:
        raise Stale(version=supplier.version)
    values = command.model_dump(exclude={"supplier_id", "version", "is_ended"})
    today = clock_of(session).today()
    values["ended_on"] = (supplier.ended_on or today) if command.is_ended else None
    changes = change(supplier, values)
    try:
        with session.begin_nested():
            session.flush()  # the unique index must answer inside the savepoint
    except IntegrityError as error:
        raise SupplierTaken from error
    if changes:
        event = SupplierEdited.of(supplier, actor.person_id)
        publish(session, [event])
        revise(session, [(event, changes)])
    return supplier


def make_agreement(session: Session, actor: Actor, command: MakeAgreement) -> FrameworkAgreement:
    """One supplier has a rank at a time. Raises ``NotFound`` and ``Invalid``."""
    actor.must(Permission.SUPPLIER_ORDER)
    supplier = _locked(session, actor, command.supplier_id)
    if command.valid_until < command.valid_from:
        raise Invalid(by_field={"valid_until": N_("Siste dag må komme etter første dag.")})
    _require_rank(session, actor, command)
    values = command.model_dump(include={"work", "reference", "rank", "valid_from", "valid_until"})
    if command.framework_agreement_id is None:
        agreement = FrameworkAgreement(
            id=new_id(),
            org_id=actor.org_id,
            supplier_id=supplier.id,
            created_at=clock_of(session).now(),
            **values,
        )
        session.add(agreement)
    else:
        agreement = _own(session, actor, command.framework_agreement_id, supplier)
        change(agreement, values)
    session.flush()  # its row before its prices
    session.execute(
        delete(AgreedPrice).where(
            AgreedPrice.org_id == actor.org_id,
            AgreedPrice.framework_agreement_id == agreement.id,
        )
    )
    session.add_all(
        AgreedPrice(
            org_id=actor.org_id,
            framework_agreement_id=agreement.id,
            position=position,
            what=each.what,
            price_ore=each.price_ore,
        )
        for position, each in enumerate(command.prices, 1)
    )
    session.flush()  # what is read of it next has these rows
    told = AgreementMade.of(
        supplier,
        actor.person_id,
        framework_agreement_id=agreement.id,
        work=command.work,
        rank=command.rank,
        valid_until=command.valid_until,
        prices=len(command.prices),
    )
    publish(session, [told])
    return agreement


def _require_rank(session: Session, actor: Actor, command: MakeAgreement) -> None:
    taken = (
        agreements_visible_to(actor)
        .where(
            FrameworkAgreement.work == command.work,
            FrameworkAgreement.rank == command.rank,
            FrameworkAgreement.valid_from <= command.valid_until,
            FrameworkAgreement.valid_until >= command.valid_from,
        )
        .limit(1)
    )
    if command.framework_agreement_id is not None:
        taken = taken.where(FrameworkAgreement.id != command.framework_agreement_id)
    if session.scalar(taken) is not None:
        text = N_("En annen avtale for samme arbeid har denne plassen i perioden.")
        raise Invalid(by_field={"rank": text})


def _locked(session: Session, actor: Actor, supplier_id: UUID) -> Supplier:
    query = suppliers_visible_to(actor).where(Supplier.id == supplier_id)
    locking = query.with_for_update(of=Supplier).execution_options(populate_existing=True)
    found = session.scalar(locking)
    if found is None:
        raise NotFound(N_("Fant ikke leverandøren."))
    return found


def _own(
    session: Session, actor: Actor, agreement_id: UUID, supplier: Supplier
) -> FrameworkAgreement:
    found = session.scalar(
        agreements_visible_to(actor).where(
            FrameworkAgreement.id == agreement_id,
            FrameworkAgreement.supplier_id == supplier.id,
        )
    )
    if found is None:
        raise NotFound(N_("Fant ikke rammeavtalen."))
    return found
