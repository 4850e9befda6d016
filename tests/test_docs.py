"""Documents that are written from the program are as the program is."""

import pytest
from fastapi.testclient import TestClient

from app.kit.errors import every_problem
from app.settings import Settings
from tools.write_docs import PAGES, ROOT


@pytest.mark.parametrize("name", PAGES)
def test_a_written_document_is_up_to_date(name: str) -> None:
    kept = (ROOT / "docs" / name).read_text(encoding="utf-8")

    assert kept == PAGES[name](), "run: make docs"


def test_every_setting_has_a_description() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_every_problem_has_a_page(client: TestClient) -> None:
    for problem in every_problem():
        answer = client.get(f"/problems/{problem.slug()}")

        assert answer.status_code == 200, problem

    assert client.get("/problems/no-such-thing").status_code == 404


def test_the_api_describes_itself_for_people_and_programs(client: TestClient) -> None:
    document = client.get("/api/v1/openapi.json").json()
    page = client.get("/api")

    assert page.status_code == 200
    for path in document["paths"]:
        assert path in page.text
