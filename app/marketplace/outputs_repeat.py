"""What a repeated request gave, as JSON."""

from uuid import UUID

from app.marketplace.outputs import Out


class RepeatedOut(Out):
    """Of ``wanted`` pieces ``put`` are in the basket; the others can not be had any more."""

    listing_id: UUID
    wanted: int
    put: int
