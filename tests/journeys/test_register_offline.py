"""Registering in a basement: the piece, its codes and its photos arrive once, however it went."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.journeys.scanning import looked_at
from tests.journeys.test_offline import ready
from tests.journeys.test_queue import Phone, api, kept, phone, queued, server
from tests.journeys.visits import until
from tools.demo_site import DemoServer

__all__ = ["kept", "phone", "server"]

pytestmark = [pytest.mark.browser, pytest.mark.on_both]

LIKE = 30
MANY = 300


def photo(colour: str) -> FilePayload:
    """A photo of 2400 × 1200 pixels that a phone would have turned by its metadata."""
    file = BytesIO()
    picture = Image.new("RGB", (1200, 2400), colour)
    exif = picture.getexif()
    exif[0x0112] = 6  # to be turned to the right
    exif[0x010F] = "SECRETPHONE"
    picture.save(file, "JPEG", exif=exif)
    return {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def blank_codes(page: Page, server: DemoServer, count: int) -> list[str]:
    answer = page.request.post(
        "/api/v1/print-batches", data={"count": count}, headers={"Origin": server.address}
    )
    codes: list[str] = answer.json()["codes"]
    return codes


def fill(page: Page, codes: list[str], name: str) -> None:
    page.get_by_label("Kategori").select_option(index=3)
    page.get_by_label("Sted", exact=False).first.select_option(index=4)
    page.get_by_label("Antall like").fill(str(len(codes)))
    page.get_by_label("Navn", exact=False).fill(name)
    if not page.get_by_label("Koder på blanke etiketter").is_visible():
        page.get_by_text("Flere opplysninger").click()
    page.get_by_label("Koder på blanke etiketter").fill("\n".join(codes))


def pieces(page: Page, words: str) -> list[Any]:
    found: list[Any] = api(page, f"/items?q={words}&limit=200")
    return found


def register(page: Page) -> None:
    page.get_by_role("button", name="Registrer", exact=True).click()
    expect(page.locator("[data-queued]")).to_contain_text("lagt i køen")


def test_thirty_like_chairs_without_a_network_a_reload_and_a_dead_server_are_thirty_chairs(
    phone: Phone, server: DemoServer
) -> None:
    page = phone("kari")
    codes = blank_codes(page, server, LIKE)
    ready(page)
    page.context.set_offline(offline=True)
    page.goto(f"/mobler/ny?code={codes[0]}")
    expect(page.get_by_label("Koder på blanke etiketter")).to_have_value(codes[0])
    fill(page, codes, "Kjellerstol")
    page.get_by_label("Bilder").set_input_files([photo("red"), photo("green")])
    expect(page.locator("[data-tray] li")).to_have_count(2)
    page.locator("[data-tray] li").nth(1).get_by_role("button", name="Vis først").click()
    faults = looked_at(page, "registrer-uten-nett")
    register(page)
    expect(page.locator("#queue-pill")).to_have_text("3 usendte")
    page.goto("/ko")
    expect(queued(page, "waiting")).to_have_count(3)
    page.reload()
    expect(queued(page, "waiting").first).to_contain_text(f"Kjellerstol × {LIKE}")
    faults += looked_at(page, "ko-venter")
    server.kill()
    page.context.set_offline(offline=False)
    page.get_by_role("button", name="Send nå").click()
    server.start()
    page.reload()
    expect(queued(page, "done")).to_have_count(3, timeout=15_000)

    found = pieces(page, "Kjellerstol")
    assert len(found) == LIKE
    assert {each["code"] for each in found} == set(codes)
    photos = api(page, f"/items/{found[-1]['id']}/photos")
    assert len(photos) == 2
    shown = page.request.get(f"/foto/{photos[0]['id']}/jpeg").body()
    with Image.open(BytesIO(shown)) as picture:
        assert picture.width > picture.height
        red, green, _ = picture.convert("RGB").getpixel((10, 10))  # type: ignore[misc]
        assert green > red
    assert b"SECRETPHONE" not in shown
    assert faults == []


def test_a_code_that_another_took_is_shown_as_yours_and_theirs(
    phone: Phone, server: DemoServer
) -> None:
    page, other = phone("kari"), phone("kari")
    (code,) = blank_codes(page, server, 1)
    page.goto("/mobler/ny")
    page.context.set_offline(offline=True)
    fill(page, [code], "Min stol")
    register(page)
    other.goto("/mobler/ny")
    fill(other, [code], "Deres stol")
    other.get_by_role("button", name="Registrer", exact=True).click()
    other.wait_for_url("**/mobler/parti/**")
    page.context.set_offline(offline=False)
    page.goto("/ko")
    expect(queued(page, "conflict")).to_contain_text("Der nå: Deres stol")
    page.get_by_text("Det du skrev").click()
    expect(queued(page, "conflict")).to_contain_text("Min stol")
    assert looked_at(page, "ko-ditt-og-deres") == []
    page.get_by_role("button", name="Registrer uten denne koden").click()
    expect(queued(page, "done")).to_have_count(1)
    assert [each["code"] == code for each in pieces(page, "Min stol")] == [False]


def test_hundreds_of_queued_registrations_with_photos_are_sent_each_once(phone: Phone) -> None:
    page = phone("kari")
    page.goto("/mobler/ny")
    category = page.get_by_label("Kategori").locator("option").nth(3).get_attribute("value")
    place = page.locator("#field-place_id option").nth(4).get_attribute("value")
    unit = page.locator("#field-owner_unit_id").input_value()
    page.context.set_offline(offline=True)
    page.evaluate(
        """async ([count, body]) => {
          const { addAll } = await import("/static/modules/outbox.js");
          const canvas = new OffscreenCanvas(64, 48);
          canvas.getContext("2d").fillRect(0, 0, 64, 48);
          const blob = await canvas.convertToBlob({ type: "image/jpeg" });
          for (let n = 0; n < count; n += 1) {
            const [key, id] = [crypto.randomUUID(), crypto.randomUUID()];
            const files = [{ field: "photo", name: "bilde.jpg", blob }];
            await addAll([
              { id: key, verb: "register", url: "/api/v1/items", body: [{ ...body, id }] },
              { verb: "photo", url: `/api/v1/items/${id}/photos`, files, after: [key] },
            ]);
          }
        }""",
        [
            MANY // 2,
            {
                "category_id": category,
                "place_id": place,
                "owner_unit_id": unit,
                "name": "Mengdestol",
            },
        ],
    )
    page.context.set_offline(offline=False)
    page.goto("/ko")
    for _ in range(6):
        try:
            until(
                page,
                "async () => (await (await import('/static/modules/outbox.js'))"
                ".counts()).unsent === 0",
            )
            break
        except AssertionError:
            continue
    expect(page.locator("[data-state][role=status]")).to_have_text("Alt er sendt.")
    assert len(pieces(page, "Mengdestol")) == MANY // 2
