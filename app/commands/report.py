"""``report``: a project's report on standard output or in a file."""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from app.commands.disk import writing
from app.commands.parts import (
    FILE,
    NAME,
    Parsers,
    actor_from,
    add_actor_options,
    add_command,
)
from app.kit.i18n import N_, gettext
from app.main import make_database
from app.reports.documents import as_json, as_table
from app.reports.figures import ProjectReport
from app.reports.service import project_named
from app.reports.service_frozen import shown_report
from app.reports.text import as_text
from app.schema import require_current
from app.settings import Settings

FORMATS = ("text", "json", "csv")


def add(parsers: Parsers) -> None:
    parser = add_command(
        parsers, "report", report, N_("vis ombruksandel og besparelse i et prosjekt")
    )
    parser.add_argument(
        "project", metavar=gettext(NAME), help=gettext(N_("prosjektets navn eller nummer"))
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help=gettext(N_("tekst når ikke annet er sagt")),
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar=gettext(FILE),
        help=gettext(N_("skriv til denne filen i stedet")),
    )
    add_actor_options(parser)


def report(options: argparse.Namespace, settings: Settings) -> int:
    require_current(settings.effective_database_url)
    database = make_database(settings)
    try:
        with database.read() as session:
            actor = actor_from(session, options)
            project = project_named(session, actor, options.project)
            found, _ = shown_report(session, actor, project.id)
    finally:
        database.close()
    if options.output is None:
        for part in _written(found, options.format):
            sys.stdout.buffer.write(part)
        sys.stdout.buffer.flush()
        return 0
    with writing(options.output), options.output.open("wb") as file:
        file.writelines(_written(found, options.format))
    return 0


def _written(found: ProjectReport, form: str) -> Iterable[bytes]:
    if form == "csv":
        return as_table(found)
    return [(as_json(found) if form == "json" else as_text(found)).encode()]
