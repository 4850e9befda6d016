"""One verb for many pieces: those that can are done, and each of the others says why not.

The verbs are set-based and refuse a set whole. Here the pieces that a verb refuses are found by
trials that leave nothing behind, and the verb is then called once for all the others.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.fieldwork import queries
from app.fieldwork.names import OUTCOMES
from app.fieldwork.rules import Lead, MoveOutcome
from app.fieldwork.service_move import ScannedText
from app.items import service as items
from app.items.commands import MOST_PIECES, Command
from app.items.models import Item
from app.items.queries import items_visible_to
from app.items.rules import Condition
from app.kit.db import tried
from app.kit.errors import Conflict, Forbidden, NotFound, Problem
from app.kit.i18n import N_

NO_PIECE = N_("Dette er et sted, ikke et møbel")


class OfCodes(Command):
    """Pieces by their codes, ours or foreign, as they were scanned or typed."""

    codes: list[ScannedText] = Field(min_length=1, max_length=MOST_PIECES)


class SetCondition(OfCodes):
    """The same condition for all of them."""

    condition: Condition


class BulkLine(BaseModel):
    """What became of one piece. ``reason`` is a message, where it was refused."""

    text: str
    item_id: UUID | None
    name: str | None
    is_done: bool
    reason: str | None


Act = Callable[[list[UUID]], object]


def pieces_of(
    session: Session, actor: Actor, command: OfCodes
) -> tuple[dict[str, UUID], list[BulkLine]]:
    """Code → piece, each piece once, and a line for each text that leads to none."""
    actor.must(Permission.ITEM_READ)
    found: dict[str, UUID] = {}
    astray: list[BulkLine] = []
    for scan in queries.read_texts(session, actor, list(dict.fromkeys(command.codes))):
        if scan.lead is Lead.PIECE and scan.item_id is not None:
            if scan.item_id not in found.values():
                found[scan.text] = scan.item_id
            continue
        said = NO_PIECE if scan.lead is Lead.PLACE else OUTCOMES[MoveOutcome(scan.lead.value)]
        astray.append(BulkLine(text=scan.text, item_id=None, name=None, is_done=False, reason=said))
    return found, astray


def in_bulk(session: Session, actor: Actor, command: OfCodes, act: Act) -> list[BulkLine]:
    """Calls ``act`` with all the pieces it does not refuse; what went wrong comes first.

    ``act`` raises for the whole set when the command itself is wrong (``Invalid``).
    """
    actor.must(Permission.ITEM_READ)
    found, astray = pieces_of(session, actor, command)
    refused = _each_refused(session, list(found.values()), act)
    names = _names(session, actor, list(found.values()))
    lines = [
        BulkLine(
            text=text,
            item_id=item_id,
            name=names.get(item_id),
            is_done=item_id not in refused,
            reason=refused.get(item_id),
        )
        for text, item_id in found.items()
    ]
    return [*astray, *sorted(lines, key=lambda line: line.is_done)]


def _each_refused(session: Session, ids: list[UUID], act: Act) -> dict[UUID, str]:
    if not ids:
        return {}
    if _problem(session, ids, act, is_kept=True) is None:
        return {}
    refused: dict[UUID, str] = {}

    def search(some: list[UUID]) -> None:
        problem = _problem(session, some, act, is_kept=False)
        if problem is None:
            return
        if len(some) == 1:
            refused[some[0]] = problem.title
            return
        half = len(some) // 2
        search(some[:half])
        search(some[half:])

    search(ids)
    rest = [each for each in ids if each not in refused]
    if rest:
        problem = _problem(session, rest, act, is_kept=True)
        if problem is not None:  # each alone may, all together may not
            refused |= dict.fromkeys(rest, problem.title)
    return refused


def _problem(session: Session, ids: list[UUID], act: Act, *, is_kept: bool) -> Problem | None:
    try:
        with tried(session, is_kept=is_kept):
            act(ids)
            session.flush()  # what the database refuses belongs to this trial
    except (Conflict, Forbidden, NotFound) as problem:
        return problem
    return None


def _names(session: Session, actor: Actor, ids: Sequence[UUID]) -> dict[UUID, str]:
    rows = session.execute(
        items_visible_to(actor).with_only_columns(Item.id, Item.name).where(Item.id.in_(ids))
    )
    return {row.id: row.name for row in rows}


def set_condition(session: Session, actor: Actor, command: SetCondition) -> list[BulkLine]:
    """The single piece's edit, of the version there is now."""
    actor.must(Permission.ITEM_EDIT)

    def act(ids: list[UUID]) -> Any:
        versions = items_visible_to(actor).with_only_columns(Item.id, Item.version)
        rows = session.execute(versions.where(Item.id.in_(ids)))
        commands = [
            items.Edit(item_id=row.id, version=row.version, condition=command.condition)
            for row in rows
        ]
        return items.edit(session, actor, commands)

    return in_bulk(session, actor, command, act)
