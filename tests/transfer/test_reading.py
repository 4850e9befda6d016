"""What is refused, how, and that it is quick."""

import io
import struct
import time
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit.errors import Problem
from app.kit.exports import Column, as_csv, as_xlsx
from app.transfer.reading import decode, read, sniff_delimiter
from app.transfer.sheet_limits import (
    LIMITS,
    PREAMBLE_ROWS,
    ColumnsNotRecognised,
    NotASheet,
    SheetBomb,
    SheetEmpty,
    SheetHasEntities,
    SheetLimits,
    SheetNotFound,
    SheetTooLarge,
    SheetTooSlow,
    SheetUnreadable,
    SheetWithoutRows,
    TooManyColumns,
    TooManyRows,
)
from tests.transfer.sheets import SHEET, rezipped, saved, seen, with_cells, workbook


def plain_book() -> bytes:
    return saved(workbook([["Navn"], ["Stol"]])[0])


def lying_book() -> bytes:
    """The directory says 100 bytes where the entry unpacks to a million."""
    content = bytearray(rezipped(plain_book(), {"xl/more.xml": b" " * 50_000 + b"x" * 100}))
    place = content.rfind(b"PK\x01\x02", 0, content.rfind(b"xl/more.xml"))
    struct.pack_into("<L", content, place + 24, 100)
    return bytes(content)


def million_rows() -> bytes:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 900_000, 3))
    return with_cells(rows)


FAR_ROW = '<row r="1048576"><c r="A1048576"><v>1</v></c></row>'
FAR_COLUMN = '<row r="1"><c r="XFD1"><v>1</v></c></row>'
NO_PLACES = "<row>" + "<c><v>1</v></c>" * 300 + "</row>"
DOCTYPE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'

REFUSALS: list[tuple[str, type[Problem], bytes]] = [
    ("empty", SheetEmpty, b""),
    ("blank", SheetEmpty, b" \r\n\r\n "),
    ("only separators", SheetEmpty, b";;;\n;;;\n"),
    ("header only", SheetWithoutRows, b"Navn;Antall\n"),
    ("garbage", NotASheet, bytes(range(256)) * 40),
    ("picture", NotASheet, b"\x89PNG\r\n\x1a\n" + b"\0" * 100),
    ("pdf", NotASheet, b"%PDF-1.7 ..."),
    ("old excel", NotASheet, b"\xd0\xcf\x11\xe0" + b"\0" * 100),
    ("unknown headers", ColumnsNotRecognised, b"foo;bar\n1;2\n"),
    ("too many rows", TooManyRows, b"Navn;Antall\n" + b"Stol;1\n" * 50_001),
    ("too many columns", TooManyColumns, b";".join([b"Navn"] * 300) + b"\n1\n"),
    ("too large", SheetTooLarge, b"Navn\n" + b"x" * 10_000_000),
    ("open quote and a huge field", SheetTooLarge, b'Navn\n"' + b"x" * 10_000_001),
    ("broken zip", SheetUnreadable, b"PK\x03\x04" + b"\0" * 200),
    ("half a workbook", SheetUnreadable, plain_book()[:-60]),
]


@pytest.mark.parametrize(
    ("problem", "content"),
    [row[1:] for row in REFUSALS],
    ids=[row[0] for row in REFUSALS],
)
def test_a_file_that_cannot_be_imported_is_refused_by_the_fact(
    problem: type[Problem], content: bytes
) -> None:
    with pytest.raises(problem):
        seen(content)


HOSTILE: list[tuple[str, type[Problem], bytes]] = [
    ("50,001 rows", TooManyRows, saved(workbook([["Navn"], *([["Stol"]] * 50_001)])[0])),
    ("a third of a million rows", TooManyRows, million_rows()),
    ("a cell in the last row", TooManyRows, with_cells(FAR_ROW)),
    ("a cell in the last column", TooManyColumns, with_cells(FAR_COLUMN)),
    ("cells without a place", TooManyColumns, with_cells(NO_PLACES)),
    ("zip bomb", SheetBomb, rezipped(plain_book(), {"xl/bomb.xml": b"\0" * 40_000_000})),
    (
        "more than 50 MB",
        SheetBomb,
        rezipped(plain_book(), {"xl/a": b"ab" * 13_000_000, "xl/b": b"ba" * 13_000_000}),
    ),
    ("300 entries", SheetBomb, rezipped(plain_book(), {f"xl/{n}": b"x" for n in range(300)})),
    ("a lying directory", SheetBomb, lying_book()),
    ("an external entity", SheetHasEntities, rezipped(plain_book(), {SHEET: DOCTYPE})),
    ("an entity in UTF-16", SheetHasEntities, rezipped(
        plain_book(), {SHEET: DOCTYPE.decode().encode("utf-16")})),
    ("another zip", NotASheet, rezipped(b"PK\x05\x06" + b"\0" * 18, {"a.txt": b"x"})),
    ("lzma", SheetUnreadable, rezipped(plain_book(), {}, zipfile.ZIP_LZMA)),
    ("a broken sheet", SheetUnreadable, rezipped(plain_book(), {SHEET: b"<worksheet><sheetData"})),
    ("an empty workbook", SheetEmpty, saved(workbook()[0])),
]  # fmt: skip


