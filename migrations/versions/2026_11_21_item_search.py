"""The search index over pieces: FTS5 on SQLite, tsvector with GIN on PostgreSQL."""

from alembic import op

revision = "2026_11_21_7"
down_revision = "2026_11_21_6"
branch_labels = None
depends_on = None

_SQLITE = (
    """
    CREATE TABLE item_search_row (
        id INTEGER PRIMARY KEY, org_id CHAR(32) NOT NULL, item_id CHAR(32) NOT NULL UNIQUE
    )
    """,
    # Words arrive folded and apart (items/words.py): the tokenizer only splits at the blanks.
    """
    CREATE VIRTUAL TABLE item_search USING fts5 (
        words, detail=none, columnsize=0, tokenize='ascii', prefix='3 4'
    )
    """,
    """
    CREATE TABLE item_search_word (
        org_id CHAR(32) NOT NULL, word VARCHAR(40) NOT NULL, PRIMARY KEY (org_id, word)
    ) WITHOUT ROWID
    """,
)
_POSTGRES = (
    """
    CREATE TABLE item_search_row (
        id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        org_id UUID NOT NULL, item_id UUID NOT NULL UNIQUE, words TSVECTOR NOT NULL
    )
    """,
    "CREATE INDEX ix_item_search_row_words ON item_search_row USING gin (words)",
    """
    CREATE TABLE item_search_word (
        org_id UUID NOT NULL, word VARCHAR(40) COLLATE "C" NOT NULL, PRIMARY KEY (org_id, word)
    )
    """,
)


def upgrade() -> None:
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE item_search_word")
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE item_search")
    op.execute("DROP TABLE item_search_row")
