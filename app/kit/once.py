"""A repeated request has one effect: the answer is kept under the caller's key.

The key is inserted first and the answer stored in the same transaction. A parallel repeat waits
on the unique key and then reads the first one's answer; a refused request leaves no key behind.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import JSON, Index, String, bindparam, delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.bulk import insert_believed_new, insert_unless_there
from app.kit.columns import UtcDateTime
from app.kit.db import changed_rows, clock_of
from app.kit.errors import Invalid, Problem
from app.kit.i18n import N_
from app.kit.pointing import places_of
from app.kit.prepared import Prepared, send_waiting
from app.kit.tenancy import PlatformModel

KEPT = timedelta(days=14)


class KeyUsedForAnother(Invalid):
    title = N_(
        "Dette er alt sendt en gang, med andre valg. Last siden på nytt for å se hva som ble gjort,"
        " og send på nytt derfra."
    )


class DoneBefore(Problem):
    """The kept answer is an older version's, and says other things than are asked of it now.

    No ``Conflict``: a form that shows conflicts is offered for sending again, under a new key.
    """

    status = 409
    title = N_(
        "Dette ble tatt imot og gjort før programmet ble oppdatert. Se etter i listen,"
        " og ikke send det en gang til."
    )


class Caller(Protocol):
    """Whose key it is."""

    @property
    def org_id(self) -> UUID: ...

    @property
    def caller_id(self) -> UUID: ...


class IdempotencyRow(PlatformModel):
    __tablename__ = "idempotency_key"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    caller_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    answer: Mapped[Any | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (Index("ix_idempotency_key_created_at", "created_at"),)


_KEYS = IdempotencyRow.metadata.tables[IdempotencyRow.__tablename__]
_OWN = (
    IdempotencyRow.org_id == bindparam("org_id"),
    IdempotencyRow.caller_id == bindparam("caller_id"),
    IdempotencyRow.key == bindparam("key"),
)
_KEPT = Prepared(select(IdempotencyRow.fingerprint, IdempotencyRow.answer).where(*_OWN))
_ANSWER = Prepared(update(IdempotencyRow).where(*_OWN).values(answer=bindparam("new_answer")))


def fingerprint(commands: Sequence[BaseModel]) -> str:
    """SHA-256 over the commands' names and bodies: another body under the same key is refused."""
    text = "\n".join(f"{type(each).__qualname__} {each.model_dump_json()}" for each in commands)
    return hashlib.sha256(text.encode()).hexdigest()


def as_json(answer: Any) -> Any:
    """What an answer is when it is kept: models dumped, lists of them too."""
    if isinstance(answer, BaseModel):
        return answer.model_dump(mode="json")
    if isinstance(answer, list | tuple):
        return [as_json(each) for each in answer]
    return json.loads(json.dumps(answer))


def as_it_is(answer: Any) -> Any:
    return answer


def only_id(answer: Any) -> UUID:
    """The id in an answer of one row."""
    (row,) = answer
    return UUID(row["id"])


def once(
    session: Session,
    caller: Caller,
    key: str | None,
    commands: Sequence[BaseModel],
    call: Callable[[], Any],
    read: Callable[[Any], Any] = as_it_is,
    *,
    is_believed_new: bool = False,
) -> Any:
    """Runs ``call`` unless this key has an answer; gives the answer as plain JSON either way.

    Whoever uses a part of the answer takes it out by ``read`` and nowhere else: a kept answer may be
    that of an older version of the program. What ``read`` cannot make sense of is ``DoneBefore``.

    Raises ``KeyUsedForAnother``, with the first one's answer, when the key was used with other
    commands. Without a key the call simply runs.

    With ``is_believed_new`` the key costs PostgreSQL no round trip of its own. If the key was used,
    the unit of work fails there with ``NothingChanged``, and the caller asks again without.
    """
    if key is None:
        return read(_called(call, commands))
    mine = {"org_id": caller.org_id, "caller_id": caller.caller_id, "key": key}
    body = fingerprint(commands)
    row = {**mine, "fingerprint": body, "created_at": clock_of(session).now()}
    # The key must be ours before anything is done under it.
    insert = insert_believed_new if is_believed_new else insert_unless_there
    if not insert(session, _KEYS, row):
        (kept,) = _KEPT.rows(session, mine)
        if kept.fingerprint != body:
            raise KeyUsedForAnother(key=key, answer=kept.answer)
        try:
            return read(kept.answer)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise DoneBefore from error
    try:
        answer = _called(call, commands)
    except Problem:
        with suppress(DBAPIError):
            send_waiting(session)  # what a used key was answered goes before a refusal of now
        raise
    _ANSWER.change(session, {**mine, "new_answer": answer})
    return read(answer)


def _called(call: Callable[[], Any], commands: Sequence[BaseModel]) -> Any:
    try:
        return as_json(call())
    except Invalid as problem:
        problem.places = problem.places or places_of(problem, commands)
        raise


def forget_old(session: Session) -> int:
    """Removes keys older than 14 days; the promise is at least 7."""
    done = session.execute(
        delete(IdempotencyRow).where(IdempotencyRow.created_at < clock_of(session).now() - KEPT)
    )
    return changed_rows(done)
