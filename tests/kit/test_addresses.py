"""Addresses are written as the standard library writes them, however they are written faster."""

from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.addresses import address

VALUES = st.text() | st.integers() | st.uuids() | st.booleans() | st.none() | st.lists(st.text())


@given(st.dictionaries(st.text(), VALUES))
def test_what_is_asked_for_is_written_as_the_standard_library_does(
    query: dict[str, object],
) -> None:
    wanted = urlencode({k: v for k, v in query.items() if v is not None}, doseq=True)

    assert address("/p", query) == (f"/p?{wanted}" if wanted else "/p")


@given(st.text())
def test_a_value_in_a_path_stays_in_its_place(value: str) -> None:
    written = address("/a/{id}/b", {"q": value}, id=value)
    path, asked = urlsplit(written).path, urlsplit(written).query

    assert path.startswith("/a/")
    assert path.endswith("/b")
    assert path.isascii()
    assert parse_qsl(asked, keep_blank_values=True) == [("q", value)]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [("a b", "a%20b"), ("?", "%3F"), ("#x", "%23x"), (UUID(int=1), UUID(int=1))],
)
def test_a_value_in_a_path_is_quoted_where_it_would_end_it(value: object, wanted: object) -> None:
    assert address("/a/{id}", id=value) == f"/a/{wanted}"
