"""What was signed for in one go: the receipt with its lines, as it was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.numbers import next_number
from app.fieldwork.rules import Scan
from app.handovers.models_receipt import Receipt, ReceiptLine, SignatureFile
from app.handovers.rules import MOST_PIECES, ScanOutcome, Way
from app.handovers.signatures import LONGEST, DrawnSignature
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.text import PRINTABLE, STRIPPED, Name

ScannedText = Annotated[str, STRIPPED, Field(max_length=200), PRINTABLE]


class Signing(BaseModel):
    """Who signed: a name typed, a signature drawn (a canvas' PNG as a data address), or both."""

    model_config = ConfigDict(extra="forbid")

    signed_name: Name | None = None
    signature: Annotated[str, Field(max_length=LONGEST)] | None = None


class Signed(Signing):
    """Codes as they were scanned. ``at`` is the phone's clock, for scans that waited for coverage."""

    codes: list[ScannedText] = Field(min_length=1, max_length=MOST_PIECES)
    at: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A scan with its outcome; the handover's line where the piece comes along."""

    scan: Scan
    outcome: ScanOutcome
    line_id: UUID | None = None


def keep_receipt(
    session: Session,
    actor: Actor,
    way: Way,
    signed_name: str | None,
    found: Sequence[Found],
    drawn: DrawnSignature | None,
) -> Receipt:
    receipt = Receipt(
        id=new_id(),
        org_id=actor.org_id,
        number=next_number(session, actor.org_id, "receipt"),
        way=way,
        person_id=actor.person_id,
        created_at=clock_of(session).now(),
        signed_name=signed_name,
    )
    session.add(receipt)
    session.flush()  # the lines refer to it
    session.add_all(
        ReceiptLine(
            org_id=actor.org_id,
            receipt_id=receipt.id,
            position=position,
            text=each.scan.text,
            outcome=each.outcome,
            item_id=each.scan.item_id,
            handover_line_id=each.line_id,
        )
        for position, each in enumerate(found)
    )
    if drawn is not None:
        session.add(SignatureFile(org_id=actor.org_id, receipt_id=receipt.id, **vars(drawn)))
    return receipt
