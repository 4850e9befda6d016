"""CPU of the server for a search of the market where 1,000,000 pieces are on offer.

20,000 pieces in lots of five are registered and offered by the verbs; each piece, listing and search
row is then copied by the database itself until there are fifty times as many. All of these belong to
one organisation, so its searches find among a million. Then another organisation offers 20,000: what
it searches for is found among as many others' as there are.
"""

import statistics
import tempfile
from pathlib import Path
from urllib.parse import quote_plus

from sqlalchemy import Connection, Table, inspect, text

from app.items.models import Item
from app.kit.db import Database as Opened
from app.marketplace.commands import MarketSearch, Offer
from app.marketplace.models import Listing, ListingItem
from app.marketplace.search import Tile, search_market
from app.marketplace.service import offer
from bench.harness import Figure, figure
from bench.load import Requests
from bench.organisation import HEADERS, Begun, begin, furnish, opened, signed_in
from bench.server import Database, Round, databases, measure_all, serving

BASE, LOT, TIMES = 20_000, 5, 50
OFFERED_AT_ONCE = 200
TWO_WORDS = ("svart stol", "hev senk pult", "hvit skap", "nordsete kontorstol")
BROAD = ("stol",)
SMALL, SMALL_S_TOKEN = "Liten", "small"
# Name → must, reach (CPU ms per request).
TARGETS = {
    "two words": (40.0, 8.0),
    "one broad word": (128.0, 55.0),
    "no words": (None, None),
    "two words of one organisation": (20.0, 7.0),
    "one broad word of one organisation": (20.0, 7.0),
}
WORDS = {
    "two words": TWO_WORDS,
    "one broad word": BROAD,
    "no words": ("",),
    "two words of one organisation": TWO_WORDS,
    "one broad word of one organisation": BROAD,
}


def _searches() -> dict[str, Requests]:
    """Each kind of search; those of one organisation are sent as the small one's."""
    return {
        name: Requests(
            [f"/marked?words={quote_plus(each)}" for each in words],
            headers=signed_in(SMALL_S_TOKEN) if name.endswith("organisation") else {},
        )
        for name, words in WORDS.items()
    }


CONNECTIONS, SECONDS, ROUNDS = 4, 4, 3


def _copies(times: int) -> str:
    return f"WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < {times - 1})"


def _new(column: str, *, is_sqlite: bool) -> str:
    """The id of the ``k``th copy, which begins with its number.

    Its version is one that no id of ours has, so it can be nobody else's.
    """
    if is_sqlite:
        return f"printf('%04x', k) || substr({column}, 5, 8) || 'f' || substr({column}, 14)"
    plain = f"replace({column}::text, '-', '')"
    number = "lpad(to_hex(k), 4, '0')"
    return f"({number} || substr({plain}, 5, 8) || 'f' || substr({plain}, 14))::uuid"


def _copy(
    connection: Connection,
    times: int,
    name: str,
    ids: tuple[str, ...],
    plain: list[str],
    of: str = "",
) -> None:
    """Rows of the table again and again, with ids of their own in the columns named."""
    is_sqlite = connection.dialect.name == "sqlite"
    values = ", ".join((*(_new(each, is_sqlite=is_sqlite) for each in ids), *plain))
    columns = ", ".join((*ids, *(each.rpartition(" AS ")[2] for each in plain)))
    select = f"{_copies(times)} SELECT {values} FROM {of or f'n CROSS JOIN {name}'}"
    connection.execute(text(f"INSERT INTO {name} ({columns}) {select}"))


def _plain(table: Table, ids: tuple[str, ...]) -> list[str]:
    return [f'"{each.name}"' for each in table.columns if each.name not in ids]


