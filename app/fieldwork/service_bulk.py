"""One verb for many pieces: those that can are done, and each of the others says why not.

The verbs are set-based and refuse a set whole. So the pieces that a verb would refuse are found
first, by as many queries for five hundred of them as for one, and the verb is then called once for
all the others. What was done is kept, so that it can be taken back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.fieldwork import queries, queries_bulk
from app.fieldwork.models import BulkAction, BulkActionLine
from app.fieldwork.names import OUTCOMES
from app.fieldwork.rules import LABELS, Lead, MoveOutcome
from app.fieldwork.service_move import ScannedText
from app.items.commands import MOST_PIECES, Command
from app.kit.bulk import new_ids
from app.kit.chance import new_id
from app.kit.db import changed_rows, clock_of, tried
from app.kit.errors import Conflict, Forbidden, NotFound, Problem
from app.kit.i18n import N_

NO_PIECE = N_("Dette er et sted, ikke et møbel")


class BulkActionUndone(Conflict):
    title = N_("Dette er alt angret.")


class OfCodes(Command):
    """Pieces by their codes, ours or foreign, as they were scanned or typed."""

    codes: list[ScannedText] = Field(min_length=1, max_length=MOST_PIECES)


class UndoBulk(Command):
    """What was done to these pieces, where nobody has changed it since."""

    bulk_action_id: UUID


@dataclass(frozen=True)
class Did:
    """What a verb changed of one piece: a field before and after, or the row it made."""

    before: str | None = None
    after: str | None = None
    made_id: UUID | None = None
    made_version: int | None = None


@dataclass(frozen=True)
class Act:
    """What a verb does to pieces.

    ``refusals`` gives those of them that it cannot be done to, with the reason, and locks them all,
    so that what it says is still true when ``do`` is called with the rest.
    """

    refusals: Callable[[list[UUID]], Mapping[UUID, Problem]]
    do: Callable[[list[UUID]], Mapping[UUID, Did]]


@dataclass(frozen=True)
class BulkVerb:
    """A verb for lists of pieces. ``label`` is what the page calls it when it is done.

    ``act`` gives what to call with the pieces, and raises when the command itself is wrong.
    ``undo`` gives for each piece why it stayed as it is, or nothing when it was taken back.
    """

    name: str
    label: str
    permission: Permission
    act: Callable[[Session, Actor, Any], Act]
    undo: Callable[[Session, Actor, BulkAction, Sequence[BulkActionLine]], Mapping[UUID, str]]


def pieces_of(
    session: Session, actor: Actor, command: OfCodes
) -> tuple[dict[str, UUID], dict[str, str]]:
    """Code → piece, each piece once, and code → why it leads to none."""
    actor.must(Permission.ITEM_READ)
    found: dict[str, UUID] = {}
    astray: dict[str, str] = {}
    for scan in queries.read_texts(session, actor, list(dict.fromkeys(command.codes))):
        if scan.lead is Lead.PIECE and scan.item_id is not None:
            if scan.item_id not in found.values():
                found[scan.text] = scan.item_id
            continue
        said = NO_PIECE if scan.lead is Lead.PLACE else OUTCOMES[MoveOutcome(scan.lead.value)]
        astray[scan.text] = said
    return found, astray


def in_bulk(session: Session, actor: Actor, verb: BulkVerb, command: OfCodes) -> BulkAction:
    """Does what can be done and keeps what became of each piece; what went wrong comes first."""
    actor.must(verb.permission)
    act = verb.act(session, actor, command)
    found, astray = pieces_of(session, actor, command)
    did, refused = _carried_out(session, list(found.values()), act)
    lines: list[dict[str, Any]] = [_line(text, None, said, Did()) for text, said in astray.items()]
    of_pieces = [
        _line(text, item_id, refused.get(item_id), did.get(item_id, Did()))
        for text, item_id in found.items()
    ]
    lines += sorted(of_pieces, key=lambda each: each["refused"] is None)
    return _kept(session, actor, verb.name, lines)


def for_labels(session: Session, actor: Actor, pieces: Mapping[str, UUID]) -> BulkAction:
    """Keeps the list, pieces by their codes, under a short address: sheets are printed from it."""
    actor.must(Permission.LABEL_PRINT)
    lines = [_line(text, item_id, None, Did()) for text, item_id in pieces.items()]
    return _kept(session, actor, LABELS, lines)


def _kept(session: Session, actor: Actor, verb: str, lines: Sequence[dict[str, Any]]) -> BulkAction:
    row = BulkAction(
        id=new_id(),
        org_id=actor.org_id,
        verb=verb,
        person_id=actor.person_id,
        created_at=clock_of(session).now(),
    )
    session.add(row)
    session.flush()  # the lines refer to it
    shared = {"org_id": actor.org_id, "bulk_action_id": row.id, "is_undone": False}
    session.execute(
        insert(BulkActionLine),
        [
            {**shared, "id": line_id, "position": at, **line}
            for at, (line_id, line) in enumerate(zip(new_ids(len(lines)), lines, strict=True))
        ],
    )
    return row


def _line(text: str, item_id: UUID | None, refused: str | None, did: Did) -> dict[str, Any]:
    return {
        "text": text,
        "item_id": item_id,
        "refused": refused,
        "before": did.before,
        "after": did.after,
        "made_id": did.made_id,
        "made_version": did.made_version,
    }


def _carried_out(
    session: Session, ids: list[UUID], act: Act
) -> tuple[Mapping[UUID, Did], dict[UUID, str]]:
    refused = said_of(act.refusals(ids))
    did: dict[UUID, Did] = {}
    rest = [each for each in ids if each not in refused]
    refused |= in_one(session, rest, lambda some: did.update(act.do(some)))
    # A trial that was rolled back may have told of rows that are not there.
    return {each: done for each, done in did.items() if each not in refused}, refused


def said_of(problems: Mapping[UUID, Problem]) -> dict[UUID, str]:
    """What the lines of the refused pieces say."""
    return {each: problem.title for each, problem in problems.items()}


def in_one(
    session: Session, ids: list[UUID], act: Callable[[list[UUID]], object]
) -> dict[UUID, str]:
    """Calls ``act`` with all of them; if it refuses them after all, each says why and none is done.

    Never one by one: on SQLite everybody else's writing waits for this.
    """
    if not ids:
        return {}
    try:
        with tried(session):
            act(ids)
            session.flush()  # what the database refuses belongs to this trial
    except (Conflict, Forbidden, NotFound) as problem:
        return dict.fromkeys(ids, problem.title)
    return {}


def undo(
    session: Session, actor: Actor, verb_of: Callable[[str], BulkVerb], command: UndoBulk
) -> BulkAction:
    """Takes back what the action changed and nobody has changed since; the rest says why it stays.

    Raises ``BulkActionUndone`` the second time.
    """
    actor.must(Permission.ITEM_READ)
    claimed = session.execute(
        update(BulkAction)
        .where(BulkAction.org_id == actor.org_id, BulkAction.id == command.bulk_action_id)
        .where(BulkAction.undone_at.is_(None))
        .values(undone_at=clock_of(session).now(), undone_by_id=actor.person_id)
        .execution_options(synchronize_session=False)
    )
    query = queries_bulk.bulk_actions_visible_to(actor)
    row = session.scalar(
        query.where(BulkAction.id == command.bulk_action_id).execution_options(
            populate_existing=True
        )
    )
    if row is None:
        raise NotFound(N_("Fant ikke det som ble gjort."))
    if changed_rows(claimed) != 1:
        raise BulkActionUndone(id=str(row.id))
    verb = verb_of(row.verb)
    actor.must(verb.permission)
    lines = [
        line
        for line in session.scalars(queries_bulk.lines_of(actor, row.id))
        if line.item_id is not None and line.refused is None
    ]
    kept = verb.undo(session, actor, row, lines)
    for line in lines:
        assert line.item_id is not None
        line.kept = kept.get(line.item_id)
        line.is_undone = line.kept is None
    return row
