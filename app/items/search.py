"""Search by words: an index over pieces, and what others need for one over their own rows.

SQLite has an FTS5 table in which the organisation is a word like the others; PostgreSQL a tsvector
with a GIN index. Both hold the same words (``items/things.py``) and are asked for the same
(``items/asking.py``), so both find the same.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Dialect,
    Integer,
    Select,
    String,
    TypeDecorator,
    Uuid,
    and_,
    cast,
    column,
    delete,
    func,
    literal_column,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.orm import Session

from app.items import asking
from app.items import words as rules
from app.items.found_by import parted, words_by_piece
from app.items.models import Item
from app.items.things import Way
from app.items.words import parts_of, stem
from app.kit import libpq
from app.kit.bulk import Batch, insert_ready, write_all
from app.kit.bulk import made_ready as ready_batch
from app.kit.db import is_sqlite, known_stored, remember_stored
from app.kit.prepared import Prepared, connection_of, send

Words = tuple[UUID, Sequence[str]]
"""A piece and every word it is found by."""


class _Vector(TypeDecorator[Sequence[str]]):
    """PostgreSQL's tsvector, written from words; they are letters and digits alone."""

    impl = TSVECTOR
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str:  # noqa: ARG002
        return " ".join([f"'{word}'" for word in value or ()])


_rows = table(
    "item_search_row", column("id", Integer()), column("org_id", Uuid()), column("item_id", Uuid())
)
_vectors = table(
    "item_search_row",
    column("org_id", Uuid()),
    column("item_id", Uuid()),
    column("words", _Vector()),
)
_texts = table("item_search", column("rowid", Integer()))
_known = table("item_search_word", column("org_id", Uuid()), column("word", String()))
_LAST = Prepared(select(func.max(_rows.c.id).label("id")))
_NUMBER = "INSERT INTO item_search_row (id, org_id, item_id) VALUES (?, ?, ?)"
_FILL = "INSERT INTO item_search (rowid, words) VALUES (?, ?)"
_WORDS = "words in use"
MOST_INSTEAD = 4
_LEARN = "INSERT INTO item_search_word (org_id, word)"
_LEARN_SQLITE = f"{_LEARN} VALUES (?, ?) ON CONFLICT DO NOTHING"
_LEARN_POSTGRES = libpq.Statement(
    f"{_LEARN} SELECT $1::uuid, unnest($2::text[]) ON CONFLICT DO NOTHING"
)


def index(session: Session, items: Sequence[Item]) -> None:
    """Makes the pieces found by what they are now: called after every change of their words.

    Pieces are flushed, with their codes and identifiers, before they are indexed.
    """
    if not items:
        return
    session.flush()  # codes and identifiers are read back by their piece below
    forget(session, [item.id for item in items])
    found_by = words_by_piece(session, items)
    by_org: dict[UUID, list[Words]] = defaultdict(list)
    for item in items:
        by_org[item.org_id].append((item.id, found_by[item.id]))
    for org_id, pieces in by_org.items():
        add(session, made_ready(session, org_id, pieces))


class Findable(NamedTuple):
    """Pieces and their words as this database takes them, and the words in use among them."""

    org_id: UUID
    texts: list[tuple[str, str]]
    vectors: Batch
    learned: list[str]


def made_ready(session: Session, org_id: UUID, pieces: Sequence[Words]) -> Findable:
    """What ``add`` writes of pieces that are not in the index yet; needs no lock."""
    used = set(chain.from_iterable(words for _, words in pieces))
    learned = sorted(rules.vocabulary(used))
    if is_sqlite(session):
        own = org_word(org_id)
        texts = [(item_id.hex, " ".join((own, *words))) for item_id, words in pieces]
        return Findable(org_id, texts, ready_batch(session, _vectors, []), learned)
    rows = [{"item_id": item_id, "words": words} for item_id, words in pieces]
    vectors = ready_batch(session, _vectors, rows, shared={"org_id": org_id})
    return Findable(org_id, [], vectors, learned)


def add(session: Session, pieces: Findable) -> None:
    """Makes the pieces found: nothing is forgotten or read back."""
    if pieces.texts:
        _fill_sqlite(session, pieces)
    insert_ready(session, pieces.vectors)
    _learn(session, pieces)


def forget(session: Session, item_ids: Sequence[UUID]) -> None:
    """Takes pieces out of the index: merged, deleted, or about to be indexed anew."""
    for some in parted(item_ids):
        rows = _rows.c.item_id.in_(some)
        if is_sqlite(session):
            numbers = select(_rows.c.id).where(rows)
            session.execute(delete(_texts).where(_texts.c.rowid.in_(numbers)))
        session.execute(delete(_rows).where(rows))


