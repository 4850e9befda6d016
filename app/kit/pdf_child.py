"""The process that makes a tagged PDF of one document. Nothing but ``kit/pdf.py`` starts it.

A process for each PDF: what it uses of memory is gone with it, and what hangs can be ended. It
reads no file and no network: what a document may show is handed to it with the document.
"""

import base64
import json
import resource
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def main() -> None:
    """Reads ``{"html", "css", "base_url", "files": {address: [type, base64]}}``, writes the PDF.

    Arguments are the most bytes of memory and seconds of processor time.
    """
    memory, seconds = (int(word) for word in sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    sys.stdout.buffer.write(made(json.loads(sys.stdin.buffer.read())))


def made(document: dict[str, Any]) -> bytes:
    """PDF/UA-1: tagged, with its language and title, for readers that speak."""
    weasyprint: Any = import_module("weasyprint")
    files = document["files"]
    urls: Any = import_module("weasyprint.urls")

    class OnlyGiven(urls.URLFetcher):  # type: ignore[misc]  # the extra has no types
        """Knows what the document was handed, and reaches for nothing else."""

        def fetch(self, url: str, headers: object = None) -> Any:
            del headers
            if url not in files:
                raise ValueError(url)
            media_type, content = files[url]
            body = base64.b64decode(content)
            return urls.URLFetcherResponse(url, body, {"Content-Type": media_type})

    fetcher = OnlyGiven(allowed_protocols=())
    fonts = import_module("weasyprint.text.fonts").FontConfiguration()
    sheet = weasyprint.CSS(string=document["css"], url_fetcher=fetcher, font_config=fonts)
    html = weasyprint.HTML(
        string=document["html"], base_url=document["base_url"], url_fetcher=fetcher
    )
    made: bytes = html.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1")
    return made


def is_installed() -> bool:
    """Whether the extra is there; whether its system libraries are, shows when it is used."""
    return find_spec("weasyprint") is not None
