"""Importing on pages, as plain forms: choose, see, choose columns, apply, undo, download."""

import csv
import io
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.accounts.rules import Role
from app.kit.files import Files
from tests.people import Organised, SignedInAs

CHAIRS = (
    "Inventarnr;Benevnelse;Kategori;Bredde (cm)\n1;Stol blå;Kontorstol;60\n2;Ting;Dingseboms;8\n"
)


@pytest.fixture
def client(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as(Role.FURNITURE_MANAGER)


def upload(client: TestClient, content: str | bytes = CHAIRS, **fields: str) -> Any:
    data = content.encode() if isinstance(content, str) else content
    return client.post("/import", files={"file": ("møbler.csv", data)}, data=fields)


def previewed(client: TestClient, content: str = CHAIRS) -> str:
    answer = upload(client, content)
    assert answer.status_code == 303
    location: str = answer.headers["location"]
    return location


def figures(html: str) -> list[str]:
    return re.findall(r'figure-value">([^<]+)<', html)


def test_a_file_is_previewed_applied_and_undone_with_plain_forms(client: TestClient) -> None:
    path = previewed(client)
    html = client.get(path).text
    assert figures(html) == ["2", "0", "0", "0", "0"]
    assert "Klar til å importeres" in html
    assert "Stol blå · Ting" in html
    assert client.post(f"{path}/gjennomfor").status_code == 303
    html = client.get(path).text
    assert "Angre importen" in html
    assert client.post(f"{path}/angre").status_code == 303
    assert "Importen er angret" in client.get(path).text
    assert "møbler.csv" in client.get("/import").text


def test_buttons_pressed_twice_do_it_once_and_show_the_same_page(client: TestClient) -> None:
    path = previewed(client)
    for verb, said in (("gjennomfor", "Importert"), ("angre", "Importen er angret")):
        form = re.search(rf'action="[^"]*/{verb}".*?</form>', client.get(path).text, re.DOTALL)
        assert form is not None
        key = re.search('name="key" value="([^"]+)"', form[0])
        assert key is not None
        answers = [client.post(f"{path}/{verb}", data={"key": key[1]}) for _ in range(2)]
        assert [each.status_code for each in answers] == [303, 303]
        assert {each.headers["location"] for each in answers} == {path}
        assert said in client.get(path).text
        assert client.post(f"{path}/{verb}", data={"key": "another"}).status_code == 409
        assert len(client.get("/api/v1/items").json()) == (2 if verb == "gjennomfor" else 0)


def test_a_file_name_that_is_no_text_is_kept_as_far_as_it_can_be_shown(
    client: TestClient,
) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="m\xf8b\x01ler\xff.csv"'
        b"\r\nContent-Type: text/csv\r\n\r\n" + CHAIRS.encode() + b"\r\n--x--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = client.post("/import", content=body, headers=headers)
    assert answer.status_code == 303, answer.text
    assert "møb�lerÿ.csv" in client.get("/import").text


def test_bad_rows_are_shown_with_place_value_and_reason(client: TestClient) -> None:
    path = previewed(client, CHAIRS.replace(";60", ";seksti"))
    html = client.get(path).text
    for text in ("Rader med feil", "D Bredde (cm)", "seksti", "Dette er ikke et tall."):
        assert text in html
    refused = client.post(f"{path}/gjennomfor")
    assert refused.status_code == 409
    assert "Importen har rader med feil" in refused.text
    assert client.post(f"{path}/gjennomfor", data={"skip_bad": "true"}).status_code == 303


def test_one_row_is_spoken_of_as_one(client: TestClient) -> None:
    path = previewed(client, "\n".join(CHAIRS.splitlines()[:2]))
    assert "1 rad, lest" in client.get(path).text
    client.post(f"{path}/gjennomfor")
    assert "Importert: 1 rad." in client.get(path).text


def test_repeated_rows_are_shown_with_both_numbers(client: TestClient) -> None:
    html = client.get(previewed(client, CHAIRS + "1;Stol rød;Kontorstol;60\n")).text
    assert "Gjentatte rader" in html
    row = re.search(
        r'<th scope="row" role="rowheader">4</th>\s*<td[^>]*>(.*?)</td>', html, re.DOTALL
    )
    assert row is not None
    assert ">2<" in row[1]


def test_columns_and_category_words_are_chosen_and_the_mapping_kept(client: TestClient) -> None:
    path = previewed(client, "A;B;Kategori\nx1;Stol;Dingseboms\n")
    choices = {
        "column-0": "key",
        "column-1": "name",
        "column-2": "category",
        "word-0": "Dingseboms",
        "code-0": "CHAIR_TASK",
        "length_unit": "cm",
        "name": "Fra gammelt system",
        "save": "1",
    }
    again = client.post(f"{path}/oppsett", data=choices)
    assert again.status_code == 303
    assert client.get(path).status_code == 404, "the preview before is gone"
    html = client.get(again.headers["location"]).text
    assert "Ord vi ikke kjente" not in html
    assert 'value="Fra gammelt system"' in html
    assert "Fra gammelt system" in client.get("/import").text
    assert upload(client, "A;B;Kategori\nx2;Stol;Dingseboms\n", mapping="Fra gammelt system")


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"column-1": "name", "column-2": "name"}, "En annen kolonne er alt valgt for dette."),
        ({"column-1": "email"}, "Velg en av mulighetene."),
        ({"column-1": "name", "rate": "mye"}, "Kursen må være et tall større enn 0."),
        ({"column-1": "name", "rate": "2,8"}, "Skriv valutaen som kursen gjelder"),
        ({"column-1": "name", "currency": "kroner"}, "Verdien kan ikke brukes."),
        ({"column-1": "name", "length_unit": "alen"}, "Verdien kan ikke brukes."),
        ({"column-1": "name", "unit_id": "x"}, "Velg en av mulighetene."),
        ({}, "Ingen av kolonnene er gjenkjent"),
    ],
)
def test_a_choice_that_can_not_be_is_refused_with_a_message(
    client: TestClient, choices: dict[str, str], message: str
) -> None:
    path = previewed(client)
    answer = client.post(f"{path}/oppsett", data=choices)
    assert answer.status_code == 422
    assert message in answer.text
    assert client.get(path).status_code == 200


