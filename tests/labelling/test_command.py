"""``omlop labels``: files that are read back with a camera's decoder."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.accounts.actor import system_actor
from app.accounts.models import Organisation
from app.cli import main
from app.items.models import Code, PrintBatch
from app.items.queries import codes_of
from app.kit.codes import grouped
from app.kit.db import Database
from tests.factories import some_items
from tests.labelling.sheets import addresses, text_of
from tests.people import Organised, organised

HOST = "https://ombruk.example.no"


@pytest.fixture
def kept(
    new_database: Callable[[], Database], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> tuple[Database, Organised]:
    """A database of its own, as the command line finds it."""
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
    monkeypatch.setenv("OMLOP_DATABASE_URL", database.url)
    monkeypatch.setenv("OMLOP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("OMLOP_PUBLIC_URL", HOST)
    return database, org


Kept = tuple[Database, Organised]


def test_42_blank_labels_from_the_7th_are_three_pages_with_42_codes(
    kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database, _ = kept
    file = tmp_path / "sheet.pdf"

    code = main(["labels", "--sheet", "L7160", "--blank", "42", "--start", "7", "-o", str(file)])

    assert code == 0, capsys.readouterr().err
    assert "42 etiketter på 3 sider:" in capsys.readouterr().out
    pages = addresses(file.read_bytes())
    assert [len(page) for page in pages] == [15, 21, 6]
    with database.read() as session:
        batch = session.scalars(select(PrintBatch)).one()
        codes = set(session.scalars(select(Code.code).where(Code.print_batch_id == batch.id)))
    assert batch.count == 42
    assert {text for page in pages for text in page} == {f"{HOST.upper()}/I/{c}" for c in codes}


def test_labels_of_pieces_carry_their_name_and_the_code_they_have_now(
    kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database, org = kept
    with database.write() as session:
        items = some_items(session, org, 2, name="Kontorstol Kåfjord")
        actor = system_actor(session.get_one(Organisation, org.org_id))
        codes = list(codes_of(session, actor, [item.id for item in items]).values())
    file = tmp_path / "roll.pdf"
    typed = [grouped(code).lower() for code in codes]

    assert main(["labels", "--size", "62x29", "--item", *typed, "-o", str(file)]) == 0

    assert addresses(file.read_bytes()) == [[f"{HOST.upper()}/I/{code}"] for code in codes]
    assert "Kåfjord" in text_of(file.read_bytes())


def test_a_label_printer_gets_zpl(kept: Kept, tmp_path: Path) -> None:
    file = tmp_path / "roll.zpl"

    assert main(["labels", "--size", "62x29", "--zpl", "--blank", "3", "-o", str(file)]) == 0

    assert file.read_text(encoding="ascii").count("^XA") == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--sheet", "L7160", "--blank", "5", "--start", "22"], "fra 1 til 21"),
        (["--sheet", "X1", "--blank", "5"], "X1"),
        (["--blank", "0"], "--blank"),
        (["--blank", "5001"], "--blank"),
        (["--blank", "5", "--offset-x", "11"], "11"),
        (["--blank", "5", "--offset-x", "mye"], "mye"),
        (["--blank", "5", "--zpl"], "--size"),
        (["--item", "7K3QWX9R2M5"], "7K3QWX9R2M5"),
        (["--item", "7K3QWX9R2M4"], "Ingen etikett"),
    ],
)
def test_what_cannot_be_printed_is_said_and_keeps_no_code(
    kept: Kept,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    database, _ = kept
    file = tmp_path / "sheet.pdf"

    assert main(["labels", *arguments, "-o", str(file)]) == 1

    assert said in capsys.readouterr().err
    assert not file.exists()
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Code)) == 0


def test_no_code_is_kept_when_the_file_cannot_be_written(
    kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database, _ = kept

    assert main(["labels", "--blank", "2", "-o", str(tmp_path / "no" / "sheet.pdf")]) == 1

    assert "Mappen til" in capsys.readouterr().err
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(PrintBatch)) == 0


def test_an_address_that_works_only_here_is_warned_of(
    kept: Kept,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("OMLOP_PUBLIC_URL", "http://127.0.0.1:8000")

    assert main(["labels", "--blank", "1", "-o", str(tmp_path / "sheet.pdf")]) == 0

    told = capsys.readouterr().out
    assert "bare på denne maskinen" in told
    assert "http" in told
