"""A leader's yes and no: from the list in the program, and from the letter without signing in."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Story
from tests.journeys.scanning import keep_picture
from tests.journeys.test_every_page import faults_of
from tests.journeys.test_waiting_list import ask_for, offer_thirty
from tests.journeys.visits import READERS, Reader
from tests.notices.post import Sink, a_server

pytestmark = [pytest.mark.browser, pytest.mark.on_both]

LEADER = "jon@demo.example"
LETTER_SECONDS = 30
TwoChairs = Callable[[Reader], tuple[Page, str]]


@pytest.fixture(scope="module")
def sink() -> Sink:
    return Sink()


@pytest.fixture(scope="module")
def site(played: Story, sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """As everywhere, but its letters go to a mail server of ours."""
    with a_server(sink) as mail:
        server = played.copied(
            tmp_path_factory.mktemp("site") / "data",
            {
                "OMLOP_MAIL_HOST": mail.host,
                "OMLOP_MAIL_PORT": str(mail.port),
                "OMLOP_MAIL_STARTTLS": "false",
            },
        )
        try:
            server.start()
            yield server.address
        finally:
            server.stop()


def more_than_one_needs_a_leader(admin: Page) -> None:
    admin.goto("/bestillingsregler/virksomhet")
    first = admin.get_by_label("Eller når det er flere enn").first
    first.fill("1")
    admin.get_by_role("button", name="Lagre").click()
    expect(admin.get_by_role("heading", level=1)).to_have_text("Bestillingsregler")


@pytest.fixture(scope="module")
def stalls() -> dict[str, str]:
    """The listing of each reader, once it is made: thirty chairs are enough for all journeys."""
    return {}


@pytest.fixture
def two_chairs(
    visit: Callable[..., Page], stalls: dict[str, str]
) -> Callable[[Reader], tuple[Page, str]]:
    return lambda reader: _two_chairs(visit, reader, stalls)


def _two_chairs(
    visit: Callable[..., Page], reader: Reader, stalls: dict[str, str]
) -> tuple[Page, str]:
    """The nurse asks for two chairs; gives her page and the request's address."""
    how = {"width": reader.width, "scripts": reader.scripts}
    if reader.name not in stalls:
        more_than_one_needs_a_leader(visit("liv"))
        stalls[reader.name] = offer_thirty(visit("kari", **how), reader)
    nurse = visit("amina", **how)
    request = ask_for(nurse, stalls[reader.name], 2, "Medisinsk sengepost", "Sengepost 2A")
    expect(nurse.locator("main")).to_contain_text("Godkjenning hos den som bestiller")
    return nurse, request


def the_waiting(leader: Page, request: str) -> None:
    """From the leader's list to the request."""
    leader.goto("/godkjenning/leder")
    expect(leader.get_by_role("heading", level=1)).to_have_text("Venter på deg som leder")
    leader.locator(f'a[href="{request[request.index("/bestillinger") :]}#leader"]').click()
    expect(leader.get_by_role("heading", name="Venter på deg som leder")).to_be_visible()


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_a_leader_approves_from_the_list_and_the_giver_is_asked(
    visit: Callable[..., Page], two_chairs: TwoChairs, reader: Reader
) -> None:
    nurse, request = two_chairs(reader)
    leader = visit("jon", width=reader.width, scripts=reader.scripts)
    the_waiting(leader, request)
    keep_picture(leader, f"leader-{reader.name}")
    if reader.scripts:
        assert faults_of(leader, "leader") == []
    leader.get_by_role("button", name="Godkjenn bestillingen").click()
    expect(leader.get_by_role("heading", name="Venter på deg som leder")).to_have_count(0)
    expect(leader.locator("main")).to_contain_text("Godkjent av leder")
    nurse.goto(request)
    expect(nurse.locator("main")).to_contain_text("Sendt videre til giveren: 2 stykk")


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_a_leader_declines_with_a_reason_that_the_asker_reads(
    visit: Callable[..., Page], two_chairs: TwoChairs, reader: Reader
) -> None:
    nurse, request = two_chairs(reader)
    leader = visit("jon", width=reader.width, scripts=reader.scripts)
    the_waiting(leader, request)
    leader.locator("#leader .confirm > summary").click()
    leader.get_by_label("Hvorfor ikke?").fill("Vi pusser opp først til høsten.")
    leader.get_by_role("button", name="Avslå hele bestillingen").click()
    expect(leader.locator("main")).to_contain_text("Avslått av leder: 2 stykk")
    nurse.goto(request)
    expect(nurse.locator("main")).to_contain_text("Vi pusser opp først til høsten.")
    expect(nurse.locator("main")).to_contain_text("2 avslått")


def letter_link(sink: Sink, number: str) -> str:
    """The path of the link in the leader's letter about the request, once it has come."""
    end = time.monotonic() + LETTER_SECONDS
    while time.monotonic() < end:
        for index, to in enumerate(sink.envelopes):
            if to == [LEADER] and f"Bestilling {number} " in str(sink.letters[index]["Subject"]):
                found = re.search(r"(/svar\?lenke=\S+)", sink.text(index))
                assert found is not None, sink.text(index)
                return found.group(1)
        time.sleep(0.2)
    raise AssertionError(f"no letter of request {number}: {sink.envelopes}")


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_a_letters_link_is_opened_confirmed_and_then_used_up(
    visit: Callable[..., Page], two_chairs: TwoChairs, reader: Reader, sink: Sink
) -> None:
    nurse, request = two_chairs(reader)
    number = nurse.get_by_role("heading", level=1).inner_text().split()[-1]
    link = letter_link(sink, number)
    nobody = visit(None, width=reader.width, scripts=reader.scripts)
    nobody.goto(link)
    expect(nobody.get_by_role("heading", level=1)).to_have_text(f"Bestilling {number}: sier du ja?")
    expect(nobody.locator("main")).to_contain_text("Du svarer som Jon Bakke.")
    keep_picture(nobody, f"letter-link-{reader.name}")
    if reader.scripts:
        assert faults_of(nobody, "letter link") == []
    nobody.goto(link)  # to look twice answers nothing
    expect(nobody.get_by_role("button", name="Ja, godkjenn")).to_be_visible()
    nobody.get_by_role("button", name="Ja, godkjenn").click()
    expect(nobody.get_by_role("heading", level=1)).to_have_text("Takk for svaret")
    expect(nobody.locator("main")).to_contain_text("Du sa ja. Bestillingen går videre.")
    keep_picture(nobody, f"letter-answered-{reader.name}")
    nobody.goto(link)
    expect(nobody.get_by_role("heading", level=1)).to_have_text("Takk for svaret")
    expect(nobody.get_by_role("button", name="Ja, godkjenn")).to_have_count(0)
    nurse.goto(request)
    expect(nurse.locator("main")).to_contain_text("Godkjent av leder")
