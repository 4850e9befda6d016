"""``import``: a spreadsheet into the inventory, previewed first."""

import argparse
import json
import sys
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Unit
from app.accounts.queries import units_visible_to
from app.commands.disk import reading
from app.commands.parts import (
    FILE,
    NAME,
    Parsers,
    actor_from,
    add_actor_options,
    add_command,
)
from app.kit.db import Database
from app.kit.errors import Invalid, NotFound
from app.kit.i18n import N_, gettext, number
from app.main import make_database
from app.places.models import Place
from app.places.queries import places_visible_to
from app.schema import require_current
from app.settings import Settings
from app.transfer import queries, service_apply, service_staging
from app.transfer.mapping import Mapping
from app.transfer.names import WARNINGS
from app.transfer.service import How
from app.transfer.sheet_limits import LIMITS, SheetTooLarge
from app.transfer.upload import looked_at, previewed

SHOWN_LINES = 20


def add(parsers: Parsers) -> None:
    parser = add_command(parsers, "import", run, N_("les en CSV- eller XLSX-fil inn i registeret"))
    parser.add_argument("file", type=Path, metavar=gettext(FILE))
    parser.add_argument(
        "--mapping",
        metavar=gettext(NAME),
        help=gettext(N_("et lagret eller innebygd oppsett (ikea)")),
    )
    parser.add_argument(
        "--rate",
        metavar=gettext(N_("KURS")),
        help=gettext(N_("hva én enhet av oppsettets valuta koster i deres egen")),
    )
    parser.add_argument(
        "--unit", metavar=gettext(NAME), help=gettext(N_("eier av rader som ikke nevner noen"))
    )
    parser.add_argument(
        "--place", metavar=gettext(NAME), help=gettext(N_("sted for rader som ikke nevner noe"))
    )
    parser.add_argument(
        "--dry-run", action="store_true", help=gettext(N_("vis hva som ville skje, og stopp der"))
    )
    parser.add_argument(
        "--skip-bad", action="store_true", help=gettext(N_("ta inn radene som kan brukes"))
    )
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help=gettext(N_("tekst når ikke annet er sagt")),
    )
    add_actor_options(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Gives 1 when rows are bad, also where the others were applied."""
    content = content_of(options.file)
    require_current(settings.effective_database_url)
    database = make_database(settings)
    try:
        with database.read() as session:
            actor = actor_from(session, options)
            how = _how(session, actor, options)
        return _import(database, actor, content, how, options)
    finally:
        database.close()


def content_of(path: Path) -> bytes:
    with reading(path), path.open("rb") as file:
        content = file.read(LIMITS.file_bytes + 1)
    if len(content) > LIMITS.file_bytes:
        raise SheetTooLarge(
            N_("Grensen er %(limit)s MB."),
            values={"limit": number(LIMITS.file_bytes / 1_000_000)},
        )
    return content


def _how(session: Session, actor: Actor, options: argparse.Namespace) -> How:
    mapping = queries.mapping_named(session, actor, options.mapping) if options.mapping else None
    if options.rate is not None:
        mapping = with_rate(mapping, options.rate)
    return How(
        mapping=mapping,
        unit_id=_named(session, actor, Unit, options.unit),
        place_id=_named(session, actor, Place, options.place),
    )


def with_rate(mapping: Mapping | None, text: str) -> Mapping:
    """Raises ``Invalid`` for no number, and where there is no currency it could be the rate of."""
    try:
        rate = Decimal(text.replace(",", "."))
    except InvalidOperation as error:
        raise Invalid(N_("Kursen må være et tall større enn 0.")) from error
    if not rate.is_finite() or not 0 < rate <= 100_000:
        raise Invalid(N_("Kursen må være et tall større enn 0."))
    if mapping is None or mapping.currency is None:
        raise Invalid(N_("En kurs krever et oppsett som sier hvilken valuta prisene står i."))
    return mapping.model_copy(update={"rate": rate})


def _named(
    session: Session, actor: Actor, model: type[Unit] | type[Place], name: str | None
) -> UUID | None:
    if name is None:
        return None
    if model is Unit:
        query = units_visible_to(actor).with_only_columns(Unit.id).where(Unit.name == name)
    else:
        query = (
            places_visible_to(actor)
            .with_only_columns(Place.id)
            .where((Place.name == name) | (Place.label == name))
        )
    found: Sequence[UUID] = session.scalars(query.limit(2)).all()
    if len(found) != 1:
        raise NotFound(
            N_("Fant ikke nøyaktig én enhet eller ett sted som heter «%(name)s»."),
            values={"name": name},
        )
    return found[0]


def _import(
    database: Database, actor: Actor, content: bytes, how: How, options: argparse.Namespace
) -> int:
    if options.dry_run:
        found = looked_at(database, actor, content, options.file.name, how)
        report = found.preview.as_json(gettext)
        _print(report, options.format)
        return 1 if report["bad"] else 0
    run_id = previewed(database, actor, content, options.file.name, how)
    with database.read() as session:
        report = dict(queries.run(session, actor, run_id).report)
    if report["bad"] and not options.skip_bad:
        with database.write() as session:
            # Nobody comes back to it from here: the mended file makes a preview of its own.
            service_staging.discard(session, actor, run_id)
        _print(report, options.format)
        print(
            gettext(N_("Ingenting er importert. Rett radene, eller hopp over dem med --skip-bad.")),
            file=sys.stderr,
        )
        return 1
    with database.read() as session:
        ready = service_apply.prepare(session, actor, run_id)
    with database.write(is_long=True) as session:
        done = service_apply.apply(session, actor, ready, skip_bad=options.skip_bad)
        report = dict(done.report)
    _print(report, options.format)
    return 1 if report["bad"] else 0


def place_of(bad: dict[str, Any]) -> str:
    """The cell and what stands in it; the row alone where no cell is to blame."""
    if not bad["column"]:
        return gettext(N_("Rad %(row)s"), row=bad["row"])
    place = gettext(N_("Rad %(row)s, kolonne %(column)s"), row=bad["row"], column=bad["column"])
    return f"{place} «{bad['header']}»: {bad['value']!r}"


def _print(report: dict[str, Any], form: str) -> None:
    if form == "json":
        json.dump(report, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return
    print(
        gettext(
            N_("1 rad: %(created)s nye, %(updated)s endret, %(unchanged)s uendret,")
            if report["rows"] == 1
            else N_("%(rows)s rader: %(created)s nye, %(updated)s endret, %(unchanged)s uendret,"),
            **{name: report[name] for name in ("rows", "created", "updated", "unchanged")},
        ),
        gettext(
            N_("%(repeated)s gjentatt, %(bad)s feil."),
            repeated=report["repeated"],
            # A staged report counts all bad rows but lists only the first.
            bad=report.get("bad_rows", len({each["row"] for each in report["bad"]})),
        ),
    )
    for each in report["bad"][:SHOWN_LINES]:
        print(f"  {place_of(each)}: {each['reason']}")
    more = report.get("bad_count", len(report["bad"])) - SHOWN_LINES
    if more > 0:
        print(
            "  "
            + gettext(
                N_("… og %(count)s feil til; --dry-run --format json viser alle."), count=more
            )
        )
    for kind, count in report["warning_counts"].items():
        print(f"  {gettext(WARNINGS.get(kind, kind))}: {count}")
    for notice in report["notices"]:
        print(f"  {notice}")
