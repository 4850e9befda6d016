"""Static files: names that carry a hash of the content, and the copy of the npm packages.

A name that changes with its content may be kept by browsers for ever. Nothing is compiled: the
packages' own files are copied as they are, and only the font is cut to the letters we need.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

HASH_LENGTH = 12
FOR_EVER = "public, max-age=31536000, immutable"
COMPRESSED = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".wasm": "application/wasm",
}


@dataclass(frozen=True)
class Asset:
    """One file under ``static/``: where it is, and how its URL is written."""

    name: str
    path: Path
    digest: str

    @property
    def url(self) -> str:
        return f"/static/{self.name}?v={self.digest}"

    @cached_property
    def compressed(self) -> bytes | None:
        """The content as gzip; None for what is compressed already, fonts and pictures."""
        if self.path.suffix not in COMPRESSED:
            return None
        return gzip.compress(self.path.read_bytes(), 9, mtime=0)

    @property
    def compressed_size(self) -> int:
        """Bytes on the wire."""
        return self.path.stat().st_size if self.compressed is None else len(self.compressed)


def content_hash(content: bytes) -> str:
    """The part of a URL that changes with the content."""
    return hashlib.sha256(content).hexdigest()[:HASH_LENGTH]


class UnknownAssetError(LookupError):
    """A template names a file that is not under ``static/``."""


class Assets:
    """All files under one folder, hashed once."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        files = (path for path in sorted(self.root.rglob("*")) if path.is_file())
        self._known = {
            name: Asset(name, path, content_hash(path.read_bytes()))
            for path, name in ((path, path.relative_to(self.root).as_posix()) for path in files)
        }

        # Fifty links a page, each a path taken apart otherwise.
        self._urls = {name: asset.url for name, asset in self._known.items()}

    @property
    def release(self) -> str:
        """Hash of everything together: the name of the offline cache."""
        lines = (f"{asset.name} {asset.digest}" for asset in self._known.values())
        return content_hash("\n".join(lines).encode())

    def open(self, name: str) -> Asset:
        """The file of that name.

        Raises:
            UnknownAssetError: no such file; run ``make assets`` if it belongs to a package.
        """
        try:
            return self._known[PurePosixPath(name).as_posix()]
        except KeyError:
            raise UnknownAssetError(
                f"static/{name} does not exist. Files under vendor/ are made by: make assets"
            ) from None

    @property
    def names(self) -> tuple[str, ...]:
        """All files, by their path under the folder."""
        return tuple(self._known)

    def has(self, name: str) -> bool:
        return name in self._known

    def url(self, name: str) -> str:
        """The path a page links to; it changes with the file's content."""
        found = self._urls.get(name)
        return self.open(name).url if found is None else found

    def compressed_size(self, names: Iterable[str]) -> int:
        """Bytes on the wire of the named files together, for the first-load budget."""
        return sum(self.open(name).compressed_size for name in names)


class AssetFiles(StaticFiles):
    """Serves ``/static/``, as gzip made once: a hashed address may be kept for ever.

    A page from before an update asks with an older hash: it gets today's file, which is then not
    to be kept.
    """

    def __init__(self, assets: Assets) -> None:
        super().__init__(directory=assets.root, check_dir=False)
        self._assets = assets

    async def get_response(self, path: str, scope: Scope) -> Response:
        name = PurePosixPath(path).as_posix()
        response = self._compressed(name, scope) or await super().get_response(path, scope)
        if response.status_code == HTTPStatus.OK:
            asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("v", [""])[0]
            kept = self._assets.has(name) and asked == self._assets.open(name).digest
            response.headers["Cache-Control"] = FOR_EVER if kept else "no-cache"
        return response

    def _compressed(self, name: str, scope: Scope) -> Response | None:
        if scope["method"] not in {"GET", "HEAD"} or not self._assets.has(name):
            return None
        asset = self._assets.open(name)
        if asset.compressed is None or "gzip" not in Headers(scope=scope).get(
            "accept-encoding", ""
        ):
            return None
        headers = {
            "Content-Encoding": "gzip",
            "Vary": "Accept-Encoding",
            "ETag": f'"{asset.digest}-gzip"',
        }
        return Response(asset.compressed, media_type=COMPRESSED[asset.path.suffix], headers=headers)


if __name__ == "__main__":
    # The cutter of fonts is heavy and needed by nobody but the install step.
    from app.kit.vendor import copy

    copy(Path(__file__).resolve().parents[2])
