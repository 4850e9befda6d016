"""The market's search: its rows against a plain look at every piece, after random histories."""

import random
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.service import EditModel, RegisterModel, edit_model, register_model
from app.items import asking
from app.items import service as items_service
from app.items.models import Item
from app.items.rules import Condition
from app.items.things import piece_words
from app.kit import codes
from app.kit.errors import Conflict
from app.kit.paging import CursorUnknown
from app.marketplace import queries, service
from app.marketplace.commands import MarketSearch
from app.marketplace.models import Listing, ListingItem, Request, RequestLine, Reservation
from app.marketplace.rules import ListingState, ReservationState
from app.marketplace.search import Card, Found, search_market
from app.marketplace.search_rows import ROWS
from tests.factories import some_items
from tests.marketplace.stalls import a_listing, a_request, acting, approved, reservations
from tests.people import Organised

TODAY = date(2026, 3, 2)


def found(
    session: Session, org: Organised, cursor: str | None = None, **wanted: Any
) -> Found[Card]:
    search = MarketSearch(**wanted)
    return search_market(
        session, acting(session, org), search, today=TODAY, kind=Card, cursor=cursor
    )


def names(session: Session, org: Organised, **wanted: Any) -> list[str]:
    return [card.name for card in found(session, org, **wanted).cards]


def left(session: Session, org: Organised) -> dict[UUID, int]:
    """What is left of each open listing, by the answer that approving goes by."""
    open_now = list(session.scalars(select(Listing.id).where(Listing.state == ListingState.OPEN)))
    return queries.by_id(session, queries.available(acting(session, org), open_now))


def counted(session: Session) -> dict[UUID, int]:
    rows = session.execute(select(ROWS.c.listing_id, ROWS.c.pieces).where(ROWS.c.pieces > 0))
    return {row[0]: row[1] for row in rows}


class Market:
    """Random steps of everybody on a small market; a step that is refused changes nothing."""

    def __init__(self, session: Session, org: Organised, seed: int) -> None:
        self.session, self.org, self.random = session, org, random.Random(seed)
        self.actor = acting(session, org)
        self.steps = (
            self.offer,
            self.withdraw,
            self.ask_and_approve,
            self.cancel,
            self.pick_up,
            self.undo,
            self.move,
            self.edit,
            self.lose,
            self.find,
        )

    def step(self) -> None:
        try:
            with self.session.begin_nested():
                self.random.choice(self.steps)()
        except Conflict:
            self.session.expire_all()

    def _any(self, model: Any, *conditions: Any) -> Any:
        rows = self.session.scalars(select(model).where(*conditions).order_by(model.id)).all()
        if not rows:
            raise Conflict
        return self.random.choice(rows)

    def offer(self) -> None:
        a_listing(
            self.session,
            self.org,
            self.random.randint(1, 4),
            name=self.random.choice(("Kontorstol", "Skrivebord", "Reol", "Sofa blå")),
            condition=self.random.choice(list(Condition)),
            width_mm=self.random.choice((None, 600, 1200)),
        )

    def withdraw(self) -> None:
        listing = self._any(Listing)
        command = service.OfListing(listing_id=listing.id)
        service.withdraw(self.session, self.actor, [command])

    def ask_and_approve(self) -> None:
        listing = self._any(Listing, Listing.state == ListingState.OPEN)
        request = a_request(self.session, self.org, listing, 1)
        approved(self.session, self.org, request, 1)

    def cancel(self) -> None:
        request = self._any(Request)
        command = service.OfRequest(request_id=request.id)
        service.cancel(self.session, self.actor, [command])

    def _held(self, state: ReservationState) -> list[Reservation]:
        return [self._any(Reservation, Reservation.state == state)]

    def pick_up(self) -> None:
        line = self._any(RequestLine)
        service.make_ready(
            self.session, self.actor, [service.OfRequestLine(request_line_id=line.id)]
        )
        rows = self._held(ReservationState.READY)
        items_service.pick_up(self.session, self.actor, self._pieces(rows))
        service.mark_picked_up(self.session, self.actor, rows)

    def undo(self) -> None:
        rows = self._held(ReservationState.PICKED_UP)
        back = [
            items_service.Return(item, item.owner_unit_id, item.holder_unit_id, item.place_id)
            for item in self._pieces(rows)
        ]
        items_service.undo_handover(self.session, self.actor, back)
        service.mark_undone(self.session, self.actor, rows)

    def _pieces(self, rows: list[Reservation]) -> list[Item]:
        return [self.session.get_one(Item, each.item_id) for each in rows]

    def move(self) -> None:
        command = items_service.Move(
            item_id=self._any(Item).id,
            place_id=self.random.choice((self.org.storage_id, self.org.room_id)),
        )
        items_service.move(self.session, self.actor, [command])

    def edit(self) -> None:
        item = self._any(Item)
        name = self.random.choice(("Krakk", "Benk rød"))
        command = items_service.Edit(item_id=item.id, version=item.version, name=name)
        items_service.edit(self.session, self.actor, [command])

    def lose(self) -> None:
        command = items_service.OfItem(item_id=self._any(Item).id)
        items_service.miss(self.session, self.actor, [command])

    def find(self) -> None:
        command = items_service.OfItem(item_id=self._any(Item).id)
        items_service.find(self.session, self.actor, [command])


