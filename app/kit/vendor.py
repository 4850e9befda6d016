"""Copies the front-end packages' files to ``static/vendor/`` and cuts the font: ``make assets``.

``npm ci --ignore-scripts`` has put the packages into ``node_modules/``; nothing is fetched here.
Run as ``python -m app.kit.vendor``.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from app.kit.assets import content_hash

STYLES = "@digdir/designsystemet-css"
DETECTOR = "barcode-detector"
READER = "zxing-wasm"
HTMX = "htmx.org"
INTER = "@fontsource-variable/inter"
LICENCE_FILES = ("LICENSE", "LICENSE.txt", "LICENSE.md")

COPIED: tuple[tuple[str, str, str], ...] = (
    (STYLES, "dist/src/index.css", "designsystemet.css"),
    (HTMX, "dist/htmx.min.js", "htmx.min.js"),
    (DETECTOR, "dist/iife/ponyfill.js", "barcode-detector.js"),
    # A dependency of the detector's: a version of our own choice could be another than its own.
    (READER, "dist/reader/zxing_reader.wasm", "zxing_reader.wasm"),
)

# What bokmål, nynorsk, Swedish and English are written with, and our figures.
NORDIC = (
    "".join(chr(n) for n in range(0x20, 0x7F))
    + "\u00a0ÆØÅæøåÄÖäöÉÈÊËéèêëÀÁÂàáâÓÒÔóòôÜÚüúÍíÑñÇç"
    + "«»“”„‘’‚–—…·•×−±°²³½¼¾§©€£™%"
)
SAMI = "ČčĐđŊŋŠšŦŧŽž"
WEIGHTS = (400, 700)


@dataclass(frozen=True)
class Copied:
    """A line of the manifest: what the licence page and the offline cache say about a file."""

    file: str
    package: str
    version: str
    licence: str
    sha256: str


class MissingPackageError(FileNotFoundError):
    """The packages have not been installed: run ``npm ci --ignore-scripts`` first."""


class WrongReaderError(ValueError):
    """The detector's script was made for another wasm file; it would read nothing."""


def copy(root: Path) -> list[Copied]:
    """Fills ``static/vendor/`` under `root` and writes its manifest; returns what it holds."""
    target = root / "static" / "vendor"
    shutil.rmtree(target, ignore_errors=True)
    fonts = target / "fonts"
    fonts.mkdir(parents=True)
    made: list[tuple[Path, str]] = []
    for package, source, name in COPIED:
        shutil.copyfile(_package(root, package) / source, target / name)
        made.append((target / name, package))
    check_reader(target / "barcode-detector.js", target / "zxing_reader.wasm")
    made += [
        (_copy_licence(_package(root, package), package, target), package)
        for package in (STYLES, HTMX, DETECTOR, READER, INTER)
    ]
    made += [(path, INTER) for path in _web_fonts(_package(root, INTER), target)]
    made += [(path, INTER) for path in _label_fonts(_package(root, INTER), fonts)]
    manifest = [_manifest_line(root, target, path, package) for path, package in made]
    (target / "manifest.json").write_text(
        json.dumps([asdict(line) for line in manifest], indent=2) + "\n", encoding="utf-8"
    )
    return manifest


def check_reader(script: Path, wasm: Path) -> None:
    """Raises ``WrongReaderError`` unless the script names this wasm file's SHA-256."""
    digest = hashlib.sha256(wasm.read_bytes()).hexdigest()
    if digest not in script.read_text(encoding="utf-8"):
        raise WrongReaderError(f"{script.name} does not belong to {wasm.name} ({digest})")


def _package(root: Path, name: str) -> Path:
    folder = root / "node_modules" / name
    if not folder.is_dir():
        raise MissingPackageError(f"{name} is not installed. Run: npm ci --ignore-scripts")
    return folder


def _copy_licence(folder: Path, package: str, target: Path) -> Path:
    licences = target / "licences"
    licences.mkdir(exist_ok=True)
    path = licences / (package.strip("@").replace("/", "-") + ".txt")
    source = next((folder / name for name in LICENCE_FILES if (folder / name).is_file()), None)
    if source is None:
        # Some packages name their licence and ship no text of it.
        path.write_text(f"{package}: {_described(folder)['license']}\n", encoding="utf-8")
    else:
        shutil.copyfile(source, path)
    return path


