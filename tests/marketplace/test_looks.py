"""A look at the market: its filters and facets against a plain look, and its orders."""

import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.impact.queries import factors_of
from app.items.models import Item
from app.kit.paging import CursorUnknown
from app.marketplace import service
from app.marketplace.commands_look import METRES, Available, MarketLook, Sort, Within
from app.marketplace.models import Listing, ListingItem
from app.marketplace.rules import Stage, Terms
from app.marketplace.search import Card, Found, search_market
from app.marketplace.traits import Colour, Material, colour_of, material_of
from app.places.models import Place, PlaceKind
from app.places.rules import straight_m
from app.places.service import AddPlace, add_places
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing, a_request, acting
from tests.people import Organised, SignedInAs

TODAY = date(2026, 3, 2)
HERE = (61_450_000, 5_850_000)
COLOURS = ("svart", "Mørk grå", "grønn", None, "RAL 3003")
MATERIALS = ("ull", "stål", None)


def found(
    session: Session, org: Organised, cursor: str | None = None, limit: int = 200, **wanted: Any
) -> Found[Card]:
    look = MarketLook(**wanted)
    return search_market(
        session, acting(session, org), look, today=TODAY, kind=Card, cursor=cursor, limit=limit
    )


def placed(session: Session, org: Organised) -> list[UUID]:
    """Rooms in buildings 0 to 60 km to the north, the first of them where ``org``'s building is."""
    actor = acting(session, org)
    first = session.get_one(Place, org.building_id)
    first.latitude_udeg, first.longitude_udeg = HERE
    rooms = [org.room_id, org.storage_id]
    for n, metres in enumerate((300, 1_500, 4_900, 5_100, 19_500, 60_000)):
        commands = [
            AddPlace(
                kind=PlaceKind.BUILDING,
                name=f"Hus {n}",
                latitude=str((HERE[0] + round(metres / 0.1112)) / 1_000_000),
                longitude=str(HERE[1] / 1_000_000),
            )
        ]
        (house,) = add_places(session, actor, commands)
        room = AddPlace(kind=PlaceKind.ROOM, name="101", parent_id=house.id)
        rooms += [each.id for each in add_places(session, actor, [room])]
    nowhere = AddPlace(kind=PlaceKind.BUILDING, name="Ukjent")
    return rooms + [each.id for each in add_places(session, actor, [nowhere])]


def filled(session: Session, org: Organised, seed: int, listings: int = 40) -> list[UUID]:
    chance, rooms = random.Random(seed), placed(session, org)
    for _ in range(listings):
        terms = chance.choice(list(Terms))
        a_listing(
            session,
            org,
            chance.randint(1, 2),
            name=chance.choice(("Rokkeling", "Vippang")),
            category_id=chance.choice(("CHAIR_TASK", "SOFA_2", "DESK_SITSTAND")),
            colour=chance.choice(COLOURS),
            material=chance.choice(MATERIALS),
            place_id=chance.choice(rooms),
            from_date=TODAY + timedelta(days=chance.choice((0, 0, 7, 28, 29, 200))),
            terms=terms,
            price_ore=5_000 if terms is Terms.PRICE else None,
        )
    for listing in chance.sample(list(session.scalars(select(Listing))), 4):
        service.withdraw(session, acting(session, org), [service.OfListing(listing_id=listing.id)])
    return rooms


