"""HEIC in the browser, by a stubbed decoder: Chromium has none. Not verified on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

pytestmark = pytest.mark.browser

PHOTO: FilePayload = {
    "name": "IMG_0001.HEIC",
    "mimeType": "image/heic",
    "buffer": b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(64),
}
STUB = """() => {
  const own = window.createImageBitmap;
  window.createImageBitmap = async (source, ...rest) => {
    if (!(source instanceof File)) return own(source, ...rest);
    const canvas = new OffscreenCanvas(2000, 1000);
    canvas.getContext("2d").fillRect(0, 0, 2000, 1000);
    return canvas.transferToImageBitmap();
  };
}"""
CHOSEN = "document.querySelector('input[type=file]').files[0]"


MODULE = Path(__file__).resolve().parents[2] / "static" / "modules" / "photos.js"
FORM = """<!doctype html><form><div data-photos data-heic="convert" data-working="…" data-failed="Nei.">
<label>Bilder <input type="file" multiple></label><ul data-tray hidden></ul><p data-photos-said></p>
<template><li><img alt="{n}"><p data-main></p><button type="button" data-first>Vis først</button>
<button type="button" data-remove>Fjern</button></li></template></div></form>
<script type="module" src="/photos.js"></script>"""


@pytest.fixture
def form(page: Page) -> Page:
    """The module on a form of its own: its markup on our pages is in tests/items/test_photos.py."""
    page.route(
        "https://heic.test/", lambda route: route.fulfill(body=FORM, content_type="text/html")
    )
    page.route(
        "https://heic.test/photos.js",
        lambda route: route.fulfill(body=MODULE.read_text(), content_type="text/javascript"),
    )
    page.goto("https://heic.test/")
    return page


def test_a_heic_photo_becomes_a_jpeg_of_1600_pixels(form: Page) -> None:
    form.evaluate(STUB)
    form.get_by_label("Bilder").set_input_files(PHOTO)
    form.wait_for_function(f"{CHOSEN}.name === 'IMG_0001.jpg'")
    assert form.evaluate(f"{CHOSEN}.type") == "image/jpeg"
    size = form.evaluate(
        """async () => {
          const image = new Image();
          image.src = await new Promise((done) => {
            const reader = new FileReader();
            reader.onload = () => done(reader.result);
            reader.readAsDataURL(document.querySelector('input[type=file]').files[0]);
          });
          await image.decode();
          return [image.naturalWidth, image.naturalHeight];
        }"""
    )
    assert size == [1600, 800]


def test_a_browser_without_a_decoder_says_what_to_do(form: Page) -> None:
    form.get_by_label("Bilder").set_input_files(PHOTO)
    expect(form.locator("[data-photos-said]")).to_contain_text("IMG_0001.HEIC: Nei.")
    assert form.evaluate(f"{CHOSEN}.name") == "IMG_0001.HEIC"
