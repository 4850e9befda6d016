"""What a phone needs to open the program without a network: manifest, service worker, a last page."""

import json
from functools import lru_cache

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from app.kit.assets import Assets
from app.kit.i18n import gettext, locale
from app.kit.page import PRODUCT_NAME, page, url

router = APIRouter()

KEPT_PAGES = (
    "scan:show",
    "surveys:browse",
    "surveys:go_on",
    "surveys:start",
    "moves:new",
    "stocktakes:browse",
    "items:register",
    "scan:bind",
    "handovers:scan_out",
    "handovers:scan_in",
    "queue:show",
)
"""The pages of field work. A phone keeps its person's own, as they were when there was coverage.

A page that leads on is not kept: there is no survey to go on with.
"""
DOORS = ("accounts:sign_in", "accounts:switch", "accounts:set_up")
"""Where a form makes somebody else the one who is signed in: what is kept goes before it is sent."""
ICONS = (
    ("icons/icon-192.png", 192, "any"),
    ("icons/icon-512.png", 512, "any"),
    ("icons/maskable-512.png", 512, "maskable"),
)
COLOUR, PAPER = "#1F5C4B", "#FFFFFF"
# Fonts for letters that these pages hardly ever show, and for printed labels.
_LEFT_OUT = ("vendor/fonts/inter-latin", "vendor/licences/", "vendor/manifest", "icons/", "sw.js")


@router.get("/manifest.webmanifest", name="offline:manifest")
async def manifest(request: Request) -> Response:
    assets: Assets = request.app.state.assets
    name = PRODUCT_NAME
    body = {
        "name": name,
        "short_name": name,
        "description": gettext("Møblene vi har, brukt lenger."),
        "lang": locale(),
        "id": "/",
        "start_url": url(request, "home:show"),
        "scope": "/",
        "display": "standalone",
        "theme_color": COLOUR,
        "background_color": PAPER,
        "icons": [
            {
                "src": assets.url(file),
                "sizes": f"{pixels}x{pixels}",
                "type": "image/png",
                "purpose": purpose,
            }
            for file, pixels, purpose in ICONS
        ],
        "shortcuts": [
            {"name": gettext("Skann"), "url": url(request, "scan:show")},
            {"name": gettext("Registrer møbel"), "url": url(request, "items:register")},
        ],
    }
    headers = {"Cache-Control": "no-cache"}
    return JSONResponse(body, headers=headers, media_type="application/manifest+json")


@router.get("/sw.js", name="offline:worker")
async def worker(request: Request) -> Response:
    """The script with the list of this release's files in front: a new release is a new script."""
    assets: Assets = request.app.state.assets
    shell = {
        "release": assets.release,
        "files": files_of(assets),
        "pages": [url(request, name) for name in KEPT_PAGES],
        "doors": [url(request, name) for name in DOORS],
        "last": url(request, "offline:show"),
    }
    text = f"const SHELL = {json.dumps(shell)};\n{_script(assets)}"
    return Response(text, headers={"Cache-Control": "no-cache"}, media_type="text/javascript")


@lru_cache(maxsize=1)
def _script(assets: Assets) -> str:
    return assets.open("sw.js").path.read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def files_of(assets: Assets) -> tuple[str, ...]:
    """Addresses of what the kept pages are made of. Modules ask for each other without a hash."""
    kept = (".css", ".js", ".svg", ".wasm", ".woff2")
    return tuple(
        f"/static/{name}" if name.startswith("modules/") else assets.url(name)
        for name in assets.names
        if name.endswith(kept) and not name.startswith(_LEFT_OUT)
    )


@router.get("/frakoblet", name="offline:show")
async def show(request: Request) -> Response:
    """What opens without a network instead of a page that the phone does not keep."""
    return page(request, "fieldwork/offline.html")
