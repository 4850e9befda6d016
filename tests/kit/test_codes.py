"""The code on a label, and numbers as people type them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.codes import (
    ALPHABET,
    CodeMistyped,
    check_character,
    grouped,
    is_code,
    mint,
    read_code,
)
from app.kit.units import mm_from_cm, typed_decimal, typed_scaled

bodies = st.text(ALPHABET, min_size=10, max_size=10)


@pytest.mark.parametrize(
    ("body", "check"), [("7K3QWX9R2M", "4"), ("0123456789", "T"), ("ABCDEFGHJK", "2")]
)
def test_the_check_character_is_the_designs(body: str, check: str) -> None:
    assert check == check_character(body)


@given(bodies, st.integers(0, 9), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_caught(body: str, place: int, other: str) -> None:
    wrong = body[:place] + other + body[place + 1 :]
    if wrong != body:
        assert not is_code(wrong + check_character(body))


@pytest.mark.parametrize(
    "typed",
    [
        "7K3Q-WX9R-2M4",
        "7k3qwx9r2m4",
        " 7K3Q WX9R 2M4 ",
        "https://o.no/I/7K3QWX9R2M4",
        "HTTPS://O.NO/i/7k3qwx9r2m4/",
    ],
)
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert read_code(typed) == "7K3QWX9R2M4"


def test_look_alikes_are_mended() -> None:
    body = "0101010101"
    code = body + check_character(body)
    assert code == read_code(code.replace("0", "O").replace("1", "l"))


@pytest.mark.parametrize("typed", ["", "7K3Q", "7K3QWX9R2M5", "UUUUUUUUUUU", "7K3QWX9R2M4X", "ÅÅÅ"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(CodeMistyped):
        read_code(typed)


def test_minted_codes_are_codes_and_differ() -> None:
    codes = {mint() for _ in range(500)}
    assert len(codes) == 500
    assert all(is_code(code) for code in codes)
    assert grouped("7K3QWX9R2M4") == "7K3Q-WX9R-2M4"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("63,5", "63.5"),
        ("1 234,5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("1.234.567", "1234567"),
        ("-1.234,5", "-1234.5"),
        ("80", "80"),
        ("63.5", "63.5"),
    ],
)
def test_numbers_are_read_as_norwegians_type_them(typed: str, number: str) -> None:
    assert Decimal(number) == typed_decimal(typed)


@pytest.mark.parametrize(
    "typed",
    ["", "abc", "1,2,3", "NaN", "Infinity", "1e99", "12.5.3", "31.02.2026", "1,234.5", "1.23,4"],
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="tall"):
        typed_decimal(typed)


def test_centimetres_come_back_as_they_were_typed() -> None:
    assert mm_from_cm("63,5") == 635
    assert typed_scaled(635, 10) == "63,5"
    assert typed_scaled(800, 10) == "80"
