"""A file becomes a preview: judged without a lock. ``service_staging`` keeps it.

Nothing of the inventory changes here; ``service_apply`` does that. Names of columns decide nothing
but fields of pieces: no column of a sheet reaches a person, a role or a sign-in.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.items.commands import MOST_PIECES
from app.kit.bulk import new_ids
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound, Stale, TooLarge
from app.kit.events import publish
from app.kit.i18n import N_
from app.places.models import PlaceKind
from app.transfer import events, queries, registrations
from app.transfer.mapping import Mapping
from app.transfer.models import SavedMapping
from app.transfer.queries import Known
from app.transfer.reading import Sheet
from app.transfer.rules import Good, Outcome, Preview, preview
from app.transfer.sheet_limits import MappingDoesNotFit
from app.transfer.values import Text, text_of
from app.transfer.whereabouts import Path, Places, Units

MOST_NEW_PIECES = 50_000
KEPT_LINES = 1_000
"""Bad rows, repeats and warnings kept with the preview; all are counted."""
KEPT_WORDS = 30
SAMPLES = 3


class How(BaseModel):
    """How a file is read: the mapping, and the unit and place of rows that name none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mapping: Mapping | None = None
    unit_id: UUID | None = None
    place_id: UUID | None = None


class Upload(BaseModel):
    """What a repeated request is recognised by."""

    model_config = ConfigDict(frozen=True)

    file_name: str = Field(max_length=200)
    sha256: str
    how: How


class SaveMapping(BaseModel):
    """A mapping to keep under its own name."""

    mapping: Mapping


class EditMapping(SaveMapping):
    mapping_id: UUID
    version: int


class OfMapping(BaseModel):
    """What a repeated request to delete one is recognised by."""

    mapping_id: UUID


class TooManyPieces(TooLarge):
    title = N_("Filen gir for mange møbler i én import.")


class NowhereToPut(Conflict):
    """An inventory needs a place and a unit before furniture can stand anywhere."""

    title = N_("Opprett en enhet og en bygning før du importerer.")


class MappingNameTaken(Conflict):
    title = N_("Det finnes alt et oppsett med dette navnet.")


@dataclass(slots=True)
class Look:
    """A preview as it will be staged: ``how`` with unit and place decided."""

    how: How
    preview: Preview
    mark: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    samples: list[list[str]] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        """The summary that is kept: counts of everything, the first lines of each list."""
        report = self.preview.as_json()
        report["bad_rows"] = self.preview.count(Outcome.BAD)
        report["bad_count"] = len(self.preview.bad)
        for name in ("bad", "repeats", "warnings"):
            lines: Any = report[name]
            report[name] = lines[:KEPT_LINES]
        report["mark"] = self.mark
        columns: Any = report["columns"]
        for column, samples in zip(columns, self.samples, strict=True):
            column["samples"] = samples
        words = Counter(
            each.value for each in self.preview.warnings if each.kind == "unknown_category"
        )
        report["unknown_words"] = words.most_common(KEPT_WORDS)
        return report


def look(actor: Actor, sheet: Sheet, how: How, known: Known) -> Look:
    """What importing the sheet would do. Needs no database; the updates' pieces come later."""
    actor.must(Permission.IMPORT)
    how = _settled(how, known)
    assert how.place_id is not None
    existing = {key: each.fingerprint for key, each in known.earlier.items()}
    found = preview(
        sheet,
        how.mapping,
        existing,
        home_currency=actor.currency,
        category_names=known.category_names,
        today=known.today,
    )
    codes = {each.piece.category_code for each in found.good} - known.categories.keys() - {None}
    if codes:
        raise MappingDoesNotFit(
            N_("Oppsettet bruker kategorier som ikke finnes: %(codes)s"),
            values={"codes": ", ".join(sorted(str(each) for each in codes))},
        )
    result = Look(how, found, known.mark, samples=_samples(sheet, found))
    places = Places(known.places, how.place_id)
    units = Units(known.units)
    new = 0
    for good in found.good:
        if good.outcome is Outcome.UNCHANGED:
            continue
        values, warnings = registrations.registration(good, units, known.categories)
        found.warnings.extend(warnings)
        if good.outcome is Outcome.CREATED:
            new += good.piece.quantity
        result.rows.append(_row(good, values, known))
        if "path" in values:
            places.find(path_in(values))
    if new > MOST_NEW_PIECES:
        raise TooManyPieces(
            N_("Filen gir %(found)s møbler; grensen er %(limit)s. Del den i flere filer."),
            values={"found": new, "limit": MOST_NEW_PIECES},
        )
    found.notices.extend(_told(places))
    _with_ids(result.rows)
    return result


def _samples(sheet: Sheet, found: Preview) -> list[list[str]]:
    """The first different values of each column, for people to tell it by."""
    below = sheet.rows[found.header_row + 1 : found.header_row + 200]
    samples = []
    for column in found.columns:
        cells = (text_of(row[column.index]) for row in below if column.index < len(row))
        samples.append([text[:60] for text in dict.fromkeys(cells) if text][:SAMPLES])
    return samples


