"""What is assumed of each category is shown, with range and source, as what it is."""

import re

import pytest

from app.accounts.rules import Role
from tests.people import SignedInAs


def test_every_category_is_shown_with_defaults_range_and_source(signed_in_as: SignedInAs) -> None:
    text = signed_in_as(Role.EMPLOYEE).get("/kategorier").text.replace("\xa0", " ")
    for expected in (
        "Kontorstol",
        "15,0 kg",
        "12,0 kg – 20,0 kg",
        "60,0 kg",
        "4 500 kr",
        "Faktorsett 2025.1",
        "69 har anslått pris",
        "estimate anchored on Reol-Consult",
    ):
        assert expected in text, expected


def test_estimates_look_like_estimates(signed_in_as: SignedInAs) -> None:
    text = signed_in_as().get("/kategorier").text
    assert text.count(">Anslag</span>") == 63
    assert text.count(">Sammenlignet</span>") == 14
    assert text.count(">Målt</span>") == 1


def test_equipment_is_shown_as_not_calculated(signed_in_as: SignedInAs) -> None:
    text = signed_in_as().get("/kategorier").text
    assert "Medisinsk utstyr" in text
    assert "ikke beregnet" in text


def test_factors_say_that_the_british_ones_come_from_a_copy(signed_in_as: SignedInAs) -> None:
    text = signed_in_as().get("/faktorer").text
    assert "lest fra en offentlig kopi" in text
    assert "0,78225" in text
    assert "check against the official workbook" in text


def test_sources_are_marked_as_english_and_their_labels_are_not(signed_in_as: SignedInAs) -> None:
    client = signed_in_as()
    categories, factors = (client.get(path).text for path in ("/kategorier", "/faktorer"))
    assert re.search(r'<dd lang="en">[^<]*Reol-Consult', categories)
    assert '<dl class="facts" lang="en">' not in categories
    assert re.search(r'lang="en">[^<]*(<br>[^<]*)?check against the official', factors)


def test_json_gives_whole_grams_and_ore_and_null_where_nothing_is_known(
    signed_in_as: SignedInAs,
) -> None:
    client = signed_in_as(Role.EMPLOYEE)
    found = {each["id"]: each for each in client.get("/api/v1/categories").json()}
    chair = found["CHAIR_TASK"]
    assert chair["mass_g"] == {"value": 15_000, "low": 12_000, "high": 20_000}
    assert chair["price_ore"]["value"] == 450_000
    assert found["EQUIP_AID"]["gwp_g"] is None
    assert client.get("/api/v1/categories/CHAIR_TASK").json() == chair
    assert client.get("/api/v1/categories/NOWHERE").status_code == 404


@pytest.mark.parametrize("path", ["/kategorier", "/faktorer", "/modeller"])
def test_nobody_reads_them_without_signing_in(signed_in_as: SignedInAs, path: str) -> None:
    client = signed_in_as()
    del client.headers["Authorization"]
    assert client.get(path).status_code in {303, 401}
