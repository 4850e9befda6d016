"""Files from strangers that would break a reader who believes them: each is refused or asked about."""

import io
import random
import zipfile

import pytest

from app.declarations.rules import Answers, Asked, DeclarationRefused, questions, read
from tests.declarations.documents import GHG31, desk, mean, openepd, process, result, zipped
from tests.declarations.test_rules import of, refused


def test_scenarios_of_the_three_parts_of_production_are_asked_for() -> None:
    parts = [("A1", "80", "gammel"), ("A1", "60", "ny"), ("A2", "4", None), ("A3", "6", None)]
    content = desk(result(GHG31, *parts))
    (question,) = questions(read(content), Answers(), "piece")
    assert (question.asked, question.module) == (Asked.SCENARIO, "A1")
    assert question.choices == ("gammel", "ny")
    assert refused(content) == 0
    assert of(content, scenarios={"A1": "gammel"}).gwp_g == 45_000
    assert of(content, scenarios={"A1": "ny"}).gwp_g == 35_000


@pytest.mark.parametrize("quantity", ["1e-25", "0.000001"])
def test_a_unit_that_makes_the_values_absurd_is_refused_and_never_breaks(quantity: str) -> None:
    assert refused(openepd(declared_unit={"qty": quantity, "unit": "item"})) == 3


def test_a_deviation_of_nearly_nothing_is_refused() -> None:
    rows = {
        "gwp-fossil": {"A1A2A3": mean("999999999999", rsd=1)},
        "gwp-luluc": {"A1A2A3": mean("-999999999998.99999999999")},
    }
    assert refused(openepd(impacts={"EF 3.1": rows})) == 0


def test_texts_of_a_file_are_such_as_can_be_kept_and_shown() -> None:
    found = read(openepd(product_name="Stol\0 \ud800\nto", program_operator_doc_id="N\u202e1"))
    assert (found.name, found.number) == ("Stol� � to", "N�1")
    with pytest.raises(DeclarationRefused) as refusal:
        read(openepd(kg_per_declared_unit={"qty": 1, "unit": "\ud800" * 90}))
    assert refusal.value.values == {"unit": "�" * 40}


def test_many_files_of_one_zip_share_one_limit() -> None:
    """Each is small, and together they would take the memory of the whole program."""
    # Not so like each other that the ratio of packing would refuse them.
    names = random.Random(1).choices(b"bcdefghi", k=60_000)
    small = b"<a>" + b"".join(b"<%c/>" % name for name in names) + b"</a>"
    many = zipped(("p.xml", process()), *((f"{n}.xml", small) for n in range(4)))
    with pytest.raises(DeclarationRefused) as found:
        read(many)
    assert "pakket" in found.value.text
    assert read(zipped(("p.xml", process()), ("1.xml", small))).quantity


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_torn_zip_is_refused_whatever_it_is_packed_with(packing: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        archive.writestr("a.xml", process())
    whole = bytearray(out.getvalue())
    at = whole.find(b"a.xml") + len("a.xml")
    for place in range(at + 12, at + 60):
        whole[place] ^= 0xFF
    with pytest.raises(DeclarationRefused):
        read(bytes(whole))
