"""The command line speaks one language: the reader's where it is finished, else bokmål."""

import argparse
import re
from collections.abc import Iterator
from gettext import NullTranslations
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from app.cli import main, parser
from app.commands.verify import REASONS
from app.commands.words import language, spoken
from app.kit import chain, i18n
from app.ledger import verification

ENGLISH = re.compile(
    r"\b(the|usage|options|positional|arguments?|show|exit|error|required|invalid|choose|file|write"
    r"|expected|unrecognized|one of|instead|than|else)\b"
)
SWEDISH = {
    "Holder virksomhetens møbler i omløp.": "Håller verksamhetens möbler i omlopp.",
    "bruk: ": "användning: ",
    "Kan ikke lese filen %(file)s.": "Kan inte läsa filen %(file)s.",
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
    assert capsys.readouterr().err == "Kan inte läsa filen borte.csv.\n"
    monkeypatch.setenv("OMLOP_LANGUAGE", "nb")
    assert main(["import", "borte.csv"]) == 1
    assert capsys.readouterr().err == "Kan ikke lese filen borte.csv.\n"


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
    sources = [Path(str(module.__file__)).read_text() for module in (chain, verification)]
    found = re.findall(r'"((?:[a-z-]+ )+[a-z]+|inputs|recomputed)(?:: \{|")', "".join(sources))
    assert len(set(found)) > 10
    assert set(found) - REASONS.keys() == set()
