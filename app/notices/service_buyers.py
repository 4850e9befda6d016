"""Letters to buyers from the step to the mailbox: written with it, claimed, marked when sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Organisation
from app.kit.db import after_commit, changed_rows, clock_of
from app.kit.i18n import speaking
from app.marketplace.models_public import BuyerAsk, PublicMarket
from app.marketplace.queries_public import free_day_of, kind_of
from app.marketplace.service_buyers import mint
from app.notices.models_buyers import BuyerLetter
from app.notices.service import CLAIMED_FOR, KEPT_WAITING, TOO_OLD, is_due, set_back

SEND = "notices:send_to_buyer"
BLANKED = "the buyer's data were removed"
OVERTAKEN = "a later step made it untrue"
_HOLDS = {
    "buyer_confirm": {"unconfirmed"},
    "buyer_queue": {"waiting", "offered"},
    "buyer_moved": {"requested", "waiting", "offered", "approved"},
}
"""Letter → the states in which it is true."""


@dataclass(frozen=True, slots=True)
class ClaimedBuyerLetter:
    """A letter that this worker alone may send now. ``total_ore`` is for all pieces together."""

    letter_id: UUID
    kind: str
    values: Mapping[str, Any]
    total_ore: int
    currency: str
    email: str
    language: str
    token: str


def write_to(session: Session, org_id: UUID, buyer_ask_id: UUID, kind: str) -> None:
    """One letter of a step, in the transaction of the step itself."""
    now = clock_of(session).now()
    row = BuyerLetter(
        org_id=org_id, buyer_ask_id=buyer_ask_id, kind=kind, created_at=now, next_try_at=now
    )
    session.add(row)
    session.flush()  # its id
    after_commit(session, SEND, row.id)


def due(now: datetime) -> Select[UUID]:
    """The letters a worker may take."""
    return (
        select(BuyerLetter.id)
        .where(is_due(BuyerLetter, now))
        .order_by(BuyerLetter.next_try_at, BuyerLetter.id)
    )


def claim(session: Session, letter_id: UUID) -> ClaimedBuyerLetter | None:
    """As for a notice."""
    now = clock_of(session).now()
    taken = session.execute(
        update(BuyerLetter)
        .where(BuyerLetter.id == letter_id, is_due(BuyerLetter, now))
        .values(claimed_until=now + CLAIMED_FOR, attempts=BuyerLetter.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    if not changed_rows(taken):
        return None
    letter, ask, organisation, market = session.execute(
        select(BuyerLetter, BuyerAsk, Organisation, PublicMarket)
        .join(
            BuyerAsk,
            (BuyerAsk.org_id == BuyerLetter.org_id) & (BuyerAsk.id == BuyerLetter.buyer_ask_id),
        )
        .join(Organisation, Organisation.id == BuyerLetter.org_id)
        .join(PublicMarket, PublicMarket.org_id == BuyerLetter.org_id)
        .where(BuyerLetter.id == letter_id)
        .execution_options(populate_existing=True)
    ).one()
    is_late = ask.confirmed_at is None and ask.expires_at <= now
    if ask.blanked_at is not None or is_late or letter.created_at < now - KEPT_WAITING:
        reason = BLANKED if ask.blanked_at is not None else TOO_OLD
        set_back(session, letter, reason, is_final=True)
        return None
    if _is_overtaken(letter.kind, ask, now):
        set_back(session, letter, OVERTAKEN, is_final=True)
        return None
    pieces = ask.approved or ask.wanted
    with speaking(ask.language):
        piece = kind_of(session, ask)
    return ClaimedBuyerLetter(
        letter_id=letter.id,
        kind=letter.kind,
        values={
            "piece": piece,
            "pieces": pieces,
            "organisation": organisation.name,
            "area": market.area,
            "pick_up": market.pick_up,
            "answer": ask.answer,
            "limit_at": ask.limit_at,
            "is_waiting": ask.state.value == "waiting",
            "is_offered": ask.state.value == "offered",
            "name": ask.name,
            "day": free_day_of(session, ask),
        },
        total_ore=pieces * ask.price_ore,
        currency=organisation.currency,
        email=ask.email,
        language=ask.language,
        token=mint(session, ask),
    )


def _is_overtaken(kind: str, ask: BuyerAsk, now: datetime) -> bool:
    """Whether what the letter was written for holds no more: its texts go by how things stand.

    The step that overtook it has a letter of its own, or was the buyer's.
    """
    if kind == "buyer_queue" and ask.state == "cancelled":
        return ask.limit_at is None or ask.limit_at > now  # else it lapsed, which it tells of
    if kind in _HOLDS:
        return ask.state not in _HOLDS[kind]
    return kind == "buyer_approved" and ask.state == "cancelled"


def mark_sent(session: Session, letter_id: UUID) -> None:
    """The server took it."""
    session.execute(
        update(BuyerLetter)
        .where(BuyerLetter.id == letter_id, BuyerLetter.sent_at.is_(None))
        .values(sent_at=clock_of(session).now(), claimed_until=None, last_error=None)
    )


def mark_failed(session: Session, letter_id: UUID, reason: str, *, is_final: bool) -> None:
    """Sets the next try, or gives up."""
    set_back(session, session.get_one(BuyerLetter, letter_id), reason, is_final=is_final)
