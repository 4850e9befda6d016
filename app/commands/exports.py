"""``export``: the inventory as a file."""

import argparse
import sys
from pathlib import Path

from app.commands.disk import writing
from app.commands.parts import FILE, Parsers, actor_from, add_actor_options, add_command
from app.kit.exports import Format, export
from app.kit.i18n import N_, gettext
from app.main import make_database
from app.schema import require_current
from app.settings import Settings
from app.transfer import inventory


def add(parsers: Parsers) -> None:
    parser = add_command(parsers, "export", run, N_("skriv registeret som CSV, XLSX eller JSON"))
    parser.add_argument(
        "--what",
        choices=[each.value for each in inventory.What],
        default="items",
        help=gettext(N_("hva som skrives")),
    )
    parser.add_argument(
        "--format",
        choices=[each.value for each in Format],
        default="csv",
        help=gettext(N_("CSV når ikke annet er sagt")),
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar=gettext(FILE),
        help=gettext(N_("ellers skrives det ut her")),
    )
    add_actor_options(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:
    require_current(settings.effective_database_url)
    database = make_database(settings)
    try:
        with database.read() as session:
            actor = actor_from(session, options)
            pieces = export(
                Format(options.format),
                inventory.columns(),
                inventory.rows(session, actor),
                title=actor.organisation_name,
            )
            if options.output is None:
                for piece in pieces:
                    sys.stdout.buffer.write(piece)
                return 0
            with writing(options.output), options.output.open("wb") as file:
                file.writelines(pieces)
    finally:
        database.close()
    return 0
