"""ILCD+EPD XML, alone or in a ZIP with what it refers to → a reading (S53, S54)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element

from app.declarations.rules_numbers import amount_of, day_of, end_of_year, line_of
from app.declarations.rules_openepd import together
from app.declarations.rules_reading import (
    FUNCTIONAL,
    MODULES,
    Amount,
    DeclarationRefused,
    DeclaredUnit,
    Indicator,
    Method,
    Reading,
)
from app.declarations.rules_xml import all_parsed, parsed, unpacked
from app.kit.i18n import N_

P = "{http://lca.jrc.it/ILCD/Process}"
C = "{http://lca.jrc.it/ILCD/Common}"
F = "{http://lca.jrc.it/ILCD/Flow}"
EPD = "{http://www.iai.kit.edu/EPD/2013}"
EPD2 = "{http://www.indata.network/EPD/2019}"
EPD24 = "{http://www.indata.network/EPD/2024}"
MATML = "{http://www.matml.org/}"
_XML = "{http://www.w3.org/XML/1998/namespace}"

_GHG = (
    ("e03c018f-8526-44bc-b5e4-bc03c3ab32f3", "EF 3.1 GWP-IOBC/GHG"),
    ("fb774615-0575-45de-9a89-1ded92f19770", "EF 3.0 GWP-IOBC/GHG"),
)
_FOSSIL_LULUC = (
    (
        "a7ea19c0-9749-11ed-a8fc-0242ac120002",
        "a7ea1ae2-9749-11ed-a8fc-0242ac120002",
        "EF 3.1 GWP-fossil + GWP-luluc",
    ),
    (
        "5f635281-343e-44fb-83df-1971b155e6b6",
        "4331bbdb-978a-490d-8707-eeb047f01a55",
        "EF 3.0 GWP-fossil + GWP-luluc",
    ),
)
_A1 = ("77e416eb-a363-4258-a04e-171d843a6460", "EN 15804+A1 GWP")
_TOTAL = (
    ("a7ea142a-9749-11ed-a8fc-0242ac120002", "EF 3.1 GWP-total"),
    ("6a37f984-a4b3-458a-a20a-64418c145fa2", "EF 3.0 GWP-total"),
)
_MASS = frozenset({"93a60a56-a3c8-11da-a746-0800200b9a66", "7e18d0ad-e78e-47a0-8e96-1c0a581902e2"})
_ITEMS = frozenset({"01846770-4cfe-4a25-8ad9-919d8d378345", "934110e3-baf4-49e9-992c-3d8109a6aafb"})
_AREA = "93a60a56-a3c8-19da-a746-0800200c9a66"
_LENGTH = "838aaa23-0117-11db-92e3-0800200c9a66"
_YEARS = re.compile(r"\b\d+\s*(years?|yrs?|år|anni|jahre?|vuotta)\b", re.IGNORECASE)
_ISSUED, _VALID = 0, 1
_PUBLISHED = f"{P}administrativeInformation/{P}publicationAndOwnership"


@dataclass(frozen=True, slots=True)
class _Flow:
    """What one unit of the reference property holds: mass in kg, pieces; empty where unknown."""

    unit: DeclaredUnit
    mass_kg: Decimal | None
    pieces: Decimal | None
    kg_factor: Decimal | None = None
    piece_kg: Decimal | None = None


def read_ilcd(content: bytes) -> Reading:
    """An XML file, or a ZIP with one process among its files. Raises ``DeclarationRefused``."""
    if not content.startswith(b"PK"):
        return _read(_process(parsed(content)), {})
    files = unpacked(content)
    roots = all_parsed(files.values())
    processes = [each for each in roots if each.tag == f"{P}processDataSet"]
    if len(processes) != 1:
        text = N_("ZIP-filen må ha nøyaktig én deklarasjon; den har %(count)s.")
        raise DeclarationRefused(0, text, count=len(processes))
    flows = {_uuid(each): each for each in roots if each.tag == f"{F}flowDataSet"}
    return _read(processes[0], flows)


def _process(root: Element) -> Element:
    if root.tag != f"{P}processDataSet":
        raise DeclarationRefused(0, N_("Filen er ikke en ILCD-deklarasjon."))
    return root


def _uuid(root: Element) -> str:
    return (root.findtext(f".//{C}UUID") or "").strip().lower()


def _read(root: Element, flows: Mapping[str, Element]) -> Reading:
    information = root.find(f"{P}processInformation")
    about = information.find(f"{P}dataSetInformation") if information is not None else None
    if information is None or about is None:
        raise DeclarationRefused(0, N_("Filen er ikke en ILCD-deklarasjon."))
    _refuse_functional(information)
    quantity, flow = _reference(root, information, flows)
    uuid = _uuid(root)
    issued, valid = _days(information)
    mass = _mass_of(quantity, flow)
    return Reading(
        form="ILCD+EPD",
        name=line_of(_name(about), 200),
        number=line_of(_number(root, about) or uuid, 80),
        uuid=line_of(uuid, 80),
        issued_on=issued,
        valid_until=valid,
        quantity=quantity,
        unit=flow.unit,
        pieces=None if flow.pieces is None else quantity * flow.pieces,
        mass_kg=mass,
        indicators=tuple(_indicators(root)),
        service_life_months=_service_life(root),
        has_biogenic_carbon=_biogenic(root),
        defaults=frozenset(
            each.get(f"{EPD}name", "")
            for each in root.iter(f"{EPD}scenario")
            if each.get(f"{EPD}default") == "true"
        ),
        program_operator=_organisation(
            root,
            f"{C}referenceToRegistrationAuthority",
            f"{C}other/{EPD2}referenceToPublisher",
        ),
        owner=_organisation(root, f"{C}referenceToOwnershipOfDataSet"),
    )


def _name(about: Element) -> str:
    return _readable(about.findall(f"{P}name/{P}baseName"))


def _readable(texts: Sequence[Element]) -> str:
    """The first that is in Norwegian or English, else the first."""
    known = [each for each in texts if each.get(f"{_XML}lang") in {"nb", "no", "en"}]
    first = next(iter(known or texts), None)
    return "" if first is None else (first.text or "").strip()


def _organisation(root: Element, *references: str) -> str:
    """The name of the first organisation that the declaration refers to so."""
    for each in references:
        found = _readable(root.findall(f"{_PUBLISHED}/{each}/{C}shortDescription"))
        if found:
            return line_of(found, 200)
    return ""


def _number(root: Element, about: Element) -> str:
    """The registration number where the file has one, else what it calls itself beside its name."""
    for tag in (f".//{P}registrationNumber", f".//{C}registrationNumber"):
        found = root.findtext(tag)
        if found and found.strip():
            return found.strip()[:80]
    return (about.findtext(f"{C}synonyms") or "").strip()[:80]


def _refuse_functional(information: Element) -> None:
    """Rule 6: what lasts for years is not one piece."""
    stated = information.find(f"{P}quantitativeReference")
    if stated is None:
        return
    texts = " ".join(each.text or "" for each in stated.iter(f"{P}functionalUnitOrOther"))
    is_functional = (stated.get("type") or "").strip().lower() == "functional unit"
    if is_functional or _YEARS.search(texts):
        raise DeclarationRefused(6, FUNCTIONAL)


def _reference(
    root: Element, information: Element, flows: Mapping[str, Element]
) -> tuple[Decimal, _Flow]:
    """The declared amount in the unit of the reference flow, and what that flow is."""
    wanted = (
        information.findtext(f"{P}quantitativeReference/{P}referenceToReferenceFlow") or ""
    ).strip()
    exchange = next(
        (
            each
            for each in root.iterfind(f"{P}exchanges/{P}exchange")
            if each.get("dataSetInternalID") == wanted and wanted
        ),
        None,
    )
    amount = None if exchange is None else amount_of(exchange.findtext(f"{P}meanAmount"))
    if exchange is None or amount is None:
        raise DeclarationRefused(3, N_("Filen sier ikke hvilken mengde tallene gjelder."))
    refers = exchange.find(f"{P}referenceToFlowDataSet")
    uuid = "" if refers is None else (refers.get("refObjectId") or "").strip().lower()
    inside = exchange.find(f"{C}other")
    flow = flows.get(uuid)
    if flow is None:
        # Format 1.3 may state the properties at the exchange itself.
        return amount, _of_properties([] if inside is None else [inside], None)
    return amount, _of_properties([flow], flow)


def _of_properties(parts: Sequence[Element], flow: Element | None) -> _Flow:
    properties: dict[str, Decimal] = {}
    reference: tuple[str, Decimal] | None = None
    if flow is not None:
        chosen = (flow.findtext(f".//{F}referenceToReferenceFlowProperty") or "0").strip()
        for each in flow.iter(f"{F}flowProperty"):
            refers = each.find(f"{F}referenceToFlowPropertyDataSet")
            uuid = "" if refers is None else (refers.get("refObjectId") or "").strip().lower()
            mean = amount_of(each.findtext(f"{F}meanValue"))
            if mean is None:
                continue
            properties[uuid] = mean
            if each.get("dataSetInternalID") == chosen:
                reference = uuid, mean
    matml = _matml(parts)
    kg_factor, piece_kg = matml.get("conversion factor to 1 kg"), matml.get("weight per piece")
    if reference is None or reference[1] <= 0:
        return _Flow(DeclaredUnit.OTHER, None, None, kg_factor, piece_kg)
    per = reference[1]
    mass = next((properties[each] / per for each in _MASS if each in properties), None)
    pieces = next((properties[each] / per for each in _ITEMS if each in properties), None)
    return _Flow(_unit(reference[0]), mass, pieces, kg_factor, piece_kg)


def _unit(uuid: str) -> DeclaredUnit:
    if uuid in _ITEMS:
        return DeclaredUnit.ITEM
    if uuid in _MASS:
        return DeclaredUnit.KG
    return {_AREA: DeclaredUnit.M2, _LENGTH: DeclaredUnit.M}.get(uuid, DeclaredUnit.OTHER)


def _matml(parts: Sequence[Element]) -> dict[str, Decimal]:
    """The properties that are written as text, by their name; packaging is never one (rule 5)."""
    found: dict[str, Decimal] = {}
    for part in parts:
        names = {
            each.get("id", ""): (each.findtext(f"{MATML}Name") or "").strip().lower()
            for each in part.iter(f"{MATML}PropertyDetails")
        }
        for each in part.iter(f"{MATML}PropertyData"):
            name = names.get(each.get("property", ""), "")
            value = amount_of(each.findtext(f"{MATML}Data"))
            if value is not None and value > 0 and "packag" not in name:
                found.setdefault(name, value)
    return found


def _mass_of(quantity: Decimal, flow: _Flow) -> Decimal | None:
    """Flow property, else the weight per piece, else declared amount ÷ conversion factor."""
    if flow.mass_kg is not None:
        return quantity * flow.mass_kg
    if flow.piece_kg is not None:
        pieces = quantity if flow.pieces is None else quantity * flow.pieces
        return pieces * flow.piece_kg if flow.unit is not DeclaredUnit.OTHER else flow.piece_kg
    return None if flow.kg_factor is None else quantity / flow.kg_factor


def _days(information: Element) -> tuple[date | None, date | None]:
    time = information.find(f"{P}time")
    if time is None:
        return None, None
    issued = day_of(time.findtext(f"{C}other/{EPD2}publicationDateOfEPD"))
    valid = day_of(time.findtext(f"{C}other/{EPD24}expirationDateOfEPD"))
    text = time.findtext(f"{C}timeRepresentativenessDescription") or ""
    lines = [each for each in text.splitlines() if each.strip()]
    if issued is None and lines:
        issued = day_of(lines[_ISSUED])
    if valid is None and len(lines) > 1:
        valid = day_of(lines[_VALID])
    return issued, valid or end_of_year(time.findtext(f"{C}dataSetValidUntil"))


def _service_life(root: Element) -> int | None:
    for each in root.iter(f"{EPD24}referenceServiceLife"):
        years = amount_of(each.get(f"{EPD24}years"))
        if years is not None and 0 < years <= 100:
            return int(years * 12)
    return None


def _biogenic(root: Element) -> bool:
    """Whether the product itself holds carbon from plants, by the file's own statement."""
    for name in ("carbonContentBiogenic", "biogenicCarbonContent"):
        for each in root.iter(f"{EPD2}{name}"):
            value = amount_of(each.text or each.get(f"{EPD2}value"))
            if value is not None and value > 0:
                return True
    return False


