"""A typing error that happens to find something: the hits stay, and what was meant is offered."""

from datetime import date

from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.marketplace.commands_look import MarketLook
from app.marketplace.search import Tile, search_market
from app.marketplace.search_meant import Meant, meant
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing, acting
from tests.marketplace.test_network_market import AT_NETWORK
from tests.networks.circles import a_network
from tests.people import Organised, SignedInAs

TODAY = date(2026, 3, 2)


def offered(session: Session, org: Organised, words: str, **wanted: object) -> Meant | None:
    look = MarketLook.model_validate({"words": words, **wanted})
    actor = acting(session, org)
    total = search_market(session, actor, look, today=TODAY, kind=Tile).total
    return meant(session, actor, look, total, TODAY)


def filled(session: Session, org: Organised) -> None:
    for n in range(8):
        a_listing(
            session, org, name="Vippang", category_id="LAMP_DESK", colour="rød" if n else "blå"
        )
    a_listing(session, org, name="Vippong", category_id="LAMP_DESK")


def test_a_rare_word_beside_a_common_one_may_be_a_typing_error(
    session: Session, org: Organised
) -> None:
    filled(session, org)
    assert offered(session, org, "vippong") == Meant("vippang", 8)
    assert offered(session, org, "vippang") is None
    assert offered(session, org, "") is None
    assert offered(session, org, "vippong", colour=["red"]) == Meant("vippang", 7)
    assert offered(session, org, "vippong", colour=["green"]) is None


def test_where_nothing_answers_to_all_words_some_are_left_out(
    session: Session, org: Organised
) -> None:
    filled(session, org)
    a_listing(session, org, name="Krakk", category_id="LAMP_DESK")
    assert offered(session, org, "vippang til zzyzx") == Meant("vippang", 8, ("zzyzx",))
    assert offered(session, org, "zzyzx krakk") == Meant("krakk", 1, ("zzyzx",))
    # Of what is left, that which finds most; where no two go together, one alone.
    assert offered(session, org, "rød vippang zzyzx") == Meant("rød vippang", 7, ("zzyzx",))
    assert offered(session, org, "qwrt vippang zzyzx") == Meant("vippang", 8, ("qwrt", "zzyzx"))
    # The filters stay, and so does a search for one thing.
    assert offered(session, org, "vippang zzyzx", colour=["blue"]) == Meant(
        "vippang", 1, ("zzyzx",)
    )
    assert offered(session, org, "vippang zzyzx", colour=["green"]) is None
    assert offered(session, org, "zzyzx") is None
    assert offered(session, org, "qwrt zzyzx") is None


def test_the_page_says_which_words_it_left_out(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        filled(session, org)
    client = signed_in_as(Role.EMPLOYEE)
    page = client.get("/marked", params={"words": "vippang <qq>zzyzx"}).text
    assert "Ingen treff på alle ordene. Uten «qq zzyzx»:" in page
    assert '<a class="ds-link" href="/marked?words=vippang">vippang</a>' in page
    assert "Vis treff på «vippang»" in page
    assert "Vis alt på markedet" not in page
    assert "Vis alt på markedet" in client.get("/marked?words=zzyzx").text
    answer = client.get("/api/v1/market?words=vippang+zzyzx").json()
    assert answer["meant"] == {"words": "vippang", "total": 8, "left_out": ["zzyzx"]}


def test_another_organisation_s_words_are_not_offered(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    filled(session, foreign_org)
    a_listing(session, org, name="Vippong", category_id="LAMP_DESK")
    assert offered(session, org, "vippong") is None


def test_the_page_shows_the_hits_and_links_what_was_meant(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        filled(session, org)
    client = signed_in_as(Role.EMPLOYEE)
    page = client.get("/marked?words=vippong&sort=newest").text
    assert "1 treff" in page
    assert "Vippong" in page
    assert "Mente du" in page
    assert '/marked?words=vippang&amp;sort=newest"' in page
    assert "Mente du" not in client.get("/marked?words=vippang").text
    answer = client.get("/api/v1/market?words=vippong").json()
    assert (answer["total"], answer["meant"]) == (
        1,
        {"words": "vippang", "total": 8, "left_out": []},
    )
    assert client.get("/api/v1/market?words=vippang").json()["meant"] is None


def test_what_partners_show_is_meant_in_the_network(
    database: RolledBackDatabase, org: Organised, foreign_org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        a_network(session, org, foreign_org)
        for n in range(9):
            name = "Vippang" if n else "Vippong"
            a_listing(session, foreign_org, name=name, category_id="LAMP_DESK", **AT_NETWORK)
    client = signed_in_as(Role.EMPLOYEE)
    page = client.get("/marked/nettverket?words=vippong").text
    assert "Mente du" in page
    assert '/marked/nettverket?words=vippang"' in page
    answer = client.get("/api/v1/network-market?words=vippong").json()
    assert (answer["total"], answer["meant"]) == (
        1,
        {"words": "vippang", "total": 8, "left_out": []},
    )
    assert client.get("/api/v1/network-market?words=vippang").json()["meant"] is None
