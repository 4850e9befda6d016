"""Pictures of single labels, and tickets for Zebra printers."""

import re
from io import BytesIO

import pytest
from PIL import Image

from labels.draw import Label
from labels.errors import TooSmallError, WrongAddressError, WrongCodeError
from labels.fonts import Fonts
from labels.png import png
from labels.stock import LabelSize, Stock, size, sizes, stock
from labels.zpl import field, zpl
from tests.labels.sheets import LONG_PREFIX, PREFIX, SIXTY, codes

LABEL = Label("7K3QWX9R2M4", PREFIX, "Stol ^XZ ~JA _5E på ŋ", "Sør-Trøndelag HF")


@pytest.mark.parametrize("area", [stock("L7160"), stock("L7651"), *sizes()], ids=lambda a: a.name)
@pytest.mark.parametrize("dpi", [100, 300])
def test_the_picture_has_the_labels_size_and_is_read(
    fonts: Fonts, area: Stock | LabelSize, dpi: int
) -> None:
    label = Label("7K3QWX9R2M4", LONG_PREFIX, SIXTY, "Helseforetaket")
    picture = Image.open(BytesIO(png(label, area, fonts=fonts, dpi=dpi)))
    width = area.label_width if isinstance(area, Stock) else area.width
    assert picture.width == round(width * dpi / 2540)
    assert [one.text for one in codes(picture)] == [label.address]


def test_a_picture_asked_for_at_any_sharpness_stays_small(fonts: Fonts) -> None:
    picture = Image.open(BytesIO(png(LABEL, size("100x50"), fonts=fonts, dpi=10_000_000)))
    assert picture.width == round(10_000 * 600 / 2540)


def test_a_ticket_holds_the_address_at_level_q_and_the_grouped_code(fonts: Fonts) -> None:
    ticket = zpl([LABEL], size("100x50"), fonts=fonts)
    assert ticket.startswith("^XA^CI28^PW800^LL400\n")
    assert ticket.endswith("^XZ\n")
    assert f"^FDQA,{PREFIX}7K3QWX9R2M4^FS" in ticket
    assert "^FD7K3Q-WX9R-2M4^FS" in ticket
    assert "S_C3_B8r-Tr_C3_B8ndelag HF" in ticket


def test_a_small_ticket_carries_the_code_in_three_lines(fonts: Fonts) -> None:
    ticket = zpl([LABEL], size("50x30"), fonts=fonts)
    assert re.findall(r"\^ADN,36,20\^FH\^FD(\w+)\^FS", ticket) == ["7K3Q", "WX9R", "2M4"]


@pytest.mark.parametrize("dots", [6, 8, 12, 24])
@pytest.mark.parametrize("area", sizes(), ids=lambda area: area.name)
def test_every_field_of_a_ticket_starts_on_the_label(
    fonts: Fonts, area: LabelSize, dots: int
) -> None:
    ticket = zpl([Label("7K3QWX9R2M4", LONG_PREFIX, SIXTY, SIXTY)], area, fonts=fonts, dots=dots)
    places = re.findall(r"\^FO(\d+),(\d+)", ticket)
    assert len(places) >= 3
    for x, y in places:
        assert int(x) < area.width * dots // 100
        assert int(y) + 3 * dots <= area.height * dots // 100


def test_no_name_ends_a_field_or_starts_a_command(fonts: Fonts) -> None:
    hostile = Label("7K3QWX9R2M4", PREFIX, "^XZ^XA ~JR _5E", "^FS\r\n^FO0,0 🪑 \\&")
    ticket = zpl([hostile, LABEL], size("62x29"), fonts=fonts)
    assert ticket.isascii()
    assert ticket.count("^XA") == ticket.count("^XZ") == 2
    assert "~" not in ticket
    assert field("^~_ø\ud800") == "_5E_7E_5F_C3_B8_3F"


def test_what_cannot_be_printed_gives_no_ticket_and_no_picture(fonts: Fonts) -> None:
    with pytest.raises(WrongCodeError):
        zpl([Label("^XZ", PREFIX)], size("62x29"), fonts=fonts)
    with pytest.raises(WrongCodeError):
        png(Label("^XZ", PREFIX), size("62x29"), fonts=fonts)
    with pytest.raises(WrongAddressError):
        zpl([Label("7K3QWX9R2M4", "https://x^fs/")], size("62x29"), fonts=fonts)
    with pytest.raises(TooSmallError):
        png(LABEL, stock("L6008"), fonts=fonts)
    with pytest.raises(ValueError, match="dots per mm"):
        zpl([LABEL], size("62x29"), fonts=fonts, dots=7)
