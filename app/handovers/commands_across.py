"""What both sides of a handover between organisations say of it."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.handovers.service_receipt import LineIds
from app.handovers.service_signed import Signing
from app.handovers.service_trips import Ids, Metres, Ore, VehicleCode


class Costs(Signing):
    """What it cost this side, in øre: the trip as a whole, the rest for each piece."""

    transport_ore: Ore | None = None
    cleaning_ore: Ore | None = None
    handling_ore: Ore | None = None
    costs_complete: bool = False


class GiveToOthers(Costs):
    """What was promised to another organisation leaves; without ``item_ids`` all that stands here.

    ``price_ore`` is what was agreed for each piece, VAT included; without it that of the listing,
    which must have one: where offers were made, it is told here.
    """

    outside_request_id: UUID
    item_ids: Ids = Field(default_factory=list)
    price_ore: Ore | None = None
    handed_over_on: date | None = None


class ConfirmForReceiver(BaseModel):
    """By the giver, of what the other organisation has got and not confirmed in time."""

    model_config = ConfigDict(extra="forbid")

    outside_request_id: UUID


class ReceiveFromOthers(Costs):
    """Lines of the giver's handover that have arrived.

    ``vehicle`` and ``distance_m`` are of the trip that brought them, by who knows it. Unit and place
    are those that were asked for, where no others are named.
    """

    outside_request_id: UUID
    handover_line_ids: LineIds
    to_unit_id: UUID | None = None
    to_place_id: UUID | None = None
    vehicle: VehicleCode | None = None
    distance_m: Metres | None = None
