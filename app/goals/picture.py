"""The year as a picture of 1920 × 1080 for a slide or a screen. Text and bars: no colour is needed."""

import io
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from app.kit.i18n import N_, gettext

WIDTH, HEIGHT = 1920, 1080
MARGIN = 110
FONTS = Path(__file__).resolve().parents[2] / "static" / "vendor" / "fonts"
INK, QUIET, PAPER, ACCENT, TRACK = "#1b2420", "#4a5650", "#fbfaf6", "#1f6b4a", "#dcdfd8"
ROWS = 5

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@lru_cache(maxsize=32)
def _font(size: int, *, is_bold: bool = False) -> Font:
    """Inter, which ``make assets`` puts there; else what Pillow has."""
    try:
        return ImageFont.truetype(FONTS / f"Inter-{'Bold' if is_bold else 'Regular'}.ttf", size)
    except OSError:
        return ImageFont.load_default(size)


def _fitting(draw: ImageDraw.ImageDraw, text: str, width: int, size: int, *, is_bold: bool) -> Font:
    """The largest size, at most ``size``, in which the text is no wider."""
    while size > 24 and draw.textlength(text, _font(size, is_bold=is_bold)) > width:
        size -= 2
    return _font(size, is_bold=is_bold)


def slide(text: Mapping[str, Any]) -> bytes:
    """A PNG of what ``words.slide_text`` says."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    wide = WIDTH - 2 * MARGIN
    draw.rectangle((0, 0, 24, HEIGHT), fill=ACCENT)
    organisation = str(text["organisation"])
    font = _fitting(draw, organisation, wide, 40, is_bold=False)
    draw.text((MARGIN, 80), organisation, QUIET, font)
    draw.text(
        (MARGIN, 130), text["title"], INK, _fitting(draw, text["title"], wide, 84, is_bold=True)
    )
    figures = text["figures"][:ROWS]
    step = (HEIGHT - 270 - 150) // ROWS
    for at, each in enumerate(figures):
        _row(draw, each, 270 + at * step)
    if not figures:
        draw.text((MARGIN, 400), gettext(N_("Ingenting er regnet ut ennå.")), QUIET, _font(48))
    note = gettext(
        N_("Brutto, sammenlignet med å kjøpe tilsvarende nytt. Ikke trukket fra i klimaregnskapet.")
    )
    draw.text((MARGIN, HEIGHT - 90), note, QUIET, _fitting(draw, note, wide, 30, is_bold=False))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _row(draw: ImageDraw.ImageDraw, each: Mapping[str, Any], top: int) -> None:
    """Name and figure; below them a bar that is cut at the goal, and the goal in words."""
    name = _fitting(draw, each["name"], 530, 38, is_bold=False)
    draw.text((MARGIN, top + 8), each["name"], INK, name)
    draw.text((MARGIN + 560, top), each["so_far"], ACCENT, _font(48, is_bold=True))
    if not each["target"]:
        return
    left, right, bar = MARGIN + 560, WIDTH - MARGIN, top + 62
    said = f"{each['text']} · {each['standing']}"
    words = _fitting(draw, said, right - left, 25, is_bold=False)
    draw.text((left, bar + 18), said, QUIET, words)
    draw.rectangle((left, bar, right, bar + 12), fill=TRACK, outline=QUIET)
    if each["percent"]:
        end = left + (right - left) * each["percent"] // 100
        draw.rectangle((left, bar, max(end, left + 2), bar + 12), fill=ACCENT)