class Plain:
    """Every open listing by a plain look at its pieces."""

    def __init__(self, session: Session) -> None:
        rows = session.execute(
            select(Listing, Item)
            .join(ListingItem, ListingItem.listing_id == Listing.id)
            .join(Item, Item.id == ListingItem.item_id)
            .where(ListingItem.left_at.is_(None))
        ).all()
        self.by_id = {listing.id: (listing, item) for listing, item in rows}
        self.places = {each.id: each for each in session.scalars(select(Place))}

    def ids(self, look: MarketLook) -> set[UUID]:
        return {
            key for key, (listing, item) in self.by_id.items() if self._fits(look, listing, item)
        }

    def _fits(self, look: MarketLook, listing: Listing, item: Item) -> bool:
        by = look.available_by
        if by is None and look.available is not None:
            by = TODAY + timedelta(days=28 if look.available is Available.SOON else 0)
        return (
            (not look.colour or colour_of(item.colour) in look.colour)
            and (not look.material or material_of(item.material) in look.material)
            and (not look.terms or listing.terms in look.terms)
            and (not look.stage or listing.stage in look.stage)
            and (not look.category_id or item.category_id == look.category_id)
            and (not look.words or look.words == item.name)
            and (by is None or listing.from_date <= max(by, TODAY))
            and (look.within is None or self._is_within(look.within, look.from_place_id, item))
        )

    def _path(self, place_id: UUID | None) -> list[Place]:
        path = []
        while place_id is not None:
            path.append(self.places[place_id])
            place_id = path[-1].parent_id
        return path

    def position(self, place_id: UUID) -> tuple[int, int] | None:
        for each in self._path(place_id):
            if each.latitude_udeg is not None and each.longitude_udeg is not None:
                return each.latitude_udeg, each.longitude_udeg
        return None

    def _is_within(self, within: Within, start: UUID | None, item: Item) -> bool:
        assert start is not None
        if within is Within.BUILDING:
            path = self._path(start)
            house = next((each for each in path if each.kind is PlaceKind.BUILDING), path[0])
            return house in self._path(item.place_id)
        here, there = self.position(start), self.position(item.place_id)
        return bool(here and there and straight_m(here, there) <= METRES[within])


@pytest.mark.parametrize("seed", range(2))
def test_each_filter_finds_what_a_plain_look_finds_and_each_count_is_what_it_would_give(
    session: Session, org: Organised, seed: int
) -> None:
    rooms = filled(session, org, seed)
    plain = Plain(session)
    searches: tuple[dict[str, Any], ...] = (
        {},
        {"words": "Rokkeling", "colour": ["black", "other"]},
        {"material": ["textile"], "available": "now"},
        {"terms": ["free", "offers"], "available": "soon"},
        {"available_by": TODAY + timedelta(days=29), "colour": ["grey"]},
        {"available_by": TODAY - timedelta(days=40), "available": "soon"},
        {"stage": ["organisation"], "category_id": "SOFA_2"},
        {"stage": ["unit"]},
        {"from_place_id": org.room_id, "within": "building"},
        {"from_place_id": org.room_id, "within": "1km", "terms": ["price"]},
        {"from_place_id": org.building_id, "within": "5km", "words": "Vippang"},
        {"from_place_id": rooms[4], "within": "20km", "available": "now", "colour": ["green"]},
        {"from_place_id": rooms[-1], "within": "1km"},
        {"from_place_id": rooms[-1], "within": "building"},
        {"from_place_id": uuid4(), "within": "building"},
    )
    for wanted in searches:
        if wanted.get("from_place_id") not in {*plain.places, None}:
            assert found(session, org, **wanted).total == 0
            continue
        answer, look = found(session, org, **wanted), MarketLook(**wanted)
        assert {each.listing_id for each in answer.cards} == plain.ids(look), wanted
        assert answer.total == len(answer.cards), wanted
        many: dict[str, tuple[Any, Any]] = {
            "colour": (Colour, answer.facets.colours),
            "material": (Material, answer.facets.materials),
            "stage": (Stage, answer.facets.stages),
            "terms": (Terms, answer.facets.terms),
        }
        for name, (kind, counts) in many.items():
            each_alone = {
                each: len(plain.ids(MarketLook(**{**wanted, name: [each]}))) for each in kind
            }
            chosen = wanted.get(name, ())
            assert dict(counts) == {k: n for k, n in each_alone.items() if n or k in chosen}, wanted
        free = {key: value for key, value in wanted.items() if key != "available_by"}
        for when, count in answer.facets.available:
            assert count == len(plain.ids(MarketLook(**{**free, "available": when}))), wanted
        for within, count in answer.facets.distances:
            assert count == len(plain.ids(MarketLook(**{**wanted, "within": within}))), wanted


