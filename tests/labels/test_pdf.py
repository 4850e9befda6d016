"""Sheets as they come out of the printer: rendered, read back and measured."""

import re
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest

from labels import pdf
from labels.draw import Label
from labels.errors import TooSmallError, WrongAddressError, WrongCodeError, WrongStartError
from labels.fonts import Fonts
from labels.place import Offset
from labels.stock import size, sizes, stock, stocks
from tests.labels.sheets import (
    LONG_PREFIX,
    PREFIX,
    SIXTY,
    expected,
    labels,
    random_codes,
    read,
)

GOLDEN = Path(__file__).with_name("golden_page.txt")
HOSTILE = [
    "(((",
    ")))",
    "\\",
    "\\\\(\\)",
    ") Tj ET Q /JS (app.alert) endstream endobj",
    "a\x00b\x01c\x1b[31m\r\n\tslutt",
    "{{ 7 * 7 }} {% raw %} ${7*7} #{7*7}",
    "<script>alert(1)</script>",
    "🪑🛋️👩‍👩‍👧‍👦 stol",
    "כיסא משרדי \u202eabc\u202c",
    "كرسي مكتب",
    "\ud800 enslig",
    "e\u0301\u0327" * 90,
    "x" * 10_000,
    " \u00a0\u2003 ",
    "%%EOF\nstartxref\n0",
]


def texts(document: bytes) -> str:
    opened = pypdfium2.PdfDocument(document)
    return "\n".join(str(page.get_textpage().get_text_range()) for page in opened)


@pytest.mark.parametrize("dpi", [100, 300])
@pytest.mark.parametrize(
    ("name", "number", "start"), [("L7160", 42, 7), ("L7651", 80, 60), ("3474", 30, 2)]
)
def test_every_code_is_read_once_on_its_page_within_a_third_of_a_millimetre(
    fonts: Fonts, name: str, number: int, start: int, dpi: int
) -> None:
    sheet, printed = stock(name), labels(number)
    document = pdf.sheets(printed, sheet, start=start, fonts=fonts)
    wanted, found = expected(printed, sheet, fonts, start), read(document, dpi)
    assert [sorted(one.text for one in page) for page in found] == [sorted(page) for page in wanted]
    for seen, corners in zip(found, wanted, strict=True):
        for one in seen:
            assert one.level == "Q"
            assert one.edges == pytest.approx(corners[one.text], abs=0.3)


def test_forty_two_blank_labels_from_the_seventh_take_three_sheets(fonts: Fonts) -> None:
    printed = [Label(code, PREFIX) for code in random_codes(42)]
    found = read(pdf.sheets(printed, stock("L7160"), start=7, fonts=fonts), 100)
    assert [len(page) for page in found] == [15, 21, 6]
    assert {one.text for page in found for one in page} == {one.address for one in printed}


def test_the_printers_offset_moves_every_code(fonts: Fonts) -> None:
    sheet, printed, offset = stock("L7160"), labels(3), Offset(150, -230)
    found = read(pdf.sheets(printed, sheet, offset=offset, fonts=fonts), 300)
    wanted = expected(printed, sheet, fonts, offset=offset)[0]
    for one in found[0]:
        assert one.edges == pytest.approx(wanted[one.text], abs=0.3)
    assert len(found[0]) == 3


@pytest.mark.parametrize("name", ["L7160", "L7651"])
@pytest.mark.parametrize("dpi", [100, 300])
def test_a_long_host_and_a_name_of_sixty_letters_are_read_and_written(
    fonts: Fonts, name: str, dpi: int
) -> None:
    printed = labels(25, prefix=LONG_PREFIX, name=SIXTY)
    document = pdf.sheets(printed, stock(name), fonts=fonts)
    found = [one.text for page in read(document, dpi) for one in page]
    assert sorted(found) == sorted(one.address for one in printed)
    if name == "L7160":
        written = texts(document)
        assert SIXTY.split(",")[0].split()[-1] in written
        assert "ŋ-" in written


@pytest.mark.parametrize("dpi", [72, 600])
def test_a_sheet_of_small_labels_is_read_from_coarse_and_fine_renderings(
    fonts: Fonts, dpi: int
) -> None:
    printed = labels(65)
    document = pdf.sheets(printed, stock("L7160" if dpi == 72 else "L7651"), fonts=fonts)
    found = [one.text for page in read(document, dpi) for one in page]
    assert sorted(found) == sorted(one.address for one in printed)


def test_every_sheet_but_the_tiny_one_prints_a_readable_label(fonts: Fonts) -> None:
    printed = labels(1)
    for sheet in stocks():
        if sheet.name == "L6008":
            with pytest.raises(TooSmallError) as caught:
                pdf.sheets(printed, sheet, fonts=fonts)
            assert (caught.value.width, caught.value.height) == (2540, 1000)
            continue
        document = pdf.sheets(printed, sheet, start=sheet.per_page, fonts=fonts)
        assert [one.text for one in read(document, 200)[0]] == [printed[0].address], sheet.name


