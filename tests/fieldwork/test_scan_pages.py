"""The scanner's page as a form: what each code leads to, for whom, and what can be done next."""

from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from jinja2 import Environment

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.fieldwork.modes import MODES
from app.items import service_codes, service_found
from app.items.commands import Delete, Identify, OfItem
from app.items.models import IdentifierKind
from app.items.queries import codes_of
from app.items.service import identify, miss
from app.items.service_codes import CancelPrintBatch, PrintBlank
from app.items.service_wrong import delete
from app.kit.codes import mint
from app.places.models import Place
from tests.databases import RolledBackDatabase
from tests.factories import an_item
from tests.people import ActorOf, Organised, SignedInAs

PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def piece(database: RolledBackDatabase, org: Organised, actor: ActorOf) -> tuple[UUID, str]:
    """A piece and its code."""
    with database.write() as session:
        item = an_item(session, org, name="Stol med kode")
        return item.id, codes_of(session, actor(), [item.id])[item.id]


def named(database: RolledBackDatabase, actor: Actor, item_id: UUID, value: str) -> None:
    with database.write() as session:
        command = Identify(item_id=item_id, kind=IdentifierKind.ASSET_TAG, value=value)
        identify(session, actor, [command])


def blank_code(database: RolledBackDatabase, actor: Actor, *, is_cancelled: bool = False) -> str:
    with database.write() as session:
        batch, (code,) = service_codes.print_blank(session, actor, PrintBlank(count=1))
        if is_cancelled:
            command = CancelPrintBatch(print_batch_id=batch.id)
            service_codes.cancel_print_batch(session, actor, command)
    return code


def test_a_lost_pieces_label_leads_to_the_button_that_finds_it(
    signed_in_as: SignedInAs,
    database: RolledBackDatabase,
    actor: ActorOf,
    piece: tuple[UUID, str],
) -> None:
    item_id, code = piece
    with database.write() as session:
        miss(session, actor(), [OfItem(item_id=item_id)])
    manager, reader = signed_in_as(), signed_in_as(Role.EMPLOYEE)
    manager.headers["Sec-Fetch-Site"] = "same-origin"

    shown = manager.get(f"/I/{code}", follow_redirects=True)

    assert shown.text.count("Meld funnet") == 1
    assert shown.text.index("Meld funnet") < shown.text.index("<h1"), "above all else"
    assert "Meld funnet" not in reader.get(f"/I/{code}", follow_redirects=True).text
    assert manager.get(f"/api/v1/items/{item_id}").json()["state"] == "lost", (
        "a GET changes nothing"
    )
    manager.post(f"/mobler/{item_id}/steg", data={"verb": "find", "key": "funnet"})
    assert manager.get(f"/api/v1/items/{item_id}").json()["state"] == "in_use"


def test_only_who_is_signed_in_may_scan(client: TestClient) -> None:
    answer = client.get("/skann")

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/logg-inn")


def test_the_page_has_a_field_for_who_has_no_camera_and_may_run_the_reader(
    signed_in_as: SignedInAs,
) -> None:
    answer = signed_in_as(Role.EMPLOYEE).get("/skann")

    assert answer.status_code == 200
    assert 'name="kode"' in answer.text
    assert "'wasm-unsafe-eval'" in answer.headers["content-security-policy"]


def test_no_other_page_may_run_wasm(signed_in_as: SignedInAs) -> None:
    client = signed_in_as()
    for path in ("/", "/mobler", "/marked", "/I"):
        assert "wasm" not in client.get(path).headers["content-security-policy"]


@pytest.mark.parametrize("shape", ["{}", "https://x.example/i/{}", "HTTPS://X.EXAMPLE/I/{}"])
def test_a_label_of_ours_shows_the_piece_and_what_can_be_done_next(
    signed_in_as: SignedInAs, piece: tuple[UUID, str], shape: str
) -> None:
    item_id, code = piece
    text = signed_in_as().get("/skann", params={"kode": shape.format(code)}).text

    assert "Stol med kode" in text
    assert f'href="/mobler/{item_id}"' in text
    assert f'href="/mobler/{item_id}/flytt"' in text


def test_the_buttons_under_a_scan_wait_for_the_network_as_those_of_the_piece_do(
    signed_in_as: SignedInAs, piece: tuple[UUID, str]
) -> None:
    item_id, code = piece
    manager, employee = signed_in_as(), signed_in_as(Role.EMPLOYEE)
    button = f'data-queue="step" data-queue-one="" data-piece="{item_id}"'
    on_its_page = manager.get(f"/mobler/{item_id}").text.count(button)
    assert on_its_page > 1
    for headers in ({}, PARTIAL):
        text = manager.get("/skann", params={"kode": code}, headers=headers).text
        assert text.count(button) == on_its_page
        for part in ('data-text="lost"', "data-queued ", "early.js"):
            assert text.count(part) == 1
        assert "data-queue-texts" not in employee.get("/skann", params={"kode": code}).text
    # The first scan in a basement waits for none of it.
    assert "data-queue-texts" not in manager.get("/skann").text