def scanned(session: Session, org: Organised, **wanted: Any) -> set[UUID]:
    """What a search should find, by looking at every piece that is left."""
    search = MarketSearch(**wanted)
    by_listing: dict[UUID, list[Item]] = {}
    free = queries.free_pieces(org.org_id, ListingItem.listing_id, Item)
    open_now = Listing.state == ListingState.OPEN
    query = free.join(Listing, Listing.id == ListingItem.listing_id).where(open_now)
    for listing_id, item in session.execute(query.order_by(ListingItem.item_id)):
        by_listing.setdefault(listing_id, []).append(item)
    return {listing_id for listing_id, pieces in by_listing.items() if _is_met(search, pieces)}


def _is_met(search: MarketSearch, pieces: list[Item]) -> bool:
    first = pieces[0]
    known = {
        word
        for each in pieces
        for word in piece_words(each.category_id, each.name, (), (each.width_mm, None, None))
    }
    _, every = asking.ways(asking.asked(search.words))
    return (
        all(any(all(_meets(word, known) for word in way) for way in ways) for ways in every)
        and (not search.condition or first.condition in search.condition)
        and (not search.place_id or first.place_id == search.place_id)
        and (not search.count or len(pieces) >= search.count)
        and (search.width_min_mm is None or (first.width_mm or 0) >= search.width_min_mm)
    )


def _meets(word: str, known: set[str]) -> bool:
    begin = word.removesuffix("*")
    return begin in known or (begin != word and any(each.startswith(begin) for each in known))


@pytest.mark.parametrize("seed", range(4))
def test_search_rows_agree_with_what_is_left_after_any_history(
    session: Session, org: Organised, seed: int
) -> None:
    market = Market(session, org, seed)
    for _ in range(3):
        market.offer()
    for _ in range(40):
        market.step()
        assert counted(session) == left(session, org)
    for wanted in (
        {},
        {"words": "sofa"},
        {"words": "reoler"},
        {"words": "krakk"},
        {"words": "rød benk"},
        {"condition": [Condition.A, Condition.C]},
        {"place_id": org.storage_id},
        {"count": 2},
        {"width_min_mm": 700},
        {"words": "sofa", "count": 2},
    ):
        ids = [card.listing_id for card in found(session, org, **wanted).cards]
        assert set(ids) == scanned(session, org, **wanted), wanted
        assert len(ids) == len(set(ids))


def test_a_page_goes_on_where_the_last_one_ended_and_counts_everything(
    session: Session, org: Organised
) -> None:
    for n in range(5):
        a_listing(session, org, 1, name=f"Stol {n}")
    actor, wanted = acting(session, org), MarketSearch(words="stol")
    first = search_market(session, actor, wanted, today=TODAY, kind=Card, limit=3)
    rest = search_market(session, actor, wanted, today=TODAY, kind=Card, limit=3, cursor=first.next)
    assert [card.name for card in (*first.cards, *rest.cards)] == [
        f"Stol {n}" for n in (4, 3, 2, 1, 0)
    ]
    assert (first.total, rest.total, rest.next) == (5, 5, None)


def test_what_is_named_comes_before_what_only_holds_the_letters(
    session: Session, org: Organised
) -> None:
    a_listing(session, org, 1, name="Bord rundt", category_id="TABLE_CAFE")
    a_listing(session, org, 1, name="Pult", category_id="DESK_FIXED")
    for n in range(3):
        a_listing(session, org, 1, name=f"Bordlampe {n}", category_id="LAMP_DESK")
    in_order = ["Bord rundt", "Bordlampe 2", "Bordlampe 1", "Bordlampe 0", "Pult"]
    assert names(session, org, words="bord")[0] == "Bord rundt"
    assert sorted(names(session, org, words="bord")) == sorted(in_order)
    # Page by page it is the same list, whichever part the page ends in.
    actor, wanted = acting(session, org), MarketSearch(words="bord")
    shown: list[str] = []
    cursor: str | None = None
    while cursor is not None or not shown:
        page = search_market(session, actor, wanted, today=TODAY, kind=Card, limit=1, cursor=cursor)
        assert page.total == 5
        shown += [card.name for card in page.cards]
        cursor = page.next
    assert shown == names(session, org, words="bord")


