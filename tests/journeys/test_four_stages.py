"""A listing walks through its four stages under a moved clock, and ends with somebody who fetches it.

The server runs in this process, so that its clock can be moved; two organisations share a network.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from app.accounts.actor import hashed
from app.accounts.models import ApiToken
from app.accounts.rules import Role
from app.impact.rules import FulfilmentSource, View
from app.kit.clock import MovedClock
from app.kit.db import Database
from app.kit.files import Files
from app.kit.jobs import Parts, Queue, queue_at_once
from app.ledger.models import LedgerEntry
from app.ledger.service import verify
from app.main import create_app, make_templates
from app.marketplace.jobs import move_stages
from app.notices.jobs import SEND, SEND_TO_BUYER
from app.settings import Settings
from tests.factories import some_items
from tests.journeys.test_every_page import faults_of
from tests.journeys.visits import watch
from tests.marketplace.test_stages import at_home_in
from tests.networks.circles import a_network
from tests.notices.post import Sink, a_server
from tests.people import Organised, organised
from tools.demo_site import free_port

pytestmark = [pytest.mark.browser, pytest.mark.on_both]


@dataclass
class Site:
    """A server under a moved clock, with its two organisations and what it sent."""

    address: str
    parts: Parts
    clock: MovedClock
    giver: Organised
    partner: Organised
    sink: Sink

    def days_later(self, days: int) -> None:
        self.clock.move(timedelta(days=days))
        move_stages(self.parts)


@pytest.fixture
def site(new_database: Callable[[], Database], clock: MovedClock, tmp_path: Path) -> Iterator[Site]:
    database, sink = new_database(), Sink()
    with database.write() as session:
        giver, partner = (organised(session, clock, name) for name in ("Sola sykehus", "Fylket"))
        a_network(session, giver, partner)
        some_items(session, giver, 4, name="Kontorstol", category_id="CHAIR_TASK")
        at_home_in(session, giver, Role.SURVEYOR, giver.other_unit_id)
    files, port = Files.local(tmp_path / "files"), free_port()
    address = f"http://127.0.0.1:{port}"
    settings = Settings(data_dir=tmp_path, public_url=address, run_jobs=False)
    with a_server(sink) as mail:
        parts = Parts(database, files, mail, make_templates(), address)
        database.enqueue = Queue(queue_at_once(), parts, [SEND, SEND_TO_BUYER], ()).enqueue
        app = create_app(settings, database=database, files=files)
        server = uvicorn.Server(
            uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning")
        )
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.05)
            yield Site(address, parts, clock, giver, partner, sink)
        finally:
            server.should_exit = True
            thread.join(timeout=30)


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """``visit(Role.EMPLOYEE)``: one of the giver's people; without a role, a stranger."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(role: Role | None = None, where: Organised = site.giver) -> Page:
        headers = {"Authorization": f"Bearer {token_for(site, where, role)}"} if role else {}
        context = browser.new_context(
            base_url=site.address,
            viewport={"width": 390, "height": 844},
            extra_http_headers=headers,
            locale="nb-NO",
            reduced_motion="reduce",
            service_workers="block",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        watch(page, faults)
        return page

    yield open_page
    for each in contexts:
        each.close()
    # A browser says of each page that is not found, and each form that is refused, that it was.
    assert [each for each in faults if "404" not in each and "422" not in each] == []


def token_for(site: Site, where: Organised, role: Role) -> str:
    token = uuid4().hex
    with site.parts.db.write() as session:
        session.add(
            ApiToken(
                org_id=where.org_id,
                person_id=where.person_ids[role],
                name="test",
                token_hash=hashed(token),
                created_at=site.clock.now(),
            )
        )
    return token


def title(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def partner_gets_one(site: Site, manager: Page, partner: Page, shared: str) -> list[str]:
    """Asked for, promised, let go and confirmed; the piece stands in both registers and both books."""
    faults = []
    partner.goto(shared)
    partner.get_by_label("Leveres til").select_option(label="Bygg A › Rom 214")
    partner.get_by_role("button", name="Send forespørsel").click()
    title(partner, "Til andre virksomheter")
    manager.goto("/marked/utenfra")
    manager.get_by_role("button", name="Godkjenn").click()
    manager.get_by_role("link", name="Overlever", exact=True).click()
    title(manager, "Overlever til Fylket")
    manager.get_by_label("Navnet på den som gir fra seg møblene").fill("Kari Moe")
    faults += faults_of(manager, "hand over to others")
    manager.get_by_role("button", name="Møblene er hentet").click()
    title(manager, "1 møbel er hentet")
    partner.goto("/marked/andre")
    partner.get_by_role("link", name="Bekreft mottatt").click()
    title(partner, "Ta imot fra Sola sykehus")
    faults += faults_of(partner, "receive from others")
    partner.get_by_label("Navnet på den som tar imot").fill("Per Lund")
    partner.get_by_role("button", name="Møblene er mottatt").click()
    title(partner, "1 møbel er mottatt")
    faults += faults_of(partner, "receipt of what came from others")
    partner.locator("main .field-rows a").first.click()
    title(partner, re.compile("Kontorstol"))
    with site.parts.db.read() as session:
        rows = session.execute(
            select(LedgerEntry.org_id, LedgerEntry.source, LedgerEntry.waste_g > 0).where(
                LedgerEntry.view == View.GROSS
            )
        )
        assert set(rows) == {
            (site.giver.org_id, FulfilmentSource.DONATED, True),
            (site.partner.org_id, FulfilmentSource.BOUGHT_USED, False),
        }
        assert all(verify(session, each.org_id).ok for each in (site.giver, site.partner))
    return faults


def statuses(pages: dict[str, tuple[Page, str]]) -> dict[str, int]:
    found = {}
    for name, (page, path) in pages.items():
        answer = page.goto(path)
        found[name] = answer.status if answer else 0
    return found


def test_a_listing_goes_from_its_unit_to_everybody_and_a_buyer_fetches_it(
    site: Site, visit: Callable[..., Page]
) -> None:
    manager, colleague, other = (
        visit(Role.FURNITURE_MANAGER),
        visit(Role.EMPLOYEE),
        visit(Role.SURVEYOR),
    )
    partner, stranger = visit(Role.EMPLOYEE, site.partner), visit()
    faults = []

    manager.goto("/marked/apen-side")
    title(manager, "Åpen side")
    manager.get_by_label("Siden er på").check()
    manager.get_by_label("Adresse").fill("sola-sykehus")
    manager.get_by_label("Kommune eller område").fill("Sola kommune")
    manager.get_by_label("Om henting").fill("Hverdager fra 9 til 15. Ta med hjelp til å bære.")
    manager.get_by_label("Merverdiavgift i prisen").fill("25")
    manager.get_by_role("button", name="Lagre").click()
    expect(manager.get_by_role("link", name="Se siden")).to_be_visible()
    faults += faults_of(manager, "public market")

    manager.goto("/marked/trinn")
    for label, days in (("Egen enhet", "2"), ("Hele virksomheten", "3"), ("Nettverket", "5")):
        manager.get_by_label(label).fill(days)
    manager.get_by_label("Siste trinn").select_option("public")
    manager.get_by_role("button", name="Lagre").click()
    expect(manager.get_by_text("Trinnene er lagret")).to_be_visible()

    manager.goto("/marked/ny?q=Kontorstol&velg=alle")
    manager.get_by_role("button", name="Legg ut på markedet").click()
    manager.wait_for_url("**/marked/*-*")
    listing = manager.url.partition("?")[0].rsplit("/", 1)[1]
    expect(manager.get_by_text("Vises bare for egen enhet")).to_be_visible()
    manager.get_by_role("link", name="Pris for alle").click()
    title(manager, "Pris for alle")
    manager.get_by_label("Pris per stykk", exact=True).first.check()
    manager.get_by_role("textbox", name="Pris per stykk").fill("250")
    faults += faults_of(manager, "public terms")
    manager.get_by_role("button", name="Lagre").click()
    title(manager, "Kontorstol")

    inside, shared = f"/marked/{listing}", f"/marked/nettverket/{listing}"
    public = f"/ombruk/sola-sykehus/{listing}"
    who = {
        "unit": (colleague, inside),
        "organisation": (other, inside),
        "network": (partner, shared),
        "public": (stranger, public),
    }
    assert list(statuses(who).values()) == [200, 404, 404, 404]
    title(stranger, "Dette er borte")
    faults += faults_of(stranger, "gone")
    stranger.goto("/ombruk/sola-sykehus")
    expect(stranger.get_by_text("Ingenting er ute akkurat nå")).to_be_visible()
    faults += faults_of(stranger, "an empty public page")
    site.days_later(2)
    assert list(statuses(who).values()) == [200, 200, 404, 404]
    site.days_later(5)
    assert list(statuses(who).values()) == [200, 200, 200, 404]
    faults += partner_gets_one(site, manager, partner, shared)
    site.days_later(7)
    assert list(statuses(who).values()) == [200, 200, 200, 200]

    stranger.goto("/ombruk/sola-sykehus")
    faults += faults_of(stranger, "public page")
    stranger.set_viewport_size({"width": 390, "height": 844})
    stranger.locator("main .piece-name a").click()
    expect(stranger.get_by_role("heading", name="Spør om dette")).to_be_visible()
    faults += faults_of(stranger, "a piece for everybody")
    stranger.set_viewport_size({"width": 390, "height": 844})
    stranger.get_by_label("Hvor mange vil du ha?").fill("2")
    stranger.get_by_label("Navn").fill("Ola Nordmann")
    stranger.get_by_label("E-post").fill("ola")
    stranger.get_by_role("button", name="Spør").click()
    expect(stranger.locator("#error-summary")).to_be_visible()
    stranger.get_by_label("E-post").fill("ola@example.no")
    stranger.get_by_role("button", name="Spør").click()
    expect(stranger.get_by_role("heading", name="Se i e-posten din")).to_be_visible()
    faults += faults_of(stranger, "a letter was sent")

    manager.goto("/marked/kjopere")
    expect(manager.get_by_text("Ingen venter på svar")).to_be_visible()
    faults += faults_of(manager, "no buyers")
    link = re.search(r"/ombruk/lenke\?lenke=\S+", site.sink.text())
    assert link is not None
    stranger.goto(link[0])
    title(stranger, "Bekreft spørsmålet")
    faults += faults_of(stranger, "to be confirmed")
    stranger.get_by_role("button", name="Ja, bekreft").click()
    title(stranger, "Forespørselen din")
    faults += faults_of(stranger, "confirmed")

    manager.goto("/marked/kjopere")
    faults += faults_of(manager, "buyers")
    manager.get_by_role("link", name="2 × Kontorstol").click()
    title(manager, "2 × Kontorstol")
    faults += faults_of(manager, "a buyer")
    manager.get_by_label("Svar til kjøperen (valgfritt)").fill("Kom til port 3 på fredag.")
    manager.get_by_role("button", name="Si ja").click()
    expect(manager.locator("main .ds-tag", has_text="Avtalt")).to_be_visible()
    stranger.goto(link[0])
    expect(stranger.locator("main .ds-tag", has_text="Avtalt")).to_be_visible()
    expect(stranger.get_by_text("Kom til port 3 på fredag.")).to_be_visible()
    faults += faults_of(stranger, "agreed")
    stranger.goto(public)
    expect(stranger.get_by_text("1 tilgjengelig")).to_be_visible()

    manager.get_by_role("button", name="Ja, hentet").click()
    expect(manager.locator("main .ds-tag", has_text="Hentet")).to_be_visible()
    faults += faults_of(manager, "a buyer who has fetched")
    manager.goto("/inntekter")
    expect(manager.get_by_text("Ola Nordmann")).to_be_visible()
    faults += faults_of(manager, "income")
    manager.locator("main .request-head a").click()
    title(manager, "Fakturagrunnlag 1")
    expect(manager.locator("main table")).to_contain_text(re.compile(r"100,00"))
    faults += faults_of(manager, "basis for an invoice")
    assert faults == []
