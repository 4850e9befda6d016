"""What a code leads to, as JSON: for scan lists, moves and stocktakes that ask once a scan."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.fieldwork.pages_scan import LONGEST_READ, look_up
from app.fieldwork.queries_found import Hit, Outcome, Seen
from app.fieldwork.reading import identifier_of, read
from app.fieldwork.service_sight import Sight, sight
from app.items.models import IdentifierKind, Item
from app.items.rules import Condition, ItemState
from app.kit import codes
from app.kit.answers import answered
from app.kit.web import Answer, Db, IdempotencyKey

router = APIRouter(tags=["codes"])


class SeenOut(BaseModel):
    """A piece as a scan shows it."""

    id: UUID
    name: str
    state: ItemState
    condition: Condition
    category: str
    place: str
    code: str | None

    @classmethod
    def of(cls, seen: Seen) -> "SeenOut":
        return cls(
            id=seen.item.id,
            name=seen.item.name,
            state=seen.item.state,
            condition=seen.item.condition,
            category=seen.item.category_name,
            place=seen.item.place_label,
            code=seen.code,
        )


class PlaceSeenOut(BaseModel):
    """A place as a scan shows it; ``label`` is its readable path."""

    id: UUID
    label: str


class LookUpOut(BaseModel):
    """``code`` and ``grouped`` are one of ours; a foreign code has ``kind`` and ``value``.

    ``items`` is the one piece, or the newest that carry the foreign code. ``organisation`` is whose
    label it is when it is not ours; ``withdrawn_by`` and ``withdrawn_at`` who took a label back.
    """

    outcome: Outcome
    code: str | None
    grouped: str | None
    kind: IdentifierKind | None
    value: str | None
    place: PlaceSeenOut | None
    items: list[SeenOut]
    organisation: str | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None

    @classmethod
    def of(cls, hit: Hit) -> "LookUpOut":
        code = hit.read.code or None
        kind, value = (
            identifier_of(hit.read.text) if hit.outcome is Outcome.FOREIGN else (None, None)
        )
        return cls(
            outcome=hit.outcome,
            code=code,
            grouped=codes.grouped(code) if code else None,
            kind=kind,
            value=value,
            place=PlaceSeenOut(id=hit.place.id, label=hit.place.label) if hit.place else None,
            items=[SeenOut.of(each) for each in hit.seen],
            organisation=hit.organisation_name or None,
            withdrawn_by=hit.withdrawn.who if hit.withdrawn else None,
            withdrawn_at=hit.withdrawn.at if hit.withdrawn else None,
        )


class SightedOut(BaseModel):
    """When, where and by whose scan a piece was seen last, which may be a later one."""

    item_id: UUID
    place_id: UUID
    seen_at: datetime
    person_id: UUID | None

    @classmethod
    def of(cls, item: Item) -> "SightedOut":
        return cls.model_validate(
            {
                "item_id": item.id,
                "place_id": item.last_seen_place_id,
                "seen_at": item.last_seen_at,
                "person_id": item.last_seen_by_id,
            }
        )


@router.get("/look-up", name="scan:look_up")
async def look_up_text(
    request: Request,
    actor: SignedIn,
    db: Db,
    text: Annotated[
        str,
        Query(
            max_length=LONGEST_READ, description="As scanned: a label's address, a code, an EAN."
        ),
    ],
) -> LookUpOut:
    """Never 404: what leads nowhere is an outcome, and says why."""
    actor.must(Permission.ITEM_READ)
    return LookUpOut.of(await look_up(request, actor, db, read(text)))


@router.post("/sightings", response_model=SightedOut)
def add_sighting(command: Sight, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    """A piece was scanned in a place. It stays where the register has it: a move is another call."""
    return answered(
        db, actor, key, [command], lambda session: SightedOut.of(sight(session, actor, command))
    )
