"""What happened to an import; the pieces have their own events."""

from dataclasses import dataclass

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class ImportApplied(Event):
    """``created`` counts new pieces, ``updated`` rows whose pieces changed."""

    created: int
    updated: int


@dataclass(frozen=True, kw_only=True)
class ImportUndone(Event):
    """The new pieces are deleted, the changed ones are as before."""

    deleted: int
    restored: int


@dataclass(frozen=True, kw_only=True)
class MappingSaved(Event):
    """Subject is the mapping."""


@dataclass(frozen=True, kw_only=True)
class MappingDeleted(Event):
    """Subject is the mapping."""


@dataclass(frozen=True, kw_only=True)
class PriceListApplied(Event):
    """Subject is the price list. Counts own prices of categories, and models whose price changed."""

    categories: int
    models: int


@dataclass(frozen=True, kw_only=True)
class PriceListUndone(Event):
    """Subject is the price list. Counts own prices of categories, and models, that are as before."""

    categories: int
    models: int
