"""A declaration as openEPD JSON → a reading (S52)."""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from app.declarations.rules_numbers import amount_of, day_of, line_of
from app.declarations.rules_reading import (
    FUNCTIONAL,
    Amount,
    DeclarationRefused,
    DeclaredUnit,
    Indicator,
    Method,
    Reading,
)
from app.kit.i18n import N_

MOST_DEPTH_BYTES = 5_000_000
_UNITS = {
    "item": DeclaredUnit.ITEM,
    "m2": DeclaredUnit.M2,
    "m^2": DeclaredUnit.M2,
    "m": DeclaredUnit.M,
    "kg": DeclaredUnit.KG,
}
_YEARS = {"year", "years", "yr", "a"}
_METHODS = ("EF 3.1", "EF 3.0", "GWP-GHG", "CML 2012")
_SCOPES = {
    "A1A2A3": "A1-A3",
    "A1": "A1",
    "A2": "A2",
    "A3": "A3",
    "A4": "A4",
    "C1": "C1",
    "C2": "C2",
    "C3": "C3",
    "C4": "C4",
}
_MASS = {"kg": Decimal(1), "g": Decimal("0.001"), "t": Decimal(1000)}
_GWP = {
    "kgco2e": Decimal(1),
    "kgco2eq": Decimal(1),
    "gco2e": Decimal("0.001"),
    "tco2e": Decimal(1000),
}
_LIFE = 12
_MOST_DEVIATION = 10
_DEVIATION = N_("Standardavviket er ikke et tall fra 0 til 10.")


def is_openepd(content: bytes) -> bool:
    return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def read_openepd(content: bytes) -> Reading:
    """Raises ``DeclarationRefused``."""
    if len(content) > MOST_DEPTH_BYTES:
        raise DeclarationRefused(0, N_("Filen er for stor."))
    try:
        found = json.loads(content.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_none)
    except (ValueError, RecursionError) as error:
        raise DeclarationRefused(0, N_("Filen er ikke lesbar JSON.")) from error
    if not isinstance(found, dict) or "impacts" not in found:
        raise DeclarationRefused(0, N_("Filen er ikke en openEPD.")) from None
    declared = _mapping(found.get("declared_unit"))
    unit_text = str(declared.get("unit") or "").strip()
    if unit_text.lower() in _YEARS:
        raise DeclarationRefused(6, FUNCTIONAL)
    quantity = amount_of(declared.get("qty"))
    if quantity is None:
        raise DeclarationRefused(3, N_("Filen sier ikke hvilken mengde tallene gjelder."))
    unit = _UNITS.get(unit_text.lower(), DeclaredUnit.OTHER)
    carbon = amount_of(_mapping(found.get("kg_C_biogenic_per_declared_unit")).get("qty"))
    years = amount_of(found.get("product_service_life_years"))
    return Reading(
        form="openEPD",
        name=line_of(found.get("product_name") or found.get("name"), 200),
        number=line_of(found.get("program_operator_doc_id") or found.get("id"), 80),
        uuid=line_of(found.get("id"), 80),
        issued_on=day_of(str(found.get("date_of_issue") or "")),
        valid_until=day_of(str(found.get("valid_until") or "")),
        quantity=quantity,
        unit=unit,
        pieces=quantity if unit is DeclaredUnit.ITEM else None,
        mass_kg=_mass(found.get("kg_per_declared_unit")),
        indicators=tuple(_indicators(_mapping(found["impacts"]))),
        service_life_months=int(years * _LIFE) if years and 0 < years <= 100 else None,
        has_biogenic_carbon=carbon is not None and carbon > 0,
        program_operator=_organisation(found.get("program_operator")),
        owner=_organisation(found.get("manufacturer")),
    )


def _organisation(found: object) -> str:
    """The name of an organisation, which older files state as a text alone."""
    return line_of(_mapping(found).get("name") if isinstance(found, dict) else found, 200)


def _none(_: str) -> None:
    """NaN and Infinity are no numbers: not declared."""


