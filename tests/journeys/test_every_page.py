"""Every page for every reader: axe finds nothing, nothing is cut off, and no script complains."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""All that another colour scheme can break."""
SCHEMES: dict[Literal["light", "dark"], dict[str, Any]] = {"light": RULES, "dark": OF_COLOURS}
NARROW, DESK, REFLOW = 390, 1280, 320
ALIKE = 6
"""So many rows, cards or choices of a list are asked; what comes after them is like them."""

ANONYMOUS = {"home": "/", "sign in": "/logg-inn", "API": "/api", "public market": "/ombruk"}
MANAGER = {
    "home": "/",
    "pieces": "/mobler",
    "register": "/mobler/ny",
    "market": "/marked",
    "market by building": "/marked/bygg",
    "offer": "/marked/ny",
    "favourites": "/marked/favoritter",
    "listings": "/marked/annonser",
    "listing rules": "/marked/trinn",
    "network market": "/marked/nettverket",
    "asked from outside": "/marked/utenfra",
    "asked of others": "/marked/andre",
    "buyers": "/marked/kjopere",
    "public page": "/marked/apen-side",
    "external income": "/inntekter",
    "periods": "/perioder",
    "new income": "/inntekter/ny",
    "sold to partners": "/inntekter/nettverket",
    "shared costs": "/kostnader?maned=",
    "requests": "/bestillinger?vis=alle",
    "approvals": "/godkjenning",
    "handovers": "/overleveringer",
    "new handover": "/overleveringer/ny",
    "disposals": "/kassasjon",
    "new disposal": "/kassasjon/ny",
    "waste codes": "/kassasjon/fraksjoner",
    "run sheets": "/kjorelister",
    "new run sheet": "/kjorelister/ny",
    "supplier orders": "/oppdrag",
    "new supplier order": "/oppdrag/ny?arbeid=build_from_surplus",
    "driving together": "/kjorelister/samkjoring",
    "scan out": "/overleveringer/hent",
    "scan in": "/overleveringer/ta-imot",
    "labels": "/etiketter",
    "printers": "/etiketter/skrivere",
    "found reports": "/funnmeldinger",
    "import": "/import",
    "categories": "/kategorier",
    "factors": "/faktorer",
    "models": "/modeller",
    "projects": "/prosjekter",
    "plans of floors": "/plantegninger",
    "new project": "/prosjekter/nytt",
    "needs": "/behov",
    "new need": "/behov/nytt",
    "inbox": "/innboks",
    "cases": "/henvendelser",
    "new case": "/henvendelser/ny",
    "phone note": "/henvendelser/motta",
    "pasted e-mail": "/henvendelser/motta?kanal=email",
    "figures of the year": "/innboks/tall/2026",
    "wishes": "/onsker",
    "new wish": "/onsker/nytt?words=kontorstol&width_max_cm=160",
    "notices": "/varsler",
    "notice choices": "/varsler/valg",
    "code": "/I",
    "scan": "/skann",
    "scan, foreign code": "/skann?kode=INV-1",
    "bind": "/skann/knytt?kode=INV-1&q=stol",
}
REPORTS = {
    "savings": "/rapporter",
    "savings by unit": "/rapporter?etter=unit",
    "what savings are measured by": "/rapporter/grunnlag",
    "goals": "/mal/2026",
    "leader board": "/mal/2026/tavle",
    "summary": "/mal/2026/oppsummering",
    "own savings": "/mine-besparelser",
    "report of the year": "/arsrapport/2026",
    "environmental report": "/arsrapport/2026/miljo",
    "own factors": "/egne-faktorer",
    "own factor": "/egne-faktorer/CHAIR_TASK",
    "weak factors": "/svake-faktorer",
    "compared factors": "/faktorsammenligning",
    "exchange rates": "/valutakurser",
    "declarations": "/miljodeklarasjoner",
}
ADMINISTRATOR = {
    "organisation": "/virksomhet",
    "networks": "/nettverk",
    "people": "/personer",
    "places": "/steder",
    "tokens": "/tilgang",
    "order rules": "/bestillingsregler",
    "cost rules": "/kostnadsregler",
    "new cost rule": "/kostnadsregler/ny",
    "order rule": "/bestillingsregler/virksomhet",
    "purchase rule": "/behov/kjopsregel",
    "hold rule": "/bestillingsregler/frist",
    "load rule": "/kjorelister/regel",
    "leader": "/godkjenning/leder",
}
FOLLOWED = {
    "piece": ("kari", "/mobler", r"/mobler/[0-9a-f-]{36}$"),
    "listing": ("amina", "/marked", r"/marked/[0-9a-f-]{36}$"),
    "request": ("amina", "/bestillinger", r"/bestillinger/[0-9a-f-]{36}$"),
    "handover": ("kari", "/overleveringer", r"/overleveringer/[0-9a-f-]{36}$"),
    "run sheet": ("kari", "/kjorelister", r"/kjorelister/[0-9a-f-]{36}$"),
    "disposal": ("kari", "/kassasjon", r"/kassasjon/[0-9a-f-]{36}$"),
    "a period": ("kari", "/perioder", r"/perioder/[0-9a-f-]{36}$"),
    "basis for an invoice": ("kari", "/inntekter", r"/inntekter/[0-9a-f-]{36}$"),
    "public piece": ("kari", "/ombruk/fjordlandet", r"/ombruk/fjordlandet/[0-9a-f-]{36}$"),
    "project": ("ingrid", "/prosjekter", r"/prosjekter/[0-9a-f-]{36}$"),
    "model": ("kari", "/modeller", r"/modeller/[0-9a-f-]{36}$"),
    "place": ("liv", "/steder", r"/steder/[0-9a-f-]{36}$"),
    "plan of a floor": ("kari", "/plantegninger", r"/plantegninger/[0-9a-f-]{36}$"),
    "case": ("kari", "/henvendelser", r"/henvendelser/[0-9a-f-]{36}$"),
    "unit": ("liv", "/virksomhet", r"/virksomhet/[0-9a-f-]{36}$"),
    "person": ("liv", "/personer", r"/personer/[0-9a-f-]{36}$"),
}


