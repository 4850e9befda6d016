"""The demo's pictures: one for every category, deterministic, and each visibly a thing."""

import csv
import re
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from PIL import Image, ImageChops, ImageStat

from app.demo import drawings
from app.demo.drawing_paint import _back_to_front, paint
from app.demo.drawing_scene import Look, Part, Scene, rounded


def opened(content: bytes) -> Image.Image:
    with Image.open(BytesIO(content)) as picture:
        picture.load()
        return picture


@pytest.mark.parametrize("kind", drawings.KINDS)
def test_every_kind_is_drawn_whole_with_air_around_it(kind: str) -> None:
    picture = opened(drawings.draw(kind, "petrol", 1))
    assert picture.size == (1200, 900)
    # The backdrop is pale; what is darker or coloured is the piece or its shadow.
    red, green, blue = picture.split()
    darkest = ImageChops.darker(ImageChops.darker(red, green), blue)
    box = darkest.point(lambda level: 255 if level < 150 else 0).getbbox()
    assert box is not None
    left, top, right, bottom = box
    assert left > 40
    assert top > 40
    assert right < 1160
    assert bottom < 860
    assert (right - left) * (bottom - top) > 0.04 * 1200 * 900


@pytest.mark.shared_data
def test_every_category_has_a_kind_that_is_drawn(shared_data: Path) -> None:
    codes: list[str] = []
    for name in ("categories.csv", "equipment.csv"):
        with (shared_data / "factors" / name).open(encoding="utf-8") as file:
            codes += [row["category_code"] for row in csv.DictReader(file)]
    assert set(codes) == set(drawings.KIND_OF_CATEGORY)
    assert set(drawings.KIND_OF_CATEGORY.values()) == set(drawings.KINDS)


def test_the_same_piece_is_drawn_to_the_same_byte() -> None:
    assert drawings.draw("bookcase", "eik", 7) == drawings.draw("bookcase", "eik", 7)


def test_colour_and_seed_are_seen() -> None:
    red, blue = (opened(drawings.draw("armchair", name, 3)) for name in ("rød", "blå"))
    r, _, b = ImageStat.Stat(red.crop((500, 350, 700, 600))).mean
    assert r > b + 40
    r, _, b = ImageStat.Stat(blue.crop((500, 350, 700, 600))).mean
    assert b > r + 20
    assert drawings.draw("bookcase", "eik", 1) != drawings.draw("bookcase", "eik", 2)


def test_every_named_colour_is_one() -> None:
    assert all(re.fullmatch(r"#[0-9a-f]{6}", code) for code in drawings.COLOURS.values())
    assert drawings.draw("pouf", "rød", 0) != drawings.draw("pouf", drawings.COLOURS["blå"], 0)


def test_an_unknown_kind_or_colour_is_refused() -> None:
    with pytest.raises(KeyError):
        drawings.draw("throne", "blå", 1)
    with pytest.raises(KeyError):
        drawings.draw("pouf", "ultrafiolett", 1)


def box(low: tuple[float, float, float], high: tuple[float, float, float]) -> Part:
    return Part(low, high, [])


def test_what_stands_in_front_to_the_right_or_above_hides_the_rest() -> None:
    middle = box((0, 0, 0), (10, 10, 10))
    for nearer in (
        box((0, -12, 0), (10, -2, 10)),
        box((12, 0, 0), (22, 10, 10)),
        box((0, 0, 12), (10, 10, 22)),
    ):
        assert nearer.hides(middle)
        assert not middle.hides(nearer)


@pytest.mark.parametrize("kind", drawings.KINDS)
def test_nothing_is_painted_over_what_hides_it(kind: str) -> None:
    grey = (128, 128, 128)
    scene = Scene()
    drawings.KINDS[kind](scene, Look(grey, grey, grey, grey, grey, Random(1)))
    order = _back_to_front(scene.parts)
    assert len(order) == len(scene.parts)
    for i, earlier in enumerate(order):
        for later in order[i + 1 :]:
            assert later.hides(earlier) or not earlier.hides(later)


def test_the_order_in_which_solids_are_added_does_not_matter() -> None:
    near = ((-5, -20, 0), (5, -10, 10), (200, 40, 40))
    far = ((-30, 0, 0), (30, 5, 40), (40, 40, 200))
    pictures = []
    for order in ((near, far), (far, near)):
        scene = Scene()
        for low, high, colour in order:
            scene.box(low, high, colour)
        pictures.append(paint(scene, (230, 230, 230)))
    assert pictures[0].tobytes() == pictures[1].tobytes()
    red = pictures[0].getpixel((560, 620))
    assert isinstance(red, tuple)
    assert red[0] > red[2] + 80


def test_a_rounded_corner_cuts_the_corner_off_and_nothing_else() -> None:
    outline = rounded([(0, 0), (10, 0), (10, 10), (0, 10)], [0, 3, 0, 0])
    assert (0, 0) in outline
    assert (10, 0) not in outline
    assert (10, 10) in outline
    assert all(0 <= x <= 10 and 0 <= y <= 10 for x, y in outline)
