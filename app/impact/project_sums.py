"""The sums of a project: reference against actual (F4) and the reuse share (F5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from app.impact.facts import FulfilmentSource

FIVE_SOURCES = (
    FulfilmentSource.INTERNAL_REUSE,
    FulfilmentSource.REDESIGNED,
    FulfilmentSource.REDESIGNED_FROM_SURPLUS,
    FulfilmentSource.BOUGHT_USED,
    FulfilmentSource.NEW,
)
_OWN_REUSE = FIVE_SOURCES[:3]


@dataclass(frozen=True, slots=True)
class ScenarioPiece:
    """A piece's rounded G + A4 + C, and its gross entry; empty where not calculated."""

    reference_co2e_g: int | None
    gross_co2e_g: int | None


@dataclass(frozen=True, slots=True)
class ReferenceScenario:
    """Avoided = Reference − Actual, in g CO2e; the three always agree."""

    reference_g: int
    actual_g: int
    avoided_g: int
    not_calculated: int


def reference_scenario(pieces: Iterable[ScenarioPiece]) -> ReferenceScenario:
    """F4 over the pieces of all fulfilled lines, the new purchases included.

    A piece without a CO2e factor is counted as `not_calculated` and left out of all three.
    """
    reference = avoided = not_calculated = 0
    for piece in pieces:
        if piece.reference_co2e_g is None or piece.gross_co2e_g is None:
            not_calculated += 1
            continue
        reference += piece.reference_co2e_g
        avoided += piece.gross_co2e_g
    return ReferenceScenario(reference, reference - avoided, avoided, not_calculated)


@dataclass(frozen=True, slots=True)
class ReuseShare:
    """Each source's exact share, and the two totals that published figures differ on."""

    shares: Mapping[FulfilmentSource, Fraction]
    without_bought_used: Fraction
    with_bought_used: Fraction


def reuse_share(totals: Mapping[FulfilmentSource, int]) -> ReuseShare | None:
    """F5 for pieces, g or øre of the fulfilled lines by source; empty where there is nothing yet.

    Raises `ValueError` for a source that fulfils no line, such as `sold`.
    """
    for source in totals:
        if source not in FIVE_SOURCES:
            raise ValueError(f"{source} fulfils no programme line")
    whole = sum(totals.values())
    if not whole:
        return None
    shares = {source: Fraction(totals.get(source, 0), whole) for source in FIVE_SOURCES}
    own = sum((shares[source] for source in _OWN_REUSE), Fraction(0))
    return ReuseShare(shares, own, own + shares[FulfilmentSource.BOUGHT_USED])