def multiply(connection: Connection, times: int = TIMES) -> None:
    """So many times as many pieces, listings, and search rows with their words."""
    is_sqlite = connection.dialect.name == "sqlite"
    if not is_sqlite:
        # The copies point to what their originals do: no key is looked up once more for each.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))  # a copy of all takes minutes
    tables: list[tuple[Table, tuple[str, ...]]] = [
        (Item.metadata.tables["item"], ("id",)),
        (Listing.metadata.tables["listing"], ("id",)),
        (ListingItem.metadata.tables["listing_item"], ("id", "listing_id", "item_id")),
    ]
    for table, ids in tables:
        _copy(connection, times, table.name, ids, _plain(table, ids))
    ids, own = ("listing_id", "item_id"), {"id", "listing_id", "item_id"}
    rows = [each["name"] for each in inspect(connection).get_columns("listing_search_row")]
    shared = [each for each in rows if each not in own]
    if is_sqlite:
        last = connection.scalar(text("SELECT MAX(id) FROM listing_search_row"))
        _copy(
            connection,
            times,
            "listing_search_row",
            ids,
            [f"id + k * {last} AS id", *shared],
            "n CROSS JOIN listing_search_row",
        )
        connection.execute(
            text(
                f"{_copies(times)} INSERT INTO listing_search (rowid, words)"
                f" SELECT rowid + k * {last}, words FROM n CROSS JOIN listing_search"
            )
        )
    else:
        _copy(connection, times, "listing_search_row", ids, shared)


def seed(url: str) -> tuple[int, dict[str, int]]:
    """How many pieces are on offer, and how many listings each kind of search finds."""
    with opened(url) as database:
        with database.write() as session:
            large = begin(session, places=20)
            small = begin(session, places=20, name=SMALL, token=SMALL_S_TOKEN)
        _offer_all(database, large)
        with database.write() as session:
            multiply(session.connection())
        _offer_all(database, small)
        with database.write() as session:
            session.execute(text("ANALYZE"))
        return _counted(database, large, small)


def _offer_all(database: Opened, begun: Begun) -> None:
    items = furnish(database, begun, BASE, LOT)
    lots = [items[at : at + LOT] for at in range(0, BASE, LOT)]
    for at in range(0, len(lots), OFFERED_AT_ONCE):
        with database.write() as session:
            some = [Offer(item_ids=each) for each in lots[at : at + OFFERED_AT_ONCE]]
            offer(session, begun.actor, some)


def _counted(database: Opened, large: Begun, small: Begun) -> tuple[int, dict[str, int]]:
    with database.read() as session:
        pieces = session.scalar(text("SELECT SUM(pieces) FROM listing_search_row"))
        today = database.clock.today()
        found = {}
        for name, words in WORDS.items():
            actor = (small if name.endswith("organisation") else large).actor
            wanted = MarketSearch(words=words[0])
            found[name] = search_market(session, actor, wanted, today=today, kind=Tile).total
    return int(pieces or 0), found


def _figures(
    database: Database, rounds: dict[str, list[Round]], pieces: int, found: dict[str, int]
) -> list[Figure]:
    rows = []
    for name, measured in rounds.items():
        must, reach = TARGETS[name]
        p99 = statistics.median(each.answered.p99_ms for each in measured)
        theirs = statistics.median(each.database_ms_per_request for each in measured)
        share = f", {theirs:.1f} of it the database server's" if theirs else ""
        rows.append(
            figure(
                f"market search of a million, {name}, {database.name}",
                [each.cpu_ms_per_request for each in measured],
                "ms CPU",
                must=must,
                reach=reach,
                note=f"{found[name]:,} listings of {pieces:,} pieces; p99 {p99:.0f} ms{share}",
            )
        )
    return rows


def measure() -> list[Figure]:
    rows: list[Figure] = []
    with databases() as found_databases:
        for database in found_databases:
            with tempfile.TemporaryDirectory(prefix="omlop-bench-") as folder:
                pieces, found = seed(database.url.replace("+psycopg", ""))
                with serving(database, Path(folder), headers=HEADERS) as server:
                    rounds = measure_all(
                        server,
                        _searches(),
                        connections=CONNECTIONS,
                        seconds=SECONDS,
                        rounds=ROUNDS,
                    )
                    rows += _figures(database, rounds, pieces, found)
                    rows.append(
                        figure(
                            f"resident with a million, {database.name}",
                            [server.resident_mib()],
                            "MiB",
                            must=300,
                            reach=200,
                            note="server process, after the load",
                        )
                    )
    return rows