def _settled(how: How, known: Known) -> How:
    """With the root unit and the first building where nothing was chosen."""
    unit_id = how.unit_id or known.root_unit_id
    place_id = how.place_id or known.first_place_id
    if unit_id is None or place_id is None:
        raise NowhereToPut
    if unit_id not in {each.id for each in known.units}:
        raise Invalid(by_field={"unit_id": N_("Velg en av virksomhetens enheter.")})
    if place_id not in {each.id for each in known.places}:
        raise Invalid(by_field={"place_id": N_("Velg et av virksomhetens steder.")})
    return how.model_copy(update={"unit_id": unit_id, "place_id": place_id})


def path_in(values: dict[str, Any]) -> Path:
    return tuple((PlaceKind(kind), name) for kind, name in values.get("path", ()))


def _row(good: Good, values: dict[str, Any], known: Known) -> dict[str, Any]:
    fields: dict[str, Any] = {"values": values}
    row: dict[str, Any] = {
        "row_number": good.number,
        "outcome": good.outcome.value,
        "key": good.key,
        "fingerprint": good.fingerprint,
        "row_values": fields,
    }
    if good.outcome is Outcome.UPDATED:
        earlier = known.earlier[good.key]
        row["item_id"] = earlier.item_id
        fields["earlier"] = str(earlier.row_id)
    elif good.piece.quantity > MOST_PIECES:
        # A row of more pieces than one registration takes becomes several lots.
        lots = -(-good.piece.quantity // MOST_PIECES)
        fields["further"] = [str(new_id()) for _ in range(lots - 1)]
    return row


def _with_ids(rows: list[dict[str, Any]]) -> None:
    """Ids of the rows, and of new rows' first pieces, rising with the sheet's rows."""
    for row, row_id, item_id in zip(rows, new_ids(len(rows)), new_ids(len(rows)), strict=True):
        row["id"] = row_id
        row.setdefault("item_id", item_id)


def _told(places: Places) -> list[Text]:
    if not places.missing:
        return []
    names = [each.name for each in places.missing]
    shown = ", ".join(names[:8]) + (" …" if len(names) > 8 else "")
    return [
        Text(
            N_("Ett sted finnes ikke og blir opprettet: %(names)s")
            if len(names) == 1
            else N_("%(count)s steder finnes ikke og blir opprettet: %(names)s"),
            {"count": len(names), "names": shown},
        )
    ]


def compare(session: Session, actor: Actor, found: Look) -> None:
    """Fills in what updated rows would change, and the versions of the pieces they speak of."""
    updated = [row for row in found.rows if row["outcome"] == Outcome.UPDATED]
    if not updated:
        return
    before = queries.rows_by_id(
        session, actor, [UUID(row["row_values"]["earlier"]) for row in updated]
    )
    firsts: dict[UUID, list[UUID]] = {}
    for row in updated:
        old: Any = before[UUID(row["row_values"].pop("earlier"))]
        fields = row["row_values"]
        fields["changes"], warnings = registrations.changes(
            row["row_number"], old["values"], fields["values"]
        )
        if further := old.get("further"):
            fields["further"] = further
        firsts[row["id"]] = [row["item_id"], *(UUID(each) for each in further or ())]
        found.preview.warnings.extend(warnings)
    pieces = queries.pieces_of(session, actor, [each for ids in firsts.values() for each in ids])
    for row in updated:
        row["row_values"]["versions"] = {
            str(piece.id): piece.version
            for first in firsts[row["id"]]
            for piece in pieces.get(first, ())
        }


# ---- saved mappings ---------------------------------------------------------------------------


def save_mappings(
    session: Session, actor: Actor, commands: Sequence[SaveMapping]
) -> list[SavedMapping]:
    """Keeps mappings; one of the same name is replaced."""
    actor.must(Permission.IMPORT)
    saved = []
    for command in commands:
        name = command.mapping.name
        found = session.scalar(
            queries.mappings_visible_to(actor).where(SavedMapping.name == name).with_for_update()
        )
        if found is None:
            found = SavedMapping(
                id=new_id(), org_id=actor.org_id, name=name, created_at=clock_of(session).now()
            )
        found.content = command.mapping.model_dump(mode="json")
        _keep(session, found)
        saved.append(found)
    publish(session, [events.MappingSaved.of(each, actor.person_id) for each in saved])
    return saved


def edit_mapping(session: Session, actor: Actor, command: EditMapping) -> SavedMapping:
    actor.must(Permission.IMPORT)
    found = queries.saved_mapping(session, actor, command.mapping_id)
    if found.version != command.version:
        raise Stale(current_version=found.version)
    found.name = command.mapping.name
    found.content = command.mapping.model_dump(mode="json")
    _keep(session, found)
    publish(session, [events.MappingSaved.of(found, actor.person_id)])
    return found


def _keep(session: Session, mapping: SavedMapping) -> None:
    try:
        with session.begin_nested():
            session.add(mapping)
            session.flush()  # an equal name meets its key here
    except IntegrityError as error:
        raise MappingNameTaken from error


def delete_mapping(session: Session, actor: Actor, mapping_id: UUID) -> None:
    actor.must(Permission.IMPORT)
    found = session.scalar(
        queries.mappings_visible_to(actor).where(SavedMapping.id == mapping_id).with_for_update()
    )
    if found is None:
        raise NotFound(N_("Fant ikke oppsettet."))
    event = events.MappingDeleted.of(found, actor.person_id)
    session.delete(found)
    publish(session, [event])