def matching(session: Session, words: str, *, org_id: UUID | None = None) -> ColumnElement[bool]:
    """Pieces that all the words speak of, by name or by beginning; all pieces when none is asked.

    A word nobody uses is read as the nearest one that somebody does. ``org_id`` narrows the index
    itself; the caller's query is scoped in any case.
    """
    if not words.strip():
        return true()
    found_by = question(session, words, org_id=org_id, is_mended=True, is_loose=False).every
    if is_sqlite(session):
        inside = (
            select(_rows.c.item_id)
            .select_from(_texts)
            .join(_rows, _rows.c.id == _texts.c.rowid)
            .where(answers_text("item_search", found_by))
        )
    else:
        inside = select(_vectors.c.item_id).where(answers_vector(_vectors.c.words, found_by))
        if org_id is not None:
            inside = inside.where(_vectors.c.org_id == org_id)
    return Item.id.in_(inside)


class Question(NamedTuple):
    """Words as this database's index is asked for them. Without a word in them, they find nothing.

    ``near`` finds what they name, ``further`` what ``every`` finds besides; nothing when it is all.
    """

    every: str
    near: str
    further: str | None


Whose: TypeAlias = UUID | Select[UUID] | None
"""Whose words are in use: an organisation's, those of some, or everybody's."""


def question(
    session: Session,
    words: str,
    *,
    org_id: UUID | None = None,
    whose: Whose = None,
    is_mended: bool,
    is_loose: bool = True,
) -> Question:
    """What to ask the index. Typing errors are mended to words of ``whose``, or of ``org_id``.

    Without ``is_mended`` typing errors are left as they are, which spares the look at the words in
    use: when something is found, every word was one of them. ``is_loose`` shows other chairs to who
    asks for one that nobody has: right where people choose, wrong where rows are counted.
    """
    own = org_word(org_id) if org_id is not None and is_sqlite(session) else None
    write = _for_fts if is_sqlite(session) else _for_tsquery
    if not is_mended:
        return _written(words, own, write)
    wanted = asking.asked(words)
    better = _better(session, wanted, org_id if whose is None else whose)
    # Where every word is in use nothing is read loosely: who asks for a name gets what bears it.
    return (
        write(asking.mended(wanted, better, is_loose=is_loose), own)
        if better
        else _written(words, own, write)
    )


_Write = Callable[[asking.Asked, str | None], Question]


@lru_cache(maxsize=5_000)
def _written(words: str, own: str | None, write: _Write) -> Question:
    return write(asking.asked(words), own)


def _for_fts(wanted: asking.Asked, own: str | None) -> Question:
    """For FTS5; ``own`` is a word that all that is found has."""
    if not wanted.said:
        return Question('""', '""', None)  # it takes an empty phrase, but no empty question
    near, every = (
        _joined([_fts(each) for each in some], wanted.code, '"{}"', " AND ", " OR ")
        for some in asking.ways(wanted)
    )
    if own is not None:
        near, every = f'"{own}" AND {near}', f'"{own}" AND {every}'
    return Question(every, near, f"({every}) NOT ({near})" if wanted.is_wide else None)


def _for_tsquery(wanted: asking.Asked, _own: str | None) -> Question:
    """For a tsvector."""
    if not wanted.said:
        return Question("", "", None)
    near, every = (
        _joined([_tsquery(each) for each in some], wanted.code, "'{}'", " & ", " | ")
        for some in asking.ways(wanted)
    )
    return Question(every, near, f"{every} & !{near}" if wanted.is_wide else None)


def _joined(all_of: Sequence[str], code: str | None, quoted: str, both: str, either: str) -> str:
    words = f"({both.join(all_of)})"
    return words if code is None else f"({words}{either}{quoted.format(code)})"


def _fts(some: Sequence[Way]) -> str:
    return "(" + " OR ".join(_each(way, " AND ", '"{}"', "*") for way in some) + ")"


def _tsquery(some: Sequence[Way]) -> str:
    # Words are letters and digits alone, so nothing in them is an operator.
    return "(" + " | ".join(_each(way, " & ", "'{}'", ":*") for way in some) + ")"


def _each(way: Way, both: str, quoted: str, any_end: str) -> str:
    words = [
        quoted.format(word.removesuffix("*")) + (any_end if word.endswith("*") else "")
        for word in way
    ]
    return words[0] if len(words) == 1 else f"({both.join(words)})"


def answers_text(index_name: str, asked: Any) -> ColumnElement[bool]:
    """SQLite: rows of the full-text table that answer a ``question``."""
    return literal_column(index_name).op("MATCH")(asked)


def answers_vector(words: ColumnElement[Any], asked: Any) -> ColumnElement[bool]:
    """PostgreSQL: rows whose tsvector answers a ``question``."""
    return words.op("@@")(cast(asked, TSQUERY))


def has_own_table(session: Session) -> bool:
    """Whether words stand in a full-text table beside the rows, and not in a column of theirs."""
    return is_sqlite(session)


