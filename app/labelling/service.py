"""Printers' offsets. A sheet itself changes nothing, so printing is no verb of the database."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, NotFound
from app.kit.events import Change, change, publish, revise
from app.kit.i18n import N_
from app.kit.units import typed_decimal
from app.labelling import events
from app.labelling.models import Printer
from app.labelling.queries import printers_visible_to
from labels.place import OFFSET_LIMIT

_MOST_MM = OFFSET_LIMIT // 100


class PrinterNameTaken(Conflict):
    title = N_("Det finnes alt en skriver med dette navnet.")


def _typed(value: Any) -> Any:
    return typed_decimal(value) if isinstance(value, str) else value


Millimetres = Annotated[
    Decimal,
    BeforeValidator(_typed),
    Field(ge=-_MOST_MM, le=_MOST_MM, decimal_places=2, max_digits=4),
]
"""A printer's offset in mm, right and down; written with comma or point."""


PrinterName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]*$"
    ),
]


class Command(BaseModel):
    """An unknown field is refused: a misspelt one would be lost in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SetPrinter(Command):
    """A printer and how far it must move what it prints; a new one without ``printer_id``."""

    printer_id: UUID | None = None
    name: PrinterName
    offset_x_mm: Millimetres = Decimal(0)
    offset_y_mm: Millimetres = Decimal(0)


class RemovePrinter(Command):
    printer_id: UUID


def set_printer(session: Session, actor: Actor, command: SetPrinter) -> Printer:
    """Raises ``PrinterNameTaken``."""
    actor.must(Permission.LABEL_PRINT)
    values = {
        "name": command.name,
        "offset_x_hmm": int(command.offset_x_mm * 100),
        "offset_y_hmm": int(command.offset_y_mm * 100),
    }
    try:
        with session.begin_nested():
            if command.printer_id is None:
                row = Printer(
                    id=new_id(),
                    org_id=actor.org_id,
                    person_id=actor.person_id,
                    created_at=clock_of(session).now(),
                    **values,
                )
                session.add(row)
                changes = {name: Change(None, value) for name, value in values.items()}
            else:
                row = printer(session, actor, command.printer_id)
                changes = change(row, values)
            session.flush()  # a name that is taken is met here, inside the savepoint
    except IntegrityError as error:
        raise PrinterNameTaken from error
    kind = events.PrinterAdded if command.printer_id is None else events.PrinterEdited
    event = kind.of(row, actor.person_id)
    if changes:
        publish(session, [event])
        revise(session, [(event, changes)])
    return row


def remove_printer(session: Session, actor: Actor, command: RemovePrinter) -> None:
    """It is gone from the list; sheets printed with it are not affected."""
    actor.must(Permission.LABEL_PRINT)
    row = printer(session, actor, command.printer_id)
    event = events.PrinterRemoved.of(row, actor.person_id)
    session.execute(delete(Printer).where(Printer.org_id == actor.org_id, Printer.id == row.id))
    publish(session, [event])
    revise(session, [(event, {"name": Change(row.name, None)})])


def printer(session: Session, actor: Actor, printer_id: UUID) -> Printer:
    """Raises ``NotFound``."""
    row = session.scalar(printers_visible_to(actor).where(Printer.id == printer_id))
    if row is None:
        raise NotFound(N_("Fant ikke skriveren."))
    return row
