"""What the market answers with: rows as JSON."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, field_validator

from app.impact.rules import WouldHave
from app.items.rules import Condition
from app.marketplace.commands_look import Available, Within
from app.marketplace.facets import Facets
from app.marketplace.rules import (
    ListingState,
    PriorityClass,
    RefusalReason,
    RequestState,
    ReservationState,
    Stage,
    Terms,
)
from app.marketplace.rules_approval import ApprovalState
from app.marketplace.standing import Standing
from app.marketplace.traits import Colour, Material


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    @classmethod
    def all(cls, rows: Sequence[object]) -> list[Self]:
        return [cls.model_validate(row) for row in rows]


class ListingOut(Out):
    id: UUID
    state: ListingState
    from_date: date
    until_date: date | None
    terms: Terms
    price_ore: int | None
    text: str | None
    created_at: datetime
    stage: Stage
    stage_since: date
    next_stage: Stage | None
    next_stage_on: date | None
    unit_days: int | None
    organisation_days: int | None
    network_days: int | None
    last_stage: Stage | None
    version: int


class CardOut(Out):
    """A listing with the facts of one of its like pieces; ``count`` is how many are left."""

    listing_id: UUID
    count: int
    state: ListingState
    from_date: date
    until_date: date | None
    terms: Terms
    price_ore: int | None
    text: str | None
    item_id: UUID
    name: str
    category_id: str
    category_name: str
    maker: str | None
    model: str | None
    colour: str | None
    material: str | None
    condition: Condition
    width_mm: int | None
    depth_mm: int | None
    height_mm: int | None
    place_id: UUID
    place_label: str
    giver_unit_id: UUID
    giver_name: str
    stage: Stage
    next_stage: Stage | None
    next_stage_on: date | None
    photo_id: UUID | None


class ListingCardOut(CardOut):
    """The listing's own answer: ``waiting`` pieces are waited for, ``offered`` to who waited."""

    waiting: int
    offered: int


class ListingRulesOut(Out):
    """Working days in each stage; ``version`` is 0 while the organisation has set nothing."""

    unit_days: int
    organisation_days: int
    network_days: int
    last_stage: Stage
    remind_days: int
    version: int


class QueuePlaceOut(Out):
    """A line's place on the waiting list of its listing: ``ahead`` pieces are waited for before it.

    The lowest ``priority`` class comes first; within it projects by the date ``wanted_by``, then
    who asked first.
    """

    request_line_id: UUID
    place: int
    ahead: int
    pieces: int
    priority: PriorityClass
    wanted_by: date | None
    asked_at: datetime


class QueuedOut(Out):
    """As the giver sees it, with who waits. Pieces that are ``offered`` have a limit and no place."""

    request_line_id: UUID
    state: ReservationState
    place: int | None
    ahead: int | None
    pieces: int
    priority: PriorityClass
    wanted_by: date | None
    asked_at: datetime
    limit_at: datetime | None
    request_id: UUID
    request_number: int
    who: str
    unit: str | None


class CategoryCountOut(BaseModel):
    category_id: str
    count: int


class PlaceCountOut(Out):
    """``count`` holds what lies below the place too."""

    place_id: UUID
    label: str
    count: int


class ConditionCountOut(BaseModel):
    condition: Condition
    count: int


class ColourCountOut(BaseModel):
    colour: Colour
    count: int


class MaterialCountOut(BaseModel):
    material: Material
    count: int


class StageCountOut(BaseModel):
    stage: Stage
    count: int


class TermsCountOut(BaseModel):
    terms: Terms
    count: int


class AvailableCountOut(BaseModel):
    available: Available
    count: int


class WithinCountOut(BaseModel):
    within: Within
    count: int


