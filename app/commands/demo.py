"""``demo``: an own database, the demo story, and the server."""

import argparse
import shutil
from pathlib import Path

from app.accounts import names
from app.accounts.rules import Role
from app.commands.parts import Parsers, add_command
from app.commands.server import run_server
from app.demo.stage import ADMINISTRATOR, ORGANISATION, PASSWORD, PEOPLE
from app.demo.story import START, play
from app.kit import images
from app.kit.clock import Clock, MovedClock
from app.kit.i18n import N_, gettext
from app.main import make_database, make_files
from app.schema import current, migrate
from app.settings import Settings

HOLDS_DATA = N_(
    "Databasen har data fra før. Velg en tom OMLOP_DATABASE_URL, eller uten den en tom OMLOP_DATA_DIR"
    " (nå %(folder)s)."
)
BEGUN, DONE = "demo-begun", "demo-played"


def add(parsers: Parsers) -> None:
    parser = add_command(
        parsers, "demo", demo, N_("spill demofortellingen og start tjenesten med den")
    )
    parser.add_argument(
        "--no-serve", action="store_true", help=gettext(N_("bare spill fortellingen"))
    )
    parser.add_argument(
        "--again", action="store_true", help=gettext(N_("glem den forrige demoen og spill på nytt"))
    )


def demo(options: argparse.Namespace, settings: Settings) -> int:
    """Plays the story once; a later call serves what is there. SQLite unless told otherwise."""
    settings = settings.model_copy(update={"is_demo": True})
    folder = settings.data_dir
    begun, done = folder / BEGUN, folder / DONE
    if options.again or (begun.exists() and not done.exists()):
        _forget(settings)  # also a story that was interrupted: it is played from the start
    if not done.exists():
        if current(settings.effective_database_url) is not None:
            # On a server an interrupted story lies there too: only its owner may empty a database.
            print(gettext(HOLDS_DATA, folder=folder))
            return 1
        folder.mkdir(parents=True, exist_ok=True)
        begun.touch()
        _play(settings)
        done.touch()
    _say(settings)
    return 0 if options.no_serve else run_server(settings)


def _forget(settings: Settings) -> None:
    """Removes the last demo's database and photos, and nothing that is not marked as the demo's."""
    folder = settings.data_dir
    if not (folder / BEGUN).exists():
        return
    for each in folder.glob("omlop.db*"):
        each.unlink()
    shutil.rmtree(folder / "files", ignore_errors=True)
    for mark in (DONE, BEGUN):
        (folder / mark).unlink(missing_ok=True)


def _play(settings: Settings) -> None:
    print(gettext(N_("Spiller demoen: et helseforetak, møblene og prosjektet Lensmannslia …")))
    migrate(settings.effective_database_url)
    clock = MovedClock(START)
    database = make_database(settings, clock)
    try:
        play(database, make_files(settings), clock, until=Clock().today())
    finally:
        database.close()
        images.close()


def _say(settings: Settings) -> None:
    omlop = Path(".venv/bin/omlop")
    command = str(omlop) if omlop.exists() else "omlop"
    print(f"\nOmløp: {settings.public_url}\n")
    print(gettext(N_("Logg inn med passordet «%(password)s» som"), password=PASSWORD))
    name, local = ADMINISTRATOR
    people = [(name, local, Role.ADMIN, ORGANISATION), *PEOPLE.values()]
    for name, local, role, unit in people:
        address = f"{local}@demo.example"
        print(f"  {address:20} {name}, {gettext(names.ROLES[role]).lower()}, {unit}")
    print(f"\n{gettext(N_('Prøv ved siden av:'))}")
    for line in (
        "report Lensmannslia --format json",
        "labels --sheet L7160 --blank 42 --start 7 -o sheet.pdf",
        "import ../shared/data/inventory/ikea_catalogue.csv --mapping ikea --dry-run --format json",
        "verify",
    ):
        print(f"  {command} {line}")
    print()
