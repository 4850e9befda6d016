"""The search index over the market: one row for each listing, its words only while it is open."""

from alembic import op

revision = "2026_11_22_1"
down_revision = "2026_11_21_7"
branch_labels = None
depends_on = None

_FACTS = """
    category_id VARCHAR(40) NOT NULL, condition VARCHAR(40) NOT NULL,
    width_mm INTEGER, depth_mm INTEGER, height_mm INTEGER,
    until_date DATE, pieces INTEGER NOT NULL
"""
_SQLITE = (
    f"""
    CREATE TABLE listing_search_row (
        id INTEGER PRIMARY KEY, org_id CHAR(32) NOT NULL, listing_id CHAR(32) NOT NULL UNIQUE,
        item_id CHAR(32) NOT NULL, place_id CHAR(32) NOT NULL, {_FACTS}
    )
    """,
    # Words arrive folded and apart (items/words.py): the tokenizer only splits at the blanks.
    """
    CREATE VIRTUAL TABLE listing_search USING fts5 (
        words, detail=none, columnsize=0, tokenize='ascii', prefix='3 4'
    )
    """,
)
_POSTGRES = (
    f"""
    CREATE TABLE listing_search_row (
        id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        org_id UUID NOT NULL, listing_id UUID NOT NULL UNIQUE,
        item_id UUID NOT NULL, place_id UUID NOT NULL, {_FACTS}, words TSVECTOR
    )
    """,
    "CREATE INDEX ix_listing_search_row_words ON listing_search_row USING gin (words)",
)
_NEWEST = (
    "CREATE INDEX ix_listing_search_row_org ON listing_search_row (org_id, id) WHERE pieces > 0"
)


def upgrade() -> None:
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES:
        op.execute(statement)
    op.execute(_NEWEST)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE listing_search")
    op.execute("DROP TABLE listing_search_row")
