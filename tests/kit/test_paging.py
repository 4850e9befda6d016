"""A cursor comes from outside: whatever is in it, the list goes on or says that it can not."""

import base64
from uuid import UUID

import pytest

from tests.people import SignedInAs

SOMEONE = str(UUID(int=1))
WRONG = {
    "a moment before the year 1": f'[{{"t": "0001-01-01T00:00:00+23:59"}}, {{"u": "{SOMEONE}"}}]',
    "a moment after the year 9999": f'[{{"t": "9999-12-31T23:59:59-23:59"}}, {{"u": "{SOMEONE}"}}]',
    "a moment without a zone": f'[{{"t": "2026-01-01T00:00:00"}}, {{"u": "{SOMEONE}"}}]',
    "a number for an id": '[{"t": "2026-01-01T00:00:00+00:00"}, {"u": 5}]',
    "a list for an id": '[{"t": "2026-01-01T00:00:00+00:00"}, {"u": [1]}]',
    "neither moment nor id": '[{"t": 1}, {"u": null}]',
    "not JSON": "[",
}
WRONG_NAMES = {
    "half a surrogate pair": f'["\\ud800", "\\ud800", {{"u": "{SOMEONE}"}}]',
    "a NUL": f'["\\u0000", "A", {{"u": "{SOMEONE}"}}]',
    "a number too large": f'[{"9" * 30}, "A", {{"u": "{SOMEONE}"}}]',
}


def cursor_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG.keys())
def test_a_list_by_time_refuses_a_cursor_that_is_none(signed_in_as: SignedInAs, text: str) -> None:
    answer = signed_in_as().get("/api/v1/notices", params={"cursor": cursor_of(text)})
    assert answer.status_code == 422


@pytest.mark.parametrize("text", WRONG_NAMES.values(), ids=WRONG_NAMES.keys())
def test_a_list_by_name_refuses_a_cursor_that_is_none(signed_in_as: SignedInAs, text: str) -> None:
    answer = signed_in_as().get("/api/v1/product-models", params={"cursor": cursor_of(text)})
    assert answer.status_code == 422
