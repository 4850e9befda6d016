"""The list above a refused form: each line leads to its field and calls it what the form does."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import delete

from app.accounts.rules import Role
from app.kit.summaries import with_names
from app.kit.validation import MESSAGES
from app.transfer.models import ImportRun
from tests.databases import RolledBackDatabase
from tests.foreign_rows import foreign_ids
from tests.people import Organised, SignedInAs
from tests.test_tenancy import filled, routes

LONG = "tull " * 1001
"""Neither a number nor a date, and longer than any text may be."""
ENDING = ("/avbryt", "/avslutt", "/fjern", "/slett", "/trekk", "/avlys", "/avbestill", "/logg-ut")
"""What ends something comes last: its form would not be there any more."""
OPENED_WITH = {"/skann/knytt": {"value": "INV-1"}}
SHEET = "Navn;Antall;Farge\nStol;to;rød\n"


class Shown(HTMLParser):
    """A page as somebody meets it: ids, names, fields, and the lines of the summary."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.names: dict[str, str] = {}
        self.fields: dict[str, str | None] = {}
        self.lines: list[tuple[str | None, str]] = []
        self.astray: set[str] = set()
        self._named_by: dict[str, str] = {}
        self._into: list[tuple[str, str]] = []
        self._fieldset = ""
        self._is_summary = False
        self.feed(html)
        for target, title in self._named_by.items():
            self.names.setdefault(target, self.names.get(title, ""))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        own = given.get("id", "")
        if own == "error-summary":
            self._is_summary = True
        elif self._is_summary:
            if tag == "li":
                self.lines.append((None, ""))
                self.astray.add(given.get("data-of", "").removeprefix("field-"))
            elif tag == "a":
                self.lines[-1] = (given["href"].removeprefix("#"), "")
        self.ids.add(own)
        if "aria-labelledby" in given:
            self._named_by[own] = given["aria-labelledby"]
        if tag == "fieldset":
            self._fieldset = own
        if tag in {"input", "select", "textarea"} and "name" in given:
            is_hidden = given.get("type") == "hidden"
            self.fields[given["name"]] = given.get("value", "") if is_hidden else None
            if "aria-label" in given:
                self.names[own] = given["aria-label"]
        self._collect(tag, given)

    def _collect(self, tag: str, given: dict[str, str]) -> None:
        """Where the text that follows belongs."""
        of = {
            "label": given.get("for", ""),
            "legend": self._fieldset,
            "title": "<title>",
            "h1": given.get("id", ""),
            "h2": given.get("id", ""),
            "h3": given.get("id", ""),
        }
        if tag in of:
            self._into.append((tag, "" if of[tag] in self.names else of[tag]))
        elif tag == "span" and given.get("class") == "must":
            self._into.append((tag, ""))

    def handle_endtag(self, tag: str) -> None:
        if self._into and self._into[-1][0] == tag:
            self._into.pop()
        if tag == "div":
            self._is_summary = False

    def handle_data(self, data: str) -> None:
        if self._is_summary and self.lines:
            target, text = self.lines[-1]
            self.lines[-1] = (target, (text + data).strip())
        elif self._into and self._into[-1][1]:
            of = self._into[-1][1]
            self.names[of] = re.sub(
                r" \([^()]*\)$", "", " ".join((self.names.get(of, "") + data).split())
            )


def faults_of(html: str) -> list[str]:
    """What is wrong with the summary; nothing where each line leads to a field and names it."""
    page = Shown(html)
    faults = []
    if not page.names["<title>"].startswith("Feil: "):
        faults.append(f"the title is {page.names['<title>']!r}")
    visible = {name for name, value in page.fields.items() if value is None}
    faults += [f"leads nowhere: {each}" for each in sorted(page.astray & visible)]
    for target, text in page.lines:
        if target is None:
            # What is wrong with the form as a whole; not what only a field can be told.
            if text in set(MESSAGES.values()):
                faults.append(f"leads nowhere: {text}")
            continue
        name = page.names.get(target, "")
        if target not in page.ids or not name:
            faults.append(f"{target} is not there or has no name: {text}")
        elif not text.startswith(name) or len(text) < len(name) + 5:
            faults.append(f"{target} is {name!r}, but: {text}")
    return faults