def test_a_file_that_is_no_longer_kept_is_asked_for_again(client: TestClient, files: Files) -> None:
    path = previewed(client)
    for name, _ in list(files._names()):
        files.delete(name)
    answer = client.post(f"{path}/oppsett", data={"column-1": "name"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/import")


@pytest.mark.parametrize(
    ("content", "status", "message"),
    [
        (b"%PDF-1.7", 415, "Dette er en PDF."),
        (b"", 422, "Arket er tomt."),
        (b"x;y\n1;2\n", 422, "Ingen av kolonnene er gjenkjent"),
        (b'id;navn\n1;"Stol\n2;"Bord"\n3;Sofa\n', 422, "Rad 2 har et anførselstegn for mye"),
    ],
)
def test_what_is_no_sheet_is_refused_at_the_form(
    client: TestClient, content: bytes, status: int, message: str
) -> None:
    answer = upload(client, content)
    assert answer.status_code == status
    assert message in answer.text
    assert "Ny import" in answer.text


def test_a_form_without_a_file_says_so(client: TestClient) -> None:
    answer = client.post("/import", data={"mapping": ""})
    assert answer.status_code == 422
    assert "Velg en fil." in answer.text


def test_texts_of_the_file_are_shown_escaped(client: TestClient) -> None:
    path = previewed(client, "Inventarnr;Benevnelse;<b>x</b>\n1;<script>alert(1)</script>;y\n")
    html = client.get(path).text
    assert "<script>alert" not in html
    assert "<b>x</b>" not in html
    assert "&lt;script&gt;" in html


def test_the_inventory_is_downloaded_and_can_be_read_again(client: TestClient) -> None:
    client.post(f"{previewed(client, CHAIRS.replace('Stol blå', '=1+1'))}/gjennomfor")
    answer = client.get("/import/inventar?format=csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="inventar.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert sorted(row["Navn"] for row in rows) == ["'=1+1", "Ting"]
    assert client.get("/import/inventar?format=xlsx").content.startswith(b"PK")
    assert len(client.get("/import/inventar?format=json").json()) == 2
    assert client.get("/import/inventar?format=pdf").status_code == 422
    again = client.get(upload(client, answer.content).headers["location"]).text
    assert figures(again)[4] == "0"


def test_an_employee_neither_imports_nor_downloads(signed_in_as: SignedInAs) -> None:
    employee = signed_in_as(Role.EMPLOYEE)
    assert employee.get("/import").status_code == 403
    assert upload(employee).status_code == 403
    assert employee.get("/import/inventar?format=csv").status_code == 403


def test_a_controller_may_download_but_not_import(signed_in_as: SignedInAs) -> None:
    controller = signed_in_as(Role.CONTROLLER)
    html = controller.get("/import").text
    assert "Last ned inventaret" in html
    assert "Ny import" not in html
    assert controller.get("/import/inventar?format=csv").status_code == 200
    assert upload(controller).status_code == 403


def test_a_download_holds_no_piece_of_another_organisation(
    client: TestClient, signed_in_as: SignedInAs, foreign_org: Organised
) -> None:
    client.post(f"{previewed(client)}/gjennomfor")
    stranger = signed_in_as(Role.ADMIN, where=foreign_org)
    assert stranger.get("/import/inventar?format=json").json() == []


def test_another_organisations_preview_does_not_exist(
    client: TestClient, signed_in_as: SignedInAs, foreign_org: Organised
) -> None:
    path = previewed(client)
    stranger = signed_in_as(Role.ADMIN, where=foreign_org)
    assert stranger.get(path).status_code == 404
    for verb in ("gjennomfor", "angre", "forkast", "oppsett"):
        assert stranger.post(f"{path}/{verb}").status_code == 404


def pressed_twice(client: TestClient, html: str, action: str) -> list[Any]:
    form = re.search(rf'action="({action})".*?name="key" value="([^"]+)"', html, re.DOTALL)
    assert form is not None
    return [client.post(form[1], data={"key": form[2]}) for _ in range(2)]


def test_discarding_and_deleting_twice_shows_the_list_twice(client: TestClient) -> None:
    path = previewed(client)
    answers = pressed_twice(client, client.get(path).text, f"{path}/forkast")
    assert [each.status_code for each in answers] == [303, 303]
    assert {each.headers["location"] for each in answers} == {"/import"}
    client.post("/api/v1/imports/mappings", json={"name": "Mitt oppsett"})
    answers = pressed_twice(client, client.get("/import").text, '/import/oppsett/[^"]+/slett')
    assert [each.status_code for each in answers] == [303, 303]


def test_an_applied_import_says_on_its_page_that_it_is_not_discarded(client: TestClient) -> None:
    path = previewed(client)
    key = re.search(r'/forkast".*?name="key" value="([^"]+)"', client.get(path).text, re.DOTALL)
    assert key is not None
    client.post(f"{path}/gjennomfor")
    refused = client.post(f"{path}/forkast", data={"key": key[1]})
    assert refused.status_code == 409
    assert "Importen er alt gjennomført eller angret." in refused.text
    assert "Angre importen" in refused.text


def test_an_import_is_discarded_and_a_mapping_deleted(client: TestClient) -> None:
    path = previewed(client)
    assert client.post(f"{path}/forkast").status_code == 303
    assert client.get(path).status_code == 404
    client.post("/api/v1/imports/mappings", json={"name": "Mitt oppsett"})
    html = client.get("/import").text
    action = re.search(r'action="(/import/oppsett/[^"]+/slett)"', html)
    assert action is not None
    assert client.post(action[1]).status_code == 303
    assert "Mitt oppsett" not in client.get("/import").text


def test_a_page_of_an_import_that_is_done_reads_nothing_anew(client: TestClient) -> None:
    path = previewed(client)
    client.post(f"{path}/gjennomfor")
    choices = {"column-1": "name", "name": "Sent", "save": "1"}
    refused = client.post(f"{path}/oppsett", data=choices)
    assert refused.status_code == 409
    assert "alt gjennomført eller angret" in refused.text
    html = client.get("/import").text
    assert html.count("møbler.csv") == 1
    assert "Slett Sent" not in html


def test_a_mapping_is_not_saved_without_a_name(client: TestClient) -> None:
    path = previewed(client)
    refused = client.post(f"{path}/oppsett", data={"column-1": "name", "save": "1"})
    assert refused.status_code == 422
    assert refused.text.count("Skriv navnet oppsettet skal lagres under.") == 2
    assert client.get("/api/v1/imports/mappings").json() == []


def test_a_wrong_choice_of_a_column_is_said_at_the_column(client: TestClient) -> None:
    choices = {"column-1": "name", "column-2": "name"}
    refused = client.post(f"{previewed(client)}/oppsett", data=choices).text
    assert 'href="#column-2"' in refused
    assert 'aria-describedby="column-2-error"' in refused
    assert refused.count("En annen kolonne er alt valgt for dette.") == 2


def test_a_list_of_warnings_that_is_cut_says_so(client: TestClient) -> None:
    rows = "".join(f"{n};Ting;Dingseboms;60\n" for n in range(130))
    html = client.get(previewed(client, CHAIRS.splitlines()[0] + "\n" + rows)).text
    assert re.search(r"Viser de første 100 av (\d+)\.", html)


def test_a_refusal_says_its_reason_once_and_names_the_limit(client: TestClient) -> None:
    unknown = upload(client, "foo;bar\n1;2\n")
    assert unknown.text.count("Ingen av kolonnene er gjenkjent") == 2, "summary and field"
    for size in (10_000_001, 10_300_000):
        refused = upload(client, b"x\n" * (size // 2 + 1))
        assert refused.status_code == 413
        assert "Grensen er 10 MB." in refused.text
