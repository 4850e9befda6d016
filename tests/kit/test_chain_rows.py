"""JSON and ids of many rows spelled together are those of each row spelled alone."""

from uuid import uuid4

import pytest

from app.kit import chain_rows
from app.kit.canonical import canonical_of

PLAIN = ['{"b":1,"a":"æ \\u0001"}', '{"b":1,"a":"æ \\u0001"}', '{"a":[1,2]}', "[]", '"x"']
LIKE_OURS = [
    '["\\u0000between\\u0000"]',
    '[1,"\\u0000between\\u0000"]',
    '{"a":1,"\\u0000between\\u0000":2}',
]


@pytest.mark.parametrize("texts", [PLAIN, [*PLAIN, *LIKE_OURS], *([each] for each in LIKE_OURS)])
def test_json_spelled_together_is_what_each_is_alone(texts: list[str]) -> None:
    column = [each.encode() for each in texts]
    assert chain_rows._said(column) == [canonical_of(each).encode() for each in column]


@pytest.mark.parametrize("broken", ["{", "{} {}", '{},{"a":1}', "", " {}"])
def test_json_that_is_not_one_value_is_refused(broken: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        chain_rows._said([b"{}", broken.encode(), b"{}"])


def test_ids_are_spelled_with_their_dashes() -> None:
    ids = [uuid4() for _ in range(7)]
    dashed = [str(each).encode() for each in ids]
    assert chain_rows._spelled_ids([each.hex for each in ids], chain_rows.DIGITS) == dashed
    assert chain_rows._spelled_ids([str(each) for each in ids], chain_rows.DASHED) == dashed


@pytest.mark.parametrize("cut", [("a" * 31, "b" * 33), ("a" * 32, "b" * 31 + "æ"), ("a" * 32, "")])
def test_ids_of_another_length_are_refused(cut: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="no ids of 32 letters"):
        chain_rows._spelled_ids(cut, chain_rows.DIGITS)
