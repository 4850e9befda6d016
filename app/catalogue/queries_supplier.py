"""Suppliers with their agreements, and who is asked first."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.models_supplier import AgreedPrice, FrameworkAgreement, Supplier
from app.catalogue.rules import Work
from app.kit.errors import NotFound
from app.kit.i18n import N_


def suppliers_visible_to(actor: Actor) -> Select[Supplier]:
    return select(Supplier).where(Supplier.org_id == actor.org_id)


def agreements_visible_to(actor: Actor) -> Select[FrameworkAgreement]:
    return select(FrameworkAgreement).where(FrameworkAgreement.org_id == actor.org_id)


def agreements_of(actor: Actor, supplier_ids: Collection[UUID]) -> Select[FrameworkAgreement]:
    """The newest first."""
    return (
        agreements_visible_to(actor)
        .where(FrameworkAgreement.supplier_id.in_(supplier_ids))
        .order_by(FrameworkAgreement.valid_until.desc(), FrameworkAgreement.work)
        .order_by(FrameworkAgreement.id)
    )


def prices_of(actor: Actor, agreement_ids: Collection[UUID]) -> Select[AgreedPrice]:
    return (
        select(AgreedPrice)
        .where(
            AgreedPrice.org_id == actor.org_id,
            AgreedPrice.framework_agreement_id.in_(agreement_ids),
        )
        .order_by(AgreedPrice.framework_agreement_id, AgreedPrice.position)
    )


def ranked(session: Session, actor: Actor, work: Work, on: date) -> dict[UUID, FrameworkAgreement]:
    """Supplier → the agreement that ranks it for this work on the day, the first-ranked first."""
    found = session.scalars(
        agreements_visible_to(actor)
        .join(
            Supplier,
            (Supplier.org_id == FrameworkAgreement.org_id)
            & (Supplier.id == FrameworkAgreement.supplier_id),
        )
        .where(
            FrameworkAgreement.work == work,
            FrameworkAgreement.valid_from <= on,
            FrameworkAgreement.valid_until >= on,
            Supplier.ended_on.is_(None),
        )
        .order_by(FrameworkAgreement.rank, FrameworkAgreement.id)
    )
    first: dict[UUID, FrameworkAgreement] = {}
    for each in found:
        first.setdefault(each.supplier_id, each)
    return first


def reference_of(
    session: Session, actor: Actor, work: Work, supplier_id: UUID | None, on: date
) -> str | None:
    """The agreement that the supplier did this work by on the day, also one of an ended supplier."""
    return session.scalar(
        agreements_visible_to(actor)
        .where(
            FrameworkAgreement.supplier_id == supplier_id,
            FrameworkAgreement.work == work,
            FrameworkAgreement.valid_from <= on,
            FrameworkAgreement.valid_until >= on,
        )
        .order_by(FrameworkAgreement.rank, FrameworkAgreement.id)
        .with_only_columns(FrameworkAgreement.reference)
        .limit(1)
    )


def supplier_of(session: Session, actor: Actor, supplier_id: UUID) -> Supplier:
    """Raises ``NotFound`` for another organisation's as for none."""
    found = session.scalar(suppliers_visible_to(actor).where(Supplier.id == supplier_id))
    if found is None:
        raise NotFound(N_("Fant ikke leverandøren."))
    return found


def supplier_choices(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """``(id, name)`` of those who can be asked, for a select."""
    rows = session.execute(
        suppliers_visible_to(actor)
        .where(Supplier.ended_on.is_(None))
        .with_only_columns(Supplier.id, Supplier.name)
        .order_by(Supplier.name)
    )
    return [(str(supplier_id), name) for supplier_id, name in rows]
