"""``omlop init`` as a person at a terminal runs it, and the set-up page it leads to."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.models import Organisation
from app.cli import main
from app.main import create_app, make_database
from app.settings import Settings
from tests.people import BASE_URL


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for an installation, named by environment, with a password in a file."""
    monkeypatch.setenv("OMLOP_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("OMLOP_DATABASE_URL", raising=False)
    monkeypatch.setenv("OMLOP_PUBLIC_URL", BASE_URL)
    (tmp_path / "password").write_text("riktig hest batteri stift\n", encoding="utf-8")
    return tmp_path


def arguments(folder: Path, organisation: str = "Nytt helseforetak", **other: str) -> list[str]:
    given = {"name": "Ola Nordmann", "email": "ola@example.no", "password": "password"} | other
    options = ["--name", given["name"], "--email", given["email"]]
    password = str(folder / given["password"])
    return ["init", "--organisation", organisation, *options, "--password-file", password]


def organisations() -> list[str]:
    database = make_database(Settings.from_environment())
    with database.read() as session:
        names = list(session.scalars(select(Organisation.name)))
    database.close()
    return names


def test_one_option_alone_is_refused_with_those_that_are_missing(
    empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--organisation", "X helse"]) == 1
    said = capsys.readouterr().err
    assert said == "Oppgi også --name, --email, --password-file, eller ingen av dem.\n"
    assert main(["init", "--email", "ola@example.no"]) == 1
    assert "--organisation" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"email": "ola"}, "--email: Skriv en e-postadresse, for eksempel kari@kommune.no.\n"),
        ({"name": "  "}, "--name: Skriv minst 2 tegn.\n"),
        ({"organisation": "A\x1bB"}, "--organisation: Teksten har ugyldige tegn.\n"),
        ({"password": "absent"}, "Filen "),
        ({"password": "short"}, "--password-file: Velg et passord med minst 12 tegn.\n"),
        ({"password": "bytes"}, "Filen "),
    ],
)
def test_what_is_wrong_is_said_in_words(
    empty: Path, capsys: pytest.CaptureFixture[str], wrong: dict[str, str], words: str
) -> None:
    (empty / "short").write_text("kort", encoding="utf-8")
    (empty / "bytes").write_bytes(b"\xff\xfe\xff")

    assert main(arguments(empty, **wrong)) == 1

    assert capsys.readouterr().err.startswith(words)


def test_an_organisation_is_made_once_whatever_its_letters(
    empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(empty)) == 0
    assert main(arguments(empty, "NYTT Helseforetak")) == 1
    assert "Det finnes alt en virksomhet som heter" in capsys.readouterr().err
    assert organisations() == ["Nytt helseforetak"]


@pytest.mark.parametrize("query", ["", "?nokkel=feil", "?nokkel=" + "x" * 500])
def test_a_wrong_link_to_the_set_up_says_how_to_get_a_new_one(empty: Path, query: str) -> None:
    assert main(["init"]) == 0
    with TestClient(create_app(Settings.from_environment()), base_url=BASE_URL) as client:
        answer = client.get("/kom-i-gang" + query, headers={"Accept": "text/html"})

    assert answer.status_code == 410
    assert "feil eller brukt" in answer.text
    assert "omlop init" in answer.text
    assert "Logg inn i stedet" not in answer.text
