"""Emission of a trip and how its pieces share it (section 4, F2).

A trip per vehicle-km is preferred, because furniture fills volume before weight. One trip's
emission and cost are shared over all its pieces, those that earn no entry included.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from app.impact.facts import Transport
from app.impact.snapshot import Term, Value, calculated
from app.impact.tables import FactorSet, TransportRow

DEFAULT_DISTANCE_M = 20_000
DEFAULT_FACTOR = "VAN_DIESEL_TKM"

MEASURED = "measured distance"
"""By the places' positions; what stands in the stored inputs."""

_VEHICLE_KM = "kgCO2e/vehicle.km"
_TONNE_KM = "kgCO2e/tonne.km"
# kg CO2e per tonne-km × g × m is this many g CO2e.
_TONNE_KM_IN_G_M = Fraction(1, 1_000_000)


class SharedBy(StrEnum):
    """What a trip was shared by."""

    VOLUME = "volume"
    MASS = "mass"
    EQUAL_PARTS = "equal_parts"


@dataclass(frozen=True, slots=True)
class TripPiece:
    """Outer measurements in mm and mass in g of one piece of a load; empty means unknown."""

    width_mm: int | None
    depth_mm: int | None
    height_mm: int | None
    mass_g: Fraction | int | None

    @property
    def volume_mm3(self) -> int:
        """The volume; 0 where a measurement is missing."""
        return (self.width_mm or 0) * (self.depth_mm or 0) * (self.height_mm or 0)


@dataclass(frozen=True, slots=True)
class TripShares:
    """The shares of the pieces in their order; they sum to exactly 1."""

    by: SharedBy
    shares: tuple[Fraction, ...]


def trip_shares(pieces: Sequence[TripPiece]) -> TripShares:
    """Shares by volume; by mass if one piece lacks a measurement; else equal parts."""
    volumes = [Fraction(piece.volume_mm3) for piece in pieces]
    if all(volume > 0 for volume in volumes):
        return TripShares(SharedBy.VOLUME, _parts(volumes))
    masses = [Fraction(piece.mass_g or 0) for piece in pieces]
    if all(mass > 0 for mass in masses):
        return TripShares(SharedBy.MASS, _parts(masses))
    return TripShares(SharedBy.EQUAL_PARTS, _parts([Fraction(1)] * len(pieces)))


def _parts(weights: Sequence[Fraction]) -> tuple[Fraction, ...]:
    total = sum(weights, Fraction(0))
    return tuple(weight / total for weight in weights)


def is_trip_factor(row: TransportRow) -> bool:
    """Electricity and the A4 rows stand in the same file but move no piece."""
    return row.unit in {_VEHICLE_KM, _TONNE_KM}


def is_by_weight(row: TransportRow) -> bool:
    """Whether the factor counts what a piece weighs, and not the vehicle's way."""
    return row.unit == _TONNE_KM


def transport_emission(
    transport: Transport | None, mass_g: Fraction | None, factor_set: FactorSet
) -> Value | None:
    """The piece's share of the trip in g CO2e.

    An unknown distance is 20 km by diesel van (estimate). Empty where a trip counted per tonne-km
    has neither the piece's nor the trip's mass. Raises `ValueError` for a factor that is no trip's.
    """
    if transport is None or transport.distance_m is None:
        return _per_tonne_km(
            DEFAULT_DISTANCE_M, factor_set.transport[DEFAULT_FACTOR], mass_g, "default distance"
        )
    distance = Fraction(transport.distance_m)
    if transport.own_kg_per_km is not None:
        own = Fraction(transport.own_kg_per_km)
        factors = (distance, own, transport.load_share, transport.share)
        return calculated("g CO2e", Term("trip", factors, "the vehicle's own figure"), key="own")
    key = transport.factor_key or DEFAULT_FACTOR
    row = factor_set.transport.get(key)
    if row is None or not is_trip_factor(row):
        raise ValueError(f"{key} is not a factor of a trip in factor set {factor_set.id}")
    if row.unit == _VEHICLE_KM:
        factors = (distance, Fraction(row.total), transport.load_share, transport.share)
        origin = MEASURED if transport.is_measured else row.note
        return calculated("g CO2e", Term("trip", factors, row.source), key=key, source=origin)
    if transport.trip_mass_g is not None:
        mass_g = transport.trip_mass_g * transport.share
    origin = MEASURED if transport.is_measured else "entered distance"
    return _per_tonne_km(transport.distance_m, row, mass_g, origin)


def _per_tonne_km(
    distance_m: int, row: TransportRow, mass_g: Fraction | None, source: str
) -> Value | None:
    if mass_g is None:
        return None
    factors = (mass_g, Fraction(distance_m), Fraction(row.total), _TONNE_KM_IN_G_M)
    term = Term("trip", factors, row.source)
    return calculated("g CO2e", term, key=row.code, source=source)