def test_label_printers_get_a_page_of_the_labels_size_for_each_label(fonts: Fonts) -> None:
    for one in sizes():
        printed = labels(3)
        document = pdf.single(printed, one, fonts=fonts)
        opened = pypdfium2.PdfDocument(document)
        for page in opened:
            millimetres = [points * 25.4 / 72 for points in page.get_size()]
            assert millimetres == pytest.approx([one.width / 100, one.height / 100], abs=0.01)
        found = [[code.text for code in page] for page in read(document, 203)]
        assert found == [[label.address] for label in printed]


def test_the_text_of_a_label_can_be_searched_and_copied(fonts: Fonts) -> None:
    printed = [Label("7K3QWX9R2M4", PREFIX, "Stol fra Deatnu, ŋ ŧ Đ", "Sør-Trøndelag HF")]
    written = texts(pdf.sheets(printed, stock("L7160"), fonts=fonts))
    assert "7K3Q-WX9R-2M4" in written
    assert "ŋ ŧ Đ" in written
    assert "Sør-Trøndelag HF" in written


def test_a_narrow_label_carries_the_code_in_three_short_lines(fonts: Fonts) -> None:
    printed = [Label("7K3QWX9R2M4", PREFIX, "Stol")]
    lines = texts(pdf.sheets(printed, stock("L7651"), fonts=fonts)).split()
    assert [line for line in lines if line in {"7K3Q", "WX9R", "2M4"}] == ["7K3Q", "WX9R", "2M4"]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", ["L7160", "L7651"])
def test_no_text_breaks_the_document_or_hides_its_code(fonts: Fonts, name: str, text: str) -> None:
    code = random_codes(1, seed=len(text))[0]
    printed = [Label(code, PREFIX, text, text)]
    document = pdf.sheets(printed, stock(name), fonts=fonts, title=text)
    assert [one.text for one in read(document, 150)[0]] == [PREFIX + code]
    assert b"/JS" not in document
    assert len(document) < 60_000


def test_template_syntax_in_a_name_is_printed_as_it_is_written(fonts: Fonts) -> None:
    printed = [Label("7K3QWX9R2M4", PREFIX, "{{ 7 * 7 }}", "{% x %}")]
    written = texts(pdf.sheets(printed, stock("L7160"), fonts=fonts))
    assert "{{ 7 * 7 }}" in written
    assert "{% x %}" in written


def test_labels_of_two_hosts_can_share_a_sheet(fonts: Fonts) -> None:
    printed = [*labels(2), *labels(2, prefix=LONG_PREFIX)]
    found = read(pdf.sheets(printed, stock("L7160"), fonts=fonts), 150)[0]
    assert sorted(one.text for one in found) == sorted(one.address for one in printed)


def test_no_labels_give_one_empty_page(fonts: Fonts) -> None:
    assert read(pdf.sheets([], stock("L7160"), fonts=fonts), 72) == [[]]


@pytest.mark.parametrize("start", [0, 22, -3])
def test_a_wrong_start_is_refused_before_the_first_byte(fonts: Fonts, start: int) -> None:
    with pytest.raises(WrongStartError):
        pdf.stream(labels(1), stock("L7160"), start=start, fonts=fonts)


@pytest.mark.parametrize("code", ["", "7K3Q", "7k3qwx9r2m4", ") Tj ET (ABC"])
def test_what_is_no_code_makes_no_sheet(fonts: Fonts, code: str) -> None:
    with pytest.raises(WrongCodeError):
        pdf.sheets([Label(code, PREFIX)], stock("L7160"), fonts=fonts)


def test_a_host_in_small_letters_makes_no_sheet(fonts: Fonts) -> None:
    with pytest.raises(WrongAddressError):
        pdf.sheets([Label("7K3QWX9R2M4", PREFIX.lower())], stock("L7160"), fonts=fonts)


def test_pages_leave_before_the_next_labels_are_asked_for(fonts: Fonts) -> None:
    asked = 0

    def endless() -> Iterator[Label]:
        nonlocal asked
        for label in labels(100):
            asked += 1
            yield label

    chunks = list(islice(pdf.stream(endless(), stock("L7160"), fonts=fonts), 2))
    assert chunks[0].startswith(b"%PDF-")
    assert asked == 22


def test_the_streamed_document_is_the_whole_document(fonts: Fonts) -> None:
    printed = labels(50)
    streamed = b"".join(pdf.stream(iter(printed), stock("L7651"), fonts=fonts))
    assert streamed == pdf.sheets(printed, stock("L7651"), fonts=fonts)


