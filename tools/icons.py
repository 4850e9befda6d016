"""Draws the icons of the installed program from ``static/icon.svg``: ``python -m tools.icons``."""

from pathlib import Path

from playwright.sync_api import sync_playwright

from tools import chromium

STATIC = Path(__file__).resolve().parent.parent / "static"
SIZES = {"icon-192": 192, "icon-512": 512, "maskable-512": 512}
# A launcher may cut a maskable icon to a circle of 80 %: the mark stands inside, on a full ground.
SAFE = 0.72


def drawn(name: str, size: int, svg: str) -> str:
    """A page of that size with the icon on it."""
    is_maskable = name.startswith("maskable")
    ground = "#1f5c4b" if is_maskable else "transparent"
    mark = size * (SAFE if is_maskable else 1)
    return (
        f"<style>body{{margin:0;height:{size}px;display:grid;place-items:center;"
        f"background:{ground}}}svg{{width:{mark}px;height:{mark}px}}</style>{svg}"
    )


def main() -> None:
    svg = (STATIC / "icon.svg").read_text(encoding="utf-8")
    folder = STATIC / "icons"
    folder.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.FLAGS)
        for name, size in SIZES.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            page.set_content(drawn(name, size, svg))
            page.screenshot(path=folder / f"{name}.png", omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
