"""The table of contributions against `qrcode` itself."""

import random

import pytest

from labels.errors import WrongAddressError, WrongCodeError
from labels.qr import CODE_LETTERS, Encoder, version_for

PREFIXES = [
    "HTTPS://OMBRUK.KOMMUNE.NO/I/",
    "HTTPS://OMBRUK.EXAMPLE.NO/I/",
    "HTTPS://M.OMBRUK.EXAMPLE.NO/I/",
    "HTTP://LOCALHOST:8000/I/",
    "HTTPS://A.NO/I/",
    "HTTPS://GJENBRUK.NORDLANDSSYKEHUSET-HF.EXAMPLE.NO/I/",
    "HTTPS://GJENBRUK.XN--SR-TRNDELAG-0TA8T.INVENTAR.EXAMPLE.NO/I/",
]


def random_codes(number: int, seed: int = 1) -> list[str]:
    draw = random.Random(seed)
    return ["".join(draw.choices(CODE_LETTERS, k=11)) for _ in range(number)]


@pytest.mark.parametrize("level", ["M", "Q"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_table_gives_the_matrix_that_qrcode_gives(prefix: str, level: str) -> None:
    encoder = Encoder.for_prefix(prefix, level)
    for code in [*random_codes(60, seed=len(prefix)), "0" * 11, "Z" * 11]:
        assert encoder.matrix(code) == encoder.plain(code)


def test_every_mask_gives_the_matrix_that_qrcode_gives() -> None:
    for mask in range(8):
        encoder = Encoder(PREFIXES[0], "Q", 3, mask)
        for code in random_codes(40, seed=mask):
            assert encoder.matrix(code) == encoder.plain(code)


def test_both_lengths_of_prefix_even_and_odd_are_among_the_cases() -> None:
    assert {len(prefix) % 2 for prefix in PREFIXES} == {0, 1}


def test_rows_are_the_matrix_cut_from_the_top() -> None:
    encoder = Encoder.for_prefix(PREFIXES[0])
    rows = encoder.rows("7K3QWX9R2M4")
    assert len(rows) == encoder.side == 29
    assert rows[0] >> 22 == 0b1111111
    joined = 0
    for row in rows:
        joined = joined << 29 | row
    assert joined == encoder.plain("7K3QWX9R2M4")


def test_a_host_of_25_characters_still_gives_version_3_at_level_q() -> None:
    assert version_for("HTTPS://" + "A" * 22 + ".NO/I/", "Q") == 3
    assert version_for("HTTPS://" + "A" * 23 + ".NO/I/", "Q") == 4


def test_a_moved_table_answers_with_the_modules_in_their_new_places() -> None:
    encoder = Encoder.for_prefix(PREFIXES[1])
    table = encoder.table(lambda matrix: matrix << 3, constant=0b101)
    for code in random_codes(20):
        assert table.value(code) == encoder.plain(code) << 3 | 0b101


@pytest.mark.parametrize(
    "code",
    ["", "7K3QWX9R2M", "7K3QWX9R2M44", "7K3Q-WX9R-2M4", "7k3qwx9r2m4", "7K3QWX9R2MU", "Å" * 11],
)
@pytest.mark.parametrize("prefix", PREFIXES[1:3])
def test_what_is_no_code_is_refused(prefix: str, code: str) -> None:
    with pytest.raises(WrongCodeError):
        Encoder.for_prefix(prefix).matrix(code)


@pytest.mark.parametrize(
    "prefix",
    ["https://ombruk.no/i/", "HTTPS://GJENBRUK_NO/I/", "HTTPS://SØR.NO/I/", "H" * 400, "H" * 9000],
)
def test_an_address_that_capitals_mode_cannot_hold_is_refused(prefix: str) -> None:
    with pytest.raises(WrongAddressError):
        Encoder.for_prefix(prefix)