@pytest.mark.parametrize(
    ("problem", "content"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE]
)
def test_a_hostile_workbook_is_refused_in_a_few_seconds(
    problem: type[Problem], content: bytes
) -> None:
    began = time.monotonic()
    with pytest.raises(problem) as caught:
        seen(content)
    assert time.monotonic() - began < 30
    assert caught.value.status in {413, 415, 422}


def test_a_workbook_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(SheetTooSlow):
        read(plain_book(), limits=SheetLimits(seconds=0))


def test_a_workbook_that_needs_too_much_memory_is_given_up_without_harm() -> None:
    with pytest.raises((SheetUnreadable, SheetBomb)):
        read(plain_book(), limits=SheetLimits(memory_bytes=20_000_000))
    assert read(plain_book()).rows == [["Navn"], ["Stol"]]


def test_exactly_50_000_rows_are_read() -> None:
    assert seen(b"Navn;Antall\n" + b"Stol;1\n" * 50_000).rows == 50_000


def test_the_first_sheet_in_use_is_read_and_another_by_its_name() -> None:
    book, _ = workbook()
    for title, text in (("Møbler", "Stol"), ("Annet", "Bord")):
        sheet = book.create_sheet(title)
        sheet.append(["Navn"])
        sheet.append([text])
    found = read(saved(book))
    assert (found.name, found.rows[1], found.other_sheets) == (
        "Møbler",
        ["Stol"],
        ("Sheet", "Annet"),
    )
    assert read(saved(book), sheet="Annet").rows[1] == ["Bord"]
    with pytest.raises(SheetNotFound):
        read(saved(book), sheet="Ingen")


def test_excels_own_first_line_names_the_separator() -> None:
    found = read(b"sep=|\r\nNavn|Antall; stk\r\nStol|1\r\n")
    assert found.rows == [["Navn", "Antall; stk"], ["Stol", "1"]]


def test_decimal_commas_do_not_pass_for_separators() -> None:
    assert sniff_delimiter("Navn;Bredde\nStol;50,5\nBord;160,5\n") == ";"


def test_a_line_break_inside_a_cell_does_not_shift_the_rows() -> None:
    found = seen('id;navn;merknad\n1;Stol;"to\nlinjer"\n2;;\n')
    assert [each.number for each in found.bad] == [3]


@pytest.mark.parametrize("text", ["=1+1", "+47 55", "'=x", "a;=b", "-", "@x\n=y", "vanlig ' tekst"])
def test_our_own_export_comes_back_with_the_exact_text(text: str) -> None:
    columns = [Column("name", "Navn"), Column("note", "Merknad")]
    rows = [["Stol", text]]
    assert read(b"".join(as_csv(columns, rows))).rows[1] == ["Stol", text]
    assert read(b"".join(as_xlsx(columns, rows))).rows[1] == ["Stol", text]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused_never_a_crash(content: bytes) -> None:
    if content.startswith(b"PK"):
        return
    try:
        found = seen(content)
    except Problem:
        return
    assert found.rows == len(found.good) + len(found.repeated) + len(
        {each.number for each in found.bad}
    )


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (2, 'Navn,Antall\n"Stol,1\nBord,2\nSofa,3\n'),
        (3, 'Navn,Antall\n"Stol\nblå",1\n"Bord,2\nSofa,3'),
        (2, 'Navn,Antall\r\n"Stol""\r\n'),
        (3, 'Navn,Antall\nStol,1\n"'),
        (2, 'id;navn\n1;"Stol\n' + "2;Bord\n" * 20_000),
        (1, '"' + "x" * (LIMITS.file_bytes - 1)),
    ],
    ids=["short", "below a cell of two lines", "doubled at the end", "alone", "long", "all"],
)
def test_a_quote_that_is_never_closed_is_refused_with_its_row(row: int, text: str) -> None:
    with pytest.raises(SheetUnreadable) as refused:
        seen(text)
    problem = refused.value
    said = "Rad %(row)s har et anførselstegn som aldri lukkes."
    assert (problem.detail, problem.values) == (said, {"row": row})


