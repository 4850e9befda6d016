"""The door: headers of every answer, cross-site writes, problems by path."""

from fastapi.testclient import TestClient

from app.kit.web import HEADERS


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
