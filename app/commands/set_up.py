"""``init``: the schema, and the address of the one-time set-up page."""

import argparse
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import select

from app.accounts.models import Organisation
from app.accounts.service import Found, found
from app.accounts.sign_in import new_set_up
from app.commands.disk import reading
from app.commands.parts import FILE, NAME, Parsers, add_command
from app.kit.errors import Conflict, Invalid
from app.kit.i18n import N_, gettext
from app.kit.validation import by_field
from app.main import make_database
from app.schema import migrate
from app.settings import Settings

OPTIONS = {
    "organisation": "--organisation",
    "name": "--name",
    "email": "--email",
    "password_file": "--password-file",
}
"""They make an organisation together; one alone is a mistake."""


def add(parsers: Parsers) -> None:
    parser = add_command(parsers, "init", init, N_("gjør en tom installasjon klar"))
    parser.add_argument(
        "--organisation",
        metavar=gettext(NAME),
        help=gettext(N_("opprett den her og ikke på oppsettsiden")),
    )
    parser.add_argument(
        "--name", metavar=gettext(NAME), help=gettext(N_("den første administratorens navn"))
    )
    parser.add_argument(
        "--email",
        metavar=gettext(N_("E-POST")),
        help=gettext(N_("den første administratorens adresse")),
    )
    parser.add_argument(
        "--password-file",
        metavar=gettext(FILE),
        help=gettext(N_("fil med den første administratorens passord")),
    )


def init(options: argparse.Namespace, settings: Settings) -> int:
    command = _wanted(options)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.effective_database_url)
    database = make_database(settings)
    try:
        with database.write() as session:
            names = list(session.scalars(select(Organisation.name)))
            if command is not None:
                if command.organisation.casefold() in {each.casefold() for each in names}:
                    raise Conflict(
                        N_("Det finnes alt en virksomhet som heter «%(name)s»."),
                        values={"name": command.organisation},
                    )
                found(session, command)
                print(
                    gettext(
                        N_("%(name)s er klar. Start med: omlop serve"), name=command.organisation
                    )
                )
                return 0
            if names:
                print(
                    gettext(
                        N_("Det finnes alt en virksomhet. Logg inn på %(address)s"),
                        address=settings.public_url,
                    )
                )
                return 0
            token = new_set_up(session)
    finally:
        database.close()
    address = f"{settings.public_url}/kom-i-gang?nokkel={token}"
    print(gettext(N_("Start tjenesten med: omlop serve")))
    print(gettext(N_("Åpne så denne adressen, som virker én gang: %(address)s"), address=address))
    return 0


def _wanted(options: argparse.Namespace) -> Found | None:
    """The organisation to make; none when no option asks for one. Raises ``Invalid`` in words."""
    given = {name: getattr(options, name) for name in OPTIONS}
    if all(each is None for each in given.values()):
        return None
    missing = [OPTIONS[name] for name, each in given.items() if each is None]
    if missing:
        raise Invalid(
            N_("Oppgi også %(options)s, eller ingen av dem."),
            values={"options": ", ".join(missing)},
        )
    given["password"] = _password_in(Path(given.pop("password_file")))
    try:
        return Found.model_validate(given)
    except ValidationError as error:
        said = by_field(error).items()
        lines = [f"{OPTIONS.get(name, OPTIONS['password_file'])}: {text}" for name, text in said]
        raise Invalid("%(lines)s", values={"lines": "\n".join(lines)}) from error


def _password_in(path: Path) -> str:
    try:
        with reading(path):
            return path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        raise Invalid(N_("Filen %(file)s er ikke tekst i UTF-8."), values={"file": path}) from error
