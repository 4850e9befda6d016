"""Reads printed sheets the way a camera does, and says where each code should be."""

import random
from dataclasses import dataclass

import pypdfium2  # type: ignore[import-untyped]
import zxingcpp
from PIL import Image

from labels.draw import Label, drawing
from labels.fonts import Fonts
from labels.pdf import check
from labels.place import NO_OFFSET, Offset, boxes
from labels.qr import CODE_LETTERS, side_for
from labels.stock import Stock

PREFIX = "HTTPS://OMBRUK.EXAMPLE.NO/I/"
LONG_PREFIX = "HTTPS://GJENBRUK.NORDLANDSSYKEHUSET-HF.EXAMPLE.NO/I/"
SIXTY = "Hev-senk-skrivebord fra Kåfjord, ŋ-serien, eik, 160×80 cm, 4b"


@dataclass(frozen=True)
class Found:
    """A code that was read; the edges of its ink in mm from the page's top left."""

    text: str
    level: str
    edges: tuple[float, float, float, float]


def random_codes(number: int, seed: int = 1) -> list[str]:
    draw = random.Random(seed)
    return ["".join(draw.choices(CODE_LETTERS, k=11)) for _ in range(number)]


def labels(
    number: int, *, prefix: str = PREFIX, name: str = "Kontorstol HÅG Capisco"
) -> list[Label]:
    return [Label(code, prefix, name, "Helseforetaket") for code in random_codes(number)]


def read(pdf: bytes, dpi: int) -> list[list[Found]]:
    """What a reader finds on each page."""
    document = pypdfium2.PdfDocument(pdf)
    pages = []
    for page in document:
        picture = page.render(scale=dpi / 72, grayscale=True).to_pil()
        # The renderer fills whole pixels: at 100 dpi, A4 is stretched from 1169.3 to 1170.
        across, down = (points * 25.4 / 72 for points in page.get_size())
        scale = across / picture.width, down / picture.height
        pages.append(
            [Found(one.text, one.ec_level, ink(picture, one, scale)) for one in codes(picture)]
        )
    document.close()
    return pages


def codes(picture: Image.Image) -> list[zxingcpp.Barcode]:
    """The QR codes that a reader sees in a picture."""
    wanted = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    return list(zxingcpp.read_barcodes(picture, formats=wanted))


def ink(
    picture: Image.Image, code: zxingcpp.Barcode, scale: tuple[float, float]
) -> tuple[float, float, float, float]:
    """The edges of a code's dark area, by `scale` in mm per pixel across and down.

    Sharper than the reader's own corners: the quiet zone of 2 mm holds nothing else, and the
    three finder patterns touch all four edges.
    """
    across, down = scale
    at = code.position
    left, top = int(at.top_left.x - 1.4 / across), int(at.top_left.y - 1.4 / down)
    right, bottom = int(at.bottom_right.x + 1.4 / across), int(at.bottom_right.y + 1.4 / down)
    box = picture.crop((left, top, right, bottom)).point([255] * 128 + [0] * 128).getbbox()
    assert box is not None
    return (
        (box[0] + left) * across,
        (box[1] + top) * down,
        (box[2] + left) * across,
        (box[3] + top) * down,
    )


def expected(
    printed: list[Label], sheet: Stock, fonts: Fonts, start: int = 1, offset: Offset = NO_OFFSET
) -> list[dict[str, tuple[float, float, float, float]]]:
    """For each page, where the corners of each address's code are by the sheet's geometry, in mm."""
    pages: list[dict[str, tuple[float, float, float, float]]] = []
    page = boxes(sheet, offset)
    for at, label in enumerate(printed, start=start - 1):
        number, index = divmod(at, sheet.columns * sheet.rows)
        row, column = divmod(index, sheet.columns)
        while len(pages) <= number:
            pages.append({})
        qr = check(label.url_prefix, sheet)
        drawn = drawing(
            sheet.label_width,
            sheet.label_height,
            page[index].inset,
            qr,
            fonts,
            label.name,
            label.organisation,
        )
        left = sheet.margin_left + column * sheet.pitch_x + offset.x + drawn.qr_x
        top = sheet.margin_top + row * sheet.pitch_y + offset.y + drawn.qr_y
        side = side_for(qr.version) * qr.module
        corners = left / 100, top / 100, (left + side) / 100, (top + side) / 100
        pages[number][label.address] = corners
    return pages
