"""A public page to arrange with: switched on, with a listing that has gone all the way."""

from typing import Any

from sqlalchemy.orm import Session

from app.kit.db import clock_of
from app.marketplace import service_buyers, service_sale
from app.marketplace.models import Listing
from app.marketplace.models_public import BuyerAsk, PublicMarket
from app.marketplace.queries_public import market_of, public_card
from app.marketplace.rules import Stage
from app.marketplace.service_public import SetPublicMarket, set_public_market
from tests.marketplace.stalls import a_listing, acting
from tests.people import Organised

AT_PUBLIC: dict[str, Any] = {
    "unit_days": 0,
    "organisation_days": 0,
    "network_days": 0,
    "last_stage": Stage.PUBLIC,
}
SLUG = "prove"


def a_public_page(session: Session, org: Organised, **changes: Any) -> PublicMarket:
    row = session.scalar(market_of(org.org_id))
    values = {"is_open": True, "slug": SLUG, "area": "Sola kommune", "pick_up": "Hverdager 9–15"}
    command = SetPublicMarket(version=row.version if row else 0, **(values | changes))
    return set_public_market(session, acting(session, org), command)


def a_public_listing(session: Session, org: Organised, pieces: int = 1, **changes: Any) -> Listing:
    """With a public page where there is none yet."""
    if session.scalar(market_of(org.org_id)) is None:
        a_public_page(session, org)
    return a_listing(session, org, pieces, **(AT_PUBLIC | changes))


def wished(
    session: Session, listing: Listing, wanted: int = 1, *, address: str = "", **fields: Any
) -> BuyerAsk:
    """What a stranger asks for, unconfirmed."""
    values = {"name": "Kari Nordmann", "email": "kari@example.no", "wanted": wanted} | fields
    card = public_card(session, session_today(session), listing.id)
    assert card is not None
    return service_buyers.ask_to_buy(
        session,
        card,
        service_buyers.AskToBuy.model_validate(values),
        address=address,
        language="nb",
    )


def session_today(session: Session) -> Any:
    return clock_of(session).today()


def confirmed(session: Session, listing: Listing, wanted: int = 1, **fields: Any) -> BuyerAsk:
    return service_buyers.confirm_ask(session, wished(session, listing, wanted, **fields))


def said_yes(session: Session, org: Organised, ask: BuyerAsk, quantity: int) -> BuyerAsk:
    command = service_sale.AnswerBuyer(buyer_ask_id=ask.id, quantity=quantity)
    return service_sale.answer_buyer(session, acting(session, org), command)


def fetched(session: Session, org: Organised, ask: BuyerAsk, vat_percent: int = 0) -> BuyerAsk:
    command = service_sale.HandOverBuyer(buyer_ask_id=ask.id, vat_percent=vat_percent)
    return service_sale.hand_over_buyer(session, acting(session, org), command)
