"""Entries by hand: what was redesigned, built from surplus, bought used or bought new."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Annotated, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.numbers import next_number
from app.accounts.rules import Permission
from app.catalogue.models import ProductModel
from app.handovers.models import Handover, HandoverLine
from app.handovers.rules import BY_HAND, MOST_PIECES, share_donors
from app.handovers.service_aside import require_unplanned
from app.handovers.service_receipt import arrive
from app.handovers.service_trips import (
    Ids,
    Ore,
    Trip,
    locked_items,
    only,
    require_destination,
    require_line,
    require_trip,
    require_unclaimed,
    take,
)
from app.impact.queries import defaults_of
from app.impact.queries_own import with_own
from app.impact.rules import FulfilmentSource, RedesignLevel, UserCase, WouldHave
from app.items import service as items_service
from app.items.models import Donor, Item
from app.items.rules import Condition, ItemState
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Invalid
from app.kit.i18n import N_, gettext, mass_g
from app.kit.pointing import concerning
from app.kit.text import printable
from app.places.models import Place, PlaceKind
from app.projects.models import ProgrammeLine, Project

Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=160),
    AfterValidator(printable),
]
ItemName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(printable),
]
Short = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
    AfterValidator(printable),
]
CategoryCode = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(printable)]
Mm = Annotated[int, Field(ge=1, le=20_000)]
Grams = Annotated[int, Field(ge=1, le=5_000_000)]

S = FulfilmentSource


class Donation(BaseModel):
    """A piece taken apart, and the grams of it that were built in, in all the new pieces."""

    model_config = ConfigDict(extra="forbid")

    item_id: UUID
    built_in_g: Grams


class Record(Trip):
    """``quantity`` like pieces from one source, at the unit and place they are for.

    With ``item_ids`` the organisation's own pieces were redesigned; otherwise new pieces are
    registered by the fields of an item. Price and redesign cost are each piece's, in øre. Unit and
    place default to the project's and the line's.
    """

    source: FulfilmentSource
    programme_line_id: UUID | None = None
    to_unit_id: UUID | None = None
    to_place_id: UUID | None = None
    supplier: Words | None = None
    item_ids: Ids = Field(default_factory=list)
    quantity: int = Field(default=1, ge=1, le=MOST_PIECES)
    category_id: CategoryCode | None = None
    product_model_id: UUID | None = None
    name: ItemName | None = None
    maker: Short | None = None
    model: Short | None = None
    condition: Condition = Condition.B
    width_mm: Mm | None = None
    depth_mm: Mm | None = None
    height_mm: Mm | None = None
    mass_g: Grams | None = None
    new_price_ore: Ore | None = None
    price_ore: Ore | None = None
    redesign_ore: Ore | None = None
    redesign_level: RedesignLevel | None = None
    removed_g: Annotated[int, Field(ge=0, le=5_000_000)] | None = None
    warranted_as_new: bool = False
    would_have: WouldHave = WouldHave.NOT_ANSWERED
    would_discard: bool = True
    user_case: UserCase | None = None
    purchase_cancelled: bool = False
    extra_life_months: Annotated[int, Field(ge=0, le=1200)] | None = None
    donors: Annotated[list[Donation], Field(max_length=MOST_PIECES)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _fits_its_source(self) -> Self:
        if self.source not in BY_HAND:
            raise ValueError(N_("Denne kilden føres ikke for hånd."))
        if self.source is S.REDESIGNED and not self.item_ids:
            raise ValueError(N_("Velg møblene som ble redesignet."))
        if self.source is not S.REDESIGNED and self.item_ids:
            raise ValueError(N_("Bare redesign gjelder møbler som alt er registrert."))
        if self.source is S.REDESIGNED_FROM_SURPLUS and not self.donors:
            raise ValueError(N_("Oppgi minst ett donormøbel."))
        if self.source is not S.REDESIGNED_FROM_SURPLUS and self.donors:
            raise ValueError(N_("Bare redesign av overskudd har donormøbler."))
        return self


def record(
    session: Session,
    actor: Actor,
    commands: Sequence[Record],
    *,
    is_needed: bool = False,
    tie: Callable[[Handover], None] | None = None,
) -> list[Handover]:
    """Registers, hands over, receives and fulfils in one go: one handover for each command.

    ``is_needed`` says that a need was recorded before, also where no programme line is named.
    ``tie`` meets each handover before anything is received: what it leads to is booked with it.
    Raises ``Invalid`` at the field, ``NotFound`` for what is not seen, and the conflicts of a
    piece that is reserved, on offer or not there.
    """
    actor.must(Permission.HANDOVER_MAKE)
    made = []
    for command in commands:
        with concerning(command):
            made.append(_record(session, actor, command, is_needed=is_needed, tie=tie))
    return made


def _record(
    session: Session,
    actor: Actor,
    command: Record,
    *,
    is_needed: bool,
    tie: Callable[[Handover], None] | None,
) -> Handover:
    require_trip(session, command)
    line = (
        require_line(session, actor, command.programme_line_id)
        if command.programme_line_id
        else None
    )
    unit_id, place_id = _destination(session, actor, command, line)
    actor.must(Permission.HANDOVER_MAKE, unit_id)
    donors = _donors(session, actor, command)
    if command.source is S.REDESIGNED:
        items = locked_items(session, actor, command.item_ids)
        require_unclaimed(session, actor, command.item_ids)
        if line is not None:
            require_unplanned(session, actor, command.item_ids, line.id)
        giver, start = only({each.owner_unit_id for each in items}), items[0].place_id
    else:
        items = _register(session, actor, command, line, unit_id, place_id)
        # What is built from surplus comes from those who gave the donors.
        giver = only({each.owner_unit_id for each in donors})
        start = donors[0].place_id if donors else place_id
    handover = Handover(
        id=new_id(),
        org_id=actor.org_id,
        number=next_number(session, actor.org_id, "handover"),
        handed_over_on=command.handed_over_on,
        giver_unit_id=giver,
        supplier=command.supplier,
        receiver_org_id=actor.org_id,
        receiver_unit_id=unit_id,
        from_place_id=start,
        to_place_id=place_id,
        project_id=line.project_id if line else None,
        vehicle=command.vehicle,
        distance_m=command.distance_m,
        transport_ore=command.transport_ore,
        person_id=actor.person_id,
        created_at=clock_of(session).now(),
    )
    lines = [_line(handover, command, each, unit_id) for each in items]
    for each in lines:
        each.need_recorded_before |= is_needed
    session.add_all([handover, *lines])
    session.add_all(_built_in(actor, command, items))
    if tie is not None:
        session.flush()  # what is tied to it points to its row
        tie(handover)
    if donors:
        present = [each for each in donors if each.state is not ItemState.DISMANTLED]
        items_service.dismantle(session, actor, present)
    take(session, actor, lines, items)
    arrive(session, actor, lines)
    return handover


def _destination(
    session: Session, actor: Actor, command: Record, line: ProgrammeLine | None
) -> tuple[UUID, UUID]:
    unit_id, place_id = command.to_unit_id, command.to_place_id
    if line is not None:
        project = session.scalars(
            select(Project).where(Project.org_id == actor.org_id, Project.id == line.project_id)
        ).one()
        unit_id = unit_id or project.unit_id
        place_id = place_id or line.place_id or project.place_id
    return require_destination(session, actor, unit_id, place_id)


def _register(
    session: Session,
    actor: Actor,
    command: Record,
    line: ProgrammeLine | None,
    unit_id: UUID,
    place_id: UUID,
) -> list[Item]:
    category_id = command.category_id or (line.category_id if line else None)
    if category_id is None:
        raise Invalid(by_field={"category_id": N_("Velg en kategori.")})
    kind = session.scalar(
        select(Place.kind).where(Place.org_id == actor.org_id, Place.id == place_id)
    )
    return items_service.register(
        session,
        actor,
        [
            items_service.Register(
                category_id=category_id,
                product_model_id=command.product_model_id,
                name=command.name,
                maker=command.maker,
                model=command.model,
                condition=command.condition,
                width_mm=command.width_mm,
                depth_mm=command.depth_mm,
                height_mm=command.height_mm,
                mass_g=command.mass_g,
                new_price_ore=command.new_price_ore,
                owner_unit_id=unit_id,
                place_id=place_id,
                is_free=kind is PlaceKind.STORAGE,
                quantity=command.quantity,
            )
        ],
    )


def _line(handover: Handover, command: Record, item: Item, unit_id: UUID) -> HandoverLine:
    is_same_user = command.source is S.REDESIGNED and item.owner_unit_id == unit_id
    return HandoverLine(
        id=new_id(),
        org_id=handover.org_id,
        handover_id=handover.id,
        item_id=item.id,
        receiver_org_id=handover.receiver_org_id,
        programme_line_id=command.programme_line_id,
        source=command.source,
        user_case=command.user_case or (UserCase.SAME_USER if is_same_user else UserCase.NEW_USER),
        would_have=command.would_have,
        need_recorded_before=command.programme_line_id is not None,
        would_discard=command.would_discard,
        purchase_cancelled=command.purchase_cancelled,
        warranted_as_new=command.warranted_as_new,
        extra_life_months=command.extra_life_months,
        price_ore=command.price_ore,
        redesign_ore=command.redesign_ore,
        cleaning_ore=command.cleaning_ore,
        handling_ore=command.handling_ore,
        costs_complete=command.costs_complete,
        redesign_level=command.redesign_level,
        removed_g=command.removed_g,
    )


def _donors(session: Session, actor: Actor, command: Record) -> list[Item]:
    """The donors, each once, nobody's else, and none giving more than it weighs."""
    if not command.donors:
        return []
    wanted = {each.item_id: each.built_in_g for each in command.donors}
    repeated = [i for i, n in Counter(each.item_id for each in command.donors).items() if n > 1]
    if repeated:
        raise Invalid(by_field={"donors": N_("Samme donormøbel står flere ganger.")})
    donors = locked_items(session, actor, list(wanted))
    require_unclaimed(session, actor, list(wanted))
    require_unplanned(session, actor, list(wanted))
    given: dict[UUID, int] = defaultdict(int)
    for donor_id, grams in session.execute(
        select(Donor.donor_id, func.sum(Donor.built_in_g))
        .where(Donor.org_id == actor.org_id, Donor.donor_id.in_(wanted))
        .group_by(Donor.donor_id)
    ):
        given[donor_id] = int(grams)
    for donor in donors:
        _require_mass(session, donor, wanted[donor.id], given[donor.id])
    most = max(sum(each.values()) for each in share_donors(list(wanted.items()), command.quantity))
    if command.mass_g is not None and most > command.mass_g:
        raise Invalid(
            by_field={
                "mass_g": gettext(
                    "Det er bygd inn %(built_in)s i hvert møbel, mer enn møbelet veier.",
                    built_in=mass_g(most),
                )
            }
        )
    return donors