def write_words(
    session: Session,
    index_name: str,
    org_id: UUID,
    forgotten: Sequence[int],
    words: Mapping[int, Sequence[str]],
) -> None:
    """The words of the rows of ``<index_name>_row`` by their numbers, after forgetting some."""
    connection = connection_of(session)
    if is_sqlite(session):
        texts = table(index_name, column("rowid"))
        session.execute(delete(texts).where(texts.c.rowid.in_(forgotten)))
        rows = [(n, " ".join((org_word(org_id), *some))) for n, some in words.items()]
        if rows:
            connection.exec_driver_sql(
                f"INSERT INTO {index_name} (rowid, words) VALUES (?, ?)",  # noqa: S608  (our name)
                rows,
            )
        return
    changed: list[tuple[list[str], int]] = [([], n) for n in forgotten if n not in words]
    changed += [(list(some), n) for n, some in words.items()]
    if changed:
        connection.exec_driver_sql(
            f"UPDATE {index_name}_row SET words = array_to_tsvector(%s::text[])"  # noqa: S608
            " WHERE id = %s",
            changed,
        )


def _better(session: Session, wanted: asking.Asked, whose: Whose) -> dict[str, list[str]]:
    """What words that nobody uses may be typing errors of, by the words."""
    return {
        word: asking.nearest(word, _vocabulary(session, word, whose))
        for word in asking.unsure(wanted)
        if not _is_known(session, word, whose)
    }


def instead(session: Session, words: str, *, whose: Whose) -> list[str]:
    """What may have been meant by a question that finds something else than was looked for.

    Each differs in one word, by as little as a typing error does; the nearest first, at most
    ``MOST_INSTEAD``.
    """
    wanted = asking.asked(words)
    typed = [word for each in wanted.said for word in each.words]
    found: list[str] = []
    for word in asking.unsure(wanted)[:MOST_INSTEAD]:
        others = asking.others(word, _vocabulary(session, word, whose))
        found += [" ".join(one if each == word else each for each in typed) for one in others]
    return found[:MOST_INSTEAD]


def fewer(words: str) -> tuple[Sequence[asking.Fewer], Sequence[asking.Fewer]]:
    """The question without some of its words, as ``asking.without_some``."""
    return asking.without_some(asking.asked(words))


def _is_known(session: Session, word: str, whose: Whose) -> bool:
    """Whether a word in use begins so, or each part of the word is one."""
    begin, parts = stem(word), parts_of(word)
    query = select(_known.c.word).where(
        or_(
            and_(_known.c.word >= begin, _known.c.word < begin + "\uffff"),
            _known.c.word.in_(parts),
        )
    )
    used = set(session.scalars(_words_of(query, whose).limit(len(parts) + 1)))
    return any(each.startswith(begin) for each in used) or bool(parts and used.issuperset(parts))


def _vocabulary(session: Session, word: str, whose: Whose) -> Sequence[str]:
    length, most = func.length(_known.c.word), asking.most_errors(word)
    query = select(_known.c.word).where(length.between(len(word) - most, len(word) + most))
    return session.scalars(_words_of(query, whose).distinct()).all()


def _words_of(query: Select[str], whose: Whose) -> Select[str]:
    if whose is None:
        return query
    if isinstance(whose, UUID):
        return query.where(_known.c.org_id == whose)
    return query.where(_known.c.org_id.in_(whose))


def _fill_sqlite(session: Session, pieces: Findable) -> None:
    # The writers' queue is ours until the transaction ends, so nobody else takes these numbers.
    (last,) = _LAST.rows(session, {})
    first, own = int(last.id or 0) + 1, pieces.org_id.hex
    rows = ((number, own, item_id) for number, (item_id, _) in enumerate(pieces.texts, first))
    connection = connection_of(session)
    write_all(connection, _NUMBER, rows)
    write_all(connection, _FILL, ((n, text) for n, (_, text) in enumerate(pieces.texts, first)))


def _learn(session: Session, pieces: Findable) -> None:
    """Keeps the words in use, which typing errors are mended to.

    Another server may learn the same word at the same moment; in one order neither waits for long.
    """
    org_id, known = pieces.org_id, known_stored(session, _WORDS)
    words = [word for word in pieces.learned if (org_id, word) not in known]
    if not words:
        return
    remember_stored(session, _WORDS, [(org_id, word) for word in words])
    if is_sqlite(session):
        write_all(connection_of(session), _LEARN_SQLITE, ((org_id.hex, word) for word in words))
    else:
        # Letters and digits alone, so the array is spelled without quotes.
        send(session, [(_LEARN_POSTGRES, (org_id, "{" + ",".join(words) + "}"))])


def org_word(org_id: UUID) -> str:
    """The organisation as a word of SQLite's indexes."""
    return f"o{org_id.hex}"
