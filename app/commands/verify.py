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
from app.kit.i18n import N_, gettext
from app.ledger.service import Difference, Verification, verify
from app.main import make_database
from app.schema import require_current
from app.settings import Settings

REASONS: Mapping[str, str] = {
    "missing link": N_("en lenke mangler"),
    "missing row": N_("en rad mangler"),
    "changed row or link": N_("raden eller lenken er endret"),
    "cut-off tail": N_("slutten er kuttet av"),
    "row outside the chain": N_("en rad står utenfor kjeden"),
    "unknown table": N_("ukjent tabell"),
    "can not be read": N_("kan ikke leses"),
    "not as it was published": N_("ikke slik den ble utgitt"),
    "inputs": N_("grunnlaget stemmer ikke"),
    "recomputed": N_("ny utregning gir andre tall"),
    "no receipt stands behind it": N_("intet mottak står bak den"),
    "its receipt was undone": N_("mottaket er angret"),
    "counted twice": N_("telt to ganger"),
    "no event stands behind it": N_("ingen hendelse står bak den"),
    "not as it was decided": N_("ikke slik det ble avgjort"),
    "the decision it tells of is gone": N_("avgjørelsen den forteller om, er borte"),
    "not the sum of its entries": N_("ikke summen av postene"),
    "not as it was told": N_("ikke slik hendelsen forteller"),
    "ended, and no event says so": N_("avsluttet uten at noen hendelse sier det"),
    "does not count any more": N_("avsluttet ifølge hendelsene, men teller ennå"),
    "not as it was closed": N_("ikke slik den ble lukket"),
    "booked in after it was closed": N_("det er ført i den etter at den ble lukket"),
    "opened again": N_("åpnet igjen"),
    "a received piece was not booked": N_("et mottatt møbel er ikke ført"),
}
"""What ``verify`` finds, as JSON has it, and how it is said to people."""

DETAILS: Mapping[str, str] = {
    "more or less than the formulas use": N_("mer eller mindre enn formlene bruker"),
    "formula version %(version)s is not known": N_("formelversjon %(version)s er ukjent"),
    "the value %(name)s is missing": N_("verdien %(name)s mangler"),
    "%(name)s is missing": N_("%(name)s mangler"),
    "%(name)s is not an object": N_("%(name)s er ikke et objekt"),
    "%(name)s is not a list": N_("%(name)s er ikke en liste"),
    "%(name)s: %(found)r is not a number": N_("%(name)s: %(found)r er ikke et tall"),
    "%(name)s: the terms do not multiply out to %(value)s": N_(
        "%(name)s: leddene gir ikke %(value)s"
    ),
    # What Python and the drivers say is English, and stands in the JSON.
    "a value can not be used: %(fault)s": N_("en verdi kan ikke brukes"),
    "%(fault)s": N_("--format json viser databasens egen melding"),
    "%(columns)s": "%(columns)s",
}
"""What else is known of it. Names of columns and of stored values are the same in every language."""


def add(parsers: Parsers) -> None:
    parser = add_command(
        parsers, "verify", run, N_("gå gjennom kjeden og regn regnskapet ut på nytt")
    )
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help=gettext(N_("tekst når ikke annet er sagt")),
    )
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
    rows = [_as_row(name, each) for name, each in found.items()]
    whole = {"ok": all(each.ok for each in found.values()), "organisations": rows}
    return json.dumps(
        whole if len(rows) > 1 else rows[0], default=str, ensure_ascii=False, indent=2
    )


def _as_row(name: str, found: Verification) -> dict[str, object]:
    row = {"organisation": name, **asdict(found)}
    if (difference := found.difference) is not None:
        place = {key: getattr(difference, key) for key in ("table", "row_id", "seq")}
        row["difference"] = {**place, "reason": difference.told()}
    return row


def _as_lines(found: Mapping[str, Verification]) -> str:
    if len(found) == 1:
        return "\n".join(_as_text(each) for each in found.values())
    return "\n".join(f"{name}: {_as_text(each)}" for name, each in found.items())


def _as_text(found: Verification) -> str:
    difference = found.difference
    if difference is None:
        return gettext(
            N_("ok: %(links)s lenker, %(entries)s poster, hode %(head)s"),
            links=found.links,
            entries=found.entries,
            head=found.head_digest,
        )
    place = [gettext(N_("tabell %(table)s"), table=difference.table)]
    if difference.row_id is not None:
        place.append(gettext(N_("rad %(row)s"), row=difference.row_id))
    if difference.seq is not None:
        place.append(gettext(N_("lenke %(seq)s"), seq=difference.seq))
    return gettext(
        N_("IKKE ok: %(place)s: %(reason)s"),
        place=", ".join(place),
        reason=_reason(difference),
    )


def _reason(found: Difference) -> str:
    """In the reader's language."""
    reason = gettext(REASONS.get(found.reason, found.reason))
    if not found.detail:
        return reason
    return f"{reason}: {gettext(DETAILS.get(found.detail, found.detail)) % found.values}"
