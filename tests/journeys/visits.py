"""What a visitor does on many pages: sign in, look for faults, follow a button."""

from dataclasses import dataclass

from playwright.sync_api import ConsoleMessage, Page, Response

from tools.demo_site import PASSWORD


@dataclass(frozen=True)
class Reader:
    """Who reads the pages: the width of the screen in pixels, and whether scripts run."""

    name: str
    width: int
    scripts: bool


READERS = [Reader("telefon", 390, scripts=True), Reader("kontorplass", 1280, scripts=False)]


def sign_in(page: Page, local: str) -> None:
    page.goto("/logg-inn")
    page.get_by_label("E-postadresse").fill(f"{local}@demo.example")
    page.get_by_label("Passord").fill(PASSWORD)
    page.get_by_role("button", name="Logg inn").click()
    page.wait_for_url(lambda url: "/logg-inn" not in url)


def sign_out(page: Page) -> None:
    page.locator(".person-menu > summary").click()
    page.get_by_role("button", name="Logg ut").click()
    page.wait_for_url("**/logg-inn*")


def watch(page: Page, faults: list[str]) -> None:
    """Collects script errors, refusals by the content policy, and answers that nobody wants."""

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(f"{page.url}: {message.text}")

    def answered(response: Response) -> None:
        if response.status >= 500:
            faults.append(f"{response.url}: {response.status}")

    page.on("console", hear)
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on("response", answered)


def until(page: Page, script: str) -> None:
    """Asks again until the script answers true. ``wait_for_function`` waits for no promise."""
    for _ in range(150):
        if page.evaluate(script):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {script}")


def choose(page: Page, label: str, wanted: str) -> None:
    """Picks the option that ends with these words: paths and indents stand before them."""
    field = page.get_by_label(label, exact=True)
    if not field.count():
        field = page.get_by_label(label).first
    value = field.locator("option").filter(has_text=wanted).first.get_attribute("value")
    assert value
    field.select_option(value)
