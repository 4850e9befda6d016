"""The door: headers of every answer, cross-site writes, problems by path."""

from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from app.accounts.rules import Role
from app.kit.errors import TooMany
from app.kit.problem_pages import advice
from app.kit.web import HEADERS
from tests.people import SignedInAs


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    for path in ("/", "/nope", "/api/v1/nope", "/static/app.css"):
        answer = client.get(path)

        assert [name for name in HEADERS if name not in answer.headers] == [], path


def test_an_unknown_address_is_a_problem_document_under_api_and_a_page_elsewhere(
    client: TestClient,
) -> None:
    document = client.get("/api/v1/nope")
    page = client.get("/nope")

    assert (document.status_code, document.headers["content-type"]) == (
        404,
        "application/problem+json",
    )
    assert document.json()["type"] == "/problems/not-found"
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.parametrize("charset", ["undefined", "utf-7", "unicode_escape", '"utf-16"', "none"])
def test_a_form_in_another_charset_is_refused_and_not_guessed_at(
    client: TestClient, charset: str
) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\n+2AA-\xff\r\n--x--\r\n'
    kind = f"multipart/form-data; boundary=x; charset={charset}"
    headers = {"Content-Type": kind, "Sec-Fetch-Site": "same-origin"}
    assert client.post("/logg-inn", content=part, headers=headers).status_code == 415
    headers["Content-Type"] = kind.replace(charset, "UTF-8")
    assert client.post("/logg-inn", content=part, headers=headers).status_code == 422


def test_a_page_about_a_problem_says_what_to_do_next(
    client: TestClient, signed_in_as: SignedInAs
) -> None:
    lost, forbidden = client.get("/nope").text, signed_in_as(Role.EMPLOYEE).get("/personer").text
    elsewhere = client.post("/utseende", data={}, headers={"Origin": "null"}).text

    assert "<title>Fant ikke det du ser etter – Omløp</title>" in lost
    assert "Adressen kan være skrevet feil" in lost
    assert "En administrator i virksomheten kan gi deg den rollen som trengs." in forbidden
    assert "administrator" not in elsewhere


@pytest.mark.parametrize(
    ("seconds", "said"),
    [("1", "om 1 minutt."), ("61", "om 2 minutter."), ("900", "om 15 minutter."), ("snart", None)],
)
def test_after_too_many_tries_the_page_says_when_to_come_again(
    seconds: str, said: str | None
) -> None:
    found = advice(TooMany(headers={"Retry-After": seconds}))
    assert found == (said and f"Prøv igjen {said}")


def test_a_write_from_another_site_is_refused(client: TestClient) -> None:
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Cookie": "__Host-sid=x"},
    ):
        answer = client.post("/utseende", data={"scheme": "dark"}, headers=headers)

        assert answer.status_code == 403, headers


def test_a_write_from_our_own_pages_is_accepted(client: TestClient) -> None:
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "https://testserver"}):
        answer = client.post("/utseende", data={"scheme": "dark"}, headers=headers)

        assert answer.status_code == 303, headers


def test_a_foreign_host_is_not_answered(client: TestClient) -> None:
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize("address", ["/api/v1/items", "/api/v1/market", "/api/v1/me"])
def test_a_query_parameter_that_the_api_does_not_have_is_refused_by_its_name(
    signed_in_as: SignedInAs, address: str
) -> None:
    answer = signed_in_as(Role.EMPLOYEE).get(address, params={"categori": "CHAIR_TASK"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [each["pointer"] for each in answer.json()["errors"]] == ["#/query/categori"]


@pytest.mark.parametrize(
    ("method", "address", "name", "message"),
    [
        ("GET", "/funnmeldinger?status=x", "status", "Velg en av mulighetene."),
        ("GET", "/import/inventar?format=x", "format", "Velg en av mulighetene."),
        ("POST", "/mobler/{}/sla-sammen", "into_id", "Fyll ut feltet."),
    ],
)
def test_a_page_about_a_fault_in_an_address_or_a_form_names_it_without_json(
    signed_in_as: SignedInAs, method: str, address: str, name: str, message: str
) -> None:
    client = signed_in_as(Role.FURNITURE_MANAGER)
    answer = client.request(method, address.format(UUID(int=1)))
    assert answer.status_code == 422
    assert f'<span class="code">{name}</span>: {message}' in answer.text
    assert "#/" not in answer.text


@pytest.mark.parametrize("is_chunked", [False, True], ids=["with its length", "in chunks"])
@pytest.mark.parametrize(
    ("address", "form", "millions"),
    [
        ("/api/v1/items", "application/json", 1),
        ("/api/v1/imports", "multipart/form-data; boundary=x", 16),
        ("/logg-inn", "application/x-www-form-urlencoded", 1),
    ],
)
def test_a_body_that_is_too_large_is_refused_in_words_like_anything_else(
    signed_in_as: SignedInAs, address: str, form: str, millions: int, *, is_chunked: bool
) -> None:
    pieces = [b"--x\r\n", *[b"x" * 1_000_000] * millions]
    body = iter(pieces) if is_chunked else b"".join(pieces)
    answer = signed_in_as(Role.FURNITURE_MANAGER).post(
        address, content=body, headers={"Content-Type": form}
    )
    assert answer.status_code == 413
    assert "X-Request-Id" in answer.headers
    if address.startswith("/api/"):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "/problems/too-large"
    else:
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
