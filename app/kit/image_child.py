"""What runs in a child process of the photo pool: decode, turn upright, shrink, encode again.

A photo from outside is the most hostile thing the program opens, so it is opened here, in a
process with a bounded address space, a bounded processor time and an environment without
secrets. It imports Pillow and nothing else of the program, and it answers in JSON and raw bytes,
because the parent must not unpickle what a broken decoder may have written.

One request is ``job (1 byte) + length (4 bytes) + photo``; one answer is ``length (4 bytes) +
JSON + the encoded sizes, one after the other``.
"""

import json
import os
import resource
import socket
import struct
import sys
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from types import ModuleType
from typing import Any

# The three plugins are named so that the first photo does not wait for them to load.
from PIL import (
    Image,
    ImageCms,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

_HEIF: ModuleType | None = import_module("pillow_heif") if find_spec("pillow_heif") else None
_PLUGINS = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin)

SIZES = {"large": 1600, "medium": 800, "small": 320}
JPEG_QUALITY = 80
# Measured on four real photos at all sizes: 78 with method 2 is as near to the original (PSNR
# within 0.3 dB either way) and 3 % smaller, but takes half as long again.
WEBP_QUALITY = 77
WEBP_METHOD = 1

# Below 1.23.4 libheif has known memory errors that a photo can trigger.
LIBHEIF_AT_LEAST = (1, 23, 4)

ALL, FIRST, OTHERS = b"a", b"f", b"o"
WANTED = {
    ALL: ("large_jpeg", "large", "medium", "small"),
    FIRST: ("large_jpeg",),
    OTHERS: ("large", "medium", "small"),
}

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)
_EXIF_ORIENTATION = 0x0112
# Pixels a byte of a JPEG can stand for: each block of 8 x 8 takes one bit of Huffman code or more.
_JPEG_DENSEST = 512


class Refused(Exception):  # noqa: N818 - named by the fact it states
    """The photo can not be used; ``reason`` is what the parent makes its message from."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Bounds:
    """Most pixels before anything is decoded; WebP's decoder needs twice the memory. HEIC at all?"""

    pixels: int
    webp_pixels: int
    heic: bool = True


@dataclass(frozen=True)
class Encoded:
    name: str
    width: int
    height: int
    media_type: str
    content: bytes


def heif_is_usable() -> bool:
    """Whether the optional extra is installed with a libheif that is safe to feed with photos."""
    if _HEIF is None:
        return False
    version = str(_HEIF.libheif_info()["libheif"]).split(".")
    return tuple(int(part) for part in version[:3] if part.isdecimal()) >= LIBHEIF_AT_LEAST


