"""Who chooses a language reads pages in it, and gets letters in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.rules import Role
from app.kit import i18n
from app.kit.files import Files
from app.settings import Settings
from tests.databases import RolledBackDatabase
from tests.marketplace.stalls import a_listing, a_request
from tests.notices.post import Sink, a_server, sending
from tests.people import BASE_URL, Organised, SignedInAs

SWEDISH = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Språk"
msgstr "Språk (på svenska)"

msgid "Bestilling %(number)s venter på svar"
msgstr "Beställning %(number)s väntar på svar"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, public_url=BASE_URL, run_jobs=False, languages="nb,sv")


@pytest.fixture(autouse=True)
def _swedish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    catalogue = tmp_path / "locale" / "sv" / "LC_MESSAGES" / "messages.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(SWEDISH, encoding="utf-8")
    monkeypatch.setattr(i18n, "CATALOGUES", tmp_path / "locale")
    i18n._catalogue.cache_clear()
    yield
    i18n._catalogue.cache_clear()


def language_of(database: RolledBackDatabase, org: Organised, role: Role) -> str:
    with database.read() as session:
        query = select(Person.language).where(Person.id == org.person_ids[role])
        return session.scalars(query).one()


def test_the_choice_stands_in_the_menu_and_the_page_follows_it(client: TestClient) -> None:
    first = client.get("/logg-inn").text
    assert '<html lang="nb"' in first
    assert 'value="sv" lang="sv" aria-pressed="false">Svenska<' in first
    chosen = client.post("/sprak", data={"language": "sv", "back": "/logg-inn"})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/logg-inn")
    page = client.get("/logg-inn").text
    assert '<html lang="sv"' in page
    assert "Språk (på svenska)" in page
    assert 'value="sv" lang="sv" aria-pressed="true">Svenska<' in page


@pytest.mark.parametrize("language", ["", "en", "xx", "../nb", "s" * 9])
def test_a_language_that_is_not_finished_is_refused(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, language: str
) -> None:
    client = signed_in_as(Role.EMPLOYEE)
    refused = client.post("/sprak", data={"language": language})
    assert refused.status_code == 422
    assert "set-cookie" not in refused.headers
    asked = client.post("/api/v1/me/language", json={"language": language})
    assert (asked.status_code, asked.headers["content-type"]) == (422, "application/problem+json")
    assert language_of(database, org, Role.EMPLOYEE) == "nb"


def test_the_api_chooses_the_same_once_and_twice(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    client = signed_in_as(Role.EMPLOYEE)
    for _ in range(2):
        answer = client.post(
            "/api/v1/me/language", json={"language": "sv"}, headers={"Idempotency-Key": "one"}
        )
        assert (answer.status_code, answer.json()["language"]) == (200, "sv")
    assert client.get("/api/v1/me").json()["language"] == "sv"
    assert language_of(database, org, Role.MOVER) == "nb"


def test_letters_follow_the_reader_and_nobody_else(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised, files: Files
) -> None:
    signed_in_as(Role.APPROVER).post("/sprak", data={"language": "sv"})
    sink = Sink()
    with a_server(sink) as mail:
        sending(database, files, mail)
        with database.write() as session:
            listing = a_listing(session, org, pieces=1, name="Kontorstol Bris")
        with database.write() as session:
            number = a_request(session, org, listing, 1).number
    with database.read() as session:
        leader = session.get_one(Person, org.person_ids[Role.APPROVER]).email
    said = {str(each["To"]): str(each["Subject"]) for each in sink.letters}
    assert said.pop(leader) == f"Beställning {number} väntar på svar"
    assert set(said.values()) <= {f"Bestilling {number} venter på svar"}
    [letter] = [each for each in sink.letters if each["To"] == leader]
    html = letter.get_body(("html",))
    assert html is not None
    assert '<html lang="sv">' in html.get_content()


def test_one_language_alone_is_no_choice(web_app: object, client: TestClient) -> None:
    web_app.state.settings = web_app.state.settings.model_copy(update={"languages": "nb"})  # type: ignore[attr-defined]
    assert "/sprak" not in client.get("/logg-inn").text
