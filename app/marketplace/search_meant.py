"""A typing error that happens to be a word: what finds little may stand for what finds much.

The hits stay as they are. Only where they are few is the other question asked at all.
"""

from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.items.search import instead
from app.marketplace.commands import MarketSearch
from app.marketplace.search import Tile, search_market
from app.marketplace.search_promised import FEW
from app.networks.queries import partners

TIMES = 3
"""A near word has to find so many times as much."""


class Meant(NamedTuple):
    """The words that may have been meant, and how many listings they find."""

    words: str
    total: int


def meant(
    session: Session,
    actor: Actor,
    wanted: MarketSearch,
    total: int,
    today: date,
    *,
    is_shared: bool = False,
) -> Meant | None:
    """What else may have been meant by words that found ``total`` listings; mostly nothing.

    ``is_shared`` as in ``search_market``: there the words are the partners'.
    """
    if not wanted.words.strip() or total >= FEW:
        return None
    best: Meant | None = None
    whose = partners(actor.org_id) if is_shared else actor.org_id
    for words in instead(session, wanted.words, whose=whose):
        asked = wanted.model_copy(update={"words": words})
        found = search_market(
            session, actor, asked, today=today, kind=Tile, limit=1, is_shared=is_shared
        ).total
        if found >= max(FEW, TIMES * total) and (best is None or found > best.total):
            best = Meant(words, found)
    return best
