"""A price list's file to its preview, for page, API and command line alike."""

import hashlib
from dataclasses import replace
from uuid import UUID

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.impact.commands import Stored
from app.kit.db import Database
from app.kit.documents import Kind, kind_of
from app.kit.files import Files
from app.kit.once import once
from app.kit.text import sayable
from app.transfer import service_prices as service
from app.transfer.models_prices import PriceList
from app.transfer.price_sheet import PriceRows, read_prices
from app.transfer.reading import read
from app.transfer.service_prices import KeepPrices, OfPrices

_CSV = Kind("csv", "text/csv")


def looked_at(
    db: Database, actor: Actor, command: OfPrices, content: bytes, name: str
) -> PriceList:
    """The preview alone; nothing is written."""
    file, found = _read(db, actor, command, content, name)
    with db.read() as session:
        return service.previewed(session, actor, command, file, found)


def kept(
    db: Database,
    files: Files,
    actor: Actor,
    command: OfPrices,
    content: bytes,
    name: str,
    key: str | None,
) -> UUID:
    """The preview's id. Reading holds no lock and no transaction; a file with macros is refused."""
    file, found = _read(db, actor, command, content, name)
    file = replace(file, key=files.put(actor.org_id, content, file.kind.suffix))
    whole = KeepPrices(**command.model_dump(), sha256=file.sha256)
    with db.write() as session:
        list_id: UUID = once(
            session,
            actor,
            key,
            [whole],
            lambda: str(service.keep_prices(session, actor, command, file, found).id),
            UUID,
        )
    return list_id


def _read(
    db: Database, actor: Actor, command: OfPrices, content: bytes, name: str
) -> tuple[Stored, PriceRows]:
    """The file, which has no key yet, and its rows."""
    actor.must_everywhere(Permission.MODEL_EDIT)
    sheet = read(content, name, with_controls=True)
    kind = kind_of(content) if sheet.kind == "xlsx" else _CSV
    with db.read() as session:
        words = service.known_words(session, actor, command)
    shown = sayable(name)[-120:].strip() or kind.suffix
    digest = hashlib.sha256(content).hexdigest()
    return Stored(shown, "", digest, len(content), kind), read_prices(sheet, words)
