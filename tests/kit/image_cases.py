"""Pictures as phones, printers and attackers make them, built byte by byte where it matters."""

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import Image

CANARY = b"Omlop-canary"
RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 180, 40), (30, 60, 210), (245, 245, 245)

# EXIF 2.32, tag 274: where the first stored row and the first stored column lie in the picture.
ORIENTATIONS = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}


def quarters(width: int = 96, height: int = 64) -> Image.Image:
    """Red, green over blue, white: no two of its eight orientations look the same."""
    picture = Image.new("RGB", (width, height), WHITE)
    picture.paste(RED, (0, 0, width // 2, height // 2))
    picture.paste(GREEN, (width // 2, 0, width, height // 2))
    picture.paste(BLUE, (0, height // 2, width // 2, height))
    return picture


def as_stored(upright: Image.Image, orientation: int) -> Image.Image:
    """The pixels as a camera held that way stores them, by the definition of the tag."""
    row, column = ORIENTATIONS[orientation]
    width, height = upright.size
    is_turned = row in ("left", "right")
    stored = Image.new("RGB", (height, width) if is_turned else (width, height))
    for r in range(stored.height):
        for c in range(stored.width):
            x, y = (r, c) if is_turned else (c, r)
            if "right" in (row, column):
                x = width - 1 - x
            if "bottom" in (row, column):
                y = height - 1 - y
            stored.putpixel((c, r), upright.getpixel((x, y)) or 0)
    return stored


def saved(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    into = BytesIO()
    picture.save(into, kind, **options)
    return into.getvalue()


def detailed(width: int, height: int) -> Image.Image:
    """Soft shapes with texture, so that encoders have something to do; the same every time."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    ring = Image.radial_gradient("L").resize((width, height))
    return Image.merge("RGB", (across, down, ring))


def tiff(orientation: int = 1) -> bytes:
    """EXIF as a phone writes it: maker, orientation, a position, a thumbnail; all planted."""
    maker, thumbnail = CANARY + b"-maker\0", CANARY + b"-thumbnail"
    ifd0, ifd1, gps = 8, 8 + 2 + 3 * 12 + 4, 8 + 2 + 3 * 12 + 4 + 2 + 2 * 12 + 4
    after = gps + 2 + 2 * 12 + 4
    at_maker, at_thumbnail = after, after + len(maker)
    at_area = at_thumbnail + len(thumbnail)
    area = b"ASCII\0\0\0" + CANARY + b"-place"

    def entry(tag: int, kind: int, count: int, value: int) -> bytes:
        return struct.pack("<HHII", tag, kind, count, value)

    return (
        b"II*\0"
        + struct.pack("<IH", ifd0, 3)
        + entry(0x010F, 2, len(maker), at_maker)
        + entry(0x0112, 3, 1, orientation)
        + entry(0x8825, 4, 1, gps)
        + struct.pack("<IH", ifd1, 2)
        + entry(0x0201, 4, 1, at_thumbnail)
        + entry(0x0202, 4, 1, len(thumbnail))
        + struct.pack("<IH", 0, 2)
        + entry(0x0001, 2, 2, int.from_bytes(b"N\0", "little"))
        + entry(0x001C, 7, len(area), at_area)
        + struct.pack("<I", 0)
        + maker
        + thumbnail
        + area
    )


def _segment(marker: int, payload: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload


def xmp() -> bytes:
    return (
        b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        + CANARY
        + b'-xmp</x:xmpmeta><?xpacket end="w"?>'
    )


def planted_jpeg(picture: Image.Image | None = None, orientation: int = 1) -> bytes:
    """Canaries in EXIF, thumbnail, position, XMP, IPTC, comment, ICC, unknown block and tail."""
    plain = saved(picture or quarters())
    dataset = b"\x1c\x02\x78" + struct.pack(">H", len(CANARY) + 5) + CANARY + b"-iptc"
    iptc = b"Photoshop 3.0\08BIM\x04\x04\0\0" + struct.pack(">I", len(dataset)) + dataset
    return (
        plain[:2]
        + _segment(0xE1, b"Exif\0\0" + tiff(orientation))
        + _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp())
        + _segment(0xED, iptc)
        + _segment(0xE2, b"ICC_PROFILE\0\x01\x01" + display_p3(CANARY.decode() + "-icc"))
        + _segment(0xEA, CANARY + b"-unknown")
        + _segment(0xFE, CANARY + b"-comment")
        + plain[2:]
        + CANARY
        + b"-tail"
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def planted_png(picture: Image.Image | None = None, orientation: int = 1) -> bytes:
    plain = saved(picture or quarters(), "PNG")
    return (
        plain[:33]
        + _chunk(b"iCCP", b"p3\0\0" + zlib.compress(display_p3(CANARY.decode() + "-icc")))
        + _chunk(b"eXIf", tiff(orientation))
        + _chunk(b"tEXt", b"Comment\0" + CANARY + b"-text")
        + _chunk(b"zTXt", b"Author\0\0" + zlib.compress(CANARY + b"-ztext"))
        + _chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp())
        + plain[33:]
        + CANARY
        + b"-tail"
    )


def planted_webp(picture: Image.Image | None = None, orientation: int = 1) -> bytes:
    return saved(
        picture or quarters(),
        "WEBP",
        lossless=True,
        exif=tiff(orientation),
        xmp=xmp(),
        icc_profile=display_p3(CANARY.decode() + "-icc"),
    )


def planted() -> Iterator[tuple[str, bytes]]:
    yield "jpeg", planted_jpeg()
    yield "png", planted_png()
    yield "webp", planted_webp()
    yield "multi-picture", multi_picture()
    yield "large jpeg", planted_jpeg(quarters(2000, 1400))


def display_p3(description: str = "Display P3") -> bytes:
    """An ICC 4 profile with the primaries of Display P3 (adapted to D50) and the sRGB curve."""

    def xyz(*numbers: float) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(n * 65536) for n in numbers))

    text = description.encode("utf-16-be")
    words = b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(text), 28) + text
    curve = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
    para = b"para\0\0\0\0\0\3\0\0" + struct.pack(">5i", *(round(n * 65536) for n in curve))
    tags = {
        b"desc": words,
        b"cprt": words,
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.51512, 0.24120, -0.00105),
        b"gXYZ": xyz(0.29198, 0.69225, 0.04189),
        b"bXYZ": xyz(0.15710, 0.06657, 0.78407),
        b"rTRC": para,
        b"gTRC": para,
        b"bTRC": para,
    }
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    head = struct.pack(
        ">I4sI4s4s4s12s4s4sIIIQI3i4s44x",
        *(start + len(body), b"\0\0\0\0", 0x04000000, b"mntr", b"RGB ", b"XYZ "),
        *(b"\x07\xe1\0\7\0\7\0\r\0\x16\0\x20", b"acsp", b"APPL", 0, 0, 0, 0, 0),
        *(round(0.9642 * 65536), 65536, round(0.8249 * 65536), b"\0\0\0\0"),
    )
    return head + table + body


def multi_picture() -> bytes:
    """As a phone writes a portrait: the photo, and a second picture that nobody asked for."""
    into = BytesIO()
    second = Image.new("RGB", (96, 64), "black")
    quarters().save(into, "MPO", save_all=True, append_images=[second], exif=tiff())
    return into.getvalue()


def png(width: int, height: int, *, depth: int, colour: int, rows: bytes) -> bytes:
    """A PNG with the header we say and the rows we give, whether they agree or not."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def zeroes(length: int) -> bytes:
    """``length`` zero bytes, deflated, without holding them."""
    deflate = zlib.compressobj(9)
    out = b"".join(
        deflate.compress(bytes(min(1 << 20, length - at))) for at in range(0, length, 1 << 20)
    )
    return out + deflate.flush()


def one_bit_bomb() -> bytes:
    """20 kB that take 823 MB when Pillow alone decides."""
    return png(13_000, 13_000, depth=1, colour=0, rows=zeroes(13_000 * (1 + 1625)))


def lying() -> Iterator[tuple[str, bytes, str]]:
    """A name, the file, and the name of the refusal."""
    yield "one-bit bomb", one_bit_bomb(), "PhotoTooManyPixels"
    huge = png(2**31 - 1, 2**31 - 1, depth=8, colour=2, rows=zeroes(100))
    yield "png claims 4 exapixels", huge, "PhotoTooManyPixels"
    yield "png with too few rows", png(500, 500, depth=8, colour=2, rows=zeroes(99)), "PhotoBroken"
    yield "png of no width", png(0, 9, depth=8, colour=2, rows=zeroes(99)), "PhotoBroken"
    jpeg = saved(quarters())
    at = jpeg.index(b"\xff\xc0") + 5
    for name, height, width, said in (
        ("jpeg claims 65500 x 65500", 65500, 65500, "PhotoTooManyPixels"),
        ("jpeg claims 4000 x 4000", 4000, 4000, "PhotoBroken"),
    ):
        yield name, jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4 :], said
    yield "half a jpeg", jpeg[: len(jpeg) // 2], "PhotoBroken"
    yield "only the start of a jpeg", b"\xff\xd8\xff\xe0", "PhotoBroken"
    webp = planted_webp()
    canvas = (16_382).to_bytes(3, "little") * 2
    yield "webp claims 16383 x 16383", webp[:24] + canvas + webp[30:], "PhotoTooManyPixels"
    yield "half a webp", webp[: len(webp) // 2], "PhotoBroken"
    yield "only the start of a webp", webp[:14], "PhotoBroken"
    wide = saved(Image.new("RGB", (6000, 4200)), "WEBP", lossless=True, method=0)
    yield "webp of 25.2 megapixels", wide, "PhotoTooManyPixels"


def other_formats() -> Iterator[tuple[str, bytes]]:
    for kind in ("GIF", "TIFF", "BMP", "ICO", "PDF", "PPM", "AVIF", "JPEG2000"):
        yield kind, saved(quarters(), kind)
    yield "SVG", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    yield "HTML", b"<!doctype html><script>alert(1)</script>"
    yield "EPS", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n"
    yield "nothing", b""
