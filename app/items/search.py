"""Search by words: an index over pieces, and what others need for one over their own rows.

SQLite has an FTS5 table in which the organisation is a word like the others; PostgreSQL a tsvector
with a GIN index. Both hold the same words, made by ``items/words.py``, so both find the same.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Dialect,
    Integer,
    String,
    TypeDecorator,
    Uuid,
    cast,
    column,
    delete,
    func,
    literal_column,
    select,
    table,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.orm import Session

from app.catalogue.models import Category, ProductModel
from app.items import words as rules
from app.items.models import Code, Item, ItemIdentifier
from app.kit import codes, libpq
from app.kit.bulk import Batch, insert_ready, write_all
from app.kit.bulk import made_ready as ready_batch
from app.kit.db import is_sqlite, known_stored, remember_stored
from app.kit.prepared import Prepared, connection_of, send

Part = TypeVar("Part")

AT_ONCE = 500
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
    for some in _parted(item_ids):
        rows = _rows.c.item_id.in_(some)
        if is_sqlite(session):
            numbers = select(_rows.c.id).where(rows)
            session.execute(delete(_texts).where(_texts.c.rowid.in_(numbers)))
        session.execute(delete(_rows).where(rows))


def matching(session: Session, words: str, *, org_id: UUID | None = None) -> ColumnElement[bool]:
    """Pieces that all the words speak of, each by its beginning; all pieces when none is asked.

    A word nobody uses is read as the nearest one that somebody does. ``org_id`` narrows the index
    itself; the caller's query is scoped in any case.
    """
    if not words.strip():
        return true()
    asked = question(session, words, org_id=org_id)
    if is_sqlite(session):
        inside = (
            select(_rows.c.item_id)
            .select_from(_texts)
            .join(_rows, _rows.c.id == _texts.c.rowid)
            .where(answers_text("item_search", asked))
        )
    else:
        inside = select(_vectors.c.item_id).where(answers_vector(_vectors.c.words, asked))
        if org_id is not None:
            inside = inside.where(_vectors.c.org_id == org_id)
    return Item.id.in_(inside)


def question(
    session: Session, words: str, *, org_id: UUID | None = None, is_mended: bool = True
) -> str:
    """The words as this database's index is asked for them. Without a word in them, it finds nothing.

    Without ``is_mended`` typing errors are left as they are, which spares the look at the words in
    use: when something is found, every word was one of them.
    """
    meanings = _meanings(session, words, org_id, is_mended=is_mended)
    if not is_sqlite(session):
        return " & ".join(_tsquery(each) for each in meanings)
    if not meanings:
        return '""'  # FTS5 takes an empty phrase, but no empty question
    asked = " AND ".join(_fts(each) for each in meanings)
    return asked if org_id is None else f'"{org_word(org_id)}" AND {asked}'


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


def _meanings(
    session: Session, words: str, org_id: UUID | None, *, is_mended: bool
) -> list[rules.Meaning]:
    label = codes.fold(words)
    if codes.is_code(label):
        return [((label.lower(),),)]
    meanings = []
    for word in dict.fromkeys(rules.words_of(words)[: rules.MOST_WORDS]):
        meaning = rules.meaning_of(word)
        if is_mended and rules.correctable(word) and not _is_known(session, meaning, org_id):
            corrected = rules.nearest(word, _vocabulary(session, word, org_id))
            meaning += tuple((each,) for each in corrected)
        meanings.append(meaning)
    return meanings


def _is_known(session: Session, meaning: rules.Meaning, org_id: UUID | None) -> bool:
    """Whether somebody uses the word, or every part of it."""
    return any(all(_begins(session, part, org_id) for part in way) for way in meaning)


def _begins(session: Session, begin: str, org_id: UUID | None) -> bool:
    query = select(_known.c.word).where(_known.c.word >= begin, _known.c.word < begin + "\uffff")
    if org_id is not None:
        query = query.where(_known.c.org_id == org_id)
    return session.execute(query.limit(1)).first() is not None


def _vocabulary(session: Session, word: str, org_id: UUID | None) -> Sequence[str]:
    length = func.length(_known.c.word)
    query = select(_known.c.word).where(length.between(len(word) - 2, len(word) + 2))
    if org_id is not None:
        query = query.where(_known.c.org_id == org_id)
    return session.scalars(query.distinct()).all()


def _fts(meaning: rules.Meaning) -> str:
    ways = (" AND ".join(f'"{begin}"*' for begin in way) for way in meaning)
    return "(" + " OR ".join(f"({way})" for way in ways) + ")"


def _tsquery(meaning: rules.Meaning) -> str:
    # Words are letters and digits alone, so nothing in them is an operator.
    ways = (" & ".join(f"'{begin}':*" for begin in way) for way in meaning)
    return "(" + " | ".join(f"({way})" for way in ways) + ")"


def words_by_piece(session: Session, items: Sequence[Any]) -> dict[UUID, tuple[str, ...]]:
    """Every word each piece is found by: its own texts, category, model, codes.

    Pieces are ``Item`` or rows with its columns of these names.
    """
    categories = {
        key: " ".join(names)
        for key, *names in session.execute(
            select(Category.id, Category.name_nb, Category.name_sv, Category.name_en)
        )
    }
    model_ids = {item.product_model_id for item in items if item.product_model_id is not None}
    models = {}
    for some in _parted(list(model_ids)):
        for key, maker, name in session.execute(
            select(ProductModel.id, ProductModel.maker, ProductModel.name).where(
                ProductModel.id.in_(some)
            )
        ):
            models[key] = f"{maker} {name}"
    single = _own_words(session, [item.id for item in items])
    found: dict[UUID, tuple[str, ...]] = {}
    for item in items:
        shared = rules.indexed_texts(
            item.name,
            item.maker,
            item.model,
            item.colour,
            item.material,
            categories.get(item.category_id),
            models.get(item.product_model_id) if item.product_model_id else None,
        )
        found[item.id] = (*shared, *single.get(item.id, ()))
    return found


def _own_words(session: Session, item_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Words that no other piece has: label codes and foreign codes."""
    labels: dict[UUID, list[str]] = defaultdict(list)
    foreign: dict[UUID, list[str]] = defaultdict(list)
    for some in _parted(item_ids):
        for item_id, code in session.execute(
            select(Code.item_id, Code.code).where(Code.item_id.in_(some))
        ):
            if item_id is not None:
                labels[item_id].append(code)
        for item_id, value in session.execute(
            select(ItemIdentifier.item_id, ItemIdentifier.value).where(
                ItemIdentifier.item_id.in_(some)
            )
        ):
            foreign[item_id].append(value)
    return {
        each: rules.own_words(labels.get(each, ()), foreign.get(each, ()))
        for each in labels.keys() | foreign.keys()
    }


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


def _parted(every: Sequence[Part]) -> Iterator[Sequence[Part]]:
    return (every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE))
