"""The inventory's table as each person wants it: which columns, how many rows a page."""

from pydantic import Field
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.items.commands import Command
from app.items.inventory import DEFAULT_COLUMNS, InventoryColumn
from app.items.models_table import InventoryView
from app.kit.chance import new_id
from app.kit.errors import Forbidden

PAGE_SIZES = (25, 50, 100, 200)


class SetView(Command):
    """The columns of the table and how many rows a page has; kept for the person."""

    columns: list[InventoryColumn] = Field(min_length=1, max_length=len(InventoryColumn))
    page_size: int = Field(default=50, ge=1, le=200)


def _own(actor: Actor) -> Select[InventoryView]:
    return select(InventoryView).where(
        InventoryView.org_id == actor.org_id, InventoryView.person_id == actor.person_id
    )


def view_of(session: Session, actor: Actor) -> SetView:
    """How the actor wants the table; columns that no longer exist are passed over."""
    columns = _own(actor).with_only_columns(InventoryView.columns, InventoryView.page_size)
    row = session.execute(columns).first()
    if row is None:
        return SetView(columns=list(DEFAULT_COLUMNS))
    kept = set(row.columns.split(","))
    columns_kept = [each for each in InventoryColumn if each.value in kept]
    return SetView(columns=columns_kept or list(DEFAULT_COLUMNS), page_size=row.page_size)


def set_view(session: Session, actor: Actor, command: SetView) -> SetView:
    """Keeps how the actor wants the table. The name is always shown."""
    actor.must(Permission.ITEM_READ)
    if actor.person_id is None:
        raise Forbidden
    wanted = {*command.columns, InventoryColumn.NAME}
    columns = [each for each in InventoryColumn if each in wanted]
    found = _locked(session, actor)
    found.columns = ",".join(each.value for each in columns)
    found.page_size = command.page_size
    return SetView(columns=columns, page_size=command.page_size)


def _locked(session: Session, actor: Actor) -> InventoryView:
    """The person's row, made where there is none yet."""
    query = _own(actor).with_for_update(of=InventoryView)
    found = session.scalar(query)
    if found is not None:
        return found
    assert actor.person_id is not None
    made = InventoryView(
        id=new_id(), org_id=actor.org_id, person_id=actor.person_id, columns="", page_size=1
    )
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()  # one made on another device at the same moment is met here
    except IntegrityError:
        return session.scalars(query).one()
    return made