def submissions(client: TestClient, path: str, given: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What is refused: the form as it opens, with nothing filled in, and nonsense in every field."""
    first = client.post(path, data=given, follow_redirects=False).text
    if "error-summary" not in first:
        return
    fields = Shown(first).fields
    hidden = {name: value for name, value in fields.items() if value is not None}
    yield "empty", client.post(path, data=hidden, follow_redirects=False).text
    nonsense = dict.fromkeys(fields, LONG) | hidden
    yield "nonsense", client.post(path, data=nonsense, follow_redirects=False).text


def test_every_refused_form_says_which_field_is_wrong_and_leads_there(
    web_app: FastAPI, signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    with database.write() as session:
        ids = foreign_ids(session, org)
        session.execute(delete(ImportRun))
    client = signed_in_as(Role.ADMIN)
    sheet = {"file": ("ark.csv", SHEET.encode(), "text/csv")}
    answer = client.post("/import", files=sheet, follow_redirects=False)
    ids["run_id"] = answer.headers["location"].rsplit("/", 1)[1]
    client.post("/kurv", data={"listing_id": ids["listing_id"], "wanted": "1"})
    met: dict[str, list[str]] = {}
    faults = []
    posts = [path for method, path in routes(web_app) if method == "POST"]
    for path in sorted(posts, key=lambda path: path.endswith(ENDING)):
        if path.startswith("/api/"):
            continue
        for what, html in submissions(client, filled(path, ids), OPENED_WITH.get(path, {})):
            if "error-summary" in html:
                met.setdefault(path, []).extend(text for _, text in Shown(html).lines)
                faults += [f"{path}, {what}: {each}" for each in faults_of(html)]

    assert faults == []
    assert sum(len(lines) for lines in met.values()) > 200, met.keys()
    assert "Antall like: Skriv et helt tall." in met["/mobler/ny"]
    assert "Hva vil du si fra om? Fyll ut feltet." in met["/I/{code}/melding"]
    # What a label says in brackets is about the field, and not its name.
    assert "Prosjekt: Velg en av mulighetene." in met["/kartlegging"]


LOST = '<li data-of="field-a">Skjemaet kom ikke helt fram. Last siden på nytt, og prøv igjen.</li>'
REFUSED = (
    "<title>Bord</title>"
    '<div class="ds-error-summary" id="error-summary"><ul class="ds-list">'
    '<li><a class="ds-link" href="#field-{of}">Skriv et tall.</a></li></ul></div>'
)


@pytest.mark.parametrize(
    ("field", "line"),
    [
        (
            '<input id="field-a"><label for="field-a">Bredde <span class="must">må</span></label>',
            '<a class="ds-link" href="#field-a">Bredde: Skriv et tall.</a>',
        ),
        (
            '<fieldset id="field-a"><legend class="x">Hvor &lt; mange?</legend></fieldset>',
            '<a class="ds-link" href="#field-a">Hvor &lt; mange? Skriv et tall.</a>',
        ),
        (
            '<label for="field-a">til</label><input id="field-a" aria-label="Bredde til">',
            '<a class="ds-link" href="#field-a">Bredde til: Skriv et tall.</a>',
        ),
        (
            '<section id="field-a" aria-labelledby="t"><h2 id="t">Stoler</h2></section>',
            '<a class="ds-link" href="#field-a">Stoler: Skriv et tall.</a>',
        ),
        ('<label id="field-ab" for="field-ab">Bredde</label>', LOST),
    ],
)
def test_a_field_is_called_what_its_own_markup_calls_it(field: str, line: str) -> None:
    html = with_names(REFUSED.format(of="a") + field)

    assert line in html
    assert html.endswith(field)
    assert html.startswith("<title>Feil: Bord</title>")


def test_each_of_many_fields_is_called_by_its_own_name() -> None:
    many = range(2_000)
    lines = (f'<li><a class="ds-link" href="#f{n}">Skriv et tall.</a></li>' for n in many)
    fields = (f'<label for="f{n}">Felt {n}</label><input id="f{n}">' for n in many)
    html = with_names(f'<div class="ds-error-summary">{"".join(lines)}</div>{"".join(fields)}')
    assert [html.count(f'#f{n}">Felt {n}: Skriv et tall.</a>') for n in many] == [1] * len(many)


def test_a_page_without_errors_stays_as_it_is() -> None:
    assert with_names("<title>Bord</title><p>Bredde</p>") == "<title>Bord</title><p>Bredde</p>"
