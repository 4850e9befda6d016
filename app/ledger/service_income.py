"""Income from sales to those outside, beside the savings and never among them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from app.accounts.actor import Actor
from app.accounts.models import Organisation
from app.accounts.numbers import next_number
from app.accounts.rules import Permission
from app.kit.db import changed_rows, clock_of
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.events import publish
from app.kit.i18n import N_, gettext
from app.kit.text import PRINTABLE, STRIPPED, FullName, Line
from app.kit.units import vat_within
from app.ledger.events_income import IncomeRecorded, IncomeReversed
from app.ledger.models_income import ExternalIncome
from app.ledger.queries_income import incomes_visible_to
from app.marketplace.events_public import BuyerHandedOver, BuyerNotFetched
from app.marketplace.models_public import BuyerAsk
from app.marketplace.queries_public import kind_of

KEPT_FOR_ACCOUNTS = timedelta(days=366 * 6)
"""Five years after the year of the sale (bokføringsloven § 13); the buyer is blanked after that."""
MOST_ORE = 100_000_000_000
Text = Annotated[str, STRIPPED, Field(max_length=2000), PRINTABLE]


class IncomeReversedAlready(Conflict):
    title = N_("Inntekten er alt tilbakeført, eller den er selv en tilbakeføring.")


class Command(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RecordIncome(Command):
    """``amount_ore`` is what was paid, VAT included; the VAT in it is what you state."""

    sold_on: date
    what: Line
    buyer: FullName
    contact: Text | None = None
    amount_ore: int = Field(ge=1, le=MOST_ORE)
    vat_percent: int = Field(default=0, ge=0, le=100)


class ReverseIncome(Command):
    income_id: UUID
    reason: Text


def record_income(session: Session, actor: Actor, command: RecordIncome) -> ExternalIncome:
    """A sale that did not go through the public page: by auction, to a dealer, for scrap.

    The accounts are the whole organisation's, so the role must be too.
    """
    actor.must_everywhere(Permission.LISTING_PUBLISH)
    if command.sold_on > clock_of(session).today():
        raise Invalid(by_field={"sold_on": N_("Velg i dag eller en tidligere dag.")})
    row = ExternalIncome(
        org_id=actor.org_id,
        number=next_number(session, actor.org_id, "income"),
        vat_ore=vat_within(command.amount_ore, command.vat_percent),
        currency=actor.currency,
        person_id=actor.person_id,
        created_at=clock_of(session).now(),
        **command.model_dump(),
    )
    return _kept(session, row)


def reverse_income(session: Session, actor: Actor, command: ReverseIncome) -> ExternalIncome:
    """A row of its own with the amounts turned, from today. Raises ``IncomeReversedAlready``."""
    actor.must_everywhere(Permission.LISTING_PUBLISH)
    query = incomes_visible_to(actor).where(ExternalIncome.id == command.income_id)
    old = session.scalar(query.with_for_update())
    if old is None:
        raise NotFound(N_("Fant ikke inntekten."))
    if old.reverses_id is not None:
        raise IncomeReversedAlready
    return _reversed(session, old, command.reason, actor.person_id)


def _reversed(
    session: Session, old: ExternalIncome, reason: str, person_id: UUID | None
) -> ExternalIncome:
    row = ExternalIncome(
        org_id=old.org_id,
        number=next_number(session, old.org_id, "income"),
        sold_on=clock_of(session).today(),
        what=old.what,
        buyer=old.buyer,
        contact=old.contact,
        amount_ore=-old.amount_ore,
        vat_percent=old.vat_percent,
        vat_ore=-old.vat_ore,
        currency=old.currency,
        reason=reason,
        reverses_id=old.id,
        person_id=person_id,
        created_at=clock_of(session).now(),
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()  # meets the unique key: reversed once
    except IntegrityError as error:
        raise IncomeReversedAlready from error
    facts = {"amount_ore": row.amount_ore, "vat_ore": row.vat_ore}
    publish(session, [IncomeReversed.of(row, person_id, **facts)])
    return row


def on_sold(session: Session, events: Sequence[BuyerHandedOver]) -> None:
    """What was fetched against payment, in the transaction in which it was."""
    for event in events:
        if not event.amount_ore:
            continue
        ask = session.scalars(
            select(BuyerAsk).where(BuyerAsk.org_id == event.org_id, BuyerAsk.id == event.subject_id)
        ).one()
        row = ExternalIncome(
            org_id=event.org_id,
            number=next_number(session, event.org_id, "income"),
            sold_on=clock_of(session).today(),
            what=f"{event.pieces} × {kind_of(session, ask)}",
            buyer=ask.name,
            contact=ask.email,
            amount_ore=event.amount_ore,
            vat_percent=event.vat_percent,
            vat_ore=vat_within(event.amount_ore, event.vat_percent),
            currency=session.get_one(Organisation, event.org_id).currency,
            buyer_ask_id=ask.id,
            person_id=event.person_id,
            created_at=clock_of(session).now(),
        )
        _kept(session, row)


def on_not_fetched(session: Session, events: Sequence[BuyerNotFetched]) -> None:
    """Reverses the income of what was not fetched after all, where nobody has reversed it."""
    for event in events:
        reversal = aliased(ExternalIncome)
        standing = select(ExternalIncome).where(
            ExternalIncome.org_id == event.org_id,
            ExternalIncome.buyer_ask_id == event.subject_id,
            ~exists().where(
                reversal.org_id == ExternalIncome.org_id, reversal.reverses_id == ExternalIncome.id
            ),
        )
        for old in session.scalars(standing.with_for_update(of=ExternalIncome)):
            _reversed(session, old, gettext(N_("Ikke hentet likevel")), event.person_id)


def _kept(session: Session, row: ExternalIncome) -> ExternalIncome:
    session.add(row)
    session.flush()  # its id
    facts = {"amount_ore": row.amount_ore, "vat_ore": row.vat_ore}
    publish(session, [IncomeRecorded.of(row, row.person_id, **facts)])
    return row


def forget_income_buyers(session: Session) -> int:
    """Blanks who bought when accounts need not be kept any more; the sale itself stands."""
    now = clock_of(session).now()
    blanked = (
        update(ExternalIncome)
        .where(ExternalIncome.blanked_at.is_(None))
        .where(ExternalIncome.sold_on < (now - KEPT_FOR_ACCOUNTS).date())
        .values(buyer="", contact=None, blanked_at=now)
        .execution_options(synchronize_session=False)
    )
    return changed_rows(session.execute(blanked))
