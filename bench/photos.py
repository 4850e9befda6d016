"""Photos: a 12 megapixel JPEG to its four stored sizes, and the upload that somebody waits for.

CPU milliseconds of this process and of the child that decodes; the start of a child is spread
over the photos it lives for. What was made is opened and checked in each round.
"""

import os
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from uuid import UUID

from PIL import Image, ImageChops, ImageOps, ImageStat

from app.kit import images
from app.kit.files import Files
from app.kit.image_pool import Limits
from app.kit.images import Rendition
from bench.harness import Figure, figure, interleaved
from tools import shared_data

WIDTH, HEIGHT = 4032, 3024
PHOTOS_A_ROUND = 6
ROUNDS = 7
ORG = UUID(int=1)
_EXIF_ORIENTATION = 0x0112
_TURNED_RIGHT = 6


def scenes() -> tuple[list[Image.Image], str]:
    """Pictures of 12 megapixels with the detail of real ones, and what they are.

    A real photo of 8 megapixels is continued by its own mirror image: enlarging it would make
    it smoother, and so cheaper, than what a phone sends. Two photos, since their cost differs.
    """
    folder = shared_data.folder()
    if folder is None:
        across = Image.linear_gradient("L").rotate(90).resize((WIDTH, HEIGHT))
        down = Image.linear_gradient("L").resize((WIDTH, HEIGHT))
        ring = Image.radial_gradient("L").resize((WIDTH, HEIGHT))
        return [Image.merge("RGB", (across, down, ring))], "generated picture"
    pictures = []
    for name in ("iphone_hdr_NO.jpg", "jolla.jpg"):
        with Image.open(folder / "photos" / name) as opened:
            pictures.append(continued(opened.convert("RGB")))
    return pictures, "two real photos in turn"


def continued(photo: Image.Image) -> Image.Image:
    picture = Image.new("RGB", (photo.width * 2, photo.height * 2))
    mirrored = ImageOps.mirror(photo)
    picture.paste(photo, (0, 0))
    picture.paste(mirrored, (photo.width, 0))
    picture.paste(ImageOps.flip(photo), (0, photo.height))
    picture.paste(ImageOps.flip(mirrored), photo.size)
    return picture.crop((0, 0, WIDTH, HEIGHT))


def jpeg(picture: Image.Image, orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[_EXIF_ORIENTATION] = orientation
    exif[0x010F] = "Maker that must not be stored"
    into = BytesIO()
    picture.save(into, "JPEG", quality=90, exif=exif)
    return into.getvalue()


def cpu_ms() -> float:
    """CPU so far of this process and of the children that live, to the microsecond."""
    children = [Path(f"/proc/{pid}/schedstat").read_text().split()[0] for pid in images.pids()]
    return time.process_time() * 1000 + sum(int(spent) for spent in children) / 1e6


def checked(made: list[Rendition], upright: Image.Image) -> None:
    """Size, orientation and metadata of every size, against the picture as it should look."""
    wanted = upright.resize((16, 16), Image.Resampling.BOX, reducing_gap=2.0)
    for each in made:
        with Image.open(BytesIO(each.content), formats=("JPEG", "WEBP")) as opened:
            assert opened.size == (each.width, each.height)
            assert not opened.getexif()
            assert not {"exif", "icc_profile", "comment", "xmp"} & set(opened.info)
            small = opened.convert("RGB").resize((16, 16), Image.Resampling.BOX)
        assert b"must not be stored" not in each.content
        apart = ImageStat.Stat(ImageChops.difference(small, wanted)).mean
        assert max(apart) <= 6, (each.name, apart)


def start_ms() -> float:
    """CPU of starting one child and ending it, measured over one that does a dot."""
    images.close()
    before = os.times()
    dot = BytesIO()
    Image.new("RGB", (1, 1)).save(dot, "PNG")
    images.render(dot.getvalue())
    images.close()
    after = os.times()
    return (after.children_user + after.children_system) * 1000 - (
        before.children_user + before.children_system
    ) * 1000


def measured(
    photos: list[bytes],
    pictures: list[Image.Image],
    work: Callable[[bytes], list[Rendition]],
    share: float,
) -> Callable[[], float]:
    """A round of ``work`` over the photos in turn: CPU milliseconds per photo, results checked."""

    def one_round() -> float:
        before = cpu_ms()
        made = [work(photos[i % len(photos)]) for i in range(PHOTOS_A_ROUND)]
        spent = (cpu_ms() - before) / PHOTOS_A_ROUND + share
        for i, each in enumerate(made):
            checked(each, pictures[i % len(pictures)])
        return spent

    return one_round


def measure() -> list[Figure]:
    photos_per_child = Limits().photos_per_child
    # One child for the whole run, so that its CPU can be read; its start is added as a share.
    images.configure(Limits(children=1, photos_per_child=1_000_000))
    pictures, kind = scenes()
    plain = [jpeg(each) for each in pictures]
    turned = [jpeg(each, _TURNED_RIGHT) for each in pictures]
    upright = [each.transpose(Image.Transpose.ROTATE_270) for each in pictures]
    firsts = [images.first_size(each).content for each in plain]
    start = start_ms()
    share = start / photos_per_child

    with tempfile.TemporaryDirectory() as folder:
        files = Files.local(Path(folder))

        def answer(photo: bytes) -> list[Rendition]:
            made = images.first_size(photo)
            key = files.put(ORG, made.content, made.suffix)
            files.delete(key)
            return [made]

        runs = interleaved(
            {
                "all": measured(plain, pictures, images.render, share),
                "held": measured(turned, upright, images.render, share),
                "answer": measured(plain, pictures, answer, share),
                "rest": measured(firsts, pictures, images.other_sizes, share),
            },
            rounds=ROUNDS,
        )
    images.configure(Limits())
    megabytes = " and ".join(f"{len(each) / 1e6:.1f}" for each in plain)
    note = (
        f"{kind}, {WIDTH} x {HEIGHT}, {megabytes} MB; child included, its start "
        f"({start:.0f} ms) spread over {photos_per_child} photos"
    )
    unit = "ms CPU"
    return [
        figure(
            "12 Mpx to three WebP and a JPEG", runs["all"], unit, must=300, reach=176, note=note
        ),
        figure(
            "the same, held on its side", runs["held"], unit, must=300, note="EXIF orientation 6"
        ),
        figure(
            "upload answered",
            runs["answer"],
            unit,
            must=120,
            reach=100,
            note="one size made, stored durably and removed again; without the web request",
        ),
        figure("the other sizes, in the job", runs["rest"], unit, note="from the stored size"),
    ]
