"""What runs on both databases, and what once."""

import pytest

from tests.conftest import asks_database


@pytest.mark.usefixtures("session")
def test_a_test_with_a_session_runs_on_both(request: pytest.FixtureRequest) -> None:
    assert asks_database(request.node)


@pytest.mark.usefixtures("client")
def test_a_test_with_a_client_runs_on_both(request: pytest.FixtureRequest) -> None:
    assert asks_database(request.node)


def test_a_test_without_either_runs_once(request: pytest.FixtureRequest) -> None:
    assert not asks_database(request.node)
