"""What happens to a disposal decision; payloads hold ids and amounts only."""

from dataclasses import dataclass

from app.kit.events import Event


@dataclass(frozen=True, kw_only=True)
class DisposalProposed(Event):
    """The subject is the decision, as of all these events."""

    pieces: int
    mass_g: int


@dataclass(frozen=True, kw_only=True)
class DisposalWeighed(Event):
    """Somebody entered the fractions instead of the calculated ones."""

    mass_g: int


@dataclass(frozen=True, kw_only=True)
class DisposalDecided(Event):
    """Signed: from now on the pieces are out of use. The hash is of the document as signed."""

    pieces: int
    mass_g: int
    document_sha256: str


@dataclass(frozen=True, kw_only=True)
class DisposalDelivered(Event):
    """The waste has been handed to its receiver: nothing can be taken back."""

    mass_g: int


@dataclass(frozen=True, kw_only=True)
class DisposalWithdrawn(Event):
    """Nothing was delivered; signed pieces are back as they were."""

    pieces: int
