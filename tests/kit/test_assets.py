"""Static files: hashed addresses, how long they are kept, the font's parts, the first load."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from app.kit.assets import FOR_EVER, AssetFiles, Assets, UnknownAssetError
from app.kit.vendor import (
    NORDIC,
    SAMI,
    MissingPackageError,
    WrongReaderError,
    check_reader,
    copy,
)

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"
# performance.md: the first load of the market and scan pages, fonts counted.
FIRST_LOAD_BYTES = 120_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app.css").write_text("body { color: black; }\n" * 50)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG" + bytes(200))
    return tmp_path


def served(folder: Path) -> TestClient:
    return TestClient(Starlette(routes=[Mount("/static", AssetFiles(Assets(folder)))]))


def test_an_address_changes_with_the_content_of_its_own_file(folder: Path) -> None:
    before = Assets(folder)
    (folder / "app.css").write_text("body { color: white; }")
    after = Assets(folder)
    assert before.url("app.css") != after.url("app.css")
    assert before.url("picture.png") == after.url("picture.png")
    assert before.release != after.release


def test_a_file_that_does_not_exist_is_named_with_what_to_run(folder: Path) -> None:
    with pytest.raises(UnknownAssetError, match=r"vendor/x\.js.*make assets"):
        Assets(folder).url("vendor/x.js")


def test_a_hashed_address_is_kept_for_ever_and_an_older_or_bare_one_is_not(folder: Path) -> None:
    client = served(folder)
    url = Assets(folder).url("app.css")
    assert client.get(url).headers["Cache-Control"] == FOR_EVER
    assert client.get("/static/app.css?v=000000000000").headers["Cache-Control"] == "no-cache"
    assert client.get("/static/app.css").headers["Cache-Control"] == "no-cache"


def test_text_is_sent_as_gzip_to_who_takes_it_and_plain_to_who_does_not(folder: Path) -> None:
    client = served(folder)
    small = client.get("/static/app.css", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/static/app.css", headers={"Accept-Encoding": "identity"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert int(small.headers["Content-Length"]) < len(plain.content) / 5
    assert "Content-Encoding" not in plain.headers
    assert small.text == plain.text
    assert small.headers["Content-Type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize("path", ["nothing.css", "../pyproject.toml", "%2e%2e/pyproject.toml"])
def test_what_is_not_there_is_404(folder: Path, path: str) -> None:
    assert served(folder).get(f"/static/{path}").status_code == 404


# Asked for only when something waits in the queue, when somebody signs out, when a piece was found
# that the phone keeps or that has a next step, and in other modes of the scanner.
LATER = {
    "./modules/queue_watch.js",
    "./modules/sign_out.js",
    "./kept.js",
    "./steps.js",
    *(f"./modules/mode_{mode}.js" for mode in ("bind", "collect", "count", "room", "survey")),
}


def with_imports(script: Path) -> set[Path]:
    """The script and every module that it names, however it asks for it."""
    found = {script}
    text = script.read_text(encoding="utf-8")
    for name in set(re.findall(r"""(?:from|import\()\s*"(\./[^"]+)\"""", text)) - LATER:
        found |= with_imports(script.parent / name)
    return found


def first_load(*templates: str) -> set[str]:
    """Files under static/ that the page of these templates asks for; the wasm is not counted."""
    frame = [ROOT / "templates" / "base.html", *(ROOT / "templates" / "site").glob("*.html")]
    pages = [*frame, *(ROOT / "templates" / each for each in templates)]
    text = "".join(each.read_text(encoding="utf-8") for each in pages)
    linked = {name for name in re.findall(r"asset\('([^']+)'\)", text) if "." in name}
    scripts = [STATIC / name for name in linked if name.endswith(".js")]
    modules = {path for script in scripts for path in with_imports(script)}
    fonts = {"vendor/fonts/inter-nordic.woff2", "vendor/fonts/inter-sami.woff2"}
    names = linked | fonts | {path.relative_to(STATIC).as_posix() for path in modules}
    return {name for name in names if name != "print.css" and not name.endswith(".wasm")}


@pytest.mark.parametrize(
    "templates",
    [
        ("marketplace/browse.html",),
        ("fieldwork/scan.html", "fieldwork/camera.html", "fieldwork/mode_look_up.html"),
    ],
    ids=["market", "scan"],
)
def test_the_first_load_stays_within_its_budget(templates: tuple[str, ...]) -> None:
    size = Assets(STATIC).compressed_size(first_load(*templates))

    assert 50_000 < size <= FIRST_LOAD_BYTES


def test_the_first_load_of_the_scan_page_counts_its_modules_and_its_reader() -> None:
    names = first_load("fieldwork/scan.html", "fieldwork/camera.html")

    assert {"scan.js", "modules/scanner.js", "modules/wedge.js"} <= names
    assert "vendor/barcode-detector.js" in names


def test_the_manifest_says_where_each_file_comes_from_and_its_hash_is_right() -> None:
    manifest = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for line in manifest:
        content = (VENDOR / line["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == line["sha256"]
        assert locked[f"node_modules/{line['package']}"]["version"] == line["version"]
    named = {line["file"] for line in manifest} | {"manifest.json", ".copied"}
    there = {p.relative_to(VENDOR).as_posix() for p in VENDOR.rglob("*") if p.is_file()}
    assert there - named == set()
    licences = {line["package"]: line["licence"] for line in manifest}
    assert licences == {
        "@digdir/designsystemet-css": "MIT",
        "barcode-detector": "MIT",
        "zxing-wasm": "MIT",
        "htmx.org": "BSD-0-Clause",
        "@fontsource-variable/inter": "OFL-1.1",
    }


def letters_of(name: str) -> set[str]:
    return {chr(code) for code in TTFont(VENDOR / "fonts" / name).getBestCmap()}


def test_each_part_of_the_font_holds_its_letters_and_no_letter_is_in_two() -> None:
    assert set(NORDIC) - letters_of("inter-nordic.woff2") == set()
    assert letters_of("inter-sami.woff2") == set(SAMI)
    assert set(NORDIC) & letters_of("inter-latin-ext.woff2") == set()
    parts = [letters_of(f"inter-{n}.woff2") for n in ("nordic", "sami", "latin", "latin-ext")]
    # The package itself repeats a few joining marks in both of its files.
    assert sum(map(len, parts)) - len(set().union(*parts)) <= 20


def test_the_small_font_keeps_its_weights_its_kerning_and_its_even_figures() -> None:
    font = TTFont(VENDOR / "fonts" / "inter-nordic.woff2")
    axis = font["fvar"].axes[0]
    assert (axis.axisTag, axis.minValue, axis.maxValue) == ("wght", 400, 700)
    assert "tnum" in {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord}
    assert "kern" in {record.FeatureTag for record in font["GPOS"].table.FeatureList.FeatureRecord}
    assert (VENDOR / "fonts" / "inter-nordic.woff2").stat().st_size < 20_000


@pytest.mark.parametrize("style", ["Regular", "Bold"])
def test_the_label_font_is_one_plain_ttf_with_every_letter(style: str) -> None:
    font = TTFont(VENDOR / "fonts" / f"Inter-{style}.ttf")
    assert font.flavor is None
    assert "fvar" not in font
    assert "glyf" in font
    assert set(NORDIC + SAMI) - {chr(code) for code in font.getBestCmap()} == set()


def test_bold_is_wider_than_regular() -> None:
    widths = [
        TTFont(VENDOR / "fonts" / f"Inter-{style}.ttf")["hmtx"]["a"][0]
        for style in ("Regular", "Bold")
    ]
    assert widths[0] < widths[1]


def test_without_the_packages_the_copy_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(MissingPackageError, match="npm ci --ignore-scripts"):
        copy(tmp_path)


def test_a_reader_that_its_script_was_not_made_for_is_refused(tmp_path: Path) -> None:
    script, wasm = VENDOR / "barcode-detector.js", tmp_path / "zxing_reader.wasm"
    wasm.write_bytes((VENDOR / "zxing_reader.wasm").read_bytes())
    check_reader(script, wasm)
    wasm.write_bytes(wasm.read_bytes() + b"\0")
    with pytest.raises(WrongReaderError, match="does not belong"):
        check_reader(script, wasm)


def test_the_same_packages_give_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules", target_is_directory=True)
    made = {line.file: line.sha256 for line in copy(tmp_path)}
    kept = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
    assert made == {line["file"]: line["sha256"] for line in kept}


@pytest.mark.parametrize("place", [ROOT, ROOT / "design" / "theme"], ids=["program", "theme"])
def test_packages_are_asked_for_at_exact_versions(place: Path) -> None:
    asked = json.loads((place / "package.json").read_text(encoding="utf-8"))
    versions = [*asked["dependencies"].values(), *asked.get("devDependencies", {}).values()]
    assert versions
    assert [v for v in versions if not re.fullmatch(r"\d+\.\d+\.\d+", v)] == []
    locked = json.loads((place / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [n for n, p in locked.items() if n and "integrity" not in p and "link" not in p] == []
    assert [n for n, p in locked.items() if "resolved" in p] == []
