"""What happens to product models."""

from dataclasses import dataclass

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class ProductModelRegistered(Event):
    """The subject is the product model."""

    category_id: str


@dataclass(frozen=True, kw_only=True)
class ProductModelEdited(Event):
    """What changed stands in the revision."""
