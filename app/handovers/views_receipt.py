"""Receipts as pages and JSON show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.handovers import names, queries
from app.handovers.models import Handover, HandoverLine
from app.handovers.models_receipt import Receipt, ReceiptLine, SignatureFile
from app.handovers.queries_scan import receipt_lines
from app.handovers.rules import DONE, RETRIED, ScanOutcome, Way
from app.handovers.views import Card, cards
from app.items.models import Item
from app.items.queries import codes_of, items_ever_visible_to
from app.kit import codes
from app.kit.i18n import gettext


class ReceiptLineOut(BaseModel):
    """One scan, in the order scanned; the handover's line where the piece came along."""

    text: str
    outcome: ScanOutcome
    item_id: UUID | None
    handover_line_id: UUID | None


class ReceiptOut(BaseModel):
    """What was fetched (``out``) or delivered (``in``) in one go; ``done`` pieces came along."""

    id: UUID
    number: int
    way: Way
    person_id: UUID | None
    created_at: datetime
    signed_name: str | None
    has_signature: bool
    done: int
    lines: list[ReceiptLineOut]

    @classmethod
    def of(cls, session: Session, actor: Actor, receipt: Receipt) -> "ReceiptOut":
        lines = list(session.scalars(receipt_lines(actor, [receipt.id])))
        return cls(
            id=receipt.id,
            number=receipt.number,
            way=receipt.way,
            person_id=receipt.person_id,
            created_at=receipt.created_at,
            signed_name=receipt.signed_name,
            has_signature=signature_of(session, actor, receipt.id) is not None,
            done=sum(each.outcome in DONE for each in lines),
            lines=[ReceiptLineOut.model_validate(each, from_attributes=True) for each in lines],
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One scan as it is read: name and code of the piece, and what became of it."""

    text: str
    item_id: UUID | None
    name: str
    code: str
    said: str
    tone: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A receipt: the pieces that came along under their handover, and those that did not."""

    receipt: Receipt
    who: str
    has_signature: bool
    done: list[tuple[Card, list[Row]]]
    others: list[Row]
    retried: list[str]

    @property
    def count(self) -> int:
        return sum(len(rows) for _, rows in self.done)


def signature_of(session: Session, actor: Actor, receipt_id: UUID) -> SignatureFile | None:
    return session.scalar(
        select(SignatureFile).where(
            SignatureFile.org_id == actor.org_id, SignatureFile.receipt_id == receipt_id
        )
    )


def shown(session: Session, actor: Actor, receipt: Receipt) -> Shown:
    """Everything the receipt's page says, in a handful of queries."""
    lines = list(session.scalars(receipt_lines(actor, [receipt.id])))
    pieces = _pieces(session, actor, lines)
    handover_of = _handovers(session, actor, lines)
    groups: dict[UUID, list[Row]] = {}
    others = []
    for line in lines:
        row = _row(line, pieces)
        if line.outcome in DONE and line.handover_line_id is not None:
            groups.setdefault(handover_of[line.handover_line_id], []).append(row)
        else:
            others.append(row)
    found = session.scalars(
        queries.handovers_visible_to(actor).where(Handover.id.in_(groups)).order_by(Handover.number)
    ).all()
    return Shown(
        receipt=receipt,
        who=session.scalar(select(Person.name).where(Person.id == receipt.person_id))
        or gettext("Systemet"),
        has_signature=signature_of(session, actor, receipt.id) is not None,
        done=[(card, groups[card.handover.id]) for card in cards(session, actor, found)],
        others=others,
        retried=[line.text for line in lines if line.outcome in RETRIED],
    )


def _row(line: ReceiptLine, pieces: dict[UUID, tuple[str, str]]) -> Row:
    name, code = pieces.get(line.item_id, ("", "")) if line.item_id else ("", "")
    return Row(
        text=line.text,
        item_id=line.item_id if line.item_id in pieces else None,
        name=name,
        code=code,
        said=gettext(names.OUTCOMES[line.outcome]),
        tone=names.OUTCOME_TONES.get(line.outcome, "warning"),
    )


def _pieces(
    session: Session, actor: Actor, lines: Sequence[ReceiptLine]
) -> dict[UUID, tuple[str, str]]:
    """Name and code of each piece."""
    ids = {line.item_id for line in lines if line.item_id is not None}
    rows = session.execute(
        items_ever_visible_to(actor).with_only_columns(Item.id, Item.name).where(Item.id.in_(ids))
    )
    labels = codes_of(session, actor, list(ids))
    return {
        row.id: (row.name, codes.grouped(labels[row.id]) if row.id in labels else "")
        for row in rows
    }


def _handovers(session: Session, actor: Actor, lines: Sequence[ReceiptLine]) -> dict[UUID, UUID]:
    ids = {line.handover_line_id for line in lines if line.handover_line_id is not None}
    query = queries.handover_lines_visible_to(actor).with_only_columns(
        HandoverLine.id, HandoverLine.handover_id
    )
    found = session.execute(query.where(HandoverLine.id.in_(ids)))
    return {row.id: row.handover_id for row in found}