def format_of(content: bytes) -> str | None:
    """Which of our formats the first bytes claim, whatever the file was called."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    brands = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
    if content[4:8] == b"ftyp" and content[8:12] in brands:
        return "HEIF"
    return None


def renditions(content: bytes, wanted: tuple[str, ...], bounds: Bounds) -> list[Encoded]:
    """The wanted sizes of a photo, largest first, each drawn from the one before.

    Raises:
        Refused: The photo is of a format we do not take, too big, or broken.
    """
    try:
        picture = _largest(content, bounds)
        return _encoded(picture, wanted)
    except (Refused, MemoryError):
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as fault:
        raise Refused("pixels") from fault
    except Exception as fault:  # decoders answer broken input with nearly every class there is
        raise Refused("broken") from fault


def _largest(content: bytes, bounds: Bounds) -> Image.Image:
    """The photo at no more than 1600 px, upright, in sRGB, on white, with nothing beside it."""
    claimed = format_of(content)
    if claimed is None:
        raise Refused("format")
    if claimed == "HEIF" and not (bounds.heic and heif_is_usable()):
        raise Refused("heic")
    if claimed == "WEBP":
        # Pillow's WebP decoder allocates the whole canvas while it opens the file.
        _check(_webp_canvas(content), bounds.webp_pixels)
    with Image.open(BytesIO(content), formats=(claimed,)) as photo:
        _check(photo.size, bounds.webp_pixels if claimed == "WEBP" else bounds.pixels)
        if claimed == "JPEG" and photo.width * photo.height > len(content) * _JPEG_DENSEST:
            # libjpeg fills what is missing with grey, and Pillow does not hear its warning.
            raise Refused("broken")
        orientation = _orientation(photo)
        fitted = _fitted(photo.size, SIZES["large"])
        photo.draft(None, fitted)
        photo.load()
        icc = photo.info.get("icc_profile")
        picture = _resized(_resizable(photo), _fitted(photo.size, SIZES["large"]))
    picture = _in_srgb(_opaque(_eight_bits(picture)), icc)
    if orientation in _UPRIGHT:
        picture = picture.transpose(_UPRIGHT[orientation])
    picture.info.clear()  # a JPEG comment and an ICC profile would be written out again
    return picture


def _check(size: tuple[int, int], limit: int) -> None:
    if size[0] * size[1] > limit:
        raise Refused("pixels")


def _webp_canvas(content: bytes) -> tuple[int, int]:
    """Width and height from a WebP's own header (RFC 9649), without opening it."""
    kind, start = content[12:16], content[20:30]
    if len(start) < 10:
        raise Refused("broken")
    if kind == b"VP8X":
        return (
            int.from_bytes(start[4:7], "little") + 1,
            int.from_bytes(start[7:10], "little") + 1,
        )
    if kind == b"VP8L":
        bits = int.from_bytes(start[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", start[6:10])
    return width & 0x3FFF, height & 0x3FFF


def _orientation(photo: Image.Image) -> int:
    try:
        found = photo.getexif().get(_EXIF_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - unreadable EXIF is thrown away, not a reason to refuse
        return 1
    return found if isinstance(found, int) else 1


def _fitted(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """The size with the same proportions whose longest side is at most ``longest`` pixels."""
    width, height = size
    if max(size) <= longest:
        return size
    scale = longest / max(size)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _resizable(photo: Image.Image) -> Image.Image:
    """The photo in a mode that can be shrunk smoothly: palettes and bits only drop pixels."""
    if "transparency" in photo.info or photo.mode in ("PA", "LA"):
        return photo.convert("RGBA")
    if photo.mode == "P":
        return photo.convert("RGB")
    if photo.mode == "1":
        return photo.convert("L")
    return photo


def _resized(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Averages whole blocks first, then one smooth step: as even as one step, in half the time."""
    return picture.resize(size, Image.Resampling.HAMMING, reducing_gap=1.0)


def _eight_bits(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # Pillow clips at 255 instead of scaling
        return picture.convert("I").point(lambda level: level * (1 / 257)).convert("L")
    return picture


def _opaque(picture: Image.Image) -> Image.Image:
    if picture.mode not in ("RGBA", "RGBa"):
        return picture
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper


def _in_srgb(picture: Image.Image, icc: bytes | None) -> Image.Image:
    """Colours as they were meant: iPhones write Display P3, printers CMYK.

    A profile that is broken or made for another kind of picture is left out of account.
    """
    if icc:
        try:
            transform = _to_srgb(icc, picture.mode)
            if transform is not None:
                picture = ImageCms.applyTransform(picture, transform) or picture
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    return picture if picture.mode == "RGB" else picture.convert("RGB")


@lru_cache(maxsize=8)
def _to_srgb(icc: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    profile = ImageCms.ImageCmsProfile(BytesIO(icc))
    space = {"RGB": "RGB ", "L": "GRAY", "CMYK": "CMYK"}.get(mode)
    if profile.profile.xcolor_space.ljust(4) != space:
        return None
    if space == "RGB " and "sRGB" in ImageCms.getProfileDescription(profile):
        return None
    return ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB")


def _encoded(picture: Image.Image, wanted: tuple[str, ...]) -> list[Encoded]:
    """Encodes the wanted sizes; a picture that is already small is encoded once and shared."""
    made: list[Encoded] = []
    if "large_jpeg" in wanted:
        made.append(Encoded("large_jpeg", *picture.size, "image/jpeg", _saved(picture, _save_jpeg)))
    content, at = b"", (0, 0)
    for name, longest in SIZES.items():
        if name not in wanted:
            continue
        size = _fitted(picture.size, longest)
        if size != picture.size:
            picture = _resized(picture, size)
        if at != size:
            content, at = _saved(picture, _save_webp), size
        made.append(Encoded(name, *size, "image/webp", content))
    return made


def _save_jpeg(picture: Image.Image, into: BytesIO) -> None:
    picture.save(into, "JPEG", quality=JPEG_QUALITY)


def _save_webp(picture: Image.Image, into: BytesIO) -> None:
    picture.save(into, "WEBP", quality=WEBP_QUALITY, method=WEBP_METHOD)


def _saved(picture: Image.Image, save: Callable[[Image.Image, BytesIO], None]) -> bytes:
    into = BytesIO()
    save(picture, into)
    return into.getvalue()


def received(channel: socket.socket, length: int) -> bytearray | None:
    """Exactly ``length`` bytes, or nothing when the other side has gone."""
    content = bytearray(length)
    view = memoryview(content)
    while view:
        got = channel.recv_into(view)
        if not got:
            return None
        view = view[got:]
    return content


def _answer(job: bytes, content: bytes, bounds: Bounds) -> tuple[dict[str, Any], list[bytes]]:
    try:
        made = renditions(content, WANTED[job], bounds)
    except Refused as refused:
        return {"refused": refused.reason}, []
    except MemoryError:
        return {"refused": "memory"}, []
    sizes = [
        {**{k: v for k, v in asdict(each).items() if k != "content"}, "length": len(each.content)}
        for each in made
    ]
    return {"sizes": sizes}, [each.content for each in made]


def serve(memory: int, seconds: int, bounds: Bounds) -> None:
    """Answers photos on the socket at file descriptor 0 until the parent closes it or dies."""
    Image.MAX_IMAGE_PIXELS = bounds.pixels
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    if heif_is_usable() and _HEIF is not None:
        # One thread: each more takes from the bounded address space. And the picture alone.
        _HEIF.register_heif_opener(
            thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
        )
    os.nice(5)  # pages are answered first
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    channel = socket.socket(fileno=0)
    channel.sendall(b"R")
    while (head := received(channel, 5)) is not None:
        content = received(channel, int.from_bytes(head[1:], "big"))
        if content is None:
            return
        _allow_another(seconds)
        told, blobs = _answer(bytes(head[:1]), bytes(content), bounds)
        text = json.dumps(told).encode()
        channel.sendall(len(text).to_bytes(4, "big") + text)
        for blob in blobs:
            channel.sendall(blob)


def _allow_another(seconds: int) -> None:
    """The system ends us should the parent be gone and the decoder never return."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def main() -> None:
    memory, seconds, pixels, webp_pixels, heic = (int(word) for word in sys.argv[1:])
    serve(memory, seconds, Bounds(pixels, webp_pixels, bool(heic)))
    os._exit(0)  # nothing to tidy: no file is open, no thread runs
