"""What else may have been meant: a typing error that happens to be a word, or a word too many.

The hits stay as they are. Only where they are few is another question asked at all.
"""

from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.items.search import fewer, instead
from app.marketplace.commands import MarketSearch
from app.marketplace.search import Tile, search_market
from app.marketplace.search_promised import FEW
from app.networks.queries import partners

TIMES = 3
"""A near word has to find so many times as much."""


class Meant(NamedTuple):
    """The words that may have been meant, and how many listings they find without ``left_out``."""

    words: str
    total: int
    left_out: tuple[str, ...] = ()


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

    def found_by(words: str) -> int:
        other = wanted.model_copy(update={"words": words})
        found = search_market(
            session, actor, other, today=today, kind=Tile, limit=1, is_shared=is_shared
        )
        return found.total

    whose = partners(actor.org_id) if is_shared else actor.org_id
    others = [Meant(each, found_by(each)) for each in instead(session, wanted.words, whose=whose)]
    best = max(others, key=_total, default=None)
    if best is not None and best.total >= max(FEW, TIMES * total):
        return best
    for some in fewer(wanted.words) if not total else ():
        kept = [Meant(each.words, found_by(each.words), each.left_out) for each in some]
        most = max(kept, key=_total, default=None)
        if most is not None and most.total:
            return most
    return None


def _total(some: Meant) -> int:
    return some.total
