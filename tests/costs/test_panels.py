"""Before it is ordered the unit sees what it will cost, and an order to a supplier says who pays."""

from app.accounts.rules import Role
from app.costs.rules import InternalPrice, Kind
from app.marketplace.models import Listing, RequestLine
from app.marketplace.rules import Terms
from app.marketplace.service import PutInBasket, put_in_basket
from app.workshop.service_deliver import deliver_order
from tests.costs.arranged import a_rule
from tests.costs.test_received import on_its_way, taken
from tests.databases import RolledBackDatabase
from tests.factories import CHAIR, an_item
from tests.handovers.orders import an_order
from tests.marketplace.openings import a_public_page
from tests.marketplace.stalls import a_listing, acting
from tests.people import Organised, SignedInAs
from tests.workshop.orders import confirmed, delivery, drafted

PANEL = "Dette belastes enheten som bestiller"


def test_the_basket_says_what_it_will_cost_the_unit(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        listing = a_listing(session, org, 3, new_price_ore=200_000)
        put = PutInBasket(listing_id=listing.id, wanted=2)
        put_in_basket(session, acting(session, org, Role.EMPLOYEE), [put])
    client = signed_in_as(Role.EMPLOYEE)
    assert PANEL not in client.get("/kurv").text
    with database.write() as session:
        shares = {Kind.INTERNAL_PRICE: (0, 80, 20), Kind.FREIGHT: (0, 45, 55)}
        percent = {"price_kind": InternalPrice.PERCENT, "price_percent": 10}
        a_rule(session, org, shares, **percent)
    text = client.get("/kurv").text
    assert PANEL in text
    assert "ca. 320" in text  # 80 % of a tenth of 2 × 2,000 kr
    assert "45 % av det det koster" in text
    assert "Håndtering" not in text
    with database.write() as session:
        row = session.get_one(Listing, listing.id)
        row.terms, row.price_ore = Terms.PRICE, 50_000
        a_public_page(session, org, vat_percent=25)
    assert "ca. 640" in client.get("/kurv").text  # 80 % of 2 × 400 kr without VAT


def test_a_request_says_what_is_to_come_and_what_is_booked(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        fixed = {
            "price_kind": InternalPrice.FIXED,
            "prices": [{"category_id": CHAIR, "price_ore": 10_000}],
        }
        a_rule(session, org, {Kind.INTERNAL_PRICE: (0, 100, 0)}, **fixed)
        ordered = an_order(session, org, 3)
        lines = on_its_way(session, org, ordered)
        request_id = session.get_one(RequestLine, ordered.line_id).request_id
    path = f"/bestillinger/{request_id}"
    client = signed_in_as(Role.EMPLOYEE)
    before = client.get(path).text
    assert "ca. 300" in before
    assert "Bokført så langt" not in before
    with database.write() as session:
        taken(session, ordered, lines[:1])
    after = client.get(path).text
    assert "ca. 200" in after
    assert "100,00" in after


def test_an_order_to_a_supplier_says_who_pays_before_and_after_the_delivery(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        manager = acting(session, org)
        a_rule(session, org, {Kind.WORK: (0, 70, 30)})
        item = an_item(session, org)
        order = drafted(
            session,
            manager,
            org,
            item_ids=[item.id],
            unit_id=org.other_unit_id,
            place_id=org.room_id,
        )
        confirmed(session, manager, order, 100_000)
    client = signed_in_as()
    before = client.get(f"/oppdrag/{order.id}").text
    assert "Mottakeren 70 %, fellesenheten 30 %" in before
    assert "700,00" in before
    # The page is the supplier's order when it is printed.
    assert 'no-print" aria-labelledby="costs-panel"' in before
    with database.write() as session:
        told = delivery(session, order, invoiced_ore=110_000)
        deliver_order(session, acting(session, org), told)
    after = client.get(f"/oppdrag/{order.id}").text
    assert "4200 Kirurgi" in after
    assert "770,00" in after
