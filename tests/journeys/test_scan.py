"""The scanner in a browser: camera, photograph, typed codes, hardware scanners, and their troubles."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.fieldwork.scanned import CASES
from tests.journeys import camera
from tests.journeys.scanning import Film, hit, looked_at, missed, state_of
from tests.journeys.test_every_page import cut_off
from tests.journeys.visits import READERS, Reader

pytestmark = pytest.mark.browser


def blank_codes(page: Page, count: int, *, is_cancelled: bool = False) -> list[str]:
    """Codes of a new print batch of the signed-in person's organisation."""
    codes: list[str] = page.evaluate(
        """async ([count, cancelled]) => {
            const post = (path, body) => fetch(`/api/v1${path}`, {
                method: "POST",
                headers: {"Content-Type": "application/json"},
                body: JSON.stringify(body),
            }).then(answer => answer.json());
            const batch = await post("/print-batches", {count});
            if (cancelled) await post(`/print-batches/${batch.id}/cancel`, {});
            return batch.codes;
        }""",
        [count, is_cancelled],
    )
    return codes


def test_the_browser_reads_every_text_as_the_server_does(visit: Callable[..., Page]) -> None:
    page = visit("kari")
    page.goto("/skann")

    found = page.evaluate(
        """async texts => {
            const { read } = await import("/static/modules/codes.js");
            return texts.map(text => read(text)).map(({ kind, code }) => [kind, code]);
        }""",
        [text for text, _, _ in CASES],
    )

    assert [tuple(each) for each in found] == [(kind, code) for _, kind, code in CASES]


def test_a_label_before_the_camera_shows_its_piece_and_the_next_steps(
    filmed: Film, site: str, tmp_path: Path, found_piece: tuple[str, str]
) -> None:
    name, code = found_piece
    page = filmed("kari", camera.film(tmp_path / "x.y4m", [(camera.label(code, site), 2)]))
    page.goto("/")
    page.get_by_role("link", name="Skann etiketten").click()

    expect(hit(page)).to_contain_text(name)
    expect(hit(page).get_by_role("link", name="Flytt")).to_be_visible()
    expect(page.locator("[data-said]")).to_have_text("Hold etiketten i ruta")
    assert page.get_by_label("Eller skriv koden").input_value() == code
    assert looked_at(page, "skann-treff") == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert cut_off(page) is None
    hit(page).get_by_role("link", name="Åpne").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_a_lost_piece_is_found_by_scanning_it(
    filmed: Film, site: str, tmp_path: Path, found_piece: tuple[str, str]
) -> None:
    name, code = found_piece
    page = filmed("kari", camera.film(tmp_path / "x.y4m", [(camera.label(code, site), 2)]))
    page.goto("/")
    before = missed(page, code)

    page.goto("/skann")

    expect(page.locator("[data-check]")).to_have_text(
        "Møbelet var meldt savnet og er nå meldt funnet."
    )
    expect(hit(page)).to_contain_text(name)
    expect(hit(page).get_by_role("link", name="Flytt")).to_be_visible()
    assert state_of(page, code) == before


def test_the_phone_s_own_camera_leads_a_lost_piece_to_the_one_tap_that_finds_it(
    visit: Callable[..., Page], found_piece: tuple[str, str]
) -> None:
    _, code = found_piece
    page = visit("kari")
    page.goto("/")
    before = missed(page, code)

    page.goto(f"/I/{code}")

    assert looked_at(page, "mobel-savnet") == []
    button = page.get_by_role("button", name="Meld funnet")
    expect(button).to_be_in_viewport(ratio=1)
    button.click()
    expect(button).to_have_count(0)
    assert state_of(page, code) == before


def test_the_lamp_and_the_sound_are_switched_under_the_picture(
    filmed: Film, tmp_path: Path
) -> None:
    page = filmed("kari", camera.film(tmp_path / "x.y4m", [(camera.nothing(), 1)]))
    page.add_init_script(
        """MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true });
        window.switched = [];
        MediaStreamTrack.prototype.applyConstraints = async ({ advanced: [{ torch }] }) =>
            void window.switched.push(torch);"""
    )
    page.goto("/skann")
    lamp = page.get_by_role("button", name="Lys")
    sound = page.get_by_role("button", name="Lyd")

    lamp.click()
    expect(lamp).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-said]")).to_have_text("Hold etiketten i ruta")
    assert looked_at(page, "skann-sikte") == []
    lamp.click()
    assert page.evaluate("window.switched") == [True, False]
    sound.click()
    page.reload()
    expect(sound).to_have_attribute("aria-pressed", "false")


def test_a_label_that_stays_in_view_is_looked_up_once(
    filmed: Film, site: str, tmp_path: Path, found_piece: tuple[str, str]
) -> None:
    page = filmed(
        "kari", camera.film(tmp_path / "x.y4m", [(camera.label(found_piece[1], site), 2)])
    )
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if "kode=" in request.url else None
    )
    page.goto("/skann")
    expect(hit(page)).to_be_visible()
    page.wait_for_timeout(2500)

    assert len(asked) == 1


