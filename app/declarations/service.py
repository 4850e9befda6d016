"""Keeps declarations' files, and applies what they say to a product model or a piece.

A file is stored first and its row written second. Nothing read is changed: another declaration for
the same model or piece ends the one before it.
"""

import hashlib
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.catalogue.models import Category, ProductModel
from app.catalogue.queries import product_models_visible_to
from app.declarations.commands import ApplyDeclaration, EndDeclaration
from app.declarations.events import DeclarationEnded
from app.declarations.filling import empty, fill
from app.declarations.models import Declaration, DeclarationFile
from app.declarations.queries import (
    declaration_of,
    declarations_visible_to,
    file_of,
    told_of,
)
from app.declarations.rules import DeclarationRefused, Reading, decided
from app.items.models import Item
from app.items.queries import items_visible_to
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, Stale
from app.kit.events import publish
from app.kit.files import Files
from app.kit.i18n import N_, gettext
from app.kit.text import sayable

_SUFFIXES = {
    b"PK": ("zip", "application/zip"),
    b"{": ("json", "application/json"),
}
_XML = ("xml", "application/xml")


class DeclarationOver(Conflict):
    title = N_("Miljødeklarasjonen teller ikke lenger.")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that lies in the store, and has no row yet."""

    name: str
    form: str
    key: str
    media_type: str
    sha256: str
    byte_count: int


def refusal(error: DeclarationRefused, field: str = "file") -> Invalid:
    """As a message at the field, with the number of the rule."""
    text = gettext(error.text) % error.values if error.values else gettext(error.text)
    if error.rule:
        numbered = gettext(N_("Regel %(rule)s: %(text)s"))
        text = numbered.replace("%(rule)s", str(error.rule)).replace("%(text)s", text)
    return Invalid(by_field={field: text}, rule=error.rule)


def kept(files: Files, actor: Actor, name: str, content: bytes, reading: Reading) -> Kept:
    """Stores the file under its content."""
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:2]
    suffix, media_type = next(
        (found for mark, found in _SUFFIXES.items() if start.startswith(mark)), _XML
    )
    return Kept(
        name=sayable(name)[-120:].strip() or suffix,
        form=reading.form,
        key=files.put(actor.org_id, content, suffix),
        media_type=media_type,
        sha256=hashlib.sha256(content).hexdigest(),
        byte_count=len(content),
    )


def add_file(session: Session, actor: Actor, stored: Kept) -> DeclarationFile:
    actor.must(Permission.MODEL_EDIT)
    row = DeclarationFile(
        id=new_id(),
        org_id=actor.org_id,
        name=stored.name,
        form=stored.form,
        key=stored.key,
        media_type=stored.media_type,
        sha256=stored.sha256,
        byte_count=stored.byte_count,
        person_id=actor.person_id,
        created_at=clock_of(session).now(),
    )
    session.add(row)
    session.flush()
    return row


def apply_declaration(
    session: Session, actor: Actor, command: ApplyDeclaration, reading: Reading
) -> Declaration:
    """What was read counts for the model or the piece from now on.

    ``reading`` is of the command's file. Raises ``Invalid`` with the number of the rule, and
    ``Stale`` when somebody has applied another in the same moment.
    """
    actor.must(Permission.MODEL_EDIT)
    file = file_of(session, actor, command.declaration_file_id)
    model, item = _target(session, actor, command)
    category = session.get_one(Category, model.category_id if model else item.category_id)  # type: ignore[union-attr]
    known = model.mass_g if model else item.mass_g  # type: ignore[union-attr]
    try:
        found = decided(reading, command.answers, category.amount_unit.value, known)
    except DeclarationRefused as error:
        raise refusal(error, _FIELDS.get(error.rule, "")) from error
    earlier = _end_earlier(session, actor, command)
    row = Declaration(
        id=new_id(),
        org_id=actor.org_id,
        declaration_file_id=file.id,
        product_model_id=command.product_model_id,
        item_id=command.item_id,
        name=reading.name or file.name,
        number=reading.number or file.sha256[:12],
        indicator=found.indicator,
        amount_unit=category.amount_unit,
        gwp_g=found.gwp_g,
        mass_g=found.mass_g,
        delivery_g=found.delivery_g,
        end_of_life_g=found.end_of_life_g,
        relative_deviation=found.relative_deviation,
        service_life_months=found.service_life_months,
        issued_on=reading.issued_on,
        valid_until=found.valid_until,
        answers=command.model_dump(
            mode="json", include={"no_wood", "outside", "scenarios", "pieces", "packaging_kg"}
        ),
        program_operator=reading.program_operator or None,
        owner=reading.owner or None,
        declared_quantity=reading.quantity,
        declared_unit=reading.unit,
        person_id=actor.person_id,
        created_at=clock_of(session).now(),
        replaced=None,
        ended_at=None,
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()  # of two at once the second meets the first's
    except IntegrityError as error:
        raise Stale from error
    if model is not None:
        fill(session, actor, model, row, earlier)
    publish(session, [told_of(row, file)])
    return row


_FIELDS = {1: "no_wood", 3: "pieces", 5: "packaging_kg", 7: "outside", 0: "scenarios"}
"""Where the page asks what a rule wants to know."""


def _target(
    session: Session, actor: Actor, command: ApplyDeclaration
) -> tuple[ProductModel | None, Item | None]:
    if command.product_model_id is not None:
        models = product_models_visible_to(actor).where(ProductModel.id == command.product_model_id)
        model = session.scalar(models.with_for_update())
        if model is None:
            raise Invalid(by_field={"product_model_id": N_("Velg en modell fra listen.")})
        return model, None
    item = session.scalar(items_visible_to(actor).where(Item.id == command.item_id))
    if item is None:
        raise Invalid(by_field={"item_id": N_("Fant ikke møbelet.")})
    return None, item


def _end_earlier(session: Session, actor: Actor, command: ApplyDeclaration) -> Declaration | None:
    query = declarations_visible_to(actor).where(
        Declaration.ended_at.is_(None),
        Declaration.item_id == command.item_id
        if command.item_id
        else Declaration.product_model_id == command.product_model_id,
    )
    earlier = session.scalars(query.with_for_update()).one_or_none()
    if earlier is not None:
        earlier.ended_at = clock_of(session).now()
        session.flush()  # of two that hold the index would refuse the second
    return earlier


def end_declaration(session: Session, actor: Actor, command: EndDeclaration) -> Declaration:
    """It counts no more, and its model's fields are what they were before it.

    What somebody has changed in them since stays. Raises ``DeclarationOver``.
    """
    actor.must(Permission.MODEL_EDIT)
    row = declaration_of(session, actor, command.declaration_id)
    model = None
    if row.product_model_id is not None:
        models = product_models_visible_to(actor).where(ProductModel.id == row.product_model_id)
        # The model first, as where one is applied: two at once must not wait for each other.
        model = session.scalar(models.with_for_update().execution_options(populate_existing=True))
    held = session.scalar(
        select(Declaration)
        .where(Declaration.org_id == actor.org_id, Declaration.id == row.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if held is None or held.ended_at is not None:
        raise DeclarationOver(id=str(command.declaration_id))
    held.ended_at = clock_of(session).now()
    session.flush()
    if model is not None:
        empty(session, actor, model, held)
    event = DeclarationEnded.of(
        held, actor.person_id, product_model_id=held.product_model_id, item_id=held.item_id
    )
    publish(session, [event])
    return held
