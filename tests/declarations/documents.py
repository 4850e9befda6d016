"""Declarations of our own, written out field by field, one change away from a good one."""

import copy
import io
import json
import zipfile
from typing import Any

MASS = "93a60a56-a3c8-11da-a746-0800200b9a66"
ITEMS = "01846770-4cfe-4a25-8ad9-919d8d378345"
AREA = "93a60a56-a3c8-19da-a746-0800200c9a66"
GHG31 = "e03c018f-8526-44bc-b5e4-bc03c3ab32f3"
FOSSIL31 = "a7ea19c0-9749-11ed-a8fc-0242ac120002"
LULUC31 = "a7ea1ae2-9749-11ed-a8fc-0242ac120002"
TOTAL31 = "a7ea142a-9749-11ed-a8fc-0242ac120002"


def mean(value: object, **more: object) -> dict[str, object]:
    return {"mean": value, "unit": "kgCO2e", **more}


CHAIR: dict[str, Any] = {
    "doctype": "openEPD",
    "id": "ec3abcde",
    "product_name": "Stol Prøve",
    "program_operator_doc_id": "NEPD-1000-200",
    "date_of_issue": "2024-05-01T00:00:00Z",
    "valid_until": "2029-05-01T00:00:00Z",
    "declared_unit": {"qty": 1, "unit": "item"},
    "kg_per_declared_unit": {"qty": 16, "unit": "kg"},
    "product_service_life_years": 15,
    "impacts": {
        "EF 3.1": {
            "GWP_GHG": {
                "A1A2A3": mean(48.5, rsd=0.1),
                "A4": mean(2.25),
                "C1": mean(0.0),
                "C2": mean(0.5),
                "C3": mean(1.75),
                "C4": mean(0.25),
            },
            "gwp": {"A1A2A3": mean(30)},
        }
    },
}


def openepd(**changes: Any) -> bytes:
    """The chair, with fields replaced; ``impacts`` replaces all of them."""
    found = copy.deepcopy(CHAIR) | changes
    return json.dumps(found).encode()


_PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<processDataSet xmlns="http://lca.jrc.it/ILCD/Process" xmlns:common="http://lca.jrc.it/ILCD/Common"
 xmlns:epd="http://www.iai.kit.edu/EPD/2013" xmlns:epd2="http://www.indata.network/EPD/2019"
 xmlns:epd24="http://www.indata.network/EPD/2024" version="1.1">
<processInformation><dataSetInformation><common:UUID>11111111-2222-3333-4444-555555555555</common:UUID>
<name><baseName xml:lang="en">Pult Prøve</baseName></name>
<common:synonyms>NEPD-2000-300</common:synonyms></dataSetInformation>
<quantitativeReference type="{type}"><referenceToReferenceFlow>1</referenceToReferenceFlow>{unit}</quantitativeReference>
<time><common:referenceYear>2024</common:referenceYear>{time}</time></processInformation>
<modellingAndValidation><LCIMethodAndAllocation><typeOfDataSet>EPD</typeOfDataSet>{scenarios}</LCIMethodAndAllocation></modellingAndValidation>
<exchanges><exchange dataSetInternalID="1"><referenceToFlowDataSet type="flow data set" refObjectId="aaaaaaaa-0000-0000-0000-000000000001"/>
<meanAmount>{amount}</meanAmount></exchange></exchanges>
<LCIAResults>{results}</LCIAResults></processDataSet>"""

_FLOW = """<?xml version="1.0" encoding="UTF-8"?>
<flowDataSet xmlns="http://lca.jrc.it/ILCD/Flow" xmlns:common="http://lca.jrc.it/ILCD/Common" version="1.1">
<flowInformation><dataSetInformation><common:UUID>aaaaaaaa-0000-0000-0000-000000000001</common:UUID>
{matml}</dataSetInformation>
<quantitativeReference><referenceToReferenceFlowProperty>0</referenceToReferenceFlowProperty></quantitativeReference>
</flowInformation><flowProperties>{properties}</flowProperties></flowDataSet>"""


def result(uuid: str, *amounts: tuple[str, str, str | None]) -> str:
    """An indicator; each amount is module, text and scenario."""
    inside = "".join(
        f'<epd:amount epd:module="{module}"'
        + (f' epd:scenario="{scenario}"' if scenario else "")
        + f">{text}</epd:amount>"
        for module, text, scenario in amounts
    )
    return (
        f'<LCIAResult><referenceToLCIAMethodDataSet type="LCIA method data set"'
        f' refObjectId="{uuid}"/>'
        f"<common:other>{inside}</common:other></LCIAResult>"
    )


GOOD = result(
    GHG31, ("A1-A3", "90", None), ("A4", "4.5", None), ("C3", "6", None), ("C4", "ND", None)
)


def process(
    results: str = GOOD,
    *,
    amount: str = "2",
    time: str = "<common:dataSetValidUntil>2029</common:dataSetValidUntil>",
    kind: str = "Reference flow(s)",
    unit: str = "",
    scenarios: str = "",
) -> bytes:
    return _PROCESS.format(
        results=results,
        amount=amount,
        time=time,
        type=kind,
        unit=unit,
        scenarios=_other(scenarios),
    ).encode()


def _other(inside: str) -> str:
    """What a format of its own adds; the schema wants no empty one."""
    return f"<common:other>{inside}</common:other>" if inside else ""


def flow(properties: tuple[tuple[str, str], ...], matml: str = "") -> bytes:
    """A flow; the first property is the reference."""
    rows = "".join(
        f'<flowProperty dataSetInternalID="{n}"><referenceToFlowPropertyDataSet'
        f' type="flow property data set" refObjectId="{uuid}"/><meanValue>{mean_value}</meanValue></flowProperty>'
        for n, (uuid, mean_value) in enumerate(properties)
    )
    return _FLOW.format(properties=rows, matml=_other(matml)).encode()


DESK = ((ITEMS, "1"), (MASS, "30"))


def zipped(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def desk(results: str = GOOD, **changes: Any) -> bytes:
    """Two desks of 30 kg each, with the flow that says so."""
    flow_file = flow(changes.pop("properties", DESK), changes.pop("matml", ""))
    return zipped(
        ("ILCD/processes/p.xml", process(results, **changes)), ("ILCD/flows/f.xml", flow_file)
    )
