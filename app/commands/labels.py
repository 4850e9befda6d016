"""``labels``: a sheet of labels as a file, for pieces or for blank codes."""

import argparse
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.commands.disk import writing
from app.commands.parts import CODE, FILE, Parsers, actor_from, add_actor_options, add_command
from app.items.service_codes import PrintBlank, TypedCode, print_blank
from app.kit.errors import Invalid
from app.kit.i18n import N_, gettext, ngettext
from app.kit.text import sayable
from app.kit.validation import by_field
from app.labelling.printing import Job, job
from app.labelling.queries import Printed, of_codes
from app.labelling.rules import DEFAULT_SHEET, address_warnings, paper
from app.labelling.service import Millimetres
from app.main import make_database
from app.schema import require_current
from app.settings import Settings

_Value = TypeVar("_Value")
_MM: TypeAdapter[Decimal] = TypeAdapter(Millimetres)
_CODE: TypeAdapter[str] = TypeAdapter(TypedCode)


def add(parsers: Parsers) -> None:
    parser = add_command(
        parsers, "labels", write_labels, N_("lag en fil med etiketter til utskrift")
    )
    add_actor_options(parser)
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--sheet",
        default=DEFAULT_SHEET,
        metavar=gettext(N_("ARK")),
        help=gettext(N_("etikettark, for eksempel L7160")),
    )
    where.add_argument(
        "--size",
        metavar=gettext(N_("STØRRELSE")),
        help=gettext(N_("én etikett på hver side for etikettskrivere, for eksempel 62x29")),
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--blank", type=int, metavar="N", help=gettext(N_("så mange nye blanke koder"))
    )
    what.add_argument(
        "--item", nargs="+", metavar=gettext(CODE), help=gettext(N_("møbler, etter koden de har"))
    )
    parser.add_argument(
        "--note", metavar=gettext(N_("TEKST")), help=gettext(N_("hva de blanke kodene er til"))
    )
    parser.add_argument(
        "--start",
        type=int,
        default=1,
        metavar="N",
        help=gettext(N_("første ubrukte etikett på arket")),
    )
    parser.add_argument(
        "--offset-x", default="0", metavar="MM", help=gettext(N_("flytt så mye mot høyre"))
    )
    parser.add_argument(
        "--offset-y", default="0", metavar="MM", help=gettext(N_("flytt så mye ned"))
    )
    parser.add_argument(
        "--zpl", action="store_true", help=gettext(N_("ZPL i stedet for PDF; krever --size"))
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar=gettext(FILE),
        help=gettext(N_("filen som skrives")),
    )


def write_labels(options: argparse.Namespace, settings: Settings) -> int:
    """Blank codes are kept only when their file could be written."""
    require_current(settings.effective_database_url)
    if options.zpl and not options.size:
        raise Invalid(N_("ZPL er for etikettskrivere. Velg en størrelse med --size."))
    database = make_database(settings)
    try:
        with database.write() as session:
            actor = actor_from(session, options)
            actor.must(Permission.LABEL_PRINT)
            made = job(
                paper(options.size or options.sheet),
                settings.public_url,
                actor.organisation_name,
                start=options.start,
                offset_hmm=(_hmm(options.offset_x), _hmm(options.offset_y)),
            )
            printed = _printed(session, actor, options)
            _write(options.output, made, printed, is_zpl=options.zpl)
    finally:
        database.close()
    for warning in address_warnings(settings.public_url):
        print(gettext(warning))
    labels, pages = len(printed), made.sheets(len(printed))
    print(
        ngettext("%(num)s etikett", "%(num)s etiketter", labels),
        ngettext("på %(num)s side:", "på %(num)s sider:", pages),
        sayable(str(options.output)),
    )
    return 0


def _hmm(millimetres: str) -> int:
    return int(_checked(_MM, millimetres) * 100)


def _checked(adapter: TypeAdapter[_Value], typed: str) -> _Value:
    try:
        return adapter.validate_python(typed)
    except ValidationError as error:
        text = by_field(error)[""]
        raise Invalid(N_("%(typed)s: %(text)s"), values={"typed": typed, "text": text}) from error


def _printed(session: Session, actor: Actor, options: argparse.Namespace) -> list[Printed]:
    if options.item:
        return of_codes(session, actor, [_checked(_CODE, each) for each in options.item])
    try:
        command = PrintBlank(count=options.blank, note=options.note)
    except ValidationError as error:
        name, text = next(iter(by_field(error).items()))
        option = {"count": "--blank", "note": "--note"}[name]
        raise Invalid(N_("%(typed)s: %(text)s"), values={"typed": option, "text": text}) from error
    return [Printed(code) for code in print_blank(session, actor, command)[1]]


def _write(path: Path, made: Job, printed: list[Printed], *, is_zpl: bool) -> None:
    content = made.zpl(printed).encode() if is_zpl else made.pdf(printed)
    with writing(path):
        path.write_bytes(content)
