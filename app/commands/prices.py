"""``prices``: a price list's prices into use as the organisation's own."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.commands.imports import SHOWN_LINES, content_of, place_of
from app.commands.parts import FILE, Parsers, actor_from, add_actor_options, add_command
from app.impact.service_own import STATED_TIERS
from app.kit.errors import Invalid
from app.kit.i18n import N_, gettext, money_ore
from app.kit.validation import by_field
from app.main import make_database, make_files
from app.schema import require_current
from app.settings import Settings
from app.transfer import service_prices as service
from app.transfer.service_prices import ApplyPrices, OfPrices
from app.transfer.shown_prices import PriceListOut
from app.transfer.upload_prices import kept, looked_at


def add(parsers: Parsers) -> None:
    parser = add_command(
        parsers, "prices", run, N_("ta prisene i en CSV- eller XLSX-prisliste i bruk")
    )
    parser.add_argument("file", type=Path, metavar=gettext(FILE))
    parser.add_argument(
        "--source",
        required=True,
        metavar=gettext(N_("TEKST")),
        help=gettext(N_("leverandør og avtale")),
    )
    parser.add_argument(
        "--reason",
        required=True,
        metavar=gettext(N_("TEKST")),
        help=gettext(N_("hvorfor prisene tas i bruk")),
    )
    parser.add_argument(
        "--year",
        required=True,
        metavar=gettext(N_("ÅR")),
        help=gettext(N_("prisår for rader som ikke sier det selv")),
    )
    parser.add_argument(
        "--currency",
        metavar=gettext(N_("VALUTA")),
        help=gettext(N_("ellers virksomhetens egen")),
    )
    parser.add_argument(
        "--tier",
        choices=[each.value for each in STATED_TIERS],
        default="T3",
        help=gettext(N_("hvor gode prisene er; T3 når ikke annet er sagt")),
    )
    parser.add_argument(
        "--dry-run", action="store_true", help=gettext(N_("vis hva som ville skje, og stopp der"))
    )
    parser.add_argument(
        "--skip-bad", action="store_true", help=gettext(N_("ta i bruk radene som kan brukes"))
    )
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help=gettext(N_("tekst når ikke annet er sagt")),
    )
    add_actor_options(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Gives 1 when rows are bad, also where the others were taken into use."""
    content = content_of(options.file)
    require_current(settings.effective_database_url)
    command = _command(options)
    database = make_database(settings)
    try:
        with database.read() as session:
            actor = actor_from(session, options)
        name = options.file.name
        if options.dry_run:
            out = PriceListOut.of(looked_at(database, actor, command, content, name))
            _print(out, options.format)
            return 1 if out.bad else 0
        list_id = kept(database, make_files(settings), actor, command, content, name, None)
        with database.read() as session:
            out = PriceListOut.of(service.list_of(session, actor, list_id))
        _print(out, options.format)
        if out.bad and not options.skip_bad:
            text = N_("Ingenting er tatt i bruk. Rett radene, eller hopp over dem med --skip-bad.")
            print(gettext(text), file=sys.stderr)
            return 1
        if out.changed:
            apply = ApplyPrices(price_list_id=list_id, skip_bad=options.skip_bad)
            with database.write() as session:
                service.apply_prices(session, actor, [apply])
        return 1 if out.bad else 0
    finally:
        database.close()


def _command(options: argparse.Namespace) -> OfPrices:
    given: dict[str, Any] = {
        "source": options.source,
        "reason": options.reason,
        "price_year": options.year,
        "currency": options.currency,
        "tier": options.tier,
    }
    try:
        return OfPrices.model_validate(given)
    except ValidationError as error:
        raise Invalid(by_field=by_field(error)) from error


def _print(out: PriceListOut, form: str) -> None:
    if form == "json":
        json.dump(out.model_dump(mode="json"), sys.stdout, ensure_ascii=False, indent=1)
        print()
        return
    print(
        gettext(
            N_("%(changed)s priser endres, %(same)s er som før, %(unknown)s rader er ukjente, %(bad)s har feil."),
            changed=out.changed,
            same=out.unchanged,
            unknown=out.unknown_rows,
            bad=out.bad_rows,
        )
    )  # fmt: skip
    for each in out.prices:
        if each.is_change:
            before = money_ore(each.before_ore, each.before_currency, 2)
            print(f"  {each.key}: {before} → {money_ore(each.price_ore, each.currency, 2)}")
    for bad in out.bad[:SHOWN_LINES]:
        print(f"  {place_of(bad.model_dump())}: {bad.reason}")
    more = len(out.bad) - SHOWN_LINES
    if more > 0:
        text = N_("… og %(count)s feil til; --dry-run --format json viser alle.")
        print("  " + gettext(text, count=more))
