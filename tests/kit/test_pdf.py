"""Pages as tagged PDF: what is taken along, what is left behind, and what a hostile page can do."""

import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse

from app.kit import pdf
from tests.kit.pdf_reader import read

needs_extra = pytest.mark.skipif(
    not pdf.is_there(), reason="the extra or Pango is not installed; install it with: make pdf"
)

PAGE = """<!doctype html><html lang="nb"><head><title>Kvittering 3 – Omløp</title></head><body>
<nav>Meny</nav><main id="main" tabindex="-1">{body}</main><footer>Bunn</footer></body></html>"""
PATTERN = (
    '<pattern id="s-2" width="8" height="8"><rect class="chart-2" width="8" height="8"/></pattern>'
)


def request() -> Request:
    settings = SimpleNamespace(public_url="https://omlop.example/")
    app = SimpleNamespace(state=SimpleNamespace(settings=settings))
    return Request({"type": "http", "app": app, "headers": [], "path": "/", "query_string": b""})


def made(body: str, pictures: dict[str, pdf.Picture] | None = None) -> bytes:
    answer = pdf.as_pdf(request(), HTMLResponse(PAGE.format(body=body)), pictures)
    assert answer.media_type == "application/pdf"
    return bytes(answer.body)


def test_the_document_is_the_main_part_without_what_paper_has_no_use_for() -> None:
    body = (
        "<h1>Kvittering</h1><form><input name='hemmelig'></form><script>1</script>"
        '<nav>Sti</nav><button>Trykk</button><svg class="icon"><use href="#x"/></svg>'
    )
    document = pdf.document_of(PAGE.format(body=body), "nb")
    assert "<h1>Kvittering</h1>" in document
    assert 'lang="nb"' in document
    assert [
        word
        for word in ("Meny", "Bunn", "hemmelig", "script", "Sti", "Trykk", "<svg")
        if word in document
    ] == []


def test_a_drawing_takes_the_patterns_it_borrows_along() -> None:
    lender = f'<svg role="img"><defs>{PATTERN}</defs><rect fill="url(#s-2)"/></svg>'
    document = pdf.document_of(
        PAGE.format(body=f'{lender}<svg><rect fill="url(#s-2)"/></svg>'), "nb"
    )
    first, second = document.split("</svg>")[:2]
    assert (first.count("<pattern"), second.count("<pattern")) == (1, 1)
    assert ".chart-2 { fill:" in second


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Kvittering 3 – Omløp", "kvittering-3"),
        ("Rapport: Åse &amp; Sønn/../x – Omløp", "rapport-åse-sønn-x"),
        ("– Omløp", "omløp"),
        (" – ", "omlop"),
    ],
)
def test_the_file_is_called_as_the_page_is(title: str, name: str) -> None:
    assert pdf.name_of(f"<title>{title}</title>") == name


@needs_extra
def test_it_is_tagged_and_says_its_language_and_title() -> None:
    body = (
        "<h1>Kvittering</h1><p>Blåbær og ŋ</p><table><thead><tr><th>Møbel</th></tr></thead>"
        '<tbody><tr><td>Stol</td></tr></tbody></table><ul><li>én</li></ul><a href="/x">dit</a>'
    )
    found = read(made(body))
    assert (found.is_tagged, found.language, found.pages) == (True, "nb", 1)
    assert found.title == "Kvittering 3 – Omløp"
    assert {"H1", "P", "Table", "TR", "TH", "TD", "L", "LI", "Link"} <= set(found.tags)
    assert "Blåbær og ŋ" in found.text


@needs_extra
def test_a_chart_speaks_its_title() -> None:
    body = (
        '<svg role="img" aria-labelledby="t" viewBox="0 0 10 10" width="10" height="10">'
        '<title id="t">Møblene etter kilde</title><rect class="chart-1" width="9" height="9"/></svg>'
    )
    assert "Møblene etter kilde" in " ".join(read(made(body)).spoken)


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """An address on this machine, and who came to it."""
    came: list[str] = []
    server = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        try:
            while True:
                connection, _ = server.accept()
                came.append("came")
                connection.close()
        except OSError:
            return

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}", came
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


@needs_extra
def test_a_document_reads_no_file_and_reaches_no_address(
    listener: tuple[str, list[str]], tmp_path: Any
) -> None:
    address, came = listener
    picture = tmp_path / "canary.svg"
    picture.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>KANARI</text></svg>')
    body = f"""<style>@import url("{address}/a.css"); p {{ background: url("{address}/b.png") }}</style>
<link rel="stylesheet" href="{address}/c.css"><link rel="attachment" href="file://{picture}">
<img src="{address}/d.png" alt="d"><img src="file://{picture}" alt="e"><img src="/f.png" alt="f">
<object data="file://{picture}"></object><svg><image href="file://{picture}" width="9" height="9"/>
<use href="file://{picture}#x"/></svg><p>Innhold</p>"""
    content = made(body)
    assert came == []
    assert b"KANARI" not in content
    assert "KANARI" not in (found := read(content)).text
    assert "Innhold" in found.text


@needs_extra
def test_only_the_pictures_it_was_handed_are_shown() -> None:
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
        "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
    )
    body = '<img src="/mine" alt="Min" width="20" height="20"><img src="/yours" alt="Din">'
    assert read(made(body, {"/mine": ("image/png", png)})).pictures == 1


@needs_extra
@pytest.mark.parametrize(("name", "value"), [("MEMORY_BYTES", 64_000_000), ("SECONDS", 1)])
def test_a_document_that_is_too_much_is_refused_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, name: str, value: int
) -> None:
    monkeypatch.setattr(pdf, name, value)
    body = "<table>" + "<tr><td>Stol</td><td>1</td></tr>" * 4000 + "</table>"
    with pytest.raises(pdf.PdfFailed):
        made(body)
    monkeypatch.undo()
    assert read(made("<p>Neste</p>")).pages == 1


@needs_extra
def test_who_waits_too_long_for_a_place_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(pdf, "_places", threading.Semaphore(0))
    with pytest.raises(pdf.PdfFailed) as refused:
        made("<p>Stol</p>")
    assert refused.value.headers["Retry-After"] == "10"


def test_without_the_extra_the_answer_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "is_there", lambda: False)
    with pytest.raises(pdf.PdfNotHere) as refused:
        made("<p>Stol</p>")
    assert "Skriv ut siden" in refused.value.title
