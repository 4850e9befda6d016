"""One label as a picture, to show on a page before it is printed."""

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from labels.draw import Label, Style, drawn_alone, grouped
from labels.fonts import CODE_FONT, Font, Fonts
from labels.qr import Encoder
from labels.stock import LabelSize, Stock

LEAST_DPI, MOST_DPI = 72, 600


def png(label: Label, area: Stock | LabelSize, *, fonts: Fonts, dpi: int = 300) -> bytes:
    """The label alone, black on white; raises LabelError. `dpi` is held between 72 and 600."""
    dpi = min(max(dpi, LEAST_DPI), MOST_DPI)
    dots = dpi / 2540
    width, height = (
        (area.label_width, area.label_height)
        if isinstance(area, Stock)
        else (area.width, area.height)
    )
    qr, drawn = drawn_alone(label, width, height, fonts)
    picture = Image.new("L", (round(width * dots), round(height * dots)), 255)
    encoder = Encoder.for_prefix(label.url_prefix, qr.level)
    code = _square(encoder, label.code, round(encoder.side * qr.module * dots))
    picture.paste(code, (round(drawn.qr_x * dots), round(drawn.qr_y * dots)))

    pen = ImageDraw.Draw(picture)
    letters = grouped(label.code)
    for part in drawn.code:
        courier = ImageFont.truetype(CODE_FONT, round(part.size * dpi / 72))
        where = part.x * dots, part.y * dots
        pen.text(where, letters[part.cut], fill=0, font=courier, anchor="ls")
    for line in drawn.lines:
        weight = fonts.bold if line.style is Style.BOLD else fonts.regular
        font = _sized(weight, round(line.size * dpi / 72))
        pen.text((line.x * dots, line.y * dots), line.text, fill=0, font=font, anchor="ls")
    file = BytesIO()
    picture.save(file, "PNG", dpi=(dpi, dpi))
    return file.getvalue()


def _square(encoder: Encoder, code: str, dots: int) -> Image.Image:
    side = encoder.side
    picture = Image.new("L", (side, side))
    picture.putdata(
        [
            0 if row >> (side - 1 - at) & 1 else 255
            for row in encoder.rows(code)
            for at in range(side)
        ]
    )
    return picture.resize((dots, dots), Image.Resampling.NEAREST)


@lru_cache(maxsize=64)
def _sized(font: Font, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(BytesIO(font.file), size, layout_engine=ImageFont.Layout.BASIC)