def test_a_blank_label_opens_its_registration(
    filmed: Film, visit: Callable[..., Page], site: str, tmp_path: Path
) -> None:
    desk = visit("kari")
    desk.goto("/")
    (code,) = blank_codes(desk, 1)
    page = filmed("kari", camera.film(tmp_path / "x.y4m", [(camera.label(code, site), 2)]))
    page.goto("/skann")

    page.wait_for_url("**/mobler/ny?code=*")
    expect(page.locator("#field-codes")).to_have_value(code)


def test_the_browsers_own_detector_is_taken_where_there_is_one(
    filmed: Film, tmp_path: Path, found_piece: tuple[str, str]
) -> None:
    name, code = found_piece
    page = filmed("kari", camera.film(tmp_path / "x.y4m", [(camera.nothing(), 1)]))
    page.add_init_script(
        """window.BarcodeDetector = class {
            static getSupportedFormats() { return Promise.resolve(["qr_code", "ean_13"]); }
            async detect() {
                const boundingBox = {x: 0, y: 0, width: 9, height: 9};
                return [{ rawValue: CODE, format: "qr_code", boundingBox }];
            }
        }""".replace("CODE", json.dumps(code))
    )
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto("/skann")

    expect(hit(page)).to_contain_text(name)
    assert [each for each in fetched if "barcode-detector" in each or ".wasm" in each] == []


def test_a_detector_that_only_pretends_gives_way_to_the_packaged_one(
    filmed: Film, site: str, tmp_path: Path, found_piece: tuple[str, str]
) -> None:
    name, code = found_piece
    page = filmed("kari", camera.film(tmp_path / "x.y4m", [(camera.label(code, site), 2)]))
    page.add_init_script(
        """window.BarcodeDetector = class {
            static getSupportedFormats() { return Promise.resolve(["qr_code"]); }
            detect() { return Promise.reject(new DOMException("none", "NotSupportedError")); }
        }"""
    )
    page.goto("/skann")

    expect(hit(page)).to_contain_text(name)