def test_distances_are_told_only_as_far_as_they_are_known(session: Session, org: Organised) -> None:
    rooms = filled(session, org, 3)
    assert found(session, org).facets.distances == ()
    assert [
        each for each, _ in found(session, org, from_place_id=rooms[0]).facets.distances
    ] == list(Within)
    unknown = found(session, org, from_place_id=rooms[-1]).facets
    assert [each for each, _ in unknown.distances] == [Within.BUILDING]
    assert (rooms[-1], "Ukjent") in unknown.origins
    assert (rooms[-1], "Ukjent") not in found(session, org).facets.origins


def paged(session: Session, org: Organised, **wanted: Any) -> list[Card]:
    cards: list[Card] = []
    cursor = None
    while True:
        some = found(session, org, cursor, 7, **wanted)
        cards += some.cards
        cursor = some.next
        if cursor is None:
            return cards


def test_pages_in_any_order_hold_each_listing_once_and_in_that_order(
    session: Session, org: Organised
) -> None:
    filled(session, org, 4)
    plain = Plain(session)
    category = factors_of(session).factor_set.categories

    def metres(card: Card) -> int:
        there = plain.position(card.place_id)
        return 10**9 if there is None else straight_m(HERE, there)

    def saved(card: Card) -> int:
        gwp = category[card.category_id].gwp_g
        return gwp.value if gwp else 0

    for words in ("", "Rokkeling", "rokkelign"):
        everything = found(session, org, words=words).cards
        newest = paged(session, org, words=words, sort=Sort.NEWEST)
        assert len(everything) > 7
        assert {each.listing_id for each in newest} == {each.listing_id for each in everything}
        nearest = paged(session, org, words=words, sort=Sort.NEAREST, from_place_id=org.room_id)
        assert nearest == sorted(newest, key=metres), words
        largest = paged(session, org, words=words, sort=Sort.SAVING)
        assert largest == sorted(newest, key=lambda card: -saved(card)), words
        narrowed = {"within": "20km", "from_place_id": org.room_id, "colour": ["black"]}
        near = paged(session, org, words=words, sort=Sort.NEAREST, **narrowed)
        assert near == [
            each for each in nearest if each.colour == "svart" and metres(each) < 20_000
        ]


def test_nearest_to_nowhere_is_the_newest(session: Session, org: Organised) -> None:
    rooms = filled(session, org, 5, 12)
    newest = found(session, org, sort=Sort.NEWEST).cards
    assert found(session, org, sort=Sort.NEAREST).cards == newest
    assert found(session, org, sort=Sort.NEAREST, from_place_id=rooms[-1]).cards == newest
    assert found(session, org, sort=Sort.NEAREST, from_place_id=uuid4()).cards == newest


def test_a_cursor_of_another_order_is_refused(session: Session, org: Organised) -> None:
    filled(session, org, 6, 12)
    by_saving = found(session, org, limit=3, sort=Sort.SAVING).next
    newest = found(session, org, limit=3).next
    for cursor, order in ((by_saving, Sort.NEWEST), (newest, Sort.SAVING), ("k1", Sort.SAVING)):
        with pytest.raises(CursorUnknown):
            found(session, org, cursor, sort=order)


