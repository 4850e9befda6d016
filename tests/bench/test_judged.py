"""The judged list is what it says it is, and people find what they look for, on both databases."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.items import asking, search
from app.items.things import Way
from app.kit.db import Database
from app.marketplace.search_rows import ROWS, _pieces, _words
from bench.judged import MUST, offers_of, recalls, right_offers
from bench.judged_corpus import FIRST, Market, Query, lots, queries


def test_the_list_is_long_mixed_and_judged() -> None:
    kinds = Counter(each.kind for each in queries())
    languages = Counter(each.language for each in queries())
    hard = kinds["error"] + kinds["compound"] + kinds["synonym"]
    assert len(queries()) >= 150
    assert len(set(queries())) == len(queries())
    assert hard * 3 >= len(queries())
    assert set(languages) == {"nb", "nn", "sv", "en"}
    assert min(languages.values()) >= 30
    for query in queries():
        right = sum(query.is_answered_by(lot) for lot in lots())
        assert 0 < right < len(lots()) / 3, query


def _is_met(ways: Sequence[Way], words: set[str]) -> bool:
    return any(
        all(
            each in words
            or (each.endswith("*") and any(word.startswith(each[:-1]) for word in words))
            for each in way
        )
        for way in ways
    )


class _Scan:
    """The same questions answered by a plain look at every listing's words, newest first."""

    def __init__(self, session: Session, market: Market) -> None:
        self._session, self._market = session, market
        org_id = market.begun.actor.org_id
        rows = session.execute(select(ROWS.c.listing_id).order_by(ROWS.c.id.desc())).scalars()
        newest = list(rows)
        pieces = _pieces(session, org_id, newest)
        words = _words(session, pieces)
        self.listings = [(each, set(words[each])) for each in newest]

    def found(self, query: Query) -> list[object]:
        org_id = self._market.begun.actor.org_id
        question = asking.asked(self._market.typed(self._session, query))
        found = self._by(question)
        if not found:
            better = search._better(self._session, question, org_id)
            found = self._by(asking.mended(question, better))
        return found

    def _by(self, question: asking.Asked) -> list[object]:
        near, every = asking.ways(question)
        code = question.code
        tiers: dict[bool, list[object]] = defaultdict(list)
        for listing_id, words in self.listings:
            if code in words or all(_is_met(ways, words) for ways in near):
                tiers[False].append(listing_id)
            elif all(_is_met(ways, words) for ways in every):
                tiers[True].append(listing_id)
        return tiers[False] + tiers[True]


@pytest.fixture
def market(database: Database) -> Market:
    return Market(database)


def test_people_find_what_they_look_for(database: Database, market: Market) -> None:
    with database.read() as session:
        answers = {each: market.answers(session, each) for each in queries()}
        for name, shares in recalls(answers).items():
            assert sum(shares) / len(shares) >= MUST, name
        # What an index answers is what stands in the rows, so both databases answer the same.
        scan = _Scan(session, market)
        for query in queries()[::3]:
            expected = scan.found(query)
            found = market.search(session, query)
            assert found.total == len(expected), query
            assert [card.listing_id for card in found.cards] == expected[:FIRST], query
    errors, _ = right_offers(offers_of(database, market))
    assert sum(errors) / len(errors) >= MUST
