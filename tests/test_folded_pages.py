"""Every page of the program is the same, folded and not."""

import re

import pytest
from fastapi import FastAPI

from app.accounts.rules import Role
from app.kit.folding import FoldingEnvironment
from app.main import make_templates
from tests.databases import RolledBackDatabase
from tests.foreign_rows import foreign_ids
from tests.people import Organised, SignedInAs
from tests.test_tenancy import filled, routes

NEW_EACH_TIME = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


@pytest.mark.parametrize("language", ["nb", "en"])
def test_every_page_is_the_same_folded_and_not(
    web_app: FastAPI,
    signed_in_as: SignedInAs,
    database: RolledBackDatabase,
    org: Organised,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
) -> None:
    with database.write() as session:
        ids = foreign_ids(session, org)
    client = signed_in_as(Role.ADMIN)
    client.cookies.set("language", language)
    paths = [
        filled(path, ids)
        for method, path in routes(web_app)
        if method == "GET" and not path.startswith(("/api/", "/static"))
    ]

    def pages() -> dict[str, str]:
        answers = {path: client.get(path, follow_redirects=False) for path in paths}
        return {
            path: NEW_EACH_TIME.sub("", answer.text)
            for path, answer in answers.items()
            if answer.status_code < 500  # a fault's page has a number of its own
            and answer.headers.get("content-type", "").startswith("text/html")
        }

    folded = pages()
    monkeypatch.setattr(FoldingEnvironment, "_folded", lambda _self, source, _name: source)
    monkeypatch.setattr(web_app.state, "templates", make_templates())
    plain = pages()

    assert len(folded) > 30
    assert [path for path in folded if folded[path] != plain[path]] == []