def test_another_organisation_s_place_is_nowhere(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    filled(session, org, 7, 12)
    session.get_one(Place, foreign_org.building_id).latitude_udeg = HERE[0]
    session.get_one(Place, foreign_org.building_id).longitude_udeg = HERE[1]
    session.flush()
    theirs: dict[str, Any] = {"from_place_id": foreign_org.building_id}
    for within in Within:
        assert found(session, org, **theirs, within=within).total == 0
    facets = found(session, org, **theirs).facets
    assert facets.distances == ()
    assert foreign_org.building_id not in dict(facets.origins)


def test_the_page_keeps_the_look_in_the_address_and_takes_each_filter_away_by_itself(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        for colour in ("svart", "svart", "rød"):
            a_listing(session, org, 1, colour=colour, material="ull", place_id=org.room_id)
    client = signed_in_as(Role.EMPLOYEE)
    page = client.get("/marked?colour=black&material=textile&sort=saving&available=now").text
    assert "2 treff" in page
    for text in ("Svart (2)", "Rød (1)", "Tekstil (2)", "Nå (2)", "Fjern filteret Svart"):
        assert text in page, text
    without = "/marked?available=now&amp;sort=saving&amp;material=textile"
    assert f'href="{without}" aria-label="Fjern filteret Svart"' in page
    assert 'aria-current="true">Størst klimagevinst' in page
    assert "Nærmest" not in page
    assert 'name="sort" value="saving"' in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("within=1km", "Velg stedet avstanden skal regnes fra."),
        ("within=1km&from_place_id=nei", "from_place_id"),
        ("colour=xyz", "colour"),
        ("available_by=i%20morgen", "available_by"),
        ("sort=best", "sort"),
    ],
)
def test_what_can_not_be_read_is_said_and_filters_nothing(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs, query: str, said: str
) -> None:
    with database.write() as session:
        a_listing(session, org, 1, name="Kontorstol")
    client = signed_in_as(Role.EMPLOYEE)
    answer = client.get(f"/marked?{query}")
    assert answer.status_code == 422
    assert said in answer.text
    assert "Kontorstol" in answer.text
    assert client.get(f"/api/v1/market?{query}").status_code == 422


def test_distances_are_reckoned_from_where_the_reader_last_had_something_brought(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        placed(session, org)
        listing = a_listing(session, org, 2, place_id=org.room_id)
        a_listing(session, org, 1, place_id=org.storage_id)
        a_request(session, org, listing, place_id=org.room_id)
    page = signed_in_as(Role.EMPLOYEE).get("/marked").text
    assert "Samme bygg (2)" in page
    assert f'value="{org.room_id}" selected' in page
    assert "Nærmest" in page
    other = signed_in_as(Role.FURNITURE_MANAGER).get("/marked").text
    assert "Samme bygg" not in other
    assert 'name="from_place_id"' in other
    assert "Samme bygg" not in signed_in_as(Role.EMPLOYEE).get("/marked?from_place_id=").text


def test_the_api_takes_the_look_and_answers_with_its_facets(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        a_listing(session, org, 1, colour="svart", material="stål")
        a_listing(session, org, 1, colour="blå", from_date=TODAY + timedelta(days=4000))
    answer = signed_in_as(Role.EMPLOYEE).get(
        "/api/v1/market",
        params={"available": "soon", "sort": "saving", "colour": ["black", "blue"]},
    )
    assert answer.json()["total"] == 1
    facets = answer.json()["facets"]
    assert facets["colours"] == [{"colour": "black", "count": 1}, {"colour": "blue", "count": 0}]
    assert facets["available"] == [{"available": each, "count": 1} for each in ("now", "soon")]
    assert facets["terms"] == [{"terms": "free", "count": 1}]


def test_a_heart_keeps_the_listing_and_leads_back_to_the_list(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        ids = [a_listing(session, org, 1, name=f"Stol {n}").id for n in range(3)]
    client = signed_in_as(Role.EMPLOYEE)
    here = "/marked?words=stol&sort=newest"
    assert client.get(here).text.count('class="card-keep"') == 3
    form = {"listing_id": str(ids[1]), "here": here}
    answer = client.post("/marked/favoritter", data=form, follow_redirects=False)
    assert answer.headers["location"] == f"{here}#kort-{ids[1]}"
    page = client.get(here).text
    assert "Fjern Stol 1 fra favoritter" in page
    assert "Lagre Stol 2 som favoritt" in page
    assert "Fjern Stol 1" not in signed_in_as().get(here).text
    client = signed_in_as(Role.EMPLOYEE)
    gone = client.post("/marked/favoritter/fjern", data=form, follow_redirects=False)
    assert gone.headers["location"] == f"{here}#kort-{ids[1]}"
    assert "Lagre Stol 1 som favoritt" in client.get(here).text


def test_a_heart_leads_to_no_other_host(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        listing = a_listing(session, org)
    for here in ("//evil.example/", "https://evil.example/", "/\\evil.example"):
        form = {"listing_id": str(listing.id), "here": here}
        answer = signed_in_as().post("/marked/favoritter", data=form, follow_redirects=False)
        assert answer.headers["location"] == "/"
