"""What pieces are, and how large, as words of both search indexes: every piece is indexed anew."""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.items.things import piece_words
from app.items.words import own_words

revision = "2026_11_29_search_words"
down_revision = "2026_11_29_needs"
branch_labels = None
depends_on = None

AT_ONCE = 1_000

_PIECES = """
    SELECT r.id AS number, r.org_id, i.category_id, i.name, i.maker, i.model, i.colour, i.material,
        c.name_nb, c.name_sv, c.name_en, m.maker AS made_by, m.name AS made,
        COALESCE(i.width_mm, m.width_mm) AS width_mm,
        COALESCE(i.depth_mm, m.depth_mm) AS depth_mm,
        COALESCE(i.height_mm, m.height_mm) AS height_mm
    FROM {rows} JOIN category c ON c.id = i.category_id
    LEFT JOIN product_model m ON m.id = i.product_model_id
    WHERE r.id > :after AND r.id <= :last ORDER BY r.id, i.id
"""
_OF_ITEMS = "item_search_row r JOIN item i ON i.id = r.item_id"
_OF_LISTINGS = """
    listing_search_row r JOIN listing_item l ON l.listing_id = r.listing_id AND l.left_at IS NULL
    JOIN item i ON i.id = l.item_id
"""
_CODES = """
    SELECT r.id AS number, o.{column} FROM {rows} JOIN {table} o ON o.item_id = i.id
    WHERE r.id > :after AND r.id <= :last ORDER BY o.{column}
"""


def _read(sql: str, part: dict[str, int]) -> Sequence[Any]:
    return op.get_bind().execute(sa.text(sql), part).all()


def _own(rows: str, table: str, column: str, part: dict[str, int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for number, value in _read(_CODES.format(rows=rows, table=table, column=column), part):
        found.setdefault(number, []).append(value)
    return found


def _words(rows: str, part: dict[str, int]) -> dict[int, tuple[Any, list[str]]]:
    """The organisation and the words of each row."""
    codes = _own(rows, "code", "code", part)
    foreign = _own(rows, "item_identifier", "value", part)
    found: dict[int, tuple[Any, list[str]]] = {}
    for row in _read(_PIECES.format(rows=rows), part):
        texts = [row.maker, row.model, row.colour, row.material]
        texts += [row.name_nb, row.name_sv, row.name_en]
        if row.made is not None:
            texts.append(f"{row.made_by} {row.made}")
        sides = (row.width_mm, row.depth_mm, row.height_mm)
        _, words = found.setdefault(row.number, (row.org_id, []))
        words += piece_words(row.category_id, row.name, tuple(texts), sides)
    for number, (_, mine) in found.items():
        mine.extend(own_words(codes.get(number, ()), foreign.get(number, ())))
    return {number: (org, list(dict.fromkeys(words))) for number, (org, words) in found.items()}


def _parts(table: str) -> Iterator[dict[str, int]]:
    last = op.get_bind().scalar(sa.text(f"SELECT MAX(id) FROM {table}_row")) or 0
    return ({"after": n, "last": n + AT_ONCE} for n in range(0, last, AT_ONCE))


def _write(table: str, found: dict[int, tuple[Any, list[str]]]) -> None:
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        change = sa.text(f"UPDATE {table} SET words = :words WHERE rowid = :number")
        rows = [
            {"number": number, "words": " ".join((f"o{org}", *words))}
            for number, (org, words) in found.items()
        ]
    else:
        change = sa.text(
            f"UPDATE {table}_row SET words = array_to_tsvector(CAST(:words AS text[]))"
            " WHERE id = :number"
        )
        rows = [{"number": number, "words": words} for number, (_, words) in found.items()]
    if rows:
        bind.execute(change, rows)


def upgrade() -> None:
    for part in _parts("item_search"):
        _write("item_search", _words(_OF_ITEMS, part))
    for part in _parts("listing_search"):
        _write("listing_search", _words(_OF_LISTINGS, part))


def downgrade() -> None:
    """The words of before are among those of now."""
