"""Photos: upright, in sRGB, bare, small; and what is refused changes nothing."""

import hashlib
import struct
import time
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.kit import images
from app.kit.images import PhotoNotSupported, PhotoRefused, PhotoTooLarge, Rendition
from tests.kit import image_cases as cases

PLANTED = dict(cases.planted())
LYING = {name: (content, said) for name, content, said in cases.lying()}
OTHER_FORMATS = dict(cases.other_formats())


@pytest.fixture(autouse=True, scope="module")
def _children_end() -> Iterator[None]:
    yield
    images.close()


def opened(rendition: Rendition) -> Image.Image:
    with Image.open(BytesIO(rendition.content), formats=("JPEG", "WEBP")) as picture:
        picture.load()
        return picture


def is_near(
    found: tuple[int, ...] | float | None, wanted: tuple[int, ...], tolerance: int = 14
) -> bool:
    assert isinstance(found, tuple)
    return all(abs(a - b) <= tolerance for a, b in zip(found, wanted, strict=True))


def corners(picture: Image.Image) -> list[tuple[int, ...]]:
    width, height = picture.size
    spots = [(x, y) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]
    found = [picture.getpixel(spot) for spot in spots]
    return [pixel for pixel in found if isinstance(pixel, tuple)]


def assert_upright(picture: Image.Image) -> None:
    wanted = (cases.RED, cases.GREEN, cases.BLUE, cases.WHITE)
    for found, colour in zip(corners(picture), wanted, strict=True):
        # The four are far apart, so that a strange colour profile may shift them.
        assert is_near(found, colour, 40), (found, colour)


def jpeg_markers(content: bytes) -> list[int]:
    """The segments up to the picture itself, and nothing after its end."""
    assert content[:2] == b"\xff\xd8"
    assert content.endswith(b"\xff\xd9")
    assert content.count(b"\xff\xd9") == 1
    found, at = [], 2
    while content[at + 1] != 0xDA:
        assert content[at] == 0xFF
        found.append(content[at + 1])
        at += 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
    return found


def assert_bare(rendition: Rendition) -> None:
    """Only what the picture needs: any block that could hold more is a failure."""
    if rendition.media_type == "image/jpeg":
        assert set(jpeg_markers(rendition.content)) == {0xE0, 0xDB, 0xC0, 0xC4}
        assert rendition.content[2:20] == (
            b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
        )
    else:
        assert rendition.content[8:16] == b"WEBPVP8 "
        length = struct.unpack("<I", rendition.content[16:20])[0]
        assert len(rendition.content) == 20 + length + length % 2
    assert not opened(rendition).getexif()
    assert cases.CANARY not in rendition.content


def test_a_twelve_megapixel_photo_becomes_four_sizes() -> None:
    made = images.render(cases.saved(cases.detailed(4000, 3000)))
    assert [(each.name, each.width, each.height, each.media_type) for each in made] == [
        ("large_jpeg", 1600, 1200, "image/jpeg"),
        ("large", 1600, 1200, "image/webp"),
        ("medium", 800, 600, "image/webp"),
        ("small", 320, 240, "image/webp"),
    ]
    for each in made:
        assert opened(each).size == (each.width, each.height)
        assert opened(each).mode == "RGB"
        assert each.sha256 == hashlib.sha256(each.content).hexdigest()
        assert each.suffix == {"image/jpeg": "jpg", "image/webp": "webp"}[each.media_type]


def test_a_small_photo_is_never_enlarged() -> None:
    made = images.render(cases.saved(cases.quarters(400, 300)))
    assert [(each.width, each.height) for each in made] == [(400, 300)] * 3 + [(320, 240)]
    assert made[1].content == made[2].content


@pytest.mark.parametrize("size", [(1, 1), (5000, 1), (1, 5000)])
def test_a_photo_of_any_proportions_keeps_at_least_one_pixel(size: tuple[int, int]) -> None:
    made = images.render(cases.saved(Image.new("RGB", size, "teal"), "PNG"))
    assert all(min(each.width, each.height) == 1 for each in made)


def test_the_first_size_and_then_the_others_make_the_same_set() -> None:
    photo = cases.planted_jpeg(cases.quarters(2000, 1400), orientation=6)
    at_once = images.render(photo)
    first = images.first_size(photo)
    assert first == at_once[0]
    others = images.other_sizes(first.content)
    assert [(o.name, o.width, o.height) for o in others] == [
        (a.name, a.width, a.height) for a in at_once[1:]
    ]
    for each in others:
        assert_bare(each)