def _require_mass(session: Session, donor: Item, built_in_g: int, given_g: int) -> None:
    """D7 of the savings method: what is built in never exceeds the donor's mass."""
    whole = _mass(session, donor)
    if whole is None:
        raise Invalid(
            by_field={
                "donors": gettext(
                    "%(name)s: vekten er ukjent. Skriv den inn på møbelet først.", name=donor.name
                )
            }
        )
    if given_g + built_in_g > whole:
        text = (
            gettext(
                "%(name)s veier %(whole)s, og %(given)s er alt brukt. Du skrev %(built_in)s.",
                name=donor.name,
                whole=mass_g(whole),
                given=mass_g(given_g),
                built_in=mass_g(built_in_g),
            )
            if given_g
            else gettext(
                "%(name)s veier %(whole)s. Det kan ikke bygges inn %(built_in)s av det.",
                name=donor.name,
                whole=mass_g(whole),
                built_in=mass_g(built_in_g),
            )
        )
        raise Invalid(by_field={"donors": text})


def _mass(session: Session, donor: Item) -> int | None:
    """Own, else the model's, else the category's default; in g for the whole amount."""
    if donor.mass_g is not None:
        return donor.mass_g
    if donor.product_model_id is not None:
        per_unit = session.scalar(
            select(ProductModel.mass_g).where(
                ProductModel.org_id == donor.org_id, ProductModel.id == donor.product_model_id
            )
        )
        if per_unit is not None:
            return int(per_unit * donor.amount)
    row = defaults_of(session, donor.category_id)
    default = with_own(session, donor.org_id, row, donor.currency).mass_g
    return None if default is None else int(default.value * donor.amount)


def _built_in(actor: Actor, command: Record, items: Sequence[Item]) -> list[Donor]:
    if not command.donors:
        return []
    shares = share_donors([(e.item_id, e.built_in_g) for e in command.donors], len(items))
    return [
        Donor(
            id=new_id(),
            org_id=actor.org_id,
            item_id=item.id,
            donor_id=donor_id,
            built_in_g=grams,
        )
        for item, share in zip(items, shares, strict=True)
        for donor_id, grams in share.items()
    ]
