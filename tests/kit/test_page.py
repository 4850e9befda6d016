"""Pages: whole or in part, redirects that stay here, messages shown once, forms that read aloud."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI, Request
from jinja2 import ChoiceLoader, DictLoader, StrictUndefined, UndefinedError
from starlette.responses import Response
from starlette.testclient import TestClient

from app.kit import page as pages
from app.kit.charts import slices
from app.kit.navigation import NavItem
from app.kit.page import make_environment, page, redirect, redirect_to_path, url

ROOT = Path(__file__).resolve().parents[2]
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}
TEMPLATES = {
    "list.html": (
        '{% extends "base.html" %}{% block main %}<h1>{{ heading }}</h1>'
        "{% block rows %}<ul><li>{{ ui.tag(name) }}</li></ul>{% endblock %}{% endblock %}"
    ),
    "slot.html": (
        "{% for template, panel in panels %}{% include template %}{% endfor %}|{{ own }}"
    ),
    "offer.html": "<b>{{ panel.count }}</b>{{ own }}",
    "missing.html": "{{ nobody_gave_this }}",
}


class Actor:
    person_name = "Ingrid <Ødegård>"
    organisation_name = "Helse Fjordane"
    permissions = frozenset({"items.register"})
    owner = "p.o"

    def may(self, permission: str) -> bool:
        return permission in self.permissions


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = FastAPI()
    env = make_environment(ROOT / "templates", ROOT / "static")
    env.loader = ChoiceLoader([DictLoader(TEMPLATES), env.loader]) if env.loader else None
    app.state.templates = env
    app.state.settings = SimpleNamespace(accessibility_statement_url="https://uustatus.no/o")
    app.state.panels = {
        "piece": (
            lambda _session, _actor, subject: ("offer.html", {"count": subject}),
            lambda _session, _actor, _subject: None,
        )
    }
    app.state.nav = (
        NavItem("Marked", "items:list", "market"),
        NavItem("Registrer", "items:show_new", "register", permission="items.register"),
        NavItem("Virksomhet", "items:show_admin", "building", permission="admin"),
        NavItem("Logg ut", "leave", "sign-out", placement="person", is_post=True),
        NavItem("Logg inn", "enter", "sign-in", placement="anonymous"),
    )
    app.include_router(pages.router)

    @app.middleware("http")
    async def somebody(request: Request, call_next: Any) -> Response:
        request.state.actor = Actor() if request.headers.get("X-Actor") else None
        answer: Response = await call_next(request)
        return answer

    @app.get("/m", name="items:list")
    def show(request: Request) -> Response:
        return page(request, "list.html", block="rows", heading="Alle", name="<script>x</script>")

    @app.get("/m/ny", name="items:show_new")
    @app.get("/admin", name="items:show_admin")
    @app.get("/inn", name="enter")
    def other(request: Request) -> Response:
        return page(request, "list.html", heading="Annet", name="x")

    @app.get("/bad")
    def bad(request: Request) -> Response:
        return page(request, "missing.html")

    @app.get("/slot")
    def slot(request: Request) -> Response:
        found = pages.panels(request, "piece", None, None, 7)
        empty = pages.panels(request, "nobody", None, None, 7)
        return page(request, "slot.html", panels=found + empty, own="mine")

    @app.post("/save")
    def save(request: Request, text: str = "Lagret") -> Response:
        return redirect(request, "items:list", message=text, query={"side": 2, "q": None})

    @app.post("/back")
    def back(request: Request, to: str) -> Response:
        return redirect_to_path(request, to)

    @app.post("/leave", name="leave")
    def leave(request: Request) -> Response:
        return redirect(request, "items:list")

    @app.get("/thing/{item_id}", name="items:show")
    def thing(request: Request, item_id: str) -> str:
        return url(request, "items:show", item_id=item_id, query={"a": "b c", "d": [1, 2]})

    # Cookies with this prefix are only kept over https.
    with TestClient(app, base_url="https://testserver", follow_redirects=False) as client:
        yield client


def test_a_plain_request_gets_the_whole_page_and_htmx_only_the_block(client: TestClient) -> None:
    whole = client.get("/m")
    part = client.get("/m", headers=PARTIAL)
    assert whole.text.startswith("<!doctype html>")
    assert part.text.startswith("<ul><li>")
    assert "<h1>" not in part.text
    assert whole.headers["Vary"] == part.headers["Vary"] == "HX-Request, HX-Request-Type"


@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Request": "true", "HX-Request-Type": "full"},
        PARTIAL | {"HX-History-Restore-Request": "true"},
        {"HX-Request": "false"},
        {"HX-Request-Type": "partial"},
    ],
)
def test_whoever_needs_the_whole_page_gets_it(client: TestClient, headers: dict[str, str]) -> None:
    assert client.get("/m", headers=headers).text.startswith("<!doctype html>")


def test_names_never_become_markup(client: TestClient) -> None:
    for headers in ({}, PARTIAL):
        text = client.get("/m", headers=headers | {"X-Actor": "1"}).text
        assert "<script>x" not in text
        assert "&lt;script&gt;x&lt;/script&gt;" in text
    assert "Ingrid &lt;Ødegård&gt;" in client.get("/m", headers={"X-Actor": "1"}).text


def test_a_name_that_nobody_gave_is_an_error_and_not_an_empty_place(client: TestClient) -> None:
    with pytest.raises(UndefinedError, match="nobody_gave_this"):
        client.get("/bad")


def test_the_menu_holds_what_the_reader_may_do(client: TestClient) -> None:
    anonymous = client.get("/m").text
    member = client.get("/m", headers={"X-Actor": "1"}).text
    assert "Logg inn" in anonymous
    assert 'aria-label="Hovedmeny"' not in anonymous
    assert "Registrer" in member
    assert "Virksomhet" not in member
    assert '<form method="post" action="/leave">' in member


def test_the_menu_says_where_the_reader_is(client: TestClient) -> None:
    text = client.get("/m/ny", headers={"X-Actor": "1"}).text
    assert '<a href="/m/ny" aria-current="page">Registrer</a>' in text


def test_a_redirect_shows_its_message_once_and_escaped(client: TestClient) -> None:
    answer = client.post("/save", params={"text": "Lagret <b>12</b> møbler"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/m?side=2")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-flash=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"))
    assert "Domain" not in cookie
    first = client.get("/m")
    assert "Lagret &lt;b&gt;12&lt;/b&gt; møbler" in first.text
    assert "Lagret" not in client.get("/m").text


def test_a_part_of_a_page_leaves_the_message_for_the_next_whole_one(client: TestClient) -> None:
    client.post("/save")
    client.get("/m", headers=PARTIAL)
    assert "Lagret" in client.get("/m").text


def test_a_page_that_is_only_kept_leaves_the_message_for_who_sees_the_next(
    client: TestClient,
) -> None:
    client.post("/save")
    assert "Lagret" not in client.get("/m", headers={"Omlop-Owner": "1.1"}).text
    assert "Lagret" in client.get("/m").text


@pytest.mark.parametrize("value", ["%%%", "bm90IGpzb24=", "eyJhIjogMX0=", "ÿ", "x" * 4000])
def test_a_message_that_we_did_not_write_is_not_shown(client: TestClient, value: str) -> None:
    answer = client.get("/m", headers=[(b"Cookie", f"__Host-flash={value}".encode("latin-1"))])
    assert answer.status_code == 200
    assert "flash-text" not in answer.text


def test_htmx_is_told_to_leave_the_page_instead_of_filling_a_part_of_it(
    client: TestClient,
) -> None:
    answer = client.post("/save", headers=PARTIAL)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/m?side=2")


def test_a_script_that_posts_a_form_is_told_where_it_leads(client: TestClient) -> None:
    answer = client.post("/save", headers={"Omlop-Follow": "script"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/m?side=2")


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "evil",
        "",
        "/\t/evil",
        "/a\r\nX: y",
    ],
)
def test_a_form_cannot_send_the_reader_to_another_host(client: TestClient, to: str) -> None:
    assert client.post("/back", params={"to": to}).headers["Location"] == "/"


def test_a_form_can_send_the_reader_back_to_where_they_were(client: TestClient) -> None:
    assert client.post("/back", params={"to": "/m?q=stol"}).headers["Location"] == "/m?q=stol"


def test_an_address_is_a_path_with_what_is_asked_for_behind_it(client: TestClient) -> None:
    headers = {"Host": "evil.example"}
    assert client.get("/thing/a b", headers=headers).json() == "/thing/a%20b?a=b+c&d=1&d=2"


@pytest.mark.parametrize(("scheme", "shown"), [("dark", "dark"), ("light", "light"), ("x", "auto")])
def test_the_colour_scheme_is_remembered_without_a_script(
    client: TestClient, scheme: str, shown: str
) -> None:
    answer = client.post(pages.COLOUR_SCHEME_PATH, data={"scheme": scheme, "back": "/m?q=1"})
    assert answer.headers["Location"] == "/m?q=1"
    assert f'data-color-scheme="{shown}"' in client.get("/m").text


def test_panels_come_in_order_and_read_their_own_context(client: TestClient) -> None:
    assert client.get("/slot").text == "<b>7</b>mine|mine"


def test_the_page_names_the_statement_of_accessibility(client: TestClient) -> None:
    assert 'href="https://uustatus.no/o">Tilgjengelighetserklæring' in client.get("/m").text


def macros() -> Any:
    env = make_environment(ROOT / "templates", ROOT / "static")
    assert env.undefined is StrictUndefined
    return env.globals["ui"]


def test_a_field_says_its_name_its_hint_its_unit_and_its_error_aloud() -> None:
    html = macros().field(
        "width",
        "Bredde",
        form={"width": 'x" onfocus="y'},
        errors={"width": "Skriv et tall"},
        hint="Uten beslag",
        unit="cm",
        required=True,
    )
    assert '<label class="ds-label" data-weight="medium" for="field-width">Bredde' in html
    assert "field-width-hint field-width-error field-width-unit" in html
    assert 'aria-invalid="true"' in html
    assert 'id="field-width-error">Skriv et tall</p>' in html
    assert 'value="x&#34; onfocus=&#34;y"' in html


def test_a_field_without_an_error_is_not_called_invalid() -> None:
    html = macros().field("width", "Bredde")
    assert "aria-invalid" not in html
    assert "aria-describedby" not in html
    assert 'value=""' in html


def test_each_line_of_the_summary_leads_to_its_field() -> None:
    html = macros().error_summary({"width": "Skriv et tall", "": "Prøv igjen"})
    assert '<a class="ds-link" href="#field-width">Skriv et tall</a>' in html
    assert "<li>Prøv igjen</li>" in html
    assert macros().error_summary({}).strip() == ""


def test_a_choice_keeps_what_was_chosen() -> None:
    options = [("A", "Som ny"), ("B", "God", "Normale spor")]
    one = macros().choices("condition", "Tilstand", options, form={"condition": "B"})
    assert one.count(" checked") == 1
    assert 'value="B" checked' in one
    many = macros().choices("c", "Tilstand", options, value=["A", "B"], type="checkbox")
    assert many.count(" checked") == 2
    groups = macros().select("k", "Kategori", [("Stoler", [("1", "Kontorstol")])], value="1")
    assert '<option value="1" selected>Kontorstol</option>' in groups


def test_a_chart_is_read_as_one_picture_with_words() -> None:
    parts = [("Internt ombruk", 124, "62 %"), ("Nytt", 76, "38 %"), ("Ingen", 0, "0 %")]
    for chart in (macros().stacked_bar, macros().donut):
        html = chart("share", "Dekning", "62 % er internt ombruk", parts)
        assert 'role="img" aria-labelledby="share-title share-desc"' in html
        assert "style=" not in html
        assert all(text in html for text in ("62 %", "38 %", "0 %"))


def test_the_parts_of_a_chart_fill_the_whole_without_a_gap() -> None:
    made = slices([("a", 124, ""), ("b", 14, ""), ("c", -3, ""), ("d", 62, "")], 1000)
    assert [piece.start for piece in made] == [0, 620, 690, 690]
    assert made[-1].start + made[-1].length == 1000
    assert [piece.length for piece in slices([("a", 0, "")], 10)] == [0]


def test_a_part_that_is_everything_is_drawn_as_a_full_ring() -> None:
    full = slices([("a", 5, "")], 1)[0].ring(50, 50, 40, 20)
    assert full.count("A40 40") == full.count("A20 20") == 2


def test_a_table_names_each_cell_for_who_sees_it_as_a_card() -> None:
    html = macros().table("Kilder", ["Kilde", ("Stykk", "number")], [["Internt", "124"]])
    assert '<th scope="row" role="rowheader">Internt</th>' in html
    assert 'data-label="Stykk" class="number"' in html
    assert "<caption" in html
    assert "Ingenting her ennå." in macros().table("Kilder", ["Kilde"], [])
