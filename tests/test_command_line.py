"""The command line speaks one language: the reader's where it is finished, else bokmål."""

import argparse
import errno
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from gettext import NullTranslations
from pathlib import Path
from uuid import UUID

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from app.cli import main, parser
from app.commands.disk import reading, writing
from app.commands.verify import DETAILS, REASONS, _as_json, _as_text
from app.commands.words import language, spoken
from app.impact import formulas, snapshot
from app.impact.snapshot import SnapshotError, from_inputs
from app.kit import chain, chain_walk, i18n
from app.kit.errors import Problem
from app.ledger import tally, verification, verification_entries, verification_kept
from app.ledger import verification_receipts as receipts
from app.ledger.difference import Difference
from app.ledger.verification import Verification

ENGLISH = re.compile(
    r"\b(the|usage|options|positional|arguments?|show|exit|error|required|invalid|choose|file|write"
    r"|expected|unrecognized|one of|instead|than|else)\b"
)
SWEDISH = {
    "Holder virksomhetens møbler i omløp.": "Håller verksamhetens möbler i omlopp.",
    "bruk: ": "användning: ",
    "Filen %(file)s finnes ikke.": "Filen %(file)s finns inte.",
}


@pytest.fixture
def in_swedish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A second finished language, with the catalogue of an installation."""
    folder = tmp_path / "sv" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalogue = Catalog(locale="sv")
    for message, text in SWEDISH.items():
        catalogue.add(message, text)
    with (folder / "messages.po").open("wb") as file:
        write_po(file, catalogue)
    monkeypatch.setattr(i18n, "CATALOGUES", tmp_path)
    monkeypatch.setenv("OMLOP_LANGUAGES", "nb,sv")
    i18n._catalogue.cache_clear()
    yield
    i18n._catalogue.cache_clear()


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, "nb"),
        ({"LANG": "C.UTF-8"}, "nb"),
        ({"LANG": "en_US.UTF-8"}, "nb"),
        ({"LANG": "sv_SE.UTF-8"}, "sv"),
        ({"LANG": "no_NO"}, "nb"),
        ({"LANG": "sv_SE", "LC_ALL": "nb_NO"}, "nb"),
        ({"LANG": "nb_NO", "OMLOP_LANGUAGE": "sv"}, "sv"),
        ({"LANG": "sv_SE", "OMLOP_LANGUAGE": "nb"}, "nb"),
        ({"LANG": "sv_SE", "OMLOP_LANGUAGE": "fi"}, "sv"),
        ({"OMLOP_LANGUAGE": ";q=,\n"}, "nb"),
    ],
)
def test_the_setting_decides_and_then_the_terminal_among_what_is_finished(
    environment: dict[str, str], wanted: str
) -> None:
    assert language(environment, ["nb", "sv"]) == wanted
    assert language(environment, ["nb"]) == "nb"


@pytest.mark.usefixtures("in_swedish")
def test_help_and_errors_are_in_the_language_that_is_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("OMLOP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("OMLOP_LANGUAGE", "sv")
    with pytest.raises(SystemExit):
        main(["-h"])
    said = capsys.readouterr().out
    assert said.startswith("användning: omlop")
    assert "Håller verksamhetens möbler i omlopp." in said
    assert main(["import", "borte.csv"]) == 1
    assert capsys.readouterr().err == "Filen borte.csv finns inte.\n"
    monkeypatch.setenv("OMLOP_LANGUAGE", "nb")
    assert main(["import", "borte.csv"]) == 1
    assert capsys.readouterr().err == "Filen borte.csv finnes ikke.\n"


def commands() -> dict[str, argparse.ArgumentParser]:
    top = parser()
    (group,) = (each for each in top._actions if isinstance(each, argparse._SubParsersAction))
    return {"": top, **group.choices}


class Marked(NullTranslations):
    """A language in which every message is its own, between marks."""

    def gettext(self, message: str) -> str:
        return f"«{message}»"


def test_everything_that_help_says_can_be_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_catalogue", lambda _language: Marked())
    plain = []
    with spoken("sv"):
        for name, command in commands().items():
            said = [command.description, command.format_usage().partition("omlop")[0]]
            for action in command._actions:
                said += [action.help, str(action.metavar or "") or None]
                if action.option_strings and action.nargs != 0 and not action.choices:
                    assert action.metavar, (name, action.option_strings)
            plain += [(name, each) for each in said if each and not str(each).startswith("«")]

    assert {each for _, each in plain} <= {"N", "MM"}, plain


def test_no_english_is_left_in_help() -> None:
    with spoken("nb"):
        for name, command in commands().items():
            # Names of options are the same in every language, as in any command.
            words = re.sub(r"--?[a-z-]+|\{[^}]*\}", "", command.format_help())
            assert ENGLISH.search(words) is None, (name, words)
    assert ENGLISH.search(parser().format_help()), "outside, argparse is as it was"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "omlop: feil: dette mangler: KOMMANDO"),
        (["rydd"], "omlop: feil: KOMMANDO: 'rydd' kan ikke velges (velg mellom 'serve'"),
        (["import"], "omlop import: feil: dette mangler: FIL"),
        (["verify", "--alt"], "omlop: feil: ukjent: --alt"),
        (["verify", "--format"], "omlop verify: feil: --format: her ventes én verdi"),
        (["verify", "--format", "xml"], "feil: --format: 'xml' kan ikke velges (velg mellom"),
        (["labels", "-o", "x"], "omlop labels: feil: oppgi ett av disse: --blank --item"),
        (["labels", "--item", "-o", "x"], "feil: --item: her ventes minst én verdi"),
        (["labels", "--blank", "mange", "-o", "x"], "feil: --blank: 'mange' kan ikke leses"),
        (
            ["labels", "--blank", "2", "--item", "A", "-o", "x"],
            "feil: --item: kan ikke brukes sammen med --blank",
        ),
        (["labels", "--off", "2"], "--off er tvetydig: det kan være --offset-x, --offset-y"),
        (["demo", "--again=nei"], "feil: --again: tar ingen verdi, men fikk 'nei'"),
    ],
)
def test_what_was_typed_wrong_is_said_in_bokmal(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    told = capsys.readouterr().err
    assert told.startswith("bruk: ")
    assert said in told
    assert ENGLISH.search(re.sub(r"--?[a-z-]+|\{[^}]*\}|'\w+'", "", told)) is None


def test_a_setting_that_can_not_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMLOP_BIND_PORT", "åtti")
    assert main(["verify"]) == 1
    assert capsys.readouterr().err == "OMLOP_BIND_PORT: Skriv et helt tall.\n"


def test_every_reason_that_verify_finds_has_its_words() -> None:
    looking = (chain, chain_walk, verification, verification_entries, verification_kept, receipts)
    sources = [Path(str(module.__file__)).read_text() for module in looking]
    found = re.findall(r'"((?:[a-z-]+ )+[a-z]+|inputs|recomputed)"', "".join(sources))
    assert len(set(found)) > 10
    assert set(found) - REASONS.keys() - DETAILS.keys() == set()


def test_every_detail_of_stored_inputs_has_its_words() -> None:
    sources = "".join(
        Path(str(module.__file__)).read_text() for module in (snapshot, formulas, tally)
    )
    raised = re.findall(r"raise SnapshotError\(\s*(\S)", sources)
    found = re.findall(r'raise SnapshotError\(\s*"([^"]+)"', sources)
    assert len(found) == len(raised) > 5, "each message is written where it is raised"
    assert set(found) - DETAILS.keys() == set()


@pytest.mark.parametrize(
    ("difference", "said", "told"),
    [
        (
            Difference("ledger_entry", "1", 7, "recomputed", "%(columns)s", {"columns": "co2e_g"}),
            "tabell ledger_entry, rad 1, lenke 7: ny utregning gir andre tall: co2e_g",
            "recomputed: co2e_g",
        ),
        (
            Difference("event", "1", 7, "can not be read", "%(fault)s", {"fault": "malformed 5 %"}),
            "rad 1, lenke 7: kan ikke leses: --format json viser databasens egen melding",
            "can not be read: malformed 5 %",
        ),
        (Difference("event", None, 7, "missing row"), "lenke 7: en rad mangler", "missing row"),
    ],
)
def test_what_verify_finds_is_bokmal_for_people_and_english_for_programs(
    difference: Difference, said: str, told: str
) -> None:
    found = Verification(False, UUID(int=1), 9, 4, "00", difference)
    assert _as_text(found).endswith(said)
    assert json.loads(_as_json({"Etaten": found}))["difference"]["reason"] == told


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({}, "category_code mangler"),
        ({"values": []}, "values er ikke et objekt"),
        ({"values": {"mass": {"value": "1/0"}}}, "mass: '1/0' er ikke et tall"),
        ({"values": {"mass": {"value": "1", "terms": 1}}}, "mass er ikke en liste"),
        (
            {"values": {"mass": {"value": "1", "terms": [{"factors": ["2"]}]}}},
            "mass: leddene gir ikke 1",
        ),
        ({"handed_over_on": "i går"}, "en verdi kan ikke brukes"),
    ],
)
def test_what_is_wrong_with_stored_inputs_is_said_in_bokmal(
    inputs: dict[str, object], said: str
) -> None:
    rest: dict[str, object] = {
        "category_code": None,
        "formula_version": 1,
        "factor_set_id": "2025.1",
        "handed_over_on": "2026-02-21",
        "source": "new",
        "currency": "NOK",
        "costs_complete": True,
        "values": {},
    }
    with pytest.raises(SnapshotError) as refused:
        from_inputs(rest | inputs if inputs else {})
    error = refused.value
    difference = Difference("ledger_entry", "1", 7, "inputs", error.message, error.values)
    assert difference.told() == f"inputs: {error}"
    shown = _as_text(Verification(False, UUID(int=1), 9, 4, "00", difference))
    assert shown.endswith(f"grunnlaget stemmer ikke: {said}")


def raising(code: int) -> OSError:
    return OSError(code, os.strerror(code))


@pytest.mark.parametrize(
    ("code", "read", "written"),
    [
        (errno.ENOENT, "Filen a.csv finnes ikke.", "Mappen til a.csv finnes ikke."),
        (errno.ENOTDIR, "Filen a.csv finnes ikke.", "Mappen til a.csv finnes ikke."),
        (errno.EACCES, "Ingen tilgang til å lese a.csv.", "Ingen tilgang til å skrive a.csv."),
        (errno.EROFS, "Ingen tilgang til å lese a.csv.", "Ingen tilgang til å skrive a.csv."),
        (errno.EISDIR, "a.csv er en mappe, ikke en fil.", "a.csv er en mappe, ikke en fil."),
        (errno.ENOSPC, "Kan ikke lese filen a.csv.", "Disken er full; a.csv er ikke skrevet."),
        (errno.EIO, "Kan ikke lese filen a.csv.", "Kan ikke skrive til filen a.csv."),
    ],
)
def test_what_the_system_refuses_is_said_in_our_words(code: int, read: str, written: str) -> None:
    for refusing, said in ((reading, read), (writing, written)):
        with pytest.raises(Problem) as refused, refusing(Path("a.csv")):
            raise raising(code)
        assert refused.value.detail % refused.value.values == said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["import", "."], ". er en mappe, ikke en fil.\n"),
        (["init"], "Mappen til /proc/omlop finnes ikke.\n"),
        (["export"], "Databasen er tom; programmet trenger skjema "),
    ],
)
def test_a_command_meets_no_english_where_files_or_folders_fail(
    arguments: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("OMLOP_DATA_DIR", "/proc/omlop")
    monkeypatch.delenv("OMLOP_DATABASE_URL", raising=False)
    assert main(arguments) == 1
    assert capsys.readouterr().err.startswith(said)


def test_a_full_disk_behind_standard_output_is_said(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no full device")
    environment = os.environ | {"OMLOP_DATA_DIR": str(tmp_path), "OMLOP_DATABASE_URL": ""}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "app", "migrate"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment,
            check=False,
        )
    assert (done.returncode, done.stderr.decode()) == (1, "Disken er full.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["migrate"],
        ["serve"],
        ["verify"],
        ["report", "Lensmannslia"],
        ["labels", "--blank", "1", "-o", "a.pdf"],
        ["import", "pyproject.toml"],
        ["export"],
        ["worker"],
        ["demo", "--no-serve"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_database_that_can_not_be_reached_is_said(
    arguments: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("OMLOP_DATABASE_URL", "postgresql://127.0.0.1:1/omlop")
    monkeypatch.setenv("OMLOP_DATA_DIR", str(tmp_path))
    assert main(arguments) == 1
    assert capsys.readouterr().err.startswith("Databasen kan ikke nås.")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url", ["foo", "mysql://x/y", "postgres://x/y", "postgresql://x:port/y", "sqlite+aiosqlite://"]
)
def test_an_address_that_is_no_database_s_is_named_and_not_raised(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMLOP_DATABASE_URL", url)
    assert main(["verify"]) == 1
    assert capsys.readouterr().err.startswith("OMLOP_DATABASE_URL: Skriv en adresse av formen ")


def test_a_file_that_is_no_database_is_said_and_one_that_is_not_there_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMLOP_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("OMLOP_DATABASE_URL", raising=False)
    assert main(["verify"]) == 1
    assert capsys.readouterr().err.startswith("Databasen er tom;")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "omlop.db").write_text("ikke en database, men en lang nok tekst " * 200)
    assert main(["verify"]) == 1
    assert capsys.readouterr().err.startswith("Databasen kan ikke leses:")


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("nb", ""),
        ("sv_SE.UTF-8", ""),
        ("no", ""),
        ("", ""),
        ("fi", "fi"),
        ("svensk", "svensk"),
        ("\x1b[2J", "�[2J"),
        ("C.UTF-8", "C.UTF-8"),
    ],
)
@pytest.mark.usefixtures("in_swedish")
def test_a_language_that_is_not_finished_is_named(
    asked: str, shown: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OMLOP_LANGUAGE", asked)
    monkeypatch.setenv("LANG", "nb_NO.UTF-8")
    assert main(["import", "borte.csv"]) == 1
    *warning, _ = capsys.readouterr().err.splitlines()
    said = f"OMLOP_LANGUAGE: «{shown}» er ikke et ferdig språk her. Velg mellom nb, sv."
    assert warning == ([said] if shown else [])
