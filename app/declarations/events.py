"""What happens to declarations. The subject is the declaration."""

from dataclasses import dataclass
from uuid import UUID

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class DeclarationApplied(Event):
    """``file_sha256`` is the file it was read from, ``row_sha256`` all that the row says."""

    declaration_file_id: UUID
    file_sha256: str
    product_model_id: UUID | None
    item_id: UUID | None
    gwp_g: str
    row_sha256: str


@dataclass(frozen=True, kw_only=True)
class DeclarationEnded(Event):
    """It counts no more for what is booked from now on."""

    product_model_id: UUID | None
    item_id: UUID | None