def axe_faults(page: Page, rules: dict[str, Any] = RULES) -> list[str]:
    """axe's violations, one line each. Evaluated rather than added, which the page's policy bars.

    The whole page is shown at once: a bar that stays at the window's edge covers whatever happens to
    stand there, which is chance and goes away by scrolling.
    """
    window = page.viewport_size
    assert window is not None
    for _ in range(3):  # what is as high as the window grows with it
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": window["width"], "height": height})
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(
        "rules => axe.run({runOnly: rules, resultTypes: ['violations']})"
        ".then(result => result.violations)",
        rules,
    )
    page.set_viewport_size(window)
    return [
        f"{each['id']}: {node['html'][:160]} — {node['failureSummary'][:200]}"
        for each in found
        for node in each["nodes"][:3]
    ]


def cut_off(page: Page) -> str | None:
    """What makes the page scroll sideways, if anything does."""
    found: str | None = page.evaluate(
        """() => {
            const root = document.documentElement;
            if (root.scrollWidth <= root.clientWidth) return null;
            const wide = [...document.body.querySelectorAll('*')]
                .filter(e => e.getBoundingClientRect().right > root.clientWidth + 1)
                .slice(0, 3).map(e => e.outerHTML.slice(0, 120));
            return `${root.scrollWidth} > ${root.clientWidth}: ${wide.join(' | ')}`;
        }"""
    )
    return found


def faults_of(page: Page, name: str) -> list[str]:
    """The page as it stands: at 320 px, and by axe light and dark."""
    return [*too_wide(page, name), *by_axe(page, name)]


def too_wide(page: Page, name: str) -> list[str]:
    page.set_viewport_size({"width": REFLOW, "height": 844})
    wide = cut_off(page)
    return [f"{name} ({REFLOW}): {wide}"] if wide else []


def by_axe(page: Page, name: str) -> list[str]:
    """On a phone and at a desk, one of them light and one dark.

    Which is which goes by the page's name: what one width alone shows, as the menus of the head,
    stands on many pages, so that each has been asked in both schemes.
    """
    faults = []
    widths = (NARROW, DESK) if sum(map(ord, name)) % 2 else (DESK, NARROW)
    for (scheme, rules), width in zip(SCHEMES.items(), widths, strict=True):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 844})
        faults += [f"{name} ({scheme}, {width}): {each}" for each in axe_faults(page, rules)]
    return faults


def shorten(page: Page) -> None:
    """Leaves out of long lists what is like the rest: axe takes its time for every text."""
    page.evaluate(
        """most => {
            for (const list of document.querySelectorAll("tbody, ul, ol, dl, select, datalist"))
                for (const each of [...list.children].slice(most)) each.remove();
        }""",
        ALIKE,
    )


def looked_at(page: Page, paths: dict[str, str]) -> list[str]:
    faults = []
    for name, path in paths.items():
        answer = page.goto(path)
        if answer is None or answer.status != 200:
            faults.append(f"{name}: {path} answered {answer and answer.status}")
            continue
        faults += too_wide(page, name)
        shorten(page)
        faults += by_axe(page, name)
    return faults


def links(page: Page, start: str, pattern: str) -> list[str]:
    """Every link in the page's content that leads to such a page, in the page's order."""
    page.goto(start)
    drawn_links_apart = "all => all.filter(a => typeof a.href === 'string').map(a => a.href)"
    found: list[str] = page.eval_on_selector_all("main a[href]", drawn_links_apart)
    return list(dict.fromkeys(each for each in found if re.search(pattern, each)))


def first_link(page: Page, start: str, pattern: str) -> str:
    return links(page, start, pattern)[0]


