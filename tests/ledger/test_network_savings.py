"""A network's savings count an event once, leave internal sales out, and are the members' to share."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Organisation
from app.accounts.rules import Role
from app.impact.rules import View
from app.kit.errors import Forbidden, NotFound
from app.ledger.models import LedgerEntry
from app.ledger.queries_network import NetworkSavings, network_savings
from app.networks.models import Network, NetworkMember
from app.networks.service import OfNetwork, ShareSavings, end, share_savings
from tests.databases import RolledBackDatabase
from tests.handovers.crossings import given, promised, received
from tests.ledger import trips
from tests.ledger.trips import Load
from tests.marketplace.stalls import acting
from tests.people import Organised, SignedInAs


def the_network(session: Session) -> Network:
    return session.scalars(select(Network)).one()


def shares(session: Session, org: Organised, *, yes: bool = True) -> None:
    command = ShareSavings(network_id=the_network(session).id, shares_savings=yes)
    share_savings(session, acting(session, org, Role.ADMIN), command)


def together(session: Session, org: Organised, year: int | None = None) -> NetworkSavings:
    session.flush()
    return network_savings(session, acting(session, org), the_network(session).id, year)


def gross(session: Session, org: Organised) -> list[LedgerEntry]:
    query = select(LedgerEntry).where(
        LedgerEntry.org_id == org.org_id, LedgerEntry.view == View.GROSS
    )
    return list(session.scalars(query))


def test_a_piece_that_goes_between_two_members_counts_once_and_its_price_not_at_all(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    priced: dict[str, Any] = {"terms": "price", "price_ore": 50_000, "category_id": "CHAIR_TASK"}
    row = promised(session, org, foreign_org, 1, mass_g=15_000, **priced)
    received(session, foreign_org, row, given(session, org, row))
    for each in (org, foreign_org):
        shares(session, each)
    [giver], [taker] = gross(session, org), gross(session, foreign_org)
    found = together(session, org)
    total = found.views[View.GROSS]
    assert (total.uses, found.internal_uses, found.internal_sales) == (1, 1, 1)
    assert total.waste_g.value == giver.waste_g == 15_000
    assert total.co2e_g.value == taker.co2e_g
    assert total.value_chain_waste_g.value == taker.value_chain_waste_g
    assert found.internal_ore == {"NOK": 50_000}
    # Neither the seller's income nor what its price did to the buyer's costs is left.
    (saved,) = total.saved_ore.values()
    assert giver.saved_ore is not None
    assert giver.saved_ore - 50_000 == round(giver.waste_g * 0.25)
    least = int(0.4 * taker.new_price_ore)
    assert saved.value == giver.saved_ore - 50_000 + taker.new_price_ore - least


def test_without_the_givers_savings_the_sale_is_one_from_outside(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    priced: dict[str, Any] = {"terms": "price", "price_ore": 50_000, "category_id": "CHAIR_TASK"}
    row = promised(session, org, foreign_org, 1, **priced)
    received(session, foreign_org, row, given(session, org, row))
    shares(session, foreign_org)
    [taker] = gross(session, foreign_org)
    found = together(session, org)
    assert (found.views[View.GROSS].uses, found.internal_uses) == (1, 0)
    assert found.views[View.GROSS].saved_ore["NOK"].value == taker.saved_ore
    assert found.views[View.GROSS].waste_g.value == 0
    assert len(found.members) == 1


def test_what_waits_for_a_rate_is_said_to_wait_and_is_no_zero(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
) -> None:
    with database.write() as session:
        session.get_one(Organisation, foreign_org.org_id).currency = "SEK"
        promised(session, org, foreign_org, 1)
        shares(session, foreign_org)
        trips.handed_over(session, foreign_org, [Load(trips.an_item(session, foreign_org))])
        total = together(session, org).views[View.GROSS]
        network_id = the_network(session).id
    assert (total.uses, total.unpriced, total.saved_ore) == (1, 1, {})
    page = signed_in_as(Role.FURNITURE_MANAGER).get(f"/nettverk/{network_id}/besparelser").text
    assert "For 1 overlevering er spart ikke beregnet" in page
    assert "SEK" not in page
    with database.write() as session:
        shares(session, org)
        trips.handed_over(session, org, [Load(trips.an_item(session, org))])
        total = together(session, org).views[View.GROSS]
    assert (total.uses, total.unpriced, list(total.saved_ore)) == (2, 1, ["NOK"])


def test_uses_at_home_are_added_and_years_are_apart(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    promised(session, org, foreign_org, 1)
    for each in (org, foreign_org):
        shares(session, each)
        trips.handed_over(session, each, [Load(trips.an_item(session, each))])
    entries = [*gross(session, org), *gross(session, foreign_org)]
    found = together(session, org)
    assert found.views[View.GROSS].uses == 2
    assert found.views[View.GROSS].co2e_g.value == sum(each.co2e_g or 0 for each in entries)
    assert found.years == [2026]
    assert together(session, org, 2026).views == found.views
    nothing = together(session, org, 2025).views[View.NET]
    assert (nothing.uses, nothing.co2e_g.value, nothing.saved_ore) == (0, 0, {})


def test_only_members_see_it_only_who_shares_is_in_it_and_an_ended_network_has_none(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    promised(session, org, foreign_org, 1)
    trips.handed_over(session, org, [Load(trips.an_item(session, org))])
    assert together(session, foreign_org).views[View.GROSS].uses == 0
    with pytest.raises(Forbidden):
        share_savings(
            session,
            acting(session, org, Role.FURNITURE_MANAGER),
            ShareSavings(network_id=the_network(session).id, shares_savings=True),
        )
    shares(session, org)
    assert together(session, foreign_org).views[View.GROSS].uses == 1
    shares(session, org, yes=False)
    assert together(session, foreign_org).members == []
    shares(session, org)
    network = the_network(session)
    host = org if network.host_org_id == org.org_id else foreign_org
    end(session, acting(session, host, Role.ADMIN), OfNetwork(network_id=network.id))
    assert together(session, foreign_org).members == []
    member = session.scalars(
        select(NetworkMember).where(NetworkMember.org_id == foreign_org.org_id)
    ).one()
    session.delete(member)
    session.flush()
    with pytest.raises(NotFound):
        network_savings(session, acting(session, foreign_org), network.id)


def test_the_page_shares_and_shows(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
) -> None:
    with database.write() as session:
        promised(session, org, foreign_org, 1)
        trips.handed_over(session, org, [Load(trips.an_item(session, org))])
        network_id = the_network(session).id
    page = f"/nettverk/{network_id}/besparelser"
    admin = signed_in_as(Role.ADMIN)
    assert "Ingen deler besparelsene sine" in admin.get(page).text
    form = {"key": "1", "shares_savings": "true"}
    said = admin.post(f"{page}/del", data=form, follow_redirects=True)
    assert "Besparelsene deres er med i nettverkets" in said.text
    assert "1 ombruk" in admin.get(page, params={"ar": 2026}).text
    assert page in admin.get(f"/nettverk/{network_id}").text
    told = admin.get(f"/api/v1/networks/{network_id}/savings").json()
    assert told["views"]["gross"]["uses"] == 1
    assert admin.get(page, params={"ar": "x"}).status_code == 422
    body = {"network_id": str(network_id), "shares_savings": False}
    assert admin.post("/api/v1/networks/share-savings", json=body).status_code == 200
    assert admin.get(f"/api/v1/networks/{network_id}/savings").json()["members"] == []
    stranger = signed_in_as(Role.EMPLOYEE)
    assert stranger.post(f"{page}/del", data={"shares_savings": "true"}).status_code == 403