@pytest.mark.parametrize("orientation", cases.ORIENTATIONS)
@pytest.mark.parametrize("make", [cases.planted_jpeg, cases.planted_png, cases.planted_webp])
def test_every_orientation_comes_out_upright(make: type, orientation: int) -> None:
    photo = make(cases.as_stored(cases.quarters(), orientation), orientation)
    for each in images.render(photo):
        assert (each.width, each.height) == (96, 64)
        assert_upright(opened(each))


@pytest.mark.parametrize("orientation", cases.ORIENTATIONS)
def test_a_large_photo_is_upright_in_every_size(orientation: int) -> None:
    stored = cases.as_stored(cases.quarters(), orientation)
    large = stored.resize((stored.width * 20, stored.height * 20), Image.Resampling.NEAREST)
    for each in images.render(cases.planted_jpeg(large, orientation)):
        assert each.width > each.height
        assert_upright(opened(each))


@pytest.mark.parametrize("orientation", [0, 9, 255, 65535])
def test_an_impossible_orientation_is_left_out_of_account(orientation: int) -> None:
    for each in images.render(cases.planted_jpeg(orientation=orientation)):
        assert_upright(opened(each))


@pytest.mark.parametrize("name", PLANTED)
def test_no_planted_byte_is_stored(name: str) -> None:
    photo = PLANTED[name]
    assert photo.count(cases.CANARY) >= 3 or name == "multi-picture"
    for each in images.render(photo):
        assert_bare(each)


def test_the_first_picture_of_several_is_the_photo() -> None:
    photo = cases.multi_picture()
    with Image.open(BytesIO(photo)) as several:
        assert several.format == "MPO"
    for each in images.render(photo):
        assert_upright(opened(each))
        assert_bare(each)


def test_the_first_frame_of_an_animation_is_the_photo() -> None:
    frames = [Image.new("RGB", (96, 64), shade) for shade in ("red", "blue", "black")]
    for kind in ("PNG", "WEBP"):
        still = cases.quarters()
        photo = cases.saved(still, kind, save_all=True, append_images=frames)
        assert_upright(opened(images.render(photo)[1]))


def linear(level: float) -> float:
    return level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4


def curved(light: float) -> int:
    light = min(1.0, max(0.0, light))
    level = light * 12.92 if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return round(level * 255)


def p3_in_srgb(colour: tuple[int, int, int]) -> tuple[int, ...]:
    """The published matrix from Display P3 to sRGB (both D65), on linear light."""
    matrix = (
        (1.2249401, -0.2249402, 0.0),
        (-0.0420569, 1.0420571, 0.0),
        (-0.0196376, -0.0786361, 1.0982735),
    )
    light = [linear(level / 255) for level in colour]
    return tuple(curved(sum(m * v for m, v in zip(row, light, strict=True))) for row in matrix)


