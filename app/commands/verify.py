"""``verify``: whether the ledger is what it was, and if not, where it differs first."""

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict

from sqlalchemy import select

from app.accounts.actor import system_actor
from app.accounts.models import Organisation
from app.accounts.rules import Permission
from app.commands.parts import Parsers, actor_from, add_actor_options, add_command
from app.ledger.service import Verification, verify
from app.main import make_database
from app.schema import require_current
from app.settings import Settings


def add(parsers: Parsers) -> None:
    parser = add_command(parsers, "verify", run, "walk the hash chain and recompute the ledger")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    add_actor_options(parser)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Gives 0 when everything holds in every organisation, or in the one that is named; else 1."""
    require_current(settings.effective_database_url)
    database = make_database(settings)
    try:
        with database.read() as session:
            if options.org or options.as_person:
                actors = [actor_from(session, options)]
            else:
                every = session.scalars(select(Organisation).order_by(Organisation.name))
                actors = [system_actor(each) for each in every] or [actor_from(session, options)]
            found = {}
            for actor in actors:
                actor.must(Permission.REPORT_READ)
                found[actor.organisation_name] = verify(session, actor.org_id)
    finally:
        database.close()
    print(_as_json(found) if options.format == "json" else _as_lines(found))
    return 0 if all(each.ok for each in found.values()) else 1


def _as_json(found: Mapping[str, Verification]) -> str:
    """One organisation's finding as it is; those of several under one ``ok`` of all."""
    rows = [{"organisation": name, **asdict(each)} for name, each in found.items()]
    whole = {"ok": all(each.ok for each in found.values()), "organisations": rows}
    return json.dumps(
        whole if len(rows) > 1 else rows[0], default=str, ensure_ascii=False, indent=2
    )


def _as_lines(found: Mapping[str, Verification]) -> str:
    if len(found) == 1:
        return "\n".join(_as_text(each) for each in found.values())
    return "\n".join(f"{name}: {_as_text(each)}" for name, each in found.items())


def _as_text(found: Verification) -> str:
    difference = found.difference
    if difference is None:
        return f"ok: {found.links} links, {found.entries} entries, head {found.head_digest}"
    place = [f"table {difference.table}"]
    if difference.row_id is not None:
        place.append(f"row {difference.row_id}")
    if difference.seq is not None:
        place.append(f"link {difference.seq}")
    return f"NOT ok: {', '.join(place)}: {difference.reason}"
