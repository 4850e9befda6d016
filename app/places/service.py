"""Adding and changing places. A new name or parent renames every path below."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.kit.db import clock_of
from app.kit.errors import Conflict, Invalid, NotFound, Stale
from app.kit.events import change, publish, revise
from app.kit.i18n import N_
from app.kit.pointing import concerning
from app.kit.text import Line, Name
from app.kit.units import typed_decimal
from app.places import events, queries
from app.places.models import Place, PlaceKind
from app.places.rules import BELOW, label_of

LABEL_LENGTH = 500


def _degrees(typed: object) -> object:
    """As people copy it from a map: with a comma, and more decimals than the 11 cm we keep."""
    if isinstance(typed, bool) or not isinstance(typed, str | int | float | Decimal):
        return typed
    found = typed_decimal(typed) if isinstance(typed, str) else Decimal(str(typed))
    is_some = found.is_finite() and abs(found) < 1000
    return found.quantize(Decimal("1e-6")) if is_some else found


Degrees = Annotated[Decimal, BeforeValidator(_degrees), Field(max_digits=9, decimal_places=6)]
BOTH_OR_NONE = N_("Oppgi både breddegrad og lengdegrad, eller ingen av dem.")


class PlaceNameTaken(Conflict):
    title = N_("Et sted med dette navnet finnes alt her.")


class Command(BaseModel):
    """An unknown field is refused: a misspelt one would be lost in silence."""

    model_config = ConfigDict(extra="forbid")


class PlaceFields(Command):
    """What is written of a place and can be changed later."""

    name: Name
    address: Line | None = None
    latitude: Annotated[Degrees, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[Degrees, Field(ge=-180, le=180)] | None = None


class AddPlace(PlaceFields):
    kind: PlaceKind
    parent_id: UUID | None = None


class EditPlace(PlaceFields):
    """All of the fields as they are to be: one that is left out is emptied."""

    place_id: UUID
    version: int


def add_places(session: Session, actor: Actor, commands: Sequence[AddPlace]) -> list[Place]:
    """New places, each below one that is there already. Raises ``PlaceNameTaken``."""
    actor.must(Permission.PLACE_EDIT)
    now = clock_of(session).now()
    parents = _parents(session, actor, commands)
    places = []
    for command in commands:
        parent = parents.get(command.parent_id)
        label = label_of(parent.label if parent else None, command.name)
        with concerning(command):
            if command.kind not in BELOW[parent.kind if parent else None]:
                raise Invalid(by_field={"kind": N_("Denne typen sted kan ikke ligge her.")})
            if len(label) > LABEL_LENGTH:
                raise Invalid(by_field={"name": N_("Stedets fulle navn blir for langt.")})
            _whole_position(command)
        places.append(
            Place(
                org_id=actor.org_id,
                kind=command.kind,
                name=command.name,
                parent_id=command.parent_id,
                label=label,
                address=command.address,
                latitude_udeg=_udeg(command.latitude),
                longitude_udeg=_udeg(command.longitude),
                created_at=now,
            )
        )
    _refuse_equal_roots(session, actor, commands)
    try:
        with session.begin_nested():
            session.add_all(places)
            session.flush()  # equal names below one parent meet their key here
    except IntegrityError as error:
        raise PlaceNameTaken from error
    publish(
        session,
        [events.PlaceAdded.of(each, actor.person_id, parent_id=each.parent_id) for each in places],
    )
    return places


def edit_place(session: Session, actor: Actor, command: EditPlace) -> Place:
    actor.must(Permission.PLACE_EDIT)
    place = session.scalar(
        queries.places_visible_to(actor)
        .where(Place.id == command.place_id)
        .with_for_update(of=Place)
    )
    if place is None:
        raise NotFound
    if place.version != command.version:
        raise Stale
    _whole_position(command)
    old_label = place.label
    parent_label = old_label.removesuffix(place.name).removesuffix(" › ") or None
    new_label = label_of(parent_label, command.name)
    changes = change(
        place,
        {
            "name": command.name,
            "label": new_label,
            "address": command.address,
            "latitude_udeg": _udeg(command.latitude),
            "longitude_udeg": _udeg(command.longitude),
        },
    )
    try:
        with session.begin_nested():
            session.flush()  # an equal name meets its key here
    except IntegrityError as error:
        raise PlaceNameTaken from error
    if new_label != old_label:
        _rename_below(session, actor, place, old_label, new_label)
    event = events.PlaceChanged.of(place, actor.person_id)
    publish(session, [event])
    revise(session, [(event, changes)])
    return place


def _rename_below(
    session: Session, actor: Actor, place: Place, old_label: str, new_label: str
) -> None:
    tree = queries.subtree_ids(actor, place.id)
    for below in session.scalars(
        select(Place).where(Place.org_id == actor.org_id, Place.id.in_(tree), Place.id != place.id)
    ):
        below.label = new_label + below.label.removeprefix(old_label)


def _parents(
    session: Session, actor: Actor, commands: Sequence[AddPlace]
) -> dict[UUID | None, Place]:
    wanted = {each.parent_id for each in commands if each.parent_id is not None}
    found: dict[UUID | None, Place] = {
        place.id: place
        for place in session.scalars(queries.places_visible_to(actor).where(Place.id.in_(wanted)))
    }
    if unknown := wanted - found.keys():
        text = N_("Velg en av mulighetene.")
        raise Invalid(by_field={"parent_id": text}, where={"parent_id": unknown})
    return found


def _refuse_equal_roots(session: Session, actor: Actor, commands: Sequence[AddPlace]) -> None:
    """A unique key does not compare rows without a parent, so equal roots are looked for."""
    names = [each.name for each in commands if each.parent_id is None]
    known = session.scalar(
        queries.places_visible_to(actor).where(Place.parent_id.is_(None), Place.name.in_(names))
    )
    if known is not None or len(set(names)) < len(names):
        raise PlaceNameTaken


def _whole_position(fields: PlaceFields) -> None:
    given = {"latitude": fields.latitude, "longitude": fields.longitude}
    missing = [name for name, each in given.items() if each is None]
    if len(missing) == 1:
        raise Invalid(by_field={missing[0]: BOTH_OR_NONE})


def _udeg(degrees: Decimal | None) -> int | None:
    return None if degrees is None else int(degrees * 1_000_000)