class FacetsOut(BaseModel):
    """Listings by each choice there is.

    Each is counted with all filters but its own: what choosing something else there would give.
    Within four weeks is also what is available now, and within 5 km what is within 1 km.
    ``distances`` are those from ``from_place_id``, and empty without one.
    """

    categories: list[CategoryCountOut]
    places: list[PlaceCountOut]
    conditions: list[ConditionCountOut]
    colours: list[ColourCountOut]
    materials: list[MaterialCountOut]
    stages: list[StageCountOut]
    terms: list[TermsCountOut]
    available: list[AvailableCountOut]
    distances: list[WithinCountOut]

    @classmethod
    def of(cls, facets: Facets) -> Self:
        return cls(
            categories=[CategoryCountOut(category_id=key, count=n) for key, n in facets.categories],
            places=PlaceCountOut.all(facets.places),
            conditions=[ConditionCountOut(condition=key, count=n) for key, n in facets.conditions],
            colours=[ColourCountOut(colour=key, count=n) for key, n in facets.colours],
            materials=[MaterialCountOut(material=key, count=n) for key, n in facets.materials],
            stages=[StageCountOut(stage=key, count=n) for key, n in facets.stages],
            terms=[TermsCountOut(terms=key, count=n) for key, n in facets.terms],
            available=[AvailableCountOut(available=key, count=n) for key, n in facets.available],
            distances=[WithinCountOut(within=key, count=n) for key, n in facets.distances],
        )


class SharedFacetsOut(BaseModel):
    """As ``FacetsOut``, of what is told between organisations."""

    categories: list[CategoryCountOut]
    conditions: list[ConditionCountOut]
    colours: list[ColourCountOut]
    materials: list[MaterialCountOut]
    terms: list[TermsCountOut]
    available: list[AvailableCountOut]

    @classmethod
    def of(cls, facets: Facets) -> Self:
        return cls(
            categories=[CategoryCountOut(category_id=key, count=n) for key, n in facets.categories],
            conditions=[ConditionCountOut(condition=key, count=n) for key, n in facets.conditions],
            colours=[ColourCountOut(colour=key, count=n) for key, n in facets.colours],
            materials=[MaterialCountOut(material=key, count=n) for key, n in facets.materials],
            terms=[TermsCountOut(terms=key, count=n) for key, n in facets.terms],
            available=[AvailableCountOut(available=key, count=n) for key, n in facets.available],
        )


class MeantOut(Out):
    """Other words, and how many listings they find; ``left_out`` are those of the question they lack."""

    words: str
    total: int
    left_out: tuple[str, ...]


class FoundOut(BaseModel):
    """``total`` listings match in all.

    Where these are few, ``promised`` are listings that match and have nothing left: one may stand in
    the queue for them. They count in nothing else. ``meant`` is then what the words may be a typing
    error of, if that finds much more, or fewer words, where nothing answers to all.
    """

    total: int
    cards: list[CardOut]
    facets: FacetsOut
    promised: list[CardOut]
    meant: MeantOut | None


class LineOut(Out):
    id: UUID
    listing_id: UUID
    programme_line_id: UUID | None
    would_have: WouldHave
    wanted: int
    approved: int
    picked_up: int
    received: int
    returned: int
    declined: int
    declined_for: RefusalReason | None


class RequestOut(Out):
    id: UUID
    number: int | None
    state: RequestState
    person_id: UUID
    unit_id: UUID | None
    place_id: UUID | None
    wanted_date: date | None
    project_id: UUID | None
    cost_centre: str | None
    note: str | None
    submitted_at: datetime | None


class ReservationOut(Out):
    id: UUID
    request_line_id: UUID
    listing_id: UUID
    state: ReservationState
    item_id: UUID | None
    priority: PriorityClass
    wanted_by: date | None
    asked_at: datetime
    limit_at: datetime | None

    @field_validator("priority", mode="before")
    @classmethod
    def _class(cls, number: int | str) -> PriorityClass:
        return PriorityClass.numbered(number) if isinstance(number, int) else PriorityClass(number)


class ApprovalOut(Out):
    """One level's yes or no. Without a unit the administrators are asked."""

    id: UUID
    request_id: UUID
    level: int
    unit_id: UUID | None
    state: ApprovalState
    value_ore: int
    pieces: int
    person_id: UUID | None
    reason: str | None
    asked_at: datetime
    decided_at: datetime | None


class WholeRequestOut(RequestOut):
    """``standing`` is where it stands, by what is to be done first."""

    standing: Standing
    approvals: list[ApprovalOut]
    lines: list[LineOut]
    reservations: list[ReservationOut]
    queue: list[QueuePlaceOut]


class MessageOut(Out):
    id: UUID
    request_id: UUID
    person_id: UUID | None
    text: str
    created_at: datetime
