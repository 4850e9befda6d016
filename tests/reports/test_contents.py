"""A long report begins with links to its parts: to all of them, and to nothing that is not there."""

import re

import pytest
from fastapi.testclient import TestClient

from tests.databases import RolledBackDatabase
from tests.ledger import trips
from tests.people import Organised, SignedInAs

NAV = re.compile(
    r'<nav class="contents no-print" aria-label="På denne siden">(.*?)</nav>', re.DOTALL
)


@pytest.fixture
def client(database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs) -> TestClient:
    with database.write() as session:
        trips.three_years(session, org)
    return signed_in_as()


@pytest.mark.parametrize(
    "path",
    ["/rapporter", "/rapporter?etter=year", "/rapporter?kategori=CHAIR_TASK", "/arsrapport/2026"],
)
def test_the_contents_are_the_sections_that_follow_in_their_order(
    client: TestClient, path: str
) -> None:
    text = client.get(path).text
    (nav,) = NAV.findall(text)
    named = re.findall(r'<a class="ds-link" href="#([^"]+)">([^<]+)</a>', nav)
    after = text.split(nav)[1]
    sections = re.findall(r'<section class="[^"]*" aria-labelledby="([^"]+)"', after)
    assert [each for each, _ in named] == sections
    assert len(named) >= 3
    for anchor, _ in named:
        assert text.count(f'id="{anchor}"') == 1


def test_an_empty_report_has_no_contents(signed_in_as: SignedInAs) -> None:
    client = signed_in_as()
    for path in ("/rapporter", "/arsrapport/2001"):
        assert NAV.findall(client.get(path).text) == []
