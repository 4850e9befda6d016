"""The public page: what is out for everybody, a bid that waits, and a sale that was fetched."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.demo.furniture import C, Lot
from app.demo.stage import STORAGE, Stage
from app.kit.clock import MovedClock
from app.marketplace.commands import Offer
from app.marketplace.models import Listing
from app.marketplace.queries_public import public_card
from app.marketplace.rules import Stage as Reach
from app.marketplace.rules import Terms
from app.marketplace.service import offer
from app.marketplace.service_buyers import AskToBuy, ask_to_buy, confirm_ask
from app.marketplace.service_public import (
    SetPublicMarket,
    SetPublicTerms,
    set_public_market,
    set_public_terms,
)
from app.marketplace.service_sale import AnswerBuyer, HandOverBuyer, answer_buyer, hand_over_buyer

LOTS = (
    Lot("stabel", 12, "Kantinen", STORAGE, C.C, is_free=True),
    Lot("kaffe", 3, "Administrasjon", STORAGE, is_free=True),
    Lot("lampe", 4, "Administrasjon", STORAGE, is_free=True),
    Lot("bok", 5, "IKT", STORAGE, C.C, is_free=True),
)
"""What nobody in the trust had use for."""


def play(
    session: Session, stage: Stage, clock: MovedClock, pieces: Mapping[str, Sequence[UUID]]
) -> None:
    manager = stage.actors["manager"]
    set_public_market(
        session,
        manager,
        SetPublicMarket(
            version=0,
            is_open=True,
            slug="fjordlandet",
            area="Fjordvik kommune",
            pick_up="Hentes på dagtid etter avtale. Kjøperen bærer selv.",
            seller="Fjordlandet helseforetak\nSykehusveien 1, 6800 Fjordvik",
            vat_percent=25,
        ),
    )
    chairs, tables, lamps, shelves = (
        _out(session, stage, clock, pieces[each.model]) for each in LOTS
    )
    for listing, terms, price in (
        (tables, Terms.OFFERS, None),
        (lamps, Terms.PRICE, 25_000),
        (shelves, Terms.PRICE, 40_000),
    ):
        set_public_terms(
            session,
            manager,
            SetPublicTerms(listing_id=listing.id, terms=terms, price_ore=price, version=0),
        )
    sold = _asked(session, clock, shelves, "Elin Strand", wanted=5)
    answer_buyer(session, manager, AnswerBuyer(buyer_ask_id=sold, quantity=5, answer="Kom fredag."))
    clock.move(timedelta(hours=4))
    hand_over_buyer(session, manager, HandOverBuyer(buyer_ask_id=sold, vat_percent=25))
    _asked(
        session,
        clock,
        tables,
        "Tor Haug",
        wanted=1,
        offer_ore=35_000,
        message="Kan hente i helgen.",
    )
    _asked(session, clock, chairs, "Fjordvik vel", wanted=8, message="Til grendehuset.")


def _out(session: Session, stage: Stage, clock: MovedClock, pieces: Sequence[UUID]) -> Listing:
    """Past the stages at once: what is not wanted inside was seen there long enough."""
    clock.move(timedelta(minutes=7))
    command = Offer(
        item_ids=list(pieces),
        unit_days=0,
        organisation_days=0,
        network_days=0,
        last_stage=Reach.PUBLIC,
    )
    [listing] = offer(session, stage.actors["manager"], [command])
    return listing


def _asked(
    session: Session, clock: MovedClock, listing: Listing, name: str, **fields: object
) -> UUID:
    """By somebody who has confirmed the address; the letters themselves are not the story's."""
    clock.move(timedelta(minutes=20))
    card = public_card(session, clock.today(), listing.id)
    assert card is not None
    email = f"{name.split(maxsplit=1)[0].lower()}@post.example"
    command = AskToBuy.model_validate({"name": name, "email": email, **fields})
    ask = ask_to_buy(session, card, command, address="demo", language="nb")
    return confirm_ask(session, ask).id
