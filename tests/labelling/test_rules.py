"""The printed address, and messages of what cannot be printed."""

import pytest

from app.kit.errors import Invalid
from app.labelling.rules import FIRST_SHEETS, address_warnings, by_vendor, paper, url_prefix
from labels.stock import stocks


def test_the_address_is_in_capitals_and_ends_before_the_code() -> None:
    assert url_prefix("https://ombruk.example.no") == "HTTPS://OMBRUK.EXAMPLE.NO/I/"


@pytest.mark.parametrize(
    ("public_url", "host", "warnings"),
    [
        ("https://ombruk.example.no", "ombruk.example.no", 0),
        ("https://ombruk.example.no", None, 0),
        ("https://ombruk.example.no", "10.0.0.5", 1),
        ("http://ombruk.example.no", None, 1),
        ("http://127.0.0.1:8000", "127.0.0.1", 2),
        ("http://localhost:8000", None, 2),
        ("https://omlop.local", None, 1),
        ("https://192.168.1.20", None, 1),
        ("https://[::1]", None, 1),
    ],
)
def test_an_address_that_will_not_last_is_warned_of(
    public_url: str, host: str | None, warnings: int
) -> None:
    assert len(address_warnings(public_url, host)) == warnings


def test_paper_is_found_by_any_spelling_and_else_refused_at_its_field() -> None:
    assert paper(" l7160 ").name == "L7160"
    assert paper("62×29").name == "62x29"
    with pytest.raises(Invalid) as refused:
        paper("A4")
    assert "A4" in refused.value.by_field["paper"]


def test_every_sheet_can_be_chosen_once() -> None:
    listed = [*FIRST_SHEETS, *(each.name for _, found in by_vendor() for each in found)]

    assert sorted(listed) == sorted(each.name for each in stocks())
