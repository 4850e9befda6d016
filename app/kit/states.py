"""State machines as tables, and the one way a row changes its state."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar, Protocol
from uuid import UUID

from sqlalchemy import Table, Update, bindparam, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session
from sqlalchemy.orm.attributes import set_committed_value

from app.kit.db import changed_rows
from app.kit.errors import Conflict, Problem

BEFORE = "state_before"
"""Stands for the state that ``state_before`` remembers."""

Machine = Mapping[StrEnum, Mapping[StrEnum, StrEnum | str]]


class Stateful(Protocol):
    """A tenant's row with a ``state`` and the table that rules it."""

    machine: ClassVar[Machine]
    remembered: ClassVar[frozenset[StrEnum]]
    __table__: ClassVar[Any]
    id: Mapped[UUID]
    org_id: Mapped[UUID]
    state: Mapped[Any]


def allows(machine: Machine, state: StrEnum, verb: StrEnum) -> bool:
    return verb in machine.get(state, {})


def verbs(machine: Machine, state: StrEnum) -> list[StrEnum]:
    """What can be done now, in the table's order: this draws the buttons."""
    return list(machine.get(state, {}))


def _target(row: Any, verb: StrEnum, refused: type[Problem]) -> StrEnum:
    target = row.machine.get(row.state, {}).get(verb)
    if target is None:
        raise refused(state=str(row.state), verb=str(verb), id=str(row.id))
    if target == BEFORE:
        before: StrEnum = row.state_before
        return before
    return target  # type: ignore[no-any-return]


def advance(
    session: Session,
    rows: Sequence[Any],
    verb: StrEnum,
    *,
    refused: type[Problem] = Conflict,
    values: Mapping[str, Any] | None = None,
) -> None:
    """Moves every row by ``verb``, or none.

    One conditional UPDATE for each pair of old and new state, in a savepoint. A state read earlier
    proves nothing: if fewer rows change than were named, or a unique index objects, ``refused`` is
    raised. ``values`` are set together with the state. A row that has ``state_before`` remembers
    the state it leaves when that is one of ``remembered``.
    """
    if not rows:
        return
    session.flush()  # the UPDATE below must see what was changed on the rows before
    moves: dict[tuple[StrEnum, StrEnum], list[Any]] = defaultdict(list)
    for row in rows:
        moves[row.state, _target(row, verb, refused)].append(row)
    try:
        with session.begin_nested():
            for (old, new), group in moves.items():
                _move(session, group, old, new, dict(values or {}), refused)
    except IntegrityError as error:
        raise refused from error


@lru_cache(maxsize=256)
def _statement(table: Table, names: tuple[str, ...]) -> Update:
    """Built once for each set of columns: building it costs more than running it."""
    return (
        update(table)
        .where(table.c.org_id == bindparam("of_org"))
        .where(table.c.id.in_(bindparam("of_ids", expanding=True)))
        .where(table.c.state == bindparam("old_state"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )


def _move(
    session: Session,
    group: Sequence[Any],
    old: StrEnum,
    new: StrEnum,
    values: dict[str, Any],
    refused: type[Problem],
) -> None:
    model = type(group[0])
    table: Table = model.__table__
    values = {**values, "state": new}
    if old in getattr(model, "remembered", frozenset()) and new not in model.remembered:
        values["state_before"] = old
    statement = _statement(table, tuple(values))
    set_to = {f"new_{name}": value for name, value in values.items()}
    by_org: dict[UUID, list[Any]] = defaultdict(list)
    for row in group:
        by_org[row.org_id].append(row)
    for org_id, own in by_org.items():
        for start in range(0, len(own), 500):
            part = own[start : start + 500]
            met = {"of_org": org_id, "of_ids": [row.id for row in part], "old_state": old}
            done = session.execute(statement, {**met, **set_to})
            if changed_rows(done) != len({row.id for row in part}):
                raise refused
    for row in group:
        for name, value in values.items():
            set_committed_value(row, name, value)