def test_who_may_only_look_gets_no_buttons_that_change(
    signed_in_as: SignedInAs, piece: tuple[UUID, str]
) -> None:
    item_id, code = piece
    text = signed_in_as(Role.EMPLOYEE).get("/skann", params={"kode": code}).text

    assert f'href="/mobler/{item_id}"' in text
    assert "/flytt" not in text
    assert "/rediger" not in text


def test_a_script_gets_the_answer_alone(signed_in_as: SignedInAs, piece: tuple[UUID, str]) -> None:
    answer = signed_in_as().get("/skann", params={"kode": piece[1]}, headers=PARTIAL)

    assert "<html" not in answer.text
    assert "Stol med kode" in answer.text


@pytest.mark.parametrize("shape", ["{}", "https://x.example/p/{}", "HTTPS://X.EXAMPLE/P/{}"])
def test_the_label_at_a_door_shows_the_place_and_another_organisations_does_not(
    database: RolledBackDatabase,
    signed_in_as: SignedInAs,
    org: Organised,
    foreign_org: Organised,
    shape: str,
) -> None:
    with database.write() as session:
        ours, theirs = mint(), mint()
        session.get_one(Place, org.room_id).code = ours
        session.get_one(Place, foreign_org.room_id).code = theirs
    client = signed_in_as()

    own = client.get("/skann", params={"kode": shape.format(ours)})
    foreign = client.get("/skann", params={"kode": shape.format(theirs)})

    assert f'href="/steder/{org.room_id}"' in own.text
    assert "Ingen etikett har denne koden" in foreign.text
    assert str(foreign_org.room_id) not in foreign.text


def test_a_blank_label_opens_its_registration(
    database: RolledBackDatabase, signed_in_as: SignedInAs, actor: ActorOf
) -> None:
    code = blank_code(database, actor())
    client = signed_in_as()

    answer = client.get("/skann", params={"kode": code})
    partial = client.get("/skann", params={"kode": code}, headers=PARTIAL)

    assert answer.headers["location"] == f"/mobler/ny?code={code}"
    assert partial.headers["hx-redirect"] == f"/mobler/ny?code={code}"


def test_who_may_not_register_is_told_that_the_label_is_blank(
    database: RolledBackDatabase, signed_in_as: SignedInAs, actor: ActorOf
) -> None:
    code = blank_code(database, actor())

    text = signed_in_as(Role.EMPLOYEE).get("/skann", params={"kode": code}).text

    assert "Etiketten er ikke i bruk ennå" in text


def test_a_cancelled_label_says_so(
    database: RolledBackDatabase, signed_in_as: SignedInAs, actor: ActorOf
) -> None:
    code = blank_code(database, actor(), is_cancelled=True)

    assert "Etiketten er trukket tilbake" in signed_in_as().get(f"/skann?kode={code}").text


def test_the_label_of_a_wrong_registration_says_so(
    database: RolledBackDatabase,
    signed_in_as: SignedInAs,
    actor: ActorOf,
    piece: tuple[UUID, str],
) -> None:
    item_id, code = piece
    with database.write() as session:
        delete(session, actor(), [Delete(item_id=item_id, reason="Registrert to ganger")])

    text = signed_in_as().get("/skann", params={"kode": code}).text

    assert "Etiketten er trukket tilbake" in text
    assert "Stol med kode" not in text


def test_another_organisations_label_names_the_owner_and_nothing_of_the_piece(
    database: RolledBackDatabase,
    signed_in_as: SignedInAs,
    actor: ActorOf,
    foreign_org: Organised,
) -> None:
    with database.write() as session:
        item = an_item(session, foreign_org, name="CANARYNAME", note="CANARYNOTE")
        code = codes_of(session, actor(where=foreign_org), [item.id])[item.id]

    text = signed_in_as().get("/skann", params={"kode": code}).text

    assert "Etiketten tilhører Fremmed kommune" in text
    assert f'href="/I/{code}"' in text
    assert "CANARY" not in text
    assert str(item.id) not in text


def test_a_wrong_check_character_and_an_unknown_code_are_told_apart(
    signed_in_as: SignedInAs,
) -> None:
    client = signed_in_as()

    assert "Koden er ikke helt riktig" in client.get("/skann?kode=7K3QWX9R2M5").text
    assert "Ingen etikett har denne koden" in client.get(f"/skann?kode={mint()}").text


def test_who_guesses_at_codes_is_stopped_and_scans_of_foreign_codes_are_not_counted(
    signed_in_as: SignedInAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_found, "MOST_WRONG_CODES", 3)
    client = signed_in_as()
    for at in range(5):
        assert client.get(f"/skann?kode=INV-{at}").status_code == 200

    answers = [client.get(f"/skann?kode={mint()}").status_code for _ in range(4)]

    assert answers == [200, 200, 200, 429]


def test_an_unknown_foreign_code_offers_to_bind_register_or_search(
    signed_in_as: SignedInAs,
) -> None:
    text = signed_in_as().get("/skann?kode=7070000000006").text

    assert "Ikke en av våre etiketter" in text
    assert 'href="/skann/knytt?kode=7070000000006"' in text
    assert "/mobler/ny?identifier_kind=ean&amp;identifier_value=7070000000006" in text
    assert 'href="/mobler?q=7070000000006"' in text


