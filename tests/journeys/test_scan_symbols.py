"""What the scanner reads: hard frames, photographs, and other people's symbols."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect
from zxingcpp import BarcodeFormat, create_barcode

from bench.hard_frames import TEXT, frames
from bench.scanner import read_in
from tests.journeys import camera
from tests.journeys.scanning import Film, hit, looked_at

pytestmark = pytest.mark.browser


def test_small_blurred_dim_and_slanted_labels_are_read(filmed: Film) -> None:
    page = filmed("kari", None)
    page.goto("/skann")
    expect(page.get_by_role("alert")).to_be_visible()
    hard = list(frames())

    tried = read_in(page, [each.picture for each in hard], rounds=1)

    missed = [each.name for each, one in zip(hard, tried, strict=True) if TEXT not in one.texts]
    assert len(hard) == 14
    assert missed == ["24 % covered, 2.2 px", "24 % covered, 3 px"]


@pytest.mark.shared_data
def test_photographs_of_other_peoples_codes_read_as_foreign(
    filmed: Film, shared_data: Path
) -> None:
    page = filmed("kari", None)
    page.goto("/skann")
    photographs = sorted((shared_data / "qr_photos").glob("*.png"))
    assert photographs
    for each in photographs:
        page.locator("[data-photo] input").set_input_files(each)
        expect(hit(page)).to_contain_text("Ikke en av våre etiketter")
        written = each.with_suffix(".txt").read_text(encoding="utf-8").strip()
        expect(hit(page).locator(".scan-value")).to_have_text(written)
    assert looked_at(page, "skann-fremmed") == []


@pytest.mark.parametrize(
    ("symbol", "content", "is_gs1", "kind", "value"),
    [
        (BarcodeFormat.EAN13, "7070000000006", False, "EAN", "7070000000006"),
        (BarcodeFormat.Code128, "INV-004711", False, "Gammelt inventarnummer", "INV-004711"),
        (BarcodeFormat.Code39, "HF 12345", False, "Gammelt inventarnummer", "HF 12345"),
        (BarcodeFormat.QRCode, "https://id.gs1.org/8004/70712345A7", False, "GIAI", "70712345A7"),
        (BarcodeFormat.DataMatrix, "(8004)70712345A7", True, "GIAI", "70712345A7"),
        (BarcodeFormat.Code128, "(8004)70712345A7", True, "GIAI", "70712345A7"),
    ],
    ids=["EAN", "Code 128", "Code 39", "GIAI in QR", "GIAI in Data Matrix", "GIAI in Code 128"],
)
def test_other_symbols_are_read_as_the_codes_they_are(
    filmed: Film,
    tmp_path: Path,
    symbol: BarcodeFormat,
    content: str,
    *,
    is_gs1: bool,
    kind: str,
    value: str,
) -> None:
    drawn = create_barcode(content, symbol, gs1=is_gs1).to_image(scale=4)
    picture = camera.on_grey(Image.fromarray(drawn), width=480)
    picture.save(tmp_path / "x.png")
    page = filmed("kari", None)
    page.goto("/skann")
    page.locator("[data-photo] input").set_input_files(tmp_path / "x.png")

    expect(hit(page)).to_contain_text(f"{kind} {value}")


def test_a_photograph_without_a_code_and_a_file_that_is_none_are_told(
    filmed: Film, tmp_path: Path
) -> None:
    page = filmed("kari", None)
    page.goto("/skann")
    empty = tmp_path / "tomt.png"
    camera.nothing().save(empty)
    choose = page.locator("[data-photo] input")

    choose.set_input_files(empty)
    expect(page.locator("[data-check]")).to_contain_text("Fant ingen kode i bildet")
    choose.set_input_files({"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"})
    expect(page.locator("[data-check]")).to_contain_text("kan ikke lese denne filen")