def test_a_mended_search_goes_on_mended(session: Session, org: Organised) -> None:
    for n in range(3):
        a_listing(session, org, 1, name=f"Lenestol {n}", category_id="ARMCHAIR")
    actor, wanted = acting(session, org), MarketSearch(words="lenesotl")
    first = search_market(session, actor, wanted, today=TODAY, kind=Card, limit=2)
    rest = search_market(session, actor, wanted, today=TODAY, kind=Card, limit=2, cursor=first.next)
    assert [card.name for card in (*first.cards, *rest.cards)] == [
        "Lenestol 2",
        "Lenestol 1",
        "Lenestol 0",
    ]


def test_words_that_could_be_a_label_are_words_too(session: Session, org: Organised) -> None:
    words = next(
        word for word in map(_eleven_letters, range(200)) if codes.is_code(codes.fold(word))
    )
    a_listing(session, org, 1, name=words)
    assert names(session, org, words=words) == [words]


def _eleven_letters(number: int) -> str:
    return "hevbord" + "".join("abcdefghjkmnpqrs"[number // 16**at % 16] for at in range(4))


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "٣", "9" * 30, "f", "mf", "fm1", "m1x"])
def test_a_cursor_that_is_none_of_ours_is_refused(
    session: Session, org: Organised, cursor: str
) -> None:
    with pytest.raises(CursorUnknown):
        found(session, org, cursor=cursor)


def test_a_listing_is_found_until_its_last_day(session: Session, org: Organised) -> None:
    for name, until in (("Stol i dag", TODAY), ("Stol lenge", None)):
        items = some_items(session, org, 1, name=name)
        offer = service.Offer(item_ids=[items[0].id], from_date=TODAY, until_date=until)
        service.offer(session, acting(session, org), [offer])
    assert names(session, org, words="stol") == ["Stol lenge", "Stol i dag"]
    later = search_market(
        session, acting(session, org), MarketSearch(), today=date(2026, 3, 3), kind=Card
    )
    assert [card.name for card in later.cards] == ["Stol lenge"]


def test_a_typing_error_is_mended_when_nothing_is_found(session: Session, org: Organised) -> None:
    items = some_items(session, org, 1, name="Lenestol")
    items_service.edit(
        session,
        acting(session, org),
        [items_service.Edit(item_id=items[0].id, version=items[0].version, colour="grønn")],
    )
    service.offer(session, acting(session, org), [service.Offer(item_ids=[items[0].id])])
    assert names(session, org, words="lenesotl") == ["Lenestol"]
    assert names(session, org, words="hengekøye") == []


@pytest.mark.parametrize("words", ["!!!", '"', "%", "😀", "-"])
def test_what_has_no_word_in_it_finds_nothing(session: Session, org: Organised, words: str) -> None:
    a_listing(session, org, 1, name="Stol")
    nothing = found(session, org, words=words)
    assert (nothing.cards, nothing.total) == ([], 0)


def test_another_organisation_finds_nothing_of_ours(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    a_listing(session, org, 2, name="Stol")
    assert names(session, foreign_org, words="stol") == []
    assert names(session, foreign_org) == []


def test_a_piece_is_found_by_what_its_model_is_called_now(session: Session, org: Organised) -> None:
    actor = acting(session, org)
    command = RegisterModel(category_id="CHAIR_TASK", maker="Fjord", name="Ti", width_mm=500)
    [model] = register_model(session, actor, [command])
    a_listing(session, org, 1, name="Stol", product_model_id=model.id)
    assert names(session, org, words="fjord") == ["Stol"]
    edited = EditModel(
        product_model_id=model.id, version=model.version, maker="Nordvik", width_mm=900
    )
    edit_model(session, actor, [edited])
    assert names(session, org, words="fjord") == []
    assert names(session, org, words="nordvik", width_min_mm=800) == ["Stol"]


def test_the_one_reserved_piece_is_no_longer_what_the_card_shows(
    session: Session, org: Organised
) -> None:
    listing = a_listing(session, org, 2, name="Stol")
    request = a_request(session, org, listing, 1)
    approved(session, org, request, 1)
    [held] = reservations(session, request)
    [card] = found(session, org).cards
    assert (card.count, card.item_id == held.item_id) == (1, False)
