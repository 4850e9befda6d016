"""Which version the database's schema has, and how it gets to this program's version."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from app.kit.db import make_engine
from app.kit.i18n import N_, gettext

OLD_SCHEMA = N_(
    "Databasens skjema er %(found)s, men programmet trenger %(wanted)s. Kjør «omlop migrate»."
)
NO_SCHEMA = N_("Databasen er tom; programmet trenger skjema %(wanted)s. Kjør «omlop migrate».")
ROOT = Path(__file__).resolve().parent.parent


class OldSchemaError(RuntimeError):
    """The program refuses to run on a schema that is not its own."""


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
    """The database's revision; ``None`` when it has none or can not be reached."""
    engine = make_engine(url, readers=False)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError:
        return None
    finally:
        engine.dispose()


def require_current(url: str) -> None:
    """Raises ``OldSchemaError``, in words that say what to do, unless the schema is ours."""
    found, wanted = current(url), head()
    if found != wanted:
        text = OLD_SCHEMA if found else NO_SCHEMA
        raise OldSchemaError(gettext(text, found=found, wanted=wanted))
