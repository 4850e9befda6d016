"""Where a label leads: strangers, the organisation's own people, mistyped and unknown codes."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.accounts.models import Organisation, Person, Unit
from app.accounts.rules import Role
from app.items import service_codes, service_found, service_wrong
from app.items.commands import Delete
from app.items.models import IdentifierKind
from app.items.queries import codes_of
from app.items.service_codes import CancelPrintBatch, PrintBlank
from app.kit.clock import MovedClock
from app.kit.codes import grouped, mint
from app.places.models import Place
from tests.databases import RolledBackDatabase
from tests.factories import an_item
from tests.people import ActorOf, Organised, SignedInAs


def code_of(session: Session, org: Organised, actor: ActorOf, **fields: Any) -> str:
    item = an_item(session, org, **fields)
    return codes_of(session, actor(where=org), [item.id])[item.id]


@pytest.fixture
def bound(database: RolledBackDatabase, org: Organised, actor: ActorOf) -> str:
    """The code of a piece."""
    with database.write() as session:
        return code_of(session, org, actor)


@pytest.fixture
def blank(database: RolledBackDatabase, actor: ActorOf) -> str:
    """A blank code."""
    with database.write() as session:
        return service_codes.print_blank(session, actor(), PrintBlank(count=1))[1][0]


def test_a_stranger_sees_the_kind_of_piece_the_organisation_and_a_form(
    client: TestClient, bound: str
) -> None:
    answer = client.get(f"/I/{bound}")

    assert answer.status_code == 200
    assert "Prøve helseforetak" in answer.text
    assert "kontorstol" in answer.text.lower()
    assert f'action="/I/{bound}/melding"' in answer.text
    assert answer.headers["x-robots-tag"] == "noindex"


def test_a_stranger_never_sees_person_place_price_photo_or_text_of_the_piece(
    database: RolledBackDatabase, client: TestClient, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        session.get_one(Person, org.person_ids[Role.FURNITURE_MANAGER]).name = "CANARYPERSON"
        session.get_one(Unit, org.unit_id).name = "CANARYUNIT"
        session.get_one(Place, org.room_id).label = "CANARYPLACE"
        code = code_of(
            session,
            org,
            actor,
            name="CANARYNAME",
            maker="CANARYMAKER",
            model="CANARYMODEL",
            colour="CANARYCOLOUR",
            material="CANARYMATERIAL",
            note="CANARYNOTE",
            new_price_ore=98765432,
            mass_g=98765,
            identifiers=[{"kind": IdentifierKind.SERIAL, "value": "CANARYSERIAL"}],
        )

    for path in (f"/I/{code}", f"/I/{code}?sendt=1"):
        text = client.get(path).text
        plain = text.replace(" ", "").replace(" ", "").replace(" ", "")

        assert "CANARY" not in text
        assert "987654" not in plain
        assert "/foto/" not in text
        assert "/mobler/" not in text


@pytest.mark.parametrize("change", [str.lower, grouped, lambda code: grouped(code).lower()])
@pytest.mark.parametrize("path", ["/I/", "/i/"])
def test_case_and_hyphens_do_not_matter(
    client: TestClient, bound: str, path: str, change: Any
) -> None:
    assert client.get(path + change(bound)).status_code == 200


def test_letters_that_look_alike_are_mended(client: TestClient, bound: str) -> None:
    seen_as = bound.replace("0", "O").replace("1", "I")

    assert client.get(f"/I/{seen_as}").status_code == 200


def test_a_mistyped_code_gives_a_field_with_what_was_typed(client: TestClient, bound: str) -> None:
    wrong = bound[:-1] + ("0" if bound[-1] != "0" else "2")

    answer = client.get(f"/I/{wrong}")

    assert answer.status_code == 404
    assert f'value="{wrong}"' in answer.text
    assert 'name="kode"' in answer.text


def test_an_unknown_code_says_so(client: TestClient) -> None:
    answer = client.get(f"/I/{mint()}")

    assert answer.status_code == 404
    assert "Ingen etikett har denne koden" in answer.text


def test_the_typed_code_is_looked_up_or_refused_at_the_field(
    client: TestClient, bound: str
) -> None:
    right = client.get("/I", params={"kode": grouped(bound)})
    wrong = client.get("/I", params={"kode": "tull"})

    assert (right.status_code, right.headers["location"]) == (303, f"/I/{bound}")
    assert wrong.status_code == 422
    assert 'id="field-kode-error"' in wrong.text
    assert client.get("/I").status_code == 200


def test_a_blank_label_says_that_it_is_not_in_use(client: TestClient, blank: str) -> None:
    answer = client.get(f"/I/{blank}")

    assert answer.status_code == 200
    assert "ikke i bruk" in answer.text
    assert "<textarea" not in answer.text


def test_the_organisations_own_people_come_to_the_piece(
    bound: str, signed_in_as: SignedInAs
) -> None:
    answer = signed_in_as(Role.EMPLOYEE).get(f"/I/{bound}")

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/mobler/")


def test_a_blank_label_leads_who_may_register_to_the_registration(
    blank: str, signed_in_as: SignedInAs
) -> None:
    surveyor = signed_in_as(Role.SURVEYOR).get(f"/I/{blank}")
    employee = signed_in_as(Role.EMPLOYEE).get(f"/I/{blank}")

    assert (surveyor.status_code, surveyor.headers["location"]) == (
        303,
        f"/mobler/ny?code={blank}",
    )
    assert employee.status_code == 200
    assert "ikke i bruk" in employee.text


def test_people_of_another_organisation_are_strangers(
    bound: str, blank: str, foreign_org: Organised, signed_in_as: SignedInAs
) -> None:
    client = signed_in_as(where=foreign_org)

    assert "<textarea" in client.get(f"/I/{bound}").text
    assert "ikke i bruk" in client.get(f"/I/{blank}").text


def test_a_cancelled_or_deleted_label_is_not_in_use(
    database: RolledBackDatabase,
    client: TestClient,
    org: Organised,
    actor: ActorOf,
) -> None:
    with database.write() as session:
        batch, (cancelled,) = service_codes.print_blank(session, actor(), PrintBlank(count=1))
        service_codes.cancel_print_batch(
            session, actor(), CancelPrintBatch(print_batch_id=batch.id)
        )
        item = an_item(session, org)
        deleted = codes_of(session, actor(), [item.id])[item.id]
        service_wrong.delete(session, actor(), [Delete(item_id=item.id, reason="Fantes ikke")])

    for code in (cancelled, deleted):
        assert "trukket tilbake" in client.get(f"/I/{code}").text


def test_random_codes_find_nothing_and_end_at_a_limit_that_holds_for_right_codes_too(
    client: TestClient, bound: str, clock: MovedClock
) -> None:
    statuses = [client.get(f"/I/{mint()}").status_code for _ in range(63)]

    most = service_found.MOST_WRONG_CODES
    assert statuses == [404] * most + [429] * (63 - most)
    limited = client.get(f"/I/{bound}")
    assert limited.status_code == 429
    assert int(limited.headers["retry-after"]) > 0
    clock.move(timedelta(minutes=16))
    assert client.get(f"/I/{bound}").status_code == 200


def test_who_is_signed_in_is_not_held_up_by_others_wrong_codes(
    client: TestClient, bound: str, signed_in_as: SignedInAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_found, "MOST_WRONG_CODES", 2)
    for _ in range(3):
        client.get(f"/I/{mint()}")

    assert client.get(f"/I/{bound}").status_code == 429
    assert signed_in_as(Role.EMPLOYEE).get(f"/I/{bound}").status_code == 303


def test_a_scan_is_answered_with_few_queries(
    database: RolledBackDatabase, client: TestClient, bound: str
) -> None:
    seen: list[str] = []

    def count(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen.append(statement)

    event.listen(database._connection, "before_cursor_execute", count)
    client.get(f"/I/{bound}")
    event.remove(database._connection, "before_cursor_execute", count)

    assert len(seen) == 2, seen


def test_the_organisations_name_is_text_and_never_markup(
    database: RolledBackDatabase, client: TestClient, org: Organised, bound: str
) -> None:
    with database.write() as session:
        session.get_one(Organisation, org.org_id).name = "<script>alert(1)</script>"

    text = client.get(f"/I/{bound}").text

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
