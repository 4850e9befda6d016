"""Which version the database's schema has, and how it gets to this program's version."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from app.kit.db import make_engine
from app.kit.i18n import N_, gettext

OLD_SCHEMA = N_(
    "Databasens skjema er %(found)s, men programmet trenger %(wanted)s. Kjør «omlop migrate»."
)
NO_SCHEMA = N_("Databasen er tom; programmet trenger skjema %(wanted)s. Kjør «omlop init».")
UNREACHED = N_(
    "Databasen kan ikke nås. Se etter i OMLOP_DATABASE_URL, eller uten den i OMLOP_DATA_DIR."
)
UNREAD = N_(
    "Databasen kan ikke leses: den er skadet, hører til noe annet, eller brukeren mangler rettigheter."
    " Se etter i OMLOP_DATABASE_URL, eller uten den i OMLOP_DATA_DIR."
)
ROOT = Path(__file__).resolve().parent.parent


class OldSchemaError(RuntimeError):
    """The program refuses to run on a schema that is not its own."""


class UnknownSchemaError(OldSchemaError):
    """Nobody knows which schema it is: the database does not answer, or not as a database."""


def configuration(url: str) -> Config:
    config = Config(toml_file=str(ROOT / "pyproject.toml"))
    config.set_main_option("script_location", str(ROOT / "migrations"))
    # The migrations import what they share from the folder they stand in.
    config.set_main_option("path_separator", "os")
    config.set_main_option("prepend_sys_path", str(ROOT))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def migrate(url: str, revision: str = "head") -> None:
    """Brings the schema up to ``revision``."""
    command.upgrade(configuration(url), revision)


def head() -> str | None:
    return ScriptDirectory.from_config(configuration("sqlite://")).get_current_head()


def current(url: str) -> str | None:
    """The database's revision; ``None`` when it has none yet.

    Raises ``UnknownSchemaError``, in words, when it can not be asked.
    """
    if _is_not_made(url):
        return None
    engine = make_engine(url, readers=False)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        text = UNREACHED if isinstance(error, OperationalError) else UNREAD
        raise UnknownSchemaError(gettext(text)) from error
    finally:
        engine.dispose()


def _is_not_made(url: str) -> bool:
    """Whether it is a file that is not there: SQLite would make it by being asked."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return False
    try:
        Path(parsed.database).stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:  # SQLite can not open it either
        return False
    return False


def require_current(url: str) -> None:
    """Raises ``OldSchemaError``, in words that say what to do, unless the schema is ours."""
    found, wanted = current(url), head()
    if found != wanted:
        text = OLD_SCHEMA if found else NO_SCHEMA
        raise OldSchemaError(gettext(text, found=found, wanted=wanted))