def _mapping(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _mass(found: object) -> Decimal | None:
    stated = _mapping(found)
    amount = amount_of(stated.get("qty"))
    per = _MASS.get(str(stated.get("unit") or "kg").strip().lower())
    if amount is None:
        return None
    if per is None:
        text = N_("Massens enhet «%(unit)s» er ukjent.")
        raise DeclarationRefused(3, text, unit=line_of(stated["unit"], 40))
    return amount * per


def _indicators(impacts: Mapping[str, Any]) -> Iterator[Indicator]:
    """In the order of choice: what leaves the wood's carbon out before what counts it in."""
    methods = [(name, {key.lower(): value for key, value in _mapping(impacts[name]).items()})
               for name in _METHODS if name in impacts]  # fmt: skip
    for name, rows in methods:
        ghg = rows.get(
            "gwp_ghg", rows.get("gwp-ghg", rows.get("gwp") if name == "GWP-GHG" else None)
        )
        if ghg is not None:
            yield Indicator(Method.GHG, f"{name} GWP-GHG", _modules(ghg))
    for name, rows in methods:
        if "gwp-fossil" in rows and "gwp-luluc" in rows:
            both = together(_modules(rows["gwp-fossil"]), _modules(rows["gwp-luluc"]))
            yield Indicator(Method.FOSSIL_LULUC, f"{name} GWP-fossil + GWP-luluc", both)
    for name, rows in methods:
        if name == "CML 2012" and "gwp" in rows:
            yield Indicator(Method.A1, "EN 15804+A1 GWP", _modules(rows["gwp"]))
    for name, rows in methods:
        if name not in {"CML 2012", "GWP-GHG"} and "gwp" in rows:
            yield Indicator(Method.TOTAL, f"{name} GWP-total", _modules(rows["gwp"]))


def _modules(found: object) -> dict[str, tuple[Amount, ...]]:
    modules: dict[str, tuple[Amount, ...]] = {}
    scopes = _mapping(found)
    for scope, module in _SCOPES.items():
        amount = _amount(scopes.get(scope), None)
        if amount is not None:
            modules[module] = (amount,)
    for name, scenario in _mapping(scopes.get("C_scenarios")).items():
        for module in ("C1", "C2", "C3", "C4"):
            amount = _amount(_mapping(scenario).get(module), line_of(name, 80))
            if amount is not None:
                modules[module] = (*modules.get(module, ()), amount)
    return modules


def _amount(found: object, scenario: str | None) -> Amount | None:
    stated = _mapping(found)
    value = amount_of(stated.get("mean"))
    if value is None:
        return None
    unit = re.sub(r"[^a-z0-9]", "", str(stated.get("unit") or "kgCO2e").lower())
    per = _GWP.get(unit)
    if per is None:
        text = N_("Enheten «%(unit)s» er ukjent.")
        raise DeclarationRefused(0, text, unit=line_of(stated["unit"], 40))
    deviation = amount_of(stated.get("rsd"))
    if deviation is not None and not 0 <= deviation <= _MOST_DEVIATION:
        raise DeclarationRefused(0, _DEVIATION)
    return Amount(value * per, scenario, deviation)


def together(
    first: Mapping[str, tuple[Amount, ...]], second: Mapping[str, tuple[Amount, ...]]
) -> dict[str, tuple[Amount, ...]]:
    """Two indicators added, module by module and scenario by scenario; both must be declared."""
    found: dict[str, tuple[Amount, ...]] = {}
    for module, amounts in first.items():
        others = {each.scenario: each for each in second.get(module, ())}
        both = tuple(
            _added(each, others[each.scenario]) for each in amounts if each.scenario in others
        )
        if both:
            found[module] = both
    return found


def _added(first: Amount, second: Amount) -> Amount:
    """Both err together: the deviations are added, weighted by what they are of."""
    total = first.value + second.value
    known = [each for each in (first, second) if each.deviation is not None]
    deviation = None
    if known and total:
        spread = sum((abs(each.value) * (each.deviation or 0) for each in known), Decimal(0))
        exact = abs(spread / total)
        if exact > _MOST_DEVIATION:
            raise DeclarationRefused(0, _DEVIATION)
        deviation = exact.quantize(Decimal("0.000001"))
    return Amount(total, first.scenario, deviation)
