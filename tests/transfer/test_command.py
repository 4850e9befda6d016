"""``omlop import`` and ``omlop export``, as a person at a terminal runs them."""

import json
import os
from pathlib import Path

import pytest
from sqlalchemy import select

from app.accounts.actor import system_actor
from app.accounts.models import Organisation
from app.accounts.service import Found, found
from app.cli import main
from app.main import make_database
from app.places.models import PlaceKind
from app.places.service import AddPlace, add_places
from app.schema import migrate
from app.settings import Settings
from app.transfer.models import ImportRun

HEAD = "Inventarnr;Benevnelse;Kategori;Bredde (cm);Høyde (cm)"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation of its own with one organisation and one building, named by environment."""
    monkeypatch.setenv("OMLOP_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("OMLOP_DATABASE_URL", raising=False)
    settings = Settings.from_environment()
    migrate(settings.effective_database_url)
    database = make_database(settings)
    with database.write() as session:
        command = Found(
            organisation="Prøve", name="Ada", email="ada@example.no", password="en lang nok setning"
        )
        made = found(session, command)
        actor = system_actor(session.get_one(Organisation, made.id))
        add_places(session, actor, [AddPlace(kind=PlaceKind.BUILDING, name="Bygg A")])
    database.close()
    return tmp_path


def sheet(folder: Path, *lines: str) -> str:
    path = folder / "ark.csv"
    path.write_text("\n".join((HEAD, *lines)), encoding="utf-8")
    return str(path)


@pytest.mark.shared_data
def test_the_real_catalogue_is_previewed_with_the_built_in_mapping(
    folder: Path, shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(shared_data / "inventory" / "ikea_catalogue.csv")
    arguments = ["import", path, "--mapping", "ikea", "--dry-run", "--format", "json"]
    assert main(arguments) == 0
    text = capsys.readouterr().out
    report = json.loads(text)
    assert (report["created"], report["repeated"], report["bad"]) == (2962, 732, [])
    assert '"bad": []' in text
    assert main([*arguments, "--rate", "2,8"]) == 0
    assert json.loads(capsys.readouterr().out)["notices"] == []
    assert list(folder.glob("*.csv")) == []


def test_norwegian_headers_are_recognised_without_a_mapping(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sheet(folder, "1;Stol;Kontorstol;60;90")
    assert main(["import", path, "--dry-run", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [each["field"] for each in report["columns"]] == [
        "key", "name", "category", "width", "height",
    ]  # fmt: skip
    assert report["created"] == 1


def test_a_file_is_imported_once_and_then_unchanged(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sheet(folder, "1;Stol;Kontorstol;60;90", "2;Bord;Møtebord;160;72")
    assert main(["import", path]) == 0
    assert "2 nye" in capsys.readouterr().out
    assert main(["import", path]) == 0
    assert "0 nye, 0 endret, 2 uendret" in capsys.readouterr().out
    out = folder / "ut.json"
    assert main(["export", "--what", "items", "--format", "json", "-o", str(out)]) == 0
    rows = json.loads(out.read_text("utf-8"))
    assert sorted((row["name"], row["width_mm"]) for row in rows) == [("Bord", 1600), ("Stol", 600)]


def runs() -> list[ImportRun]:
    """Every import there is, previews included."""
    database = make_database(Settings.from_environment())
    try:
        with database.read() as session:
            return list(session.scalars(select(ImportRun)))
    finally:
        database.close()


def test_bad_rows_give_exit_code_1_and_change_nothing_without_skip_bad(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sheet(folder, "1;Stol;Kontorstol;60;90", "2;Bord;Møtebord;abc;72")
    assert main(["import", path, "--dry-run"]) == 1
    assert "Rad 3, kolonne D «Bredde (cm)»" in capsys.readouterr().out
    assert main(["import", path]) == 1
    assert "Ingenting er importert" in capsys.readouterr().err
    assert runs() == []
    assert main(["import", path, "--skip-bad", "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["created"] == 1
    assert main(["import", path, "--dry-run", "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["unchanged"] == 1


def test_many_bad_rows_are_all_counted_and_the_first_are_shown(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sheet(folder, "1;;;;", *(f"{n};Bord;Møtebord;abc;72" for n in range(2, 1_203)))
    for arguments in (["--dry-run"], []):
        assert main(["import", path, *arguments]) == 1
        first, nameless, *shown, more = capsys.readouterr().out.splitlines()[:22]
        assert "1202 rader: 0 nye" in first
        assert "1202 feil." in first
        assert nameless == "  Rad 2: Raden har verken navn, kategori eller modell."
        assert shown[0] == "  Rad 3, kolonne D «Bredde (cm)»: 'abc': Dette er ikke et tall."
        assert len(shown) == 19
        assert more == "  … og 1182 feil til; --dry-run --format json viser alle."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--mapping", "finnes ikke"], "Det finnes ikke noe oppsett"),
        (["--rate", "2,8"], "En kurs krever et oppsett"),
        (["--rate", "abc"], "Kursen må være et tall"),
        (["--mapping", "ikea", "--rate", "mye"], "Kursen må være et tall"),
        (["--mapping", "ikea", "--rate", "NaN"], "Kursen må være et tall"),
        (["--unit", "Ukjent"], "Fant ikke nøyaktig én"),
        (["--place", "Ukjent"], "Fant ikke nøyaktig én"),
        (["--mapping", "ikea"], "Arket mangler kolonnene"),
        (["--org", "Ukjent"], "Det finnes ingen virksomhet"),
        (["--as", "ingen@example.no"], "Ingen i virksomheten"),
    ],
)
def test_an_option_that_names_nothing_is_refused_in_words(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    path = sheet(folder, "1;Stol;Kontorstol;60;90")
    assert main(["import", path, *arguments]) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("name", [b"m\xf8bler.csv", b"m\x1b[2Jbler.csv"])
def test_a_file_whose_name_is_no_text_is_imported_or_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], name: bytes
) -> None:
    path = Path(os.fsdecode(os.fsencode(folder) + b"/" + name))
    assert main(["import", str(path)]) == 1
    assert capsys.readouterr().err.endswith("bler.csv finnes ikke.\n")
    Path(sheet(folder, "1;Stol;Kontorstol;60;90")).rename(path)
    assert main(["import", str(path)]) == 0
    assert "1 nye" in capsys.readouterr().out
    assert main(["labels", "--blank", "1", "-o", str(path)]) == 0
    shown = capsys.readouterr().out.encode()  # no surrogate is left in it
    assert b"\x1b" not in shown
    assert shown.endswith(b"bler.csv\n")


def test_a_file_that_is_not_there_is_refused_in_words(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(folder / "borte.csv"), "--dry-run"]) == 1
    assert "borte.csv finnes ikke." in capsys.readouterr().err
    assert main(["export", "-o", str(folder / "ikke" / "her.csv")]) == 1
    assert "her.csv finnes ikke." in capsys.readouterr().err


def test_the_named_place_is_where_the_pieces_stand(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sheet(folder, "1;Stol;Kontorstol;60;90")
    assert main(["import", path, "--place", "Bygg A", "--unit", "Prøve"]) == 0
    assert main(["export", "--format", "csv"]) == 0
    assert "Bygg A" in capsys.readouterr().out
