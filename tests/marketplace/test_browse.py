"""What the market's page says to whoever looks at it."""

from app.accounts.rules import Role
from app.marketplace import service
from app.marketplace.commands import PutInBasket
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing, acting
from tests.people import Organised, SignedInAs


def test_the_market_says_how_much_is_in_the_reader_s_own_basket(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        listings = [a_listing(session, org, name=name) for name in ("Stol", "Bord")]
        employee = acting(session, org, Role.EMPLOYEE)
        lines = [PutInBasket(listing_id=each.id, wanted=1) for each in listings]
        service.put_in_basket(session, employee, lines)
    assert "Kurv (2)" in signed_in_as(Role.EMPLOYEE).get("/marked").text
    assert "Kurv (" not in signed_in_as().get("/marked").text
