"""``serve``, ``migrate`` and ``assets``."""

import argparse

import uvicorn

from app.commands.parts import Parsers, add_command
from app.kit import vendor
from app.kit.i18n import N_, gettext
from app.main import ROOT, create_app
from app.schema import head, migrate, require_current
from app.settings import Settings


def add(parsers: Parsers) -> None:
    serve_parser = add_command(parsers, "serve", serve, N_("start tjenesten"))
    serve_parser.add_argument(
        "--host", metavar=gettext(N_("ADRESSE")), help=gettext(N_("adressen tjenesten lytter på"))
    )
    serve_parser.add_argument(
        "--port", type=int, metavar="N", help=gettext(N_("porten tjenesten lytter på"))
    )
    add_command(parsers, "migrate", run_migrate, N_("gi databasen skjemaet til denne utgaven"))
    add_command(parsers, "assets", copy_assets, N_("hent filer til nettsidene fra node_modules"))


def serve(options: argparse.Namespace, settings: Settings) -> int:
    given = {"bind_host": options.host, "bind_port": options.port}
    wanted = {name: value for name, value in given.items() if value is not None}
    return run_server(settings.model_copy(update=wanted))


def run_server(settings: Settings) -> int:
    """Serves until it is stopped. Refuses to run on a schema that is not this version's."""
    require_current(settings.effective_database_url)
    uvicorn.run(
        create_app(settings),
        host=settings.bind_host,
        port=settings.bind_port,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=30,
        loop="app.kit.loop:Loop",
        http="app.kit.protocol:WholeAnswers",
    )
    return 0


def run_migrate(_options: argparse.Namespace, settings: Settings) -> int:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.effective_database_url)
    print(gettext(N_("Databasens skjema er %(version)s."), version=head()))
    return 0


def copy_assets(_options: argparse.Namespace, _settings: Settings) -> int:
    vendor.copy(ROOT)
    return 0
