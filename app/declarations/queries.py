"""Declarations an actor may see, and those that count for pieces and models."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.declarations.events import DeclarationApplied
from app.declarations.models import Declaration, DeclarationFile
from app.impact.rules import Epd, Tier
from app.kit.errors import NotFound
from app.kit.i18n import N_

IDS_A_QUERY = 5_000
NEWEST_FIRST = ((Declaration.created_at.expression, True), (Declaration.id.expression, True))


def declarations_visible_to(actor: Actor) -> Select[Declaration]:
    """Ended ones too."""
    return select(Declaration).where(Declaration.org_id == actor.org_id)


def declaration_files_visible_to(actor: Actor) -> Select[DeclarationFile]:
    return select(DeclarationFile).where(DeclarationFile.org_id == actor.org_id)


def file_of(session: Session, actor: Actor, file_id: UUID) -> DeclarationFile:
    """Raises ``NotFound``."""
    query = declaration_files_visible_to(actor).where(DeclarationFile.id == file_id)
    found = session.scalar(query)
    if found is None:
        raise NotFound(N_("Fant ikke filen."))
    return found


def declaration_of(session: Session, actor: Actor, declaration_id: UUID) -> Declaration:
    """Raises ``NotFound``."""
    query = declarations_visible_to(actor).where(Declaration.id == declaration_id)
    found = session.scalar(query)
    if found is None:
        raise NotFound(N_("Fant ikke miljødeklarasjonen."))
    return found


def holding(
    session: Session, org_id: UUID, item_ids: Collection[UUID], model_ids: Collection[UUID]
) -> dict[UUID, Declaration]:
    """The declarations that count now, by the piece or product model they are for."""
    found: dict[UUID, Declaration] = {}
    for column, ids in (
        (Declaration.item_id, list(item_ids)),
        (Declaration.product_model_id, list(model_ids)),
    ):
        for start in range(0, len(ids), IDS_A_QUERY):
            query = select(Declaration).where(
                Declaration.org_id == org_id,
                Declaration.ended_at.is_(None),
                column.in_(ids[start : start + IDS_A_QUERY]),
            )
            for each in session.scalars(query):
                target = each.item_id or each.product_model_id
                assert target is not None  # the table says so
                found[target] = each
    return found


def epd_of(row: Declaration) -> Epd:
    """The declaration as the calculation takes it."""
    return Epd(
        gwp_g=row.gwp_g,
        source=f"EPD {row.number}, {row.indicator}",
        valid_until=row.valid_until,
        mass_g=row.mass_g,
        delivery_g=row.delivery_g,
        end_of_life_g=row.end_of_life_g,
        relative_deviation=row.relative_deviation,
    )


def tier_of(row: Declaration, day: date) -> Tier:
    """What the declaration is worth on a day (savings method, section 10): T2 once it has run out."""
    return tier_at(row.valid_until, day)


def tier_at(valid_until: date | None, day: date) -> Tier:
    """As ``tier_of``, also of a declaration that was typed into a product model."""
    return Tier.T1 if valid_until is not None and day <= valid_until else Tier.T2


def told_of(row: Declaration, file: DeclarationFile) -> DeclarationApplied:
    """The event that a declaration is told by; ``omlop verify`` asks for it again."""
    return DeclarationApplied.of(
        row,
        row.person_id,
        declaration_file_id=row.declaration_file_id,
        file_sha256=file.sha256,
        product_model_id=row.product_model_id,
        item_id=row.item_id,
        gwp_g=format(row.gwp_g, "f"),
        row_sha256=row.sha256(),
    )
