"""Codes on labels: printed blank, bound to a piece once, replaced when the label is lost."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints
from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.rules import Permission
from app.items import events, search
from app.items.commands import Command, OfItem, ShortWords
from app.items.models import Code, Item, PrintBatch
from app.items.queries import codes_visible_to, ids_of, print_batches_visible_to
from app.items.queries_batches import withdrawn
from app.items.rules import PRESENT
from app.items.service_lifecycle import ItemNotThere, locked
from app.kit import codes
from app.kit.chance import new_id
from app.kit.db import changed_rows, clock_of
from app.kit.errors import Conflict, Gone, Invalid, NotFound
from app.kit.events import publish
from app.kit.i18n import N_, datetime_
from app.places.models import Place

MOST_BLANK = 5_000
"""Blank codes of one print batch: some 240 sheets of 21."""

_TRIES = 5


class CodeUnknown(NotFound):
    """No such code, or another organisation's: the two are not told apart."""

    title = N_("Ingen etikett har denne koden.")


class CodeTaken(Conflict):
    """Another piece has the code; whoever came first keeps it."""

    title = N_("Etiketten hører alt til et annet møbel.")


class CodeCancelled(Gone):
    title = N_("Etiketten er trukket tilbake og kan ikke brukes.")


class PrintBatchCancelled(Conflict):
    title = N_("Etikettopplaget er alt trukket tilbake.")


def _readable(typed: str) -> str:
    try:
        return codes.read_code(typed)
    except codes.CodeMistyped as problem:
        raise ValueError(problem.detail) from None


TypedCode = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_readable)
]
"""As it was typed or scanned; look-alikes are mended and the check character must agree."""


class PrintBlank(Command):
    """Labels to print before anybody knows what they will be stuck on."""

    count: Annotated[int, Field(ge=1, le=MOST_BLANK)]
    note: ShortWords | None = None
    unit_id: UUID | None = None


class Bind(Command):
    """The label was stuck on the piece."""

    code: TypedCode
    item_id: UUID


class ReplaceLabel(OfItem):
    """The label was lost. Without a code a new one is made, to be printed."""

    code: TypedCode | None = None


class CancelPrintBatch(Command):
    """The labels that are not used yet were lost or spoilt."""

    print_batch_id: UUID


def mint_codes(
    session: Session, org_id: UUID, count: int, *, print_batch_id: UUID | None = None
) -> list[str]:
    """So many new blank codes of the organisation. The primary key proves that they are new."""
    for last in (False,) * (_TRIES - 1) + (True,):
        minted = [codes.mint() for _ in range(count)]
        rows = [
            {
                "code": code,
                "org_id": org_id,
                "printer_org_id": org_id if print_batch_id else None,
                "print_batch_id": print_batch_id,
            }
            for code in minted
        ]
        try:
            with session.begin_nested():
                session.execute(insert(Code), rows)
        except IntegrityError:  # one in 2^50 a pair, and never five times
            if last:
                raise
        else:
            break
    return [str(code) for code in minted]


def print_blank(
    session: Session, actor: Actor, command: PrintBlank
) -> tuple[PrintBatch, list[str]]:
    """A print batch and its codes, in the order they are printed."""
    actor.must(Permission.LABEL_PRINT)
    if command.unit_id and not session.scalar(ids_of(actor, Unit, [command.unit_id])):
        raise Invalid(by_field={"unit_id": N_("Velg en av virksomhetens enheter.")})
    batch = PrintBatch(
        id=new_id(),
        org_id=actor.org_id,
        person_id=actor.person_id,
        count=command.count,
        note=command.note,
        created_at=clock_of(session).now(),
    )
    session.add(batch)
    session.flush()  # the codes refer to it
    minted = mint_codes(session, actor.org_id, command.count, print_batch_id=batch.id)
    event = events.CodesPrinted.of(
        batch, actor.person_id, count=command.count, unit_id=command.unit_id
    )
    publish(session, [event])
    return batch, sorted(minted)


def bind(session: Session, actor: Actor, commands: Sequence[Bind]) -> list[Code]:
    """Each code to its piece, all or none. Binding again what is bound so changes nothing.

    Raises ``CodeTaken`` when another piece has it, ``CodeUnknown``, ``CodeCancelled``.
    """
    actor.must(Permission.CODE_BIND)
    ids = [command.item_id for command in commands]
    by_id = {item.id: item for item in locked(session, actor, ids, Permission.CODE_BIND)}
    gone = [item for item in by_id.values() if item.state not in PRESENT]
    if gone:
        raise ItemNotThere(id=str(gone[0].id), state=gone[0].state.value)
    now = clock_of(session).now()
    # In one order, so that two who bind the same codes wait for each other and never both.
    newly = [
        command
        for command in sorted(commands, key=lambda each: each.code)
        if _claim(session, actor, command.code, command.item_id, now)
    ]
    publish(
        session,
        [
            events.CodeBound.of(by_id[each.item_id], actor.person_id, code=each.code)
            for each in newly
        ],
    )
    search.index(session, [by_id[each] for each in dict.fromkeys(one.item_id for one in newly)])
    wanted = {command.code for command in commands}
    return list(
        session.scalars(
            codes_visible_to(actor)
            .where(Code.code.in_(wanted))
            .order_by(Code.code)
            .execution_options(populate_existing=True)
        )
    )


def _still_blank() -> tuple[ColumnElement[bool], ...]:
    return Code.item_id.is_(None), Code.cancelled_at.is_(None)