def test_the_index_points_at_every_object(fonts: Fonts) -> None:
    document = pdf.sheets(labels(30), stock("L7160"), fonts=fonts, title="Etiketter (æøå)")
    start = int(re.findall(rb"startxref\n(\d+)\n%%EOF\n$", document)[0])
    assert document[start : start + 5] == b"xref\n"
    places = re.findall(rb"(\d{10}) 00000 n \n", document)
    assert len(places) == len(re.findall(rb"\n\d+ 0 obj\n", document))
    for number, place in enumerate(places, start=1):
        assert document[int(place) :].startswith(b"%d 0 obj\n" % number)
    assert pypdfium2.PdfDocument(document).get_metadata_value("Title") == "Etiketter (æøå)"


def test_codes_are_vectors_and_fonts_are_embedded_once_and_cut_down(fonts: Fonts) -> None:
    document = pdf.sheets(labels(200), stock("L7160"), fonts=fonts)
    assert b"/Image" not in document
    assert document.count(b"/FontFile2") == 2
    small = pdf.sheets(labels(1), stock("L7160"), fonts=fonts)
    assert len(small) < 25_000


def test_a_label_takes_less_than_two_hundred_bytes(fonts: Fonts) -> None:
    few, many = (
        len(pdf.sheets(labels(number), stock("L7160"), fonts=fonts)) for number in (21, 1050)
    )
    assert (many - few) / (1050 - 21) < 200


def test_a_page_is_drawn_as_the_golden_page_says() -> None:
    """Set in Vera, which does not change with the assets; a change of the look changes this file."""
    printed = [
        Label("7K3QWX9R2M4", PREFIX, "Kontorstol HÅG Capisco", "Helseforetaket"),
        Label("0123456789T", PREFIX, "", "Helseforetaket"),
        Label("ABCDEFGHJK2", PREFIX, SIXTY, "Helseforetaket Sør-Trøndelag, avdeling for eiendom"),
    ]
    document = pdf.sheets(printed, stock("L7160"), start=21, fonts=Fonts.fallback())
    streams = re.findall(rb"Length \d+>>stream\n(.*?)\nendstream", document, re.DOTALL)
    pages = [zlib.decompress(stream).decode("latin-1") for stream in streams[:2]]
    lines = [line for page in pages for line in page.split("\n")]
    drawn = "".join(f"{line.encode('unicode_escape').decode()}\n" for line in lines)
    assert drawn == GOLDEN.read_text(encoding="ascii")


def test_an_address_or_a_sheet_that_will_not_do_is_found_before_printing() -> None:
    assert pdf.check(PREFIX, stock("L7651")).level == "Q"
    with pytest.raises(TooSmallError):
        pdf.check(PREFIX, stock("L6008"))
    with pytest.raises(WrongAddressError):
        pdf.check("", stock("L7160"))


def test_readers_are_told_not_to_scale(fonts: Fonts) -> None:
    assert b"/PrintScaling/None" in pdf.sheets(labels(1), stock("L7160"), fonts=fonts)


def test_the_calibration_page_shows_the_labels_and_a_ruler_of_100_millimetres(
    fonts: Fonts,
) -> None:
    text = "Skriv ut i faktisk størrelse (100 %).\nHold arket mot lyset."
    offset = Offset(200, 0)
    document = pdf.calibration(stock("L7160"), offset=offset, fonts=fonts, text=text)
    assert "faktisk størrelse (100 %)" in texts(document)
    picture = pypdfium2.PdfDocument(document)[0].render(scale=600 / 72, grayscale=True).to_pil()
    mm = 25.4 / 600
    # Across the first row only the outlines' upright lines are dark.
    line = round(25 / mm)
    row = picture.crop((0, line, picture.width, line + 1)).tobytes()
    dark = [x * mm for x, shade in enumerate(row) if shade < 128]
    assert min(dark) == pytest.approx(7.20 + 2.00, abs=0.2)
    assert max(dark) == pytest.approx(7.20 + 2.00 + 2 * 66.04 + 63.50, abs=0.2)
    line = round(148.5 / mm)
    band = picture.crop((0, line - 3, picture.width, line + 4))
    ruler = [
        x
        for x in range(band.width)
        if min(band.getpixel((x, y)) for y in range(band.height)) < 128 and 45 < x * mm < 165
    ]
    assert (max(ruler) - min(ruler)) * mm == pytest.approx(100, abs=0.3)


def test_without_inter_labels_are_set_in_a_font_that_is_always_there() -> None:
    fallback = Fonts.fallback()
    printed = [Label("7K3QWX9R2M4", PREFIX, "Stol på ŋ", "Æøå")]
    document = pdf.sheets(printed, stock("L7160"), fonts=fallback)
    assert fallback.missing("Stol på ŋ") == "ŋ"
    assert [one.text for one in read(document, 100)[0]] == [printed[0].address]
    assert "Stol på" in texts(document)


def test_a_single_label_takes_the_size_asked_for_in_words(fonts: Fonts) -> None:
    document = pdf.single(labels(1), size("50×30"), fonts=fonts)
    assert pypdfium2.PdfDocument(document).get_page_size(0)[0] == pytest.approx(
        50 / 25.4 * 72, abs=0.01
    )