def test_pages_without_sign_in_are_for_everybody(visit: Callable[..., Page]) -> None:
    assert looked_at(visit(), ANONYMOUS) == []


@pytest.mark.parametrize("half", [0, 1])
def test_the_manager_s_pages_are_for_everybody(visit: Callable[..., Page], half: int) -> None:
    pages = dict(list(MANAGER.items())[half::2])
    assert looked_at(visit("kari"), pages) == []


@pytest.mark.parametrize("half", [0, 1])
def test_reports_and_factors_are_for_everybody(visit: Callable[..., Page], half: int) -> None:
    pages = dict(list(REPORTS.items())[half::2])
    assert looked_at(visit("kari"), pages) == []


def test_the_administrator_s_pages_are_for_everybody(visit: Callable[..., Page]) -> None:
    assert looked_at(visit("liv"), ADMINISTRATOR) == []


@pytest.mark.parametrize("name", FOLLOWED)
def test_pages_of_one_thing_are_for_everybody(visit: Callable[..., Page], name: str) -> None:
    person, start, pattern = FOLLOWED[name]
    page = visit(person)
    assert looked_at(page, {name: first_link(page, start, pattern)}) == []


def test_the_pages_of_a_piece_are_for_everybody(visit: Callable[..., Page]) -> None:
    page = visit("kari")
    piece = first_link(page, "/mobler", FOLLOWED["piece"][2])
    paths = ("rediger", "flytt", "bilder", "historikk", "etikett", "sla-sammen", "slett")
    assert looked_at(page, {each: f"{piece}/{each}" for each in paths}) == []


def test_the_form_and_the_list_of_a_floor_s_plan_are_for_everybody(
    visit: Callable[..., Page],
) -> None:
    page = visit("kari")
    plan = first_link(page, "/plantegninger", FOLLOWED["plan of a floor"][2])
    paths = {
        "position": first_link(page, plan, r"\?mobel=[0-9a-f-]{36}#plassen$"),
        "room list": f"{plan}/romliste",
    }
    assert looked_at(page, paths) == []


def test_the_report_and_how_a_figure_is_calculated_are_for_everybody(
    visit: Callable[..., Page],
) -> None:
    page = visit("ingrid")
    project = first_link(page, "/prosjekter", FOLLOWED["project"][2])
    figure = first_link(page, f"{project}/rapport", r"/besparelser/[0-9a-f-]{36}$")
    paths = {
        "report": f"{project}/rapport",
        "entries": f"{project}/rapport/tall",
        "figure": figure,
        "need": first_link(page, project, r"/linjer/[0-9a-f-]{36}$"),
    }
    assert looked_at(page, paths) == []


def test_no_name_however_long_makes_a_phone_scroll_sideways(visit: Callable[..., Page]) -> None:
    """Names and categories are data: which of them a page shows must not decide whether it fits."""
    page = visit("ingrid", width=REFLOW)
    project = first_link(page, "/prosjekter", FOLLOWED["project"][2])
    pages = [
        *links(page, project, r"/linjer/[0-9a-f-]{36}$"),
        *links(page, f"{project}/rapport", r"/besparelser/[0-9a-f-]{36}$")[:12],
        *links(page, "/mobler", FOLLOWED["piece"][2])[:24],
        *links(page, "/marked", FOLLOWED["listing"][2])[:12],
    ]
    wide = {}
    for each in pages:
        page.goto(each)
        wide[each] = cut_off(page)
    assert {each: what for each, what in wide.items() if what} == {}


def test_what_a_label_leads_to_and_its_sheet_are_for_everybody(
    visit: Callable[..., Page],
) -> None:
    manager = visit("kari")
    manager.goto(first_link(manager, "/mobler", FOLLOWED["piece"][2]))
    code = manager.locator(".item-label .code").inner_text()
    sheet = manager.get_by_role("link", name="Skriv ut etikett").get_attribute("href") or ""
    assert looked_at(manager, {"sheet": sheet}) == []
    assert looked_at(visit(), {"label": f"/I/{code}"}) == []


def test_a_basket_that_is_full_and_one_that_is_empty_are_for_everybody(
    visit: Callable[..., Page],
) -> None:
    page = visit("per")
    assert looked_at(page, {"empty basket": "/kurv"}) == []
    page.goto(first_link(page, "/marked", FOLLOWED["listing"][2]))
    page.get_by_role("button", name="Legg i kurven").click()
    page.wait_for_load_state()
    assert looked_at(page, {"basket": "/kurv"}) == []


def test_a_planted_fault_is_found(visit: Callable[..., Page]) -> None:
    page = visit()
    page.goto("/logg-inn")
    page.evaluate(
        "() => { const wide = document.createElement('img'); wide.style.minWidth = '2000px';"
        " document.querySelector('main').append(wide); }"
    )
    assert any("image-alt" in each for each in axe_faults(page))
    assert cut_off(page)
