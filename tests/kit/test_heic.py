"""HEIC: read in the bounded child where the optional extra is installed, else refused with advice."""

import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from app.kit import image_child, images
from app.kit.image_pool import Limits
from tests.kit import image_cases as cases
from tests.kit.test_images import assert_bare, assert_upright, opened

# The start of such a file is enough to know it by.
CLAIMED = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(64)
ROOT = Path(__file__).resolve().parents[2]

needs_extra = pytest.mark.skipif(
    not image_child.heif_is_usable(),
    reason="the extra is not installed; install it with: make heic",
)


@pytest.fixture(autouse=True)
def _fresh_pool() -> Iterator[None]:
    images.configure(Limits(children=1))
    yield
    images.configure(Limits())


def heic(width: int = 96, height: int = 64, orientation: int = 1) -> bytes:
    """Made in this moment, with every kind of metadata that the format takes from Pillow."""
    heif = pytest.importorskip("pillow_heif")
    into = BytesIO()
    heif.from_pillow(cases.quarters(width, height)).save(
        into, format="HEIF", quality=90, exif=b"Exif\0\0" + cases.tiff(orientation), xmp=cases.xmp()
    )
    return into.getvalue()


@needs_extra
@pytest.mark.parametrize("size", [(96, 64), (2400, 1600)])
def test_a_heic_photo_becomes_the_four_sizes_and_nothing_else(size: tuple[int, int]) -> None:
    content = heic(*size)
    assert cases.CANARY in content
    made = images.render(content)
    assert [each.name for each in made] == ["large_jpeg", "large", "medium", "small"]
    for each in made:
        assert_upright(opened(each))
        assert_bare(each)
        assert cases.CANARY not in each.content


@needs_extra
def test_fifty_megapixels_of_pixels_are_the_limit_for_heic_too() -> None:
    content = heic(640, 480)
    images.configure(Limits(children=1, pixels=300_000))
    with pytest.raises(images.PhotoTooManyPixels):
        images.render(content)


@needs_extra
@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_a_heic_file_that_is_cut_off_is_refused_and_the_next_works(share: float) -> None:
    content = heic(640, 480)
    with pytest.raises(images.PhotoRefused):
        images.render(content[: int(len(content) * share)])
    assert_upright(opened(images.render(content)[1]))


@needs_extra
@pytest.mark.shared_data
def test_a_real_photo_of_an_iphone_is_upright_and_bare(shared_data: Path) -> None:
    made = images.render((shared_data / "photos" / "iphone_13_pro_max.HEIC").read_bytes())
    assert (made[0].width, made[0].height) == (1200, 1600)
    for each in made:
        assert_bare(each)


def test_without_the_extra_the_refusal_says_what_to_do() -> None:
    images.configure(Limits(children=1, heic=False))
    assert not images.reads_heic()
    with pytest.raises(images.PhotoNotSupported) as refusal:
        images.render(CLAIMED)
    assert refusal.value.status == 415
    assert "JPEG" in refusal.value.detail
    assert "iPhone" in refusal.value.detail


def test_make_names_the_extra_s_own_lock() -> None:
    told = subprocess.run(
        ["make", "-n", "heic"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "--require-hashes" in told.stdout
    assert "requirements-heic.txt" in told.stdout