SIZES = "navn;rom;antall;bredde;dybde\n" + "Stol;1;1;50;60\n" * 30
HEAD = "id;navn;kategori;antall\n"


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (2, HEAD + '1;"Stol;Kontorstol;1\n2;Bord;Møtebord;2\n3;"Skap";Skap;1\n4;Sofa;Sofa;1\n'),
        (2, HEAD + '1;"Stol;Kontorstol;1\n2;"Bord";Møtebord;2\n'),
        (2, HEAD + '1;"Skjerm;Bordskjerm;1\n2;Bord;Møtebord;2\n3;TV 55";Annet;1\n'),
        (2, HEAD + '1;"Skjerm;Bordskjerm;1\n2;TV 55";Annet;1\n'),
        (3, HEAD + '1;Stol;Stol;1\n2;"Bord;Bord;2\n3;Hylle;"Reol";4\n4;Sofa;Sofa;1\n'),
        (3, HEAD + '1;Stol;Stol;1\n2;Bord;Bord;"2\n"3";Hylle;Reol;4\n'),
        (3, HEAD + '1;Stol;Stol;1\n2;Bord;Bord;"2\n3";Hylle;Reol;4\n'),
        (2, HEAD.replace("\n", "\r\n") + '1;"Stol;Stol;1\r\n2;Bord;Bord;2\r\n3;"Skap";Skap;1\r\n'),
        (2, 'navn,antall\n"Stol,1\nBord,2\n5" rør,3\n'),
        (2, 'navn,antall\n"Stol,1\nBord 5",2\nSofa,3\n'),
        (2, 'id\tnavn\tfarge\n1\t"Stol\tblå\n2\tBord\trød\n3\t"Skap"\thvit\n'),
        (3, "Liste fra 2024\n" + HEAD + '1;"Stol;Stol;1\n2;"Bord";Bord;2\n3;Sofa;Sofa;1\n'),
        (12, "navn;rom;antall;bredde;dybde\n" + "Stol;0;1;50;60\n" * 10 + 'x;"y;1;2;3\nz;w";q\n'),
        (9_002, HEAD + "1;Stol;Stol;1\n" * 9_000 + '2;"Bord;Bord;2\n' + "3;Hylle;Reol;4\n" * 9_000
         + '4;"Sofa";Sofa;1\n'),
    ],
    ids=["a row between", "two rows", "closed by an inch", "two and an inch", "another column",
         "last and first", "tidily", "windows", "comma", "comma and an inch", "tabs", "below a title",
         "short rows", "far below"],
)  # fmt: skip
def test_a_quote_closed_by_a_later_one_is_refused_and_no_row_is_swallowed(
    row: int, text: str
) -> None:
    with pytest.raises(SheetUnreadable) as refused:
        seen(text)
    problem = refused.value
    said = "Rad %(row)s har et anførselstegn for mye: radene under er havnet i samme celle."
    assert (problem.detail, problem.values) == (said, {"row": row})


@pytest.mark.parametrize(
    "note",
    [
        "to\nlinjer",
        "blå; slitt\ngammel",
        "Storgata 1, 0155 Oslo\n3. etg., rom 12",
        "målt;veid\nkjørt;båret;pakket",
        "\n",
        'sier ""hei""\nto ganger',
        "=1;2\n3",
    ],
)
@pytest.mark.parametrize("mark", [";", ","])
def test_a_cell_of_several_lines_is_no_joined_row(note: str, mark: str) -> None:
    lines = ["id;navn;antall;merknad", f'1;Stol;2;"{note}"', "2;Bord;1;", "3;Skap;;rød"]
    found = seen("\n".join(lines) if mark == ";" else "\n".join(
        line.replace(";", mark) if '"' not in line else f'1,Stol,2,"{note}"' for line in lines
    ))  # fmt: skip
    assert [good.key for good in found.good] == ["1", "2", "3"]


