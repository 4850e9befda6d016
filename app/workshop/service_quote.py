"""Quotes: gathered, compared by rank and price, and one of them chosen."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.catalogue.queries_supplier import ranked, supplier_of
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Invalid, NotFound
from app.kit.events import publish
from app.kit.i18n import N_
from app.workshop.commands import AddQuote, ChooseQuote
from app.workshop.events import QuoteChosen, QuoteReceived, SupplierOrderApprovalAsked
from app.workshop.models import Quote, SupplierOrder
from app.workshop.queries import quotes_of
from app.workshop.rules import OrderState
from app.workshop.service import OrderOver, locked_order
from app.workshop.service_approval import waits_for_yes

WHY = N_("Leverandøren er ikke først i rammeavtalen. Skriv hvorfor den velges.")


def add_quote(session: Session, actor: Actor, command: AddQuote) -> SupplierOrder:
    """A supplier's new price is chosen anew. Raises ``OrderOver``, ``NotFound``, ``Invalid``."""
    actor.must(Permission.SUPPLIER_ORDER)
    order = _draft(session, actor, command.supplier_order_id)
    supplier = supplier_of(session, actor, command.supplier_id)
    today = clock_of(session).today()
    wrong: dict[str, str] = {}
    if supplier.ended_on is not None:
        wrong["supplier_id"] = N_("Det bestilles ikke mer fra denne leverandøren.")
    if command.valid_until is not None and command.valid_until < today:
        wrong["valid_until"] = N_("Datoen er passert.")
    if command.delivery_on is not None and command.delivery_on < today:
        wrong["delivery_on"] = N_("Datoen er passert.")
    if wrong:
        raise Invalid(by_field=wrong)
    values = command.model_dump(exclude={"supplier_order_id", "supplier_id"})
    quote = session.scalar(
        quotes_of(actor, [order.id]).where(Quote.supplier_id == command.supplier_id)
    )
    if quote is None:
        quote = Quote(
            id=new_id(),
            org_id=order.org_id,
            supplier_order_id=order.id,
            supplier_id=command.supplier_id,
        )
        session.add(quote)
    elif quote.chosen_at is not None:
        quote.chosen_at, quote.chosen_why = None, None
        order.supplier_id, order.price_ore = None, None
    for name, value in values.items():
        setattr(quote, name, value)
    quote.person_id, quote.created_at = actor.person_id, clock_of(session).now()
    told = QuoteReceived.of(
        order, actor.person_id, supplier_id=quote.supplier_id, price_ore=quote.price_ore
    )
    publish(session, [told])
    return order


def choose_quote(session: Session, actor: Actor, command: ChooseQuote) -> SupplierOrder:
    """Another than the first-ranked is chosen for a reason. Raises ``Invalid``, ``OrderOver``."""
    actor.must(Permission.SUPPLIER_ORDER)
    order = _draft(session, actor, command.supplier_order_id)
    quotes = {each.id: each for each in session.scalars(quotes_of(actor, [order.id]))}
    quote = quotes.get(command.quote_id)
    if quote is None:
        raise NotFound(N_("Fant ikke tilbudet."))
    today = clock_of(session).today()
    if quote.valid_until is not None and quote.valid_until < today:
        raise Invalid(by_field={"quote_id": N_("Tilbudet gjelder ikke lenger.")})
    supplier = supplier_of(session, actor, quote.supplier_id)
    if supplier.ended_on is not None:
        text = N_("Det bestilles ikke mer fra denne leverandøren.")
        raise Invalid(by_field={"quote_id": text})
    first = next(iter(ranked(session, actor, order.work, today)), None)
    is_first = first is None or first == quote.supplier_id
    if not is_first and command.why is None:
        raise Invalid(by_field={"why": WHY})
    for each in quotes.values():
        each.chosen_at, each.chosen_why = None, None
    session.flush()  # the other is let go of before this one is chosen: one index holds both
    quote.chosen_at = clock_of(session).now()
    quote.chosen_why = command.why
    order.supplier_id, order.price_ore = quote.supplier_id, quote.price_ore
    told = QuoteChosen.of(
        order,
        actor.person_id,
        supplier_id=quote.supplier_id,
        price_ore=quote.price_ore,
        is_first_ranked=is_first,
    )
    publish(session, [told])
    if waits_for_yes(session, order, quote.price_ore):
        asked = SupplierOrderApprovalAsked.of(order, actor.person_id, price_ore=quote.price_ore)
        publish(session, [asked])
    return order


def _draft(session: Session, actor: Actor, order_id: UUID) -> SupplierOrder:
    order = locked_order(session, actor, order_id)
    if order.state is not OrderState.DRAFT:
        raise OrderOver(state=order.state.value)
    return order
