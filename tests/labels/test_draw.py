"""One label in one box."""

import pytest

from labels.draw import POINT, CodeLine, Drawing, Line, Square, Style, drawing, square
from labels.errors import TooSmallError, WrongFontError
from labels.fonts import UNKNOWN, Font, Fonts, cleaned
from labels.place import Inset
from labels.qr import side_for
from labels.stock import sizes, stock, stocks
from tests.labels.sheets import LONG_PREFIX, PREFIX, SIXTY

NAMES = ["", "Reol", SIXTY, "Kontorstol" * 12, "i " * 200]


def check_inside(drawn: Drawing, qr: Square, fonts: Fonts, width: int, height: int) -> None:
    quiet = 4 * qr.module
    side = side_for(qr.version) * qr.module
    assert drawn.qr_x >= quiet
    assert drawn.qr_y >= quiet
    assert drawn.qr_y + side + quiet <= height
    left = drawn.qr_x + side + quiet
    previous = 0.0
    parts: list[CodeLine | Line] = [*drawn.code, *drawn.lines]
    for part in sorted(parts, key=lambda one: one.y):
        assert part.x >= left
        assert part.y - 0.75 * part.size * POINT >= previous - 1
        previous = part.y
        assert part.y + 0.2 * part.size * POINT <= height
    for code in drawn.code:
        assert code.size >= 9
        letters = code.cut.stop - code.cut.start
        assert code.x + letters * 0.6 * code.size * POINT <= width
    for line in drawn.lines:
        font = fonts.bold if line.style is Style.BOLD else fonts.regular
        assert line.x + font.width(line.text) * line.size * POINT <= width


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("prefix", [PREFIX, LONG_PREFIX])
def test_nothing_leaves_its_label_or_touches_another_line_on_any_stock(
    fonts: Fonts, prefix: str, name: str
) -> None:
    areas = {(one.label_width, one.label_height) for one in stocks() if one.name != "L6008"}
    areas |= {(one.width, one.height) for one in sizes()}
    for width, height in sorted(areas):
        qr = square(prefix, width, height)
        drawn = drawing(width, height, Inset(), qr, fonts, name, "Helseforetaket Sør-Trøndelag")
        check_inside(drawn, qr, fonts, width, height)


def test_an_inset_keeps_everything_from_the_papers_edge(fonts: Fonts) -> None:
    qr = square(PREFIX, 6500, 3210)
    drawn = drawing(7000, 3710, Inset(left=500, top=500), qr, fonts, SIXTY, "Helseforetaket")
    assert drawn.qr_x >= 500 + 4 * qr.module
    assert min(one.y - 0.75 * one.size * POINT for one in drawn.lines) >= 500
    drawn = drawing(7000, 3710, Inset(right=500, bottom=500), qr, fonts, SIXTY, "Helseforetaket")
    assert max(one.y + 0.2 * one.size * POINT for one in drawn.lines) <= 3210
    widest = max(fonts.bold.width(one.text) * one.size * POINT + one.x for one in drawn.lines)
    assert widest <= 6500


def test_level_q_with_modules_of_half_a_millimetre_or_more_is_the_rule() -> None:
    qr = square(PREFIX, 6350, 3810)
    assert (qr.level, qr.version) == ("Q", 3)
    assert qr.module >= 50
    small = square(PREFIX, 3810, 2117)
    assert (small.level, small.version, small.module) == ("Q", 3, 50)


def test_level_m_is_taken_when_only_it_fits_with_good_modules() -> None:
    sheet = stock("4226")
    short = square("HTTPS://OMBRUK.EXAMPLE.NO/", sheet.label_width, sheet.label_height)
    assert (short.level, short.version) == ("M", 2)
    assert short.module >= 50


def test_smaller_modules_come_before_giving_up_and_a_tiny_label_is_refused() -> None:
    sheet = stock("4226")
    qr = square(PREFIX, sheet.label_width, sheet.label_height)
    assert (qr.level, qr.version) == ("Q", 3)
    assert 40 <= qr.module < 50
    with pytest.raises(TooSmallError):
        square(PREFIX, 2540, 1000)


def test_a_long_name_shrinks_before_it_is_cut(fonts: Fonts) -> None:
    qr = square(PREFIX, 6350, 3810)
    short = drawing(6350, 3810, Inset(), qr, fonts, "Reol", "")
    long = drawing(6350, 3810, Inset(), qr, fonts, SIXTY, "")
    assert short.lines[0].size > long.lines[0].size
    assert "".join(one.text for one in long.lines).replace(" ", "") == SIXTY.replace(" ", "")
    endless = drawing(6350, 3810, Inset(), qr, fonts, "Kontorstol " * 20, "")
    assert endless.lines[-1].text.endswith("…")


def test_a_name_breaks_after_a_hyphen_before_it_breaks_inside_a_word(fonts: Fonts) -> None:
    qr = square(PREFIX, 3810, 2117)
    drawn = drawing(3810, 2117, Inset(), qr, fonts, "Hev-senk-skrivebord", "")
    assert [one.text for one in drawn.lines] == ["Hev-senk-", "skrivebord"]


def test_a_blank_label_has_no_name_and_no_gap_for_one(fonts: Fonts) -> None:
    qr = square(PREFIX, 6350, 3810)
    drawn = drawing(6350, 3810, Inset(), qr, fonts, "", "")
    assert drawn.lines == ()
    assert len(drawn.code) == 1


def test_controls_and_direction_marks_are_dropped_and_spaces_made_single() -> None:
    assert cleaned("a\x00\u202eb\u200b \t\r\n c\x7f\ud800") == "ab c"


def test_letters_a_font_lacks_become_their_base_letter_or_a_box(fonts: Fonts) -> None:
    assert fonts.regular.spell("Ⓢtol ŋ") == "Stol ŋ"
    assert fonts.regular.spell("א") == UNKNOWN
    assert fonts.missing("Stol ŋŧĐđšžčÅåÆøéüłńř–…×²°€·") == ""


def test_what_is_no_font_is_refused() -> None:
    for file in (b"", b"%PDF-1.4", b"\0\1\0\0" + bytes(200)):
        with pytest.raises(WrongFontError):
            Font(file)