def test_a_foreign_code_leads_to_its_piece_in_any_spelling(
    database: RolledBackDatabase,
    signed_in_as: SignedInAs,
    actor: ActorOf,
    piece: tuple[UUID, str],
) -> None:
    named(database, actor(), piece[0], "INV-7A")
    client = signed_in_as()

    for spelling in ("INV-7A", "inv-7a", " INV-7A "):
        assert "Stol med kode" in client.get("/skann", params={"kode": spelling}).text


def test_a_tag_that_looks_like_a_code_of_ours_is_found_as_what_it_is(
    database: RolledBackDatabase,
    signed_in_as: SignedInAs,
    actor: ActorOf,
    piece: tuple[UUID, str],
) -> None:
    named(database, actor(), piece[0], "12345678901")
    named(database, actor(), piece[0], "7K3QWX9R2M4")
    client = signed_in_as()

    for tag in ("12345678901", "7K3QWX9R2M4"):
        assert "Stol med kode" in client.get("/skann", params={"kode": tag}).text


def test_a_code_on_many_pieces_lists_them_and_stops_somewhere(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        for at in range(22):
            an_item(
                session,
                org,
                name=f"Lik stol {at}",
                identifiers=[{"kind": IdentifierKind.EAN, "value": "7070000000006"}],
            )

    text = signed_in_as().get("/skann?kode=7070000000006").text

    assert "Flere møbler har denne koden" in text
    assert text.count("Lik stol") == 20
    assert 'href="/mobler?q=7070000000006"' in text


def test_another_organisations_foreign_code_leads_nowhere(
    database: RolledBackDatabase, signed_in_as: SignedInAs, actor: ActorOf, foreign_org: Organised
) -> None:
    with database.write() as session:
        item = an_item(session, foreign_org, name="CANARYNAME")
    named(database, actor(where=foreign_org), item.id, "INV-7A")

    text = signed_in_as().get("/skann?kode=INV-7A").text

    assert "Ikke en av våre etiketter" in text
    assert "CANARY" not in text


@pytest.mark.parametrize(
    "kode", ["", " ", "\x00", "\x1d", "x" * 201, "x" * 4000, "<script>", "%", "'; DROP", "ŋ" * 90]
)
def test_whatever_stands_in_a_symbol_gets_an_answer(signed_in_as: SignedInAs, kode: str) -> None:
    client = signed_in_as()

    assert client.get("/skann", params={"kode": kode}).status_code == 200
    assert client.get("/skann", params={"kode": kode}, headers=PARTIAL).status_code == 200
    assert client.get("/api/v1/look-up", params={"text": kode}).status_code == 200


def test_what_is_longer_than_any_symbol_is_refused(signed_in_as: SignedInAs) -> None:
    assert signed_in_as().get("/skann", params={"kode": "x" * 5000}).status_code == 422


def test_an_unknown_mode_is_look_up(signed_in_as: SignedInAs) -> None:
    assert 'data-mode="look_up"' in signed_in_as().get("/skann?modus=tull").text


def test_a_mode_with_a_page_of_its_own_is_reached_by_its_name_by_who_may_use_it(
    signed_in_as: SignedInAs,
) -> None:
    assert signed_in_as().get("/skann?modus=flytt").headers["location"] == "/flytt"
    assert 'href="/flytt"' in signed_in_as().get("/skann").text
    employee = signed_in_as(Role.EMPLOYEE)
    assert employee.get("/skann?modus=flytt").status_code == 200
    assert 'href="/flytt"' not in employee.get("/skann").text


def test_every_mode_has_a_template_with_the_part_that_scripts_ask_for(web_app: Any) -> None:
    environment: Environment = web_app.state.templates
    for mode in (each for each in MODES if each.route is None):
        assert "hit" in environment.get_template(mode.template).blocks


def test_the_api_says_the_same_as_the_page(
    database: RolledBackDatabase,
    signed_in_as: SignedInAs,
    actor: ActorOf,
    piece: tuple[UUID, str],
) -> None:
    item_id, code = piece
    named(database, actor(), item_id, "INV-7A")
    client = signed_in_as()

    def asked(text: str) -> dict[str, Any]:
        answer: dict[str, Any] = client.get("/api/v1/look-up", params={"text": text}).json()
        return answer

    own = asked(f"HTTPS://X.EXAMPLE/I/{code}")
    foreign = asked("inv-7a")
    assert (own["outcome"], own["code"], own["items"][0]["id"]) == ("piece", code, str(item_id))
    assert (foreign["outcome"], foreign["kind"], foreign["value"]) == (
        "foreign",
        "asset_tag",
        "inv-7a",
    )
    assert foreign["items"][0]["id"] == str(item_id)
    assert asked(blank_code(database, actor()))["outcome"] == "blank"
    assert asked(blank_code(database, actor(), is_cancelled=True))["outcome"] == "gone"
    assert asked("7K3QWX9R2M5")["outcome"] == "wrong-check"
    assert asked("x" * 201)["outcome"] == "too-long"
