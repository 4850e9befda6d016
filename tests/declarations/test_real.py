"""Published declarations, with values that were read from their XML by eye and are said here."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.declarations.rules import (
    Answers,
    DeclarationRefused,
    DeclaredUnit,
    Method,
    chosen,
    decided,
    questions,
    read,
)

REAL = Path(os.environ.get("OMLOP_SHARED_DATA", "nowhere")) / "epd"
with_real = pytest.mark.skipif(not REAL.is_dir(), reason="the real documents are not here")


@with_real
def test_the_plasterboard_of_environdec_as_read_by_eye() -> None:
    """In the XML: 77e416eb… (EN 15804+A1 GWP) has A1-A3 2.79, A4 0.776, C1 0.0308, C2 0.0323,
    C3 0.0 and C4 0.0497 kg per 1 m² (the flow's property is Area); valid to 2025 by the year, but
    the second line of the description says 2025-04-22. It states no mass."""
    alone = read((REAL / "environdec_single.xml").read_bytes())
    found = read((REAL / "environdec_with_dependencies.zip").read_bytes())
    assert alone.number == found.number == "S-P-01937"
    assert (alone.unit, found.unit) == (DeclaredUnit.OTHER, DeclaredUnit.M2)
    assert (found.issued_on, found.valid_until) == (date(2020, 5, 6), date(2025, 4, 22))
    assert chosen(found).method is Method.A1
    declared = decided(found, Answers(), "m2")
    assert declared.gwp_g == 2_790
    assert declared.delivery_g == 776
    assert declared.end_of_life_g == Decimal("112.8")  # 30.8 + 32.3 + 0 + 49.7
    assert declared.mass_g is None


@with_real
def test_the_insulation_of_epditaly_asks_for_its_scenario() -> None:
    """In the XML: A1-A3 343.0, A4 0.0289, C2 0.00356; C3 0.335 («100% riciclo») or 2.08
    («100% incenerimento»), C4 0 in both, none marked. The flow's property is Volume, with a bulk
    density of 17.5 kg/m³ that is no mass of a piece: it can be used for no unit of ours."""
    found = read((REAL / "epditaly_with_dependencies.zip").read_bytes())
    assert (found.name, found.unit) == ("ECO-ESPANSO K100", DeclaredUnit.OTHER)
    assert (found.issued_on, found.valid_until) == (date(2018, 8, 7), date(2025, 12, 31))
    asked = questions(found, Answers(pieces=Decimal(1)), "piece")
    assert [(each.module, each.choices) for each in asked] == [
        ("C3", ("100% riciclo", "100% incenerimento")),
        ("C4", ("100% riciclo", "100% incenerimento")),
    ]
    burnt = {"C3": "100% incenerimento", "C4": "100% incenerimento"}
    with pytest.raises(DeclarationRefused) as refusal:
        decided(found, Answers(scenarios=burnt), "m2")
    assert refusal.value.rule == 3
    declared = decided(found, Answers(scenarios=burnt, pieces=Decimal(1)), "piece")
    assert declared.gwp_g == 343_000
    assert declared.delivery_g == Decimal("28.9")
    assert declared.end_of_life_g == Decimal("2083.56")  # 3.56 + 2 080 + 0


@with_real
def test_the_wood_panel_of_the_format_takes_the_marked_scenarios() -> None:
    """In the XML (made-up figures): EF 3.0 fossil + luluc, A1-A3 9.712484412875508 +
    40.60886993818344; A4 to Gdansk (marked) 18.55419196414956 + 36.48065456438375; C3 and C4 by
    100% recycling (marked) 41.24930220043967 + 22.943526512952616 and 32.326237366597866 +
    19.682247540488774. 2024-05-08 in the extension goes before the year 2025. Life 100 years."""
    found = read((REAL / "ilcd_epd_1.3_example.xml").read_bytes())
    assert (found.name, found.issued_on) == ("Wood panel", date(2020, 5, 8))
    assert found.valid_until == date(2024, 5, 8)
    assert chosen(found).method is Method.FOSSIL_LULUC
    declared = decided(found, Answers(pieces=Decimal(1)), "piece")
    assert declared.gwp_g == Decimal("50321.354351")
    assert declared.delivery_g == Decimal("55034.846529")
    assert declared.end_of_life_g == Decimal("116201.313620")
    assert declared.service_life_months == 1_200
