"""The documents that the tests make are such as the published schemas allow, until one is broken."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import xmlschema

from tests.declarations.documents import AREA, DESK, ITEMS, flow, mean, openepd, process
from tests.declarations.test_rules import MARKED, TWO

SCHEMAS = Path(__file__).parent / "schemas"


@cache
def ilcd(name: str) -> Any:
    return xmlschema.XMLSchema(str(SCHEMAS / "ilcd" / name), allow="local")


@cache
def of_openepd() -> Any:
    return jsonschema_rs.validator_for(json.loads((SCHEMAS / "openepd-8.0.0.json").read_text()))


def wrong(name: str, content: bytes) -> list[str]:
    found = ilcd(name).iter_errors(content.decode())
    return [f"{each.path}: {each.reason}" for each in found]


@pytest.mark.parametrize(
    "content",
    [
        openepd(),
        openepd(declared_unit={"qty": 2, "unit": "m2"}),
        openepd(impacts={"EF 3.1": {"gwp": {"A1A2A3": mean(48), "A4": mean(2)}}}),
        openepd(valid_until="2026-02-19T00:00:00Z", program_operator_doc_id="NEPD-2"),
    ],
)
def test_our_openepd_is_such_as_its_schema_allows(content: bytes) -> None:
    assert [each.message for each in of_openepd().iter_errors(json.loads(content))] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"impacts": {"EF 3.1": {"gwp": {"A1A2A3": {"mean": "mye", "unit": "kgCO2e"}}}}},
        {"valid_until": 2029},
        {"declared_unit": "stykk"},
    ],
)
def test_another_openepd_is_refused_by_its_schema(changes: dict[str, Any]) -> None:
    assert not of_openepd().is_valid(json.loads(openepd(**changes)))


@pytest.mark.parametrize(
    "content", [process(), process(TWO, scenarios=MARKED), process(amount="1")]
)
def test_our_processes_are_such_as_their_schema_allows(content: bytes) -> None:
    assert wrong("EPD_DataSet.xsd", content) == []


@pytest.mark.parametrize("properties", [DESK, ((AREA, "1"), (ITEMS, "2"))])
def test_our_flows_are_such_as_their_schema_allows(properties: Any) -> None:
    assert wrong("ILCD_FlowDataSet.xsd", flow(properties)) == []


def test_other_documents_are_refused_by_their_schema() -> None:
    assert wrong("EPD_DataSet.xsd", process(amount="mye"))
    assert wrong("EPD_DataSet.xsd", process(kind="Per stol"))
    assert wrong("ILCD_FlowDataSet.xsd", flow((("ikke en id", "1"),)))
