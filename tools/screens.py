"""Makes the pictures of the README from the demo: ``make screens``, into docs/pictures."""

import io
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tools import chromium
from tools.demo_site import PASSWORD, ROOT, play_demo, serve_demo

PICTURES = ROOT / "docs" / "pictures"
MOST_BYTES = 250_000
PHONE, DESK = (390, 844), (1280, 900)


@dataclass(frozen=True)
class Shot:
    """One picture: who looks at what, on which screen."""

    name: str
    person: str | None
    path: str
    size: tuple[int, int] = DESK
    scheme: Literal["light", "dark"] = "light"
    follow: str = ""
    """A CSS selector of a link that is followed."""
    then: str = ""
    """What stands after the followed link's address."""


PROJECT = "main a[href*='/prosjekter/']:not([href$='/nytt'])"
SHOTS = [
    Shot("home", "amina", "/"),
    Shot("market", "amina", "/marked"),
    Shot("piece", "kari", "/mobler", follow="#results tbody th a"),
    Shot("report", "ingrid", "/prosjekter", follow=PROJECT, then="/rapport"),
    Shot("register-phone", "ole", "/mobler/ny", PHONE, "dark"),
    Shot("scan-phone", None, "/I/", PHONE, "dark"),
    Shot("market-phone", "amina", "/marked", PHONE, "dark"),
]


def sign_in(page: Page, person: str) -> None:
    page.goto("/logg-inn")
    page.fill("[name=email]", f"{person}@demo.example")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda url: "/logg-inn" not in url)


def a_code(browser: Browser, address: str) -> str:
    """The code of a piece, as somebody would read it from the label."""
    page = browser.new_page(base_url=address)
    sign_in(page, "kari")
    page.goto("/mobler")
    code = page.locator("#results .code").first.inner_text()
    page.close()
    return code


def take(browser: Browser, address: str, shot: Shot) -> bytes:
    width, height = shot.size
    page = browser.new_page(
        base_url=address,
        viewport={"width": width, "height": height},
        device_scale_factor=2 if shot.size == PHONE else 1,
        color_scheme=shot.scheme,
        reduced_motion="reduce",
        locale="nb-NO",
    )
    if shot.person:
        sign_in(page, shot.person)
    address_of = shot.path + (a_code(browser, address) if shot.path == "/I/" else "")
    answer = page.goto(address_of)
    if shot.follow:
        found = page.locator(shot.follow).first.get_attribute("href") or ""
        answer = page.goto(found + shot.then)
    if answer is None or answer.status != 200:
        raise RuntimeError(f"{shot.name}: {page.url} did not answer")
    page.wait_for_load_state("networkidle")
    picture = page.screenshot()
    page.close()
    return picture


def store(name: str, png: bytes) -> None:
    """Stores the picture as WebP, at the best quality that keeps it small."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in (88, 80, 70, 60, 50):
        made = io.BytesIO()
        picture.save(made, "WEBP", quality=quality, method=6)
        if made.tell() <= MOST_BYTES:
            break
    path = PICTURES / f"{name}.webp"
    path.write_bytes(made.getvalue())
    print(f"{path.relative_to(ROOT)}: {made.tell() / 1000:.0f} kB")


def main() -> int:
    executable = chromium.find()
    if executable is None:
        print("No Chromium; install with: apt-get install chromium, or name one in CHROMIUM")
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="omlop-screens-") as folder, sync_playwright() as tool:
        print("Playing the demo story …")
        play_demo(Path(folder) / "demo")
        browser = tool.chromium.launch(executable_path=executable, args=chromium.FLAGS)
        with serve_demo(Path(folder) / "demo") as address:
            for shot in SHOTS:
                store(shot.name, take(browser, address, shot))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