@pytest.mark.parametrize(
    "text",
    [
        'navn,beskrivelse\nStol,"Fin stol\n80,5 cm bred"\nBord,fint\n',
        'navn,beskrivelse,antall\nStol,"Mål:\n120,5 x 60,2\nGod stand",2\nBord,fint,1\n',
        'navn,beskrivelse,antall\nStol,"80,5 bred\n60,5 dyp",2\nBord,fint,1\n',
        'navn;beskrivelse;antall\nStol;"rød; blå\nsvart; hvit";2\nBord;fint;1\n',
        'navn;farger;antall\nStol;"rød;blå\nsvart;hvit";2\nBord;grå;1\n',
        'navn;farger;antall\nStol;"rød;blå\nsvart;hvit";\nBord;grå;1\n',
        'navn;farger;antall\nStol;"rød;blå\ngul;grå;lilla\nsvart;hvit";2\nBord;grå;1\n',
    ],
    ids=[
        "two columns",
        "a line between",
        "on both lines",
        "a list",
        "a list that fits",
        "and no number",
        "in three lines",
    ],
)
def test_decimal_commas_and_lists_in_a_cell_are_no_joined_rows(text: str) -> None:
    """What the columns of numbers hold decides where the bytes alone can not."""
    found = seen(text)
    assert [good.piece.name for good in found.good] == ["Stol", "Bord"]
    assert found.bad == []


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("B", ('navn,farger,rom,antall,bredde,høyde\n'
              'Stol,"Farger:\nrød,blå,grønn,gul,hvit,svart\nja",A,2,4,5\nBord,rød,A,1,2,3\n')),
        ("B", 'navn;merknad;antall\nStol;"rød;blå;gul\nhvit"\nBord;rød;1\nSofa;blå;1\n'),
        ("B", 'antall,bredde,navn\n1,"2,Stol\n3,5 Bord",Sofa\n1,2,Hylle\n2,3,Skap\n'),
        ("A", 'antall,bredde,navn\n1,2,Sofa\n"3,4,5\n6,7",Bord\n1,2,Stol\n'),
        ("B", 'navn;farger;rom\nStol;"rød;blå\nsvart;hvit";Aula\nBord;grå;Aula\n'),
        ("D", SIZES + 'Skjerm;31;1;"24;60\nBord;32;1;;ca 60\nSkjerm;33;1;24";60\n'),
        ("A", SIZES + '"Stol;31;1;50;60\nBord;32;1;ukjent;60\nBord";33;1;50;60\n'),
    ],
    ids=["a list as wide as the sheet", "a short row", "half explained", "numbers",
         "words that fit", "inches and a word", "a word among numbers"],
)  # fmt: skip
def test_a_cell_that_may_hold_rows_is_a_bad_row_that_can_be_skipped(column: str, text: str) -> None:
    found = seen(text)
    (bad,) = found.bad
    quoted = text.split('"')[1]
    row = text[: text.index('"')].count("\n") + 1
    assert (bad.number, bad.column, bad.value) == (row, column, " ".join(quoted.split()))
    assert bad.reason.shown().startswith("Cellen går over flere linjer som ligner på rader.")
    assert len(found.good) == found.rows - 1 > 0


def test_a_header_that_may_hold_rows_is_refused() -> None:
    with pytest.raises(SheetUnreadable) as refused:
        seen('navn;"merknad;x;y\nz"\nStol;rød;1\nBord;blå;2\n')
    assert refused.value.values == {"row": 1}


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\r", "\n\n"])
def test_untidy_quotes_that_are_closed_are_read_to_the_last_row(end: str) -> None:
    found = seen('Navn,Antall\n"Stol" blå,1\n5" bord,2\n"Sofa\nrød","3"' + end)
    assert [(good.piece.name, good.piece.quantity) for good in found.good] == [
        ("Stol blå", 1), ('5" bord', 2), ("Sofa rød", 3),
    ]  # fmt: skip


@pytest.mark.parametrize("blank", [0, 1, 2])
def test_rows_up_to_the_limit_are_read_and_blank_ones_beyond_it(blank: int) -> None:
    limits = replace(LIMITS, rows=3)
    most = 3 + PREAMBLE_ROWS
    for count in (most - 2, most - 1, most):
        text = "\n".join(["navn", *(f"Stol {n}" for n in range(1, count))]) + "\n" * (1 + blank)
        assert len(read(text.encode(), limits=limits).rows) == count
    with pytest.raises(TooManyRows):
        read((text + "Bord\n").encode(), limits=limits)


@pytest.mark.parametrize("control", [*range(9), *range(14, 32)])
def test_every_control_character_is_refused(control: int) -> None:
    with pytest.raises(NotASheet):
        read(f"navn;antall\nSt{chr(control)}ol;1\n".encode())
    assert read(b"navn;antall\nSt\x0bol\x0c;1\n").rows[1][0] == "St\x0bol\x0c"


def test_windows_1252_is_told_from_utf_8() -> None:
    assert decode("Høyde".encode("cp1252")) == ("Høyde", "windows-1252")
    assert decode("Høyde".encode()) == ("Høyde", "utf-8")


def test_a_workbook_of_many_rows_is_read_in_order() -> None:
    out = io.BytesIO(
        saved(workbook([["Navn", "Antall"], *(["Stol", n] for n in range(1, 3000))])[0])
    )
    found = seen(out.getvalue())
    assert [good.piece.quantity for good in found.good] == list(range(1, 3000))
