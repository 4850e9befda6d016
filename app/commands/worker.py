"""``worker``: runs jobs beside the server, as many as needed, on PostgreSQL."""

import argparse
import signal
import sys
import threading

from app.commands.parts import Parsers, add_command
from app.kit import images, logs
from app.kit.i18n import N_, gettext
from app.main import make_database, make_files, make_queue, make_templates
from app.schema import require_current
from app.settings import Settings

WORKERS = 4


def add(parsers: Parsers) -> None:
    parser = add_command(
        parsers, "worker", work, N_("gjør jobber ved siden av tjenesten (PostgreSQL)")
    )
    parser.add_argument(
        "--schedule", action="store_true", help=gettext(N_("hold også tiden; bare for én av dem"))
    )
    parser.add_argument(
        "--threads", type=int, default=WORKERS, metavar="N", help=gettext(N_("jobber på samme tid"))
    )


def work(options: argparse.Namespace, settings: Settings) -> int:
    """Works until it is told to stop, and lets running jobs end."""
    logs.configure(settings.log_format)
    url = settings.effective_database_url
    require_current(url)
    database = make_database(settings)
    if database.is_sqlite:
        database.close()
        print(
            gettext(N_("Med SQLite gjør tjenesten jobbene selv: start den med «omlop serve».")),
            file=sys.stderr,
        )
        return 1
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    queue = make_queue(settings, database, make_files(settings), make_templates())
    database.enqueue = queue.enqueue
    queue.start(workers=max(1, min(options.threads, 16)), with_schedule=options.schedule)
    stopping.wait()
    queue.stop()
    images.close()
    database.close()
    return 0