@pytest.mark.parametrize("colour", [(200, 100, 50), (60, 160, 90), (128, 128, 128), (255, 0, 0)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_display_p3_becomes_srgb(kind: str, colour: tuple[int, int, int]) -> None:
    options = {"quality": 100} if kind == "JPEG" else {"lossless": True} if kind == "WEBP" else {}
    photo = Image.new("RGB", (64, 64), colour)
    content = cases.saved(photo, kind, icc_profile=cases.display_p3(), **options)
    for each in images.render(content):
        assert is_near(opened(each).getpixel((32, 32)), p3_in_srgb(colour), 4)
        assert_bare(each)


def test_a_broken_colour_profile_is_left_out_of_account() -> None:
    for profile in (b"nonsense" * 40, cases.display_p3()[:200]):
        photo = cases.saved(cases.quarters(), "PNG", icc_profile=profile)
        assert_upright(opened(images.render(photo)[1]))


def test_cmyk_becomes_srgb() -> None:
    content = cases.saved(cases.quarters().convert("CMYK"), quality=95)
    for each in images.render(content):
        assert opened(each).mode == "RGB"
        assert_upright(opened(each))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_pixel_becomes_srgb(mode: str) -> None:
    grey = Image.new("L", (96, 64), 40)
    grey.paste(230, (48, 0, 96, 64))
    if mode == "I;16":
        rows = (b"\0" + struct.pack(">H", 40 * 257) * 48 + struct.pack(">H", 230 * 257) * 48) * 64
        content = cases.png(96, 64, depth=16, colour=0, rows=zlib.compress(rows))
    else:
        content = cases.saved(grey.convert(mode), "PNG")
    wanted = [(0,) * 3, (255,) * 3] if mode == "1" else [(40,) * 3, (230,) * 3]
    for each in images.render(content):
        left, right, *_ = corners(opened(each))
        if mode == "1":
            assert sum(left) < sum(right)  # dithered
        else:
            assert is_near(left, wanted[0])
            assert is_near(right, wanted[1])


def test_what_is_transparent_becomes_white() -> None:
    half = cases.quarters().convert("RGBA")
    half.paste((0, 0, 0, 0), (0, 0, 48, 64))
    palette = cases.saved(half.convert("P"), "PNG", transparency=half.convert("P").getpixel((0, 0)))
    for content in (cases.saved(half, "PNG"), cases.saved(half, "WEBP", lossless=True), palette):
        for each in images.render(content):
            assert is_near(corners(opened(each))[0], (255, 255, 255))


@pytest.mark.parametrize("name", LYING)
def test_a_file_that_lies_is_refused_at_once_and_the_next_photo_works(name: str) -> None:
    content, said = LYING[name]
    images.render(cases.saved(cases.quarters()))  # a cold start is not what is measured
    began = time.monotonic()
    with pytest.raises(PhotoRefused) as refusal:
        images.render(content)
    assert time.monotonic() - began < 2
    assert type(refusal.value).__name__ == said
    assert refusal.value.detail
    assert_upright(opened(images.render(cases.saved(cases.quarters()))[1]))


@pytest.mark.parametrize("name", OTHER_FORMATS)
def test_another_format_is_refused_whatever_it_is_called(name: str) -> None:
    with pytest.raises(PhotoNotSupported) as refusal:
        images.render(OTHER_FORMATS[name])
    assert refusal.value.status == 415
    assert "JPEG, PNG eller WebP" in refusal.value.detail


def test_a_file_over_the_limit_is_refused_with_the_limit_in_the_text() -> None:
    with pytest.raises(PhotoTooLarge) as refusal:
        images.render(cases.saved(cases.quarters()) + bytes(20_000_001))
    assert refusal.value.status == 413
    assert refusal.value.detail % refusal.value.values == (
        "Bildefilen er på 21 MB. Grensen er 20 MB."
    )


def test_the_refusal_of_too_many_pixels_names_the_limit() -> None:
    with pytest.raises(images.PhotoTooManyPixels) as refusal:
        images.render(cases.one_bit_bomb())
    assert "50 megapiksler" in refusal.value.detail % refusal.value.values


def test_fifty_megapixels_fit_into_the_memory_of_a_child() -> None:
    rows = cases.zeroes(7000 * (1 + 4 * 7000))
    made = images.render(cases.png(7000, 7000, depth=8, colour=6, rows=rows))
    assert (made[0].width, made[0].height) == (1600, 1600)


@pytest.mark.shared_data
def test_every_real_photo_is_upright_and_bare(shared_data: Path) -> None:
    sizes = {
        "DSCN0010.jpg": (640, 480),
        "image01137.jpg": (88, 64),
        "iphone_hdr_NO.jpg": (1600, 1200),
        "jolla.jpg": (1600, 1200),
        "landscape_6.jpg": (600, 450),
        "portrait_3.jpg": (450, 600),
    }
    for name, size in sizes.items():
        photo = (shared_data / "photos" / name).read_bytes()
        first, *others = images.render(photo)
        assert (first.width, first.height) == size
        for each in (first, *others):
            assert_bare(each)


@pytest.mark.shared_data
def test_two_real_photos_of_one_scene_agree_once_they_are_upright(shared_data: Path) -> None:
    """The test pictures are numbered by orientation and show their own top in the sky."""
    for name in ("landscape_6.jpg", "portrait_3.jpg"):
        picture = opened(images.render((shared_data / "photos" / name).read_bytes())[1])
        top = picture.crop((0, 0, picture.width, picture.height // 4)).resize((1, 1))
        bottom = picture.crop((0, picture.height * 3 // 4, *picture.size)).resize((1, 1))
        assert sum(pixels(top)) > sum(pixels(bottom))


def pixels(dot: Image.Image) -> tuple[int, ...]:
    found = dot.getpixel((0, 0))
    assert isinstance(found, tuple)
    return found


@pytest.mark.shared_data
def test_each_bad_image_is_refused_within_two_seconds_and_the_pool_lives(
    shared_data: Path,
) -> None:
    bad = sorted((shared_data / "bad_images").iterdir())
    assert len(bad) == 7
    images.render(cases.saved(cases.quarters()))
    for path in bad:
        began = time.monotonic()
        with pytest.raises(PhotoRefused) as refusal:
            images.render(path.read_bytes())
        assert time.monotonic() - began < 2, path.name
        assert refusal.value.status in (413, 415, 422)
        assert_upright(opened(images.render(cases.saved(cases.quarters()))[1]))