def _described(folder: Path) -> dict[str, str]:
    described: dict[str, str] = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    return described


def _manifest_line(root: Path, target: Path, path: Path, package: str) -> Copied:
    described = _described(_package(root, package))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    name = path.relative_to(target).as_posix()
    return Copied(name, package, described["version"], described["license"], digest)


def _open(folder: Path, letters: str) -> TTFont:
    # Without recalculated timestamps the same packages give the same bytes, and so the same URLs.
    path = folder / "files" / f"inter-{letters}-wght-normal.woff2"
    return TTFont(path, recalcTimestamp=False)


def _cut(font: TTFont, characters: Iterable[int]) -> None:
    options = Options()
    options.layout_features = ["kern", "tnum", "mark", "mkmk", "ccmp", "locl"]
    options.flavor = "woff2"
    options.name_IDs = ["*"]
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)


def _web_fonts(folder: Path, target: Path) -> list[Path]:
    """The font in four files; the browser takes only those whose letters stand on the page."""
    made: list[Path] = []
    rules: list[str] = []
    nordic, sami = {ord(c) for c in NORDIC}, {ord(c) for c in SAMI}
    parts = (
        ("nordic", "latin", nordic, True),
        ("sami", "latin-ext", sami, True),
        ("latin", "latin", nordic, False),
        # The package repeats A, Ä and the space here: whoever wrote one would fetch 56 kB for it.
        ("latin-ext", "latin-ext", nordic | sami, False),
    )
    for name, source, letters, is_inside in parts:
        font = _open(folder, source)
        wanted = {code for code in font.getBestCmap() if (code in letters) is is_inside}
        path = target / "fonts" / f"inter-{name}.woff2"
        # Cut first: limiting the axis drops rows that the cutter looks up.
        _cut(font, wanted)
        instantiateVariableFont(font, {"wght": WEIGHTS}, inplace=True)
        font.flavor = "woff2"
        font.save(path)
        made.append(path)
        rules.append(_font_face(path, wanted))
    sheet = target / "fonts.css"
    sheet.write_text("".join(rules), encoding="utf-8")
    return [*made, sheet]


def _font_face(path: Path, codes: set[int]) -> str:
    # The same address as ``asset()`` writes, so that a preloaded font is the one that is used.
    address = f"fonts/{path.name}?v={content_hash(path.read_bytes())}"
    return (
        '@font-face{font-family:"Inter";font-style:normal;font-display:swap;'
        f"font-weight:{WEIGHTS[0]} {WEIGHTS[1]};"
        f'src:url("{address}") format("woff2");unicode-range:{_ranges(codes)}}}\n'
    )


def _ranges(codes: set[int]) -> str:
    runs: list[list[int]] = []
    for code in sorted(codes):
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return ",".join(f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in runs)


def _label_fonts(folder: Path, fonts: Path) -> list[Path]:
    """Inter as TTF at two fixed weights, every letter in one file: PDF writers read no woff2."""
    made: list[Path] = []
    for style, weight in (("Regular", 400), ("Bold", 700)):
        pieces: list[Path] = []
        for letters in ("latin", "latin-ext"):
            font = _open(folder, letters)
            instantiateVariableFont(font, {"wght": weight}, inplace=True)
            for table in ("GSUB", "GPOS", "GDEF", "STAT"):
                # A label draws letter by letter; the two files' layout tables do not merge.
                if table in font:
                    del font[table]
            font.flavor = None
            piece = fonts / f"piece-{style}-{letters}.ttf"
            font.save(piece)
            pieces.append(piece)
        merged = Merger().merge([str(piece) for piece in pieces])
        # The merger writes the hour of the day; the same packages must give the same bytes.
        merged.recalcTimestamp = False
        merged["head"].created = merged["head"].modified = 0
        path = fonts / f"Inter-{style}.ttf"
        merged.save(path)
        for piece in pieces:
            piece.unlink()
        made.append(path)
    return made


if __name__ == "__main__":
    copy(Path(__file__).resolve().parents[2])
