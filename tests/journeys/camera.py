"""A camera for Chromium: films of our own labels, written as the raw video that it plays back.

Each film starts over when it ends. The first frames that a page sees may be blank.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image

from labels.draw import Label
from labels.fonts import Fonts
from labels.png import png
from labels.stock import stock

WIDTH, HEIGHT = 640, 480
FRAMES_A_SECOND = 10
GREY = 150
FONTS = Path(__file__).resolve().parents[2] / "static" / "vendor" / "fonts"
# Without a sentence of its own Chromium asks, and nobody answers.
GRANTED = "--use-fake-ui-for-media-stream"
FAKE = "--use-fake-device-for-media-stream"


def label(code: str, address: str, name: str = "Kontorstol", *, kind: str = "I") -> Image.Image:
    """The printed label of a piece, or with kind P of a place, 300 dots an inch, on grey."""
    printed = Label(code, f"{address.upper()}/{kind}/", name, "Fjordlandet helseforetak")
    picture = Image.open(BytesIO(png(printed, stock("L7160"), fonts=Fonts.find(FONTS))))
    return on_grey(picture, width=520)


def on_grey(picture: Image.Image, *, width: int) -> Image.Image:
    """A picture in the middle of a frame, as wide as told where it fits."""
    scale = min(width / picture.width, (HEIGHT - 40) / picture.height)
    shown = picture.convert("L").resize(
        (round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS
    )
    frame = Image.new("L", (WIDTH, HEIGHT), GREY)
    frame.paste(shown, ((WIDTH - shown.width) // 2, (HEIGHT - shown.height) // 2))
    return frame


def nothing() -> Image.Image:
    """What the camera sees between two labels."""
    return Image.new("L", (WIDTH, HEIGHT), GREY)


def film(path: Path, scenes: Sequence[tuple[Image.Image, float]]) -> Path:
    """Writes the scenes, each so many seconds long; 4.6 MB a second."""
    # Brightness for each pixel, then both colours, at a quarter, as the grey they are.
    colours = bytes([128]) * (WIDTH * HEIGHT // 2)
    with path.open("wb") as file:
        file.write(
            f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_A_SECOND}:1 Ip A1:1 C420mpeg2\n".encode()
        )
        for picture, seconds in scenes:
            frame = b"FRAME\n" + picture.tobytes() + colours
            for _ in range(max(1, round(seconds * FRAMES_A_SECOND))):
                file.write(frame)
    return path


def flags(shown: Path | None, *, is_granted: bool = True) -> list[str]:
    """Chromium's flags for a camera that shows this film, none at all, or one it may not open."""
    wanted = [] if shown is None else [FAKE, f"--use-file-for-fake-video-capture={shown}"]
    return [*wanted, *([GRANTED] if is_granted else [])]
