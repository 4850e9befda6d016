"""Every page that is offered as a PDF is one: tagged, named, and with the page's own words."""

import re

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.accounts.rules import Role
from app.handovers.models import HandoverLine
from app.impact.rules import FulfilmentSource
from app.kit import pdf
from app.main import make_templates
from tests.databases import RolledBackDatabase
from tests.foreign_rows import foreign_ids
from tests.kit.pdf_reader import read
from tests.people import Organised, SignedInAs
from tests.test_tenancy import filled, routes

PDF = re.compile(r"^(?!/api/|/etiketter/).*[/.]pdf$").match
"""Labels are drawn, not made of a page."""


@pytest.mark.skipif(
    not pdf.is_there(), reason="the extra or Pango is not installed; install it with: make pdf"
)
def test_every_document_is_a_tagged_pdf_with_the_headings_of_its_page(
    web_app: FastAPI,
    signed_in_as: SignedInAs,
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
) -> None:
    with database.write() as session:
        ids = foreign_ids(session, org)
        sold = HandoverLine.org_id == org.org_id
        for line in session.scalars(select(HandoverLine).where(sold)):
            line.receiver_org_id, line.programme_line_id = foreign_org.org_id, None
            line.source, line.price_ore, line.vat_ore = FulfilmentSource.SOLD, 10_000, 2_500
    client = signed_in_as(Role.ADMIN)
    paths = [path for method, path in routes(web_app) if method == "GET" and PDF(path)]
    assert len(paths) >= 6
    for path in paths:
        address = filled(path.replace("{year}", "2026"), ids)
        page = client.get(re.sub(r"[/.]pdf$", "", address))
        assert page.status_code == 200, address
        is_offered = re.search(f'href="{re.escape(address)}["?]', page.text)
        assert is_offered, f"{address} is offered nowhere"
        answer = client.get(address)
        assert answer.status_code == 200, f"{address}: {answer.text}"
        assert answer.headers["content-type"] == "application/pdf"
        assert re.search(r"filename\*=UTF-8''\S+\.pdf$", answer.headers["content-disposition"])
        found = read(answer.content)
        assert (found.is_tagged, found.language) == (True, "nb"), address
        heading = re.search(r"<h1[^>]*>(.*?)</h1>", page.text, re.DOTALL)
        assert heading is not None
        words = re.findall(r"\w+", re.sub("<[^>]+>", "", heading[1]))
        assert [each for each in words if each not in found.text] == [], address


def test_a_document_is_not_offered_where_it_can_not_be_made(
    web_app: FastAPI,
    signed_in_as: SignedInAs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = signed_in_as(Role.ADMIN)
    monkeypatch.setattr(pdf, "is_there", lambda: False)
    monkeypatch.setattr(web_app.state, "templates", make_templates())
    assert "/pdf" not in client.get("/innboks/tall/2026").text
    refused = client.get("/innboks/tall/2026/pdf")
    assert refused.status_code == 404
    assert "Skriv ut siden" in refused.text
