"""What every command needs: the settings, the database, and who acts."""

import argparse
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, actor_of, system_actor
from app.accounts.models import Organisation, Person
from app.kit.errors import NotFound
from app.kit.i18n import N_, gettext
from app.settings import Settings

Parsers = Any
"""argparse's sub-parsers, whose type is private."""

NAME, FILE, CODE = N_("NAVN"), N_("FIL"), N_("KODE")
"""What the help calls a value that is typed."""

Command = Callable[[argparse.Namespace, Settings], int]


def add_command(parsers: Parsers, name: str, run: Command, text: str) -> argparse.ArgumentParser:
    """A command with its one-line help, which is translated here."""
    parser: argparse.ArgumentParser = parsers.add_parser(
        name, help=gettext(text), description=gettext(text)
    )
    parser.set_defaults(run=run)
    return parser


def add_actor_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--org",
        metavar=gettext(NAME),
        help=gettext(N_("virksomhetens navn; trengs ikke når det bare er én")),
    )
    parser.add_argument(
        "--as",
        dest="as_person",
        metavar=gettext(N_("E-POST")),
        help=gettext(N_("gjør det som dette medlemmet")),
    )


def actor_from(session: Session, options: argparse.Namespace) -> Actor:
    """The actor the options name: the only organisation's system actor unless they say more."""
    query = select(Organisation).order_by(Organisation.name)
    if options.org:
        query = query.where(Organisation.name == options.org)
    found = list(session.scalars(query.limit(2)))
    if not found and options.org:
        raise NotFound(
            N_("Det finnes ingen virksomhet som heter «%(name)s»."), values={"name": options.org}
        )
    if not found:
        raise NotFound(N_("Fant ingen virksomhet. Kjør «omlop init» først."))
    if len(found) > 1:
        raise NotFound(N_("Det finnes flere virksomheter. Velg en med --org."))
    organisation = found[0]
    if not options.as_person:
        return system_actor(organisation)
    person_id = session.scalar(select(Person.id).where(Person.email == options.as_person))
    actor = actor_of(session, organisation.id, person_id) if person_id else None
    if actor is None:
        raise NotFound(N_("Ingen i virksomheten har denne e-postadressen."))
    return actor