def test_a_room_and_its_pieces_are_moved_by_holding_them_before_the_camera(
    filmed: Film, visit: Callable[..., Page], site: str, tmp_path: Path
) -> None:
    desk = visit("kari")
    desk.goto("/mobler")
    codes = [
        each.replace("-", "") for each in desk.locator("#results tbody .code").all_inner_texts()[:2]
    ]
    place = desk.evaluate("fetch('/api/v1/places').then(answer => answer.json())")[0]
    gap = (camera.nothing(), 0.5)
    scenes = [(camera.label(place["code"], site, place["label"], kind="P"), 1.5), gap]
    for code in codes:
        scenes += [(camera.label(code, site), 1.5), gap]
    page = filmed("kari", camera.film(tmp_path / "x.y4m", scenes))
    page.goto("/skann?modus=flytt")

    expect(page.locator("#code-count")).to_have_text("3 koder", timeout=20_000)
    assert looked_at(page, "flytt-kamera") == []
    # The film starts over, and what is in the list already is not written again.
    expect(page.locator("[data-said]")).to_contain_text("Alt i listen", timeout=20_000)
    assert len(page.get_by_label("Koder").input_value().split()) == 3
    page.get_by_role("button", name="Flytt", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 møbler er på plass")


def test_what_the_camera_collects_is_changed_together(
    filmed: Film, visit: Callable[..., Page], site: str, tmp_path: Path
) -> None:
    desk = visit("kari")
    desk.goto("/mobler")
    codes = [
        each.replace("-", "") for each in desk.locator("#results tbody .code").all_inner_texts()[:2]
    ]
    scenes = [
        each
        for code in codes
        for each in ((camera.label(code, site), 1.5), (camera.nothing(), 0.5))
    ]
    page = filmed("kari", camera.film(tmp_path / "x.y4m", scenes))
    page.goto("/skann")
    page.get_by_role("link", name="Flere samlet").click()

    expect(page.locator("#code-count")).to_have_text("2 koder", timeout=20_000)
    assert looked_at(page, "samlet-kamera") == []
    assert cut_off(page) is None
    page.get_by_label("Koder").press("Control+End")
    page.get_by_label("Koder").press_sequentially("7K3Q-WX9R-2M5")
    page.get_by_label("Ny tilstand").select_option("C")
    page.get_by_role("button", name="Endre tilstanden").click()
    expect(page.get_by_role("heading", name="2 møbler er gjort")).to_be_visible()
    expect(page.get_by_text("Koden er ikke riktig skrevet")).to_be_visible()


@pytest.mark.parametrize(
    ("is_there", "message"), [(True, "slipper ikke til kameraet"), (False, "Fant ikke noe kamera")]
)
def test_without_the_camera_there_is_a_message_and_the_field(
    filmed: Film, tmp_path: Path, found_piece: tuple[str, str], *, is_there: bool, message: str
) -> None:
    name, code = found_piece
    shown = camera.film(tmp_path / "x.y4m", [(camera.nothing(), 1)]) if is_there else None
    page = filmed("kari", shown, is_granted=not is_there)
    page.goto("/skann")

    expect(page.get_by_role("alert")).to_contain_text(message)
    expect(page.get_by_role("button", name="Prøv kameraet igjen")).to_be_visible()
    assert looked_at(page, f"skann-{'nektet' if is_there else 'uten-kamera'}") == []
    page.get_by_label("Eller skriv koden").fill(code.lower())
    page.get_by_role("button", name="Slå opp").click()
    expect(hit(page)).to_contain_text(name)


def test_a_reader_that_cannot_be_fetched_is_told_and_tried_again(
    filmed: Film, site: str, tmp_path: Path, found_piece: tuple[str, str]
) -> None:
    name, code = found_piece
    page = filmed("kari", camera.film(tmp_path / "x.y4m", [(camera.label(code, site), 2)]))
    broken = "**/vendor/barcode-detector.js*"

    def refuse(route: Route) -> None:
        route.fulfill(status=200, content_type="text/javascript", body="")

    page.route(broken, refuse)
    page.goto("/skann")
    expect(page.get_by_role("alert")).to_contain_text("Kunne ikke hente leseren")
    page.unroute(broken, refuse)
    page.get_by_role("button", name="Prøv kameraet igjen").click()

    expect(hit(page)).to_contain_text(name)


def test_a_wrong_character_is_told_before_anything_is_sent(
    filmed: Film, found_piece: tuple[str, str]
) -> None:
    code = found_piece[1]
    page = filmed("kari", None)
    page.goto("/skann")
    field = page.get_by_label("Eller skriv koden")

    field.fill(code[:-1] + ("2" if code[-1] != "2" else "3"))
    expect(page.locator("[data-check]")).to_contain_text("Ett eller flere tegn stemmer ikke")
    page.get_by_role("button", name="Slå opp").click()
    expect(hit(page)).to_contain_text("Koden er ikke helt riktig")
    expect(field).to_be_visible()


def test_a_cancelled_label_says_so_and_the_field_stays(filmed: Film) -> None:
    page = filmed("kari", None)
    page.goto("/skann")
    page.get_by_label("Eller skriv koden").fill(blank_codes(page, 1, is_cancelled=True)[0])
    page.get_by_role("button", name="Slå opp").click()

    expect(hit(page)).to_contain_text("Etiketten er trukket tilbake")
    expect(page.get_by_label("Eller skriv koden")).to_be_visible()


def test_a_hardware_scanner_types_into_no_field_at_all(
    filmed: Film, site: str, found_piece: tuple[str, str]
) -> None:
    name, code = found_piece
    page = filmed("kari", None)
    page.goto("/skann")
    expect(page.get_by_role("alert")).to_be_visible()

    page.evaluate(
        # All made at once, as a scanner is: a slow page must not come between two keys.
        """keys => keys
            .map((key) => new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }))
            .forEach((event) => document.body.dispatchEvent(event))""",
        [*f"{site.upper()}/I/{code}", "Enter"],
    )
    expect(hit(page)).to_contain_text(name)


def test_without_coverage_the_code_is_kept_in_the_field(
    filmed: Film, found_piece: tuple[str, str]
) -> None:
    page = filmed("kari", None, is_watched=False)  # the browser itself complains of the network
    page.goto("/skann")
    page.route("**/skann?kode=*", lambda route: route.abort("internetdisconnected"))
    page.get_by_label("Eller skriv koden").fill(found_piece[1])
    page.get_by_role("button", name="Slå opp").click()

    offered = page.locator("[data-cut-off]")
    expect(offered).to_contain_text("Ingen dekning")
    href = offered.get_by_role("link", name="Registrer nytt møbel").get_attribute("href") or ""
    assert href.replace("-", "").endswith(f"code={found_piece[1]}")
    assert looked_at(page, "skann-uten-nett") == []
    assert page.get_by_label("Eller skriv koden").input_value() == found_piece[1]


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.name)
def test_a_foreign_code_is_bound_to_a_piece_and_found_again(
    visit: Callable[..., Page], found_piece: tuple[str, str], reader: Reader
) -> None:
    name, code = found_piece
    tag = f"INV-{reader.width}"
    page = visit("kari", width=reader.width, scripts=reader.scripts)
    page.goto("/skann")
    page.get_by_label("Eller skriv koden").fill(tag)
    page.get_by_role("button", name="Slå opp").click()
    expect(hit(page)).to_contain_text("Ingen møbler har denne koden ennå")
    page.get_by_role("link", name="Knytt til et møbel").click()
    page.get_by_label("Koden på møbelets etikett").fill(code)
    if reader.scripts:
        assert looked_at(page, "skann-knytt") == []
    page.get_by_role("button", name="Knytt koden").click()

    expect(page.locator("#flash")).to_contain_text("Koden er knyttet til møbelet")
    expect(hit(page)).to_contain_text(name)
    page.get_by_label("Eller skriv koden").fill(tag.lower())
    page.get_by_role("button", name="Slå opp").click()
    expect(hit(page)).to_contain_text(name)