def _indicators(root: Element) -> Iterator[Indicator]:
    declared: dict[str, dict[str, tuple[Amount, ...]]] = {}
    for result in root.iter(f"{P}LCIAResult"):
        refers = result.find(f"{P}referenceToLCIAMethodDataSet")
        if refers is not None:
            uuid = (refers.get("refObjectId") or "").strip().lower()
            declared.setdefault(uuid, _modules(result))
    for uuid, label in _GHG:
        if uuid in declared:
            yield Indicator(Method.GHG, label, declared[uuid])
    for fossil, luluc, label in _FOSSIL_LULUC:
        if fossil in declared and luluc in declared:
            both = together(declared[fossil], declared[luluc])
            yield Indicator(Method.FOSSIL_LULUC, label, both)
    if _A1[0] in declared:
        yield Indicator(Method.A1, _A1[1], declared[_A1[0]])
    for uuid, label in _TOTAL:
        if uuid in declared:
            yield Indicator(Method.TOTAL, label, declared[uuid])


def _modules(result: Element) -> dict[str, tuple[Amount, ...]]:
    found: dict[str, tuple[Amount, ...]] = {}
    for each in result.iterfind(f"{C}other/{EPD}amount"):
        module, value = each.get(f"{EPD}module", ""), amount_of(each.text)
        if module in MODULES and value is not None:
            scenario = each.get(f"{EPD}scenario")
            found[module] = (*found.get(module, ()), Amount(value, scenario))
    return found