def _claim(session: Session, actor: Actor, code: str, item_id: UUID, now: datetime) -> bool:
    """One conditional UPDATE decides who gets a blank code; gives whether it was us."""
    done = session.execute(
        update(Code)
        .where(Code.code == code, Code.org_id == actor.org_id, *_still_blank())
        .values(item_id=item_id, bound_at=now)
        .execution_options(synchronize_session=False)
    )
    if changed_rows(done) == 1:
        return True
    bound_to = session.execute(
        codes_visible_to(actor).with_only_columns(Code.item_id).where(Code.code == code)
    ).one_or_none()
    if bound_to is None:
        raise CodeUnknown(code=code)
    if bound_to.item_id is None:
        raise _cancelled(session, actor, code)
    if bound_to.item_id != item_id:
        raise _taken(session, actor, code, bound_to.item_id)
    return False


def _cancelled(session: Session, actor: Actor, code: str) -> CodeCancelled:
    """Says who took it back: they know where the new labels are."""
    found = withdrawn(session, actor, code)
    if found is None or found.who is None:
        return CodeCancelled(code=code)
    said = {"code": codes.grouped(code), "who": found.who, "when": datetime_(found.at)}
    return CodeCancelled(
        N_(
            "Etiketten %(code)s ble trukket tilbake av %(who)s %(when)s og kan ikke brukes."
            " Spør der, eller ta en ny etikett."
        ),
        values=said,
        code=code,
    )


def _taken(session: Session, actor: Actor, code: str, item_id: UUID) -> CodeTaken:
    """Names the piece that has the code now."""
    piece = session.execute(
        select(Item.name, Place.label)
        .join(Place, (Place.org_id == Item.org_id) & (Place.id == Item.place_id))
        .where(Item.org_id == actor.org_id, Item.id == item_id)
    ).one()
    return CodeTaken(
        N_("Etiketten %(code)s hører alt til %(name)s (%(place)s). Ta en annen etikett."),
        values={"code": codes.grouped(code), "name": piece.name, "place": piece.label},
        code=code,
        item_id=str(item_id),
    )


def replace_label(session: Session, actor: Actor, commands: Sequence[ReplaceLabel]) -> list[str]:
    """A new code for each piece; the old label still leads to it, should it turn up.

    Without a code of its own each piece gets a new one. Raises what ``bind`` raises.
    """
    actor.must(Permission.CODE_BIND)
    ids = [command.item_id for command in commands]
    items = {item.id: item for item in locked(session, actor, ids, Permission.CODE_BIND)}
    now = clock_of(session).now()
    without = [command for command in commands if command.code is None]
    minted = iter(mint_codes(session, actor.org_id, len(without)) if without else ())
    new = {command.item_id: command.code or next(minted) for command in commands}
    session.execute(
        update(Code)
        .where(Code.org_id == actor.org_id, Code.item_id.in_(items), Code.replaced_at.is_(None))
        .where(Code.code.not_in(new.values()))
        .values(replaced_at=now)
        .execution_options(synchronize_session=False)
    )
    for item_id, code in sorted(new.items(), key=lambda pair: pair[1]):
        if not _claim(session, actor, code, item_id, now):
            _take_up_again(session, actor, code)
    publish(
        session,
        [
            events.LabelReplaced.of(items[item_id], actor.person_id, code=code)
            for item_id, code in new.items()
        ],
    )
    search.index(session, list(items.values()))
    return [new[each] for each in ids]


def _take_up_again(session: Session, actor: Actor, code: str) -> None:
    """An old label of the same piece was found and is the one that sits on it now."""
    session.execute(
        update(Code)
        .where(Code.org_id == actor.org_id, Code.code == code)
        .values(replaced_at=None, bound_at=clock_of(session).now())
        .execution_options(synchronize_session=False)
    )


def cancel_print_batch(session: Session, actor: Actor, command: CancelPrintBatch) -> PrintBatch:
    """Codes of the batch that are still blank can never be bound; the bound ones stay as they are.

    Raises ``PrintBatchCancelled`` when it was done before.
    """
    actor.must(Permission.LABEL_PRINT)
    here: dict[str, Any] = {"org_id": actor.org_id, "id": command.print_batch_id}
    now = clock_of(session).now()
    done = session.execute(
        update(PrintBatch)
        .filter_by(**here)
        .where(PrintBatch.cancelled_at.is_(None))
        .values(cancelled_at=now)
        .execution_options(synchronize_session=False)
    )
    batch = session.scalar(
        print_batches_visible_to(actor)
        .where(PrintBatch.id == command.print_batch_id)
        .execution_options(populate_existing=True)
    )
    if batch is None:
        raise NotFound(N_("Fant ikke etikettopplaget."))
    if changed_rows(done) != 1:
        raise PrintBatchCancelled(id=str(batch.id))
    blank = (
        Code.printer_org_id == actor.org_id,
        Code.print_batch_id == batch.id,
        *_still_blank(),
    )
    # In the order in which others bind, so that neither waits for the other in turn.
    session.execute(select(Code.code).where(*blank).order_by(Code.code).with_for_update(of=Code))
    cancelled = session.execute(
        update(Code)
        .where(*blank)
        .values(cancelled_at=now)
        .execution_options(synchronize_session=False)
    )
    count = changed_rows(cancelled)
    publish(session, [events.PrintBatchCancelled.of(batch, actor.person_id, count=count)])
    return batch
