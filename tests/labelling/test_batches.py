"""A print batch's page, a batch taken back, and what its codes answer from then on."""

import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.accounts.actor import Actor, actor_of
from app.accounts.models import Person
from app.accounts.rules import Role
from app.items.models import Code, Item
from app.items.service_codes import (
    Bind,
    CancelPrintBatch,
    CodeCancelled,
    PrintBlank,
    bind,
    cancel_print_batch,
    print_blank,
)
from app.kit.codes import grouped, mint_many
from app.kit.db import Database
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.people import ActorOf, Organised, SignedInAs, organised


@pytest.fixture
def manager(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as(Role.FURNITURE_MANAGER)


def piece(org: Organised, **more: object) -> dict[str, object]:
    return {
        "category_id": "CHAIR_TASK",
        "owner_unit_id": str(org.unit_id),
        "place_id": str(org.room_id),
        **more,
    }


def test_a_batch_says_who_made_it_when_for_whom_and_what_became_of_it(
    database: RolledBackDatabase, org: Organised, manager: TestClient
) -> None:
    form = {"count": "3", "note": "Kjelleren", "unit_id": str(org.unit_id)}
    address = manager.post("/etiketter", data=form).headers["location"]
    batch_id = address.rpartition("=")[2]
    path = f"/etiketter/opplag/{batch_id}"
    codes = manager.get(f"/api/v1/print-batches/{batch_id}").json()["codes"]
    manager.post("/api/v1/items", json=[piece(org, codes=codes[:1], name="Stolen")])
    with database.read() as session:
        me = session.get_one(Person, org.person_ids[Role.FURNITURE_MANAGER]).name

    text = manager.get(path).text

    assert "1 av 3 i bruk, 2 igjen" in text
    assert me in text
    assert "Medisin" in text
    assert "Stolen" in text
    assert grouped(codes[0]) in text
    assert "Etiketter laget: 3" in text
    assert f'href="{path}"' in manager.get("/etiketter").text
    assert f"/etiketter?batch={batch_id}" in text
    assert manager.post(f"{path}/trekk").status_code == 303
    ended = manager.get(path).text
    assert "2 ubrukte etiketter er trukket tilbake" in ended
    assert "Ubrukte etiketter trukket tilbake: 2" in ended
    assert "Skriv ut arkene igjen" not in ended
    answer = manager.get(f"/api/v1/print-batches/{batch_id}").json()
    assert (answer["bound"], answer["cancelled"], answer["unit_id"]) == (1, 2, str(org.unit_id))


def test_a_batch_for_another_organisations_unit_is_refused_at_the_field(
    foreign_org: Organised, manager: TestClient
) -> None:
    for unit in (str(foreign_org.unit_id), str(uuid4())):
        answer = manager.post("/etiketter", data={"count": "3", "unit_id": unit})

        assert answer.status_code == 422
        assert 'id="field-unit_id-error"' in answer.text


def test_only_who_prints_labels_sees_and_takes_back_a_batch(
    database: RolledBackDatabase, actor: ActorOf, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        batch, _ = print_blank(session, actor(), PrintBlank(count=1))
    employee = signed_in_as(Role.EMPLOYEE)

    assert employee.get(f"/etiketter/opplag/{batch.id}").status_code == 403
    assert employee.post(f"/etiketter/opplag/{batch.id}/trekk").status_code == 403
    assert employee.post(f"/api/v1/print-batches/{batch.id}/cancel", json={}).status_code == 403


@pytest.fixture
def withdrawn(database: RolledBackDatabase, actor: ActorOf) -> str:
    """A code whose batch was taken back."""
    with database.write() as session:
        batch, (code,) = print_blank(session, actor(), PrintBlank(count=1))
        cancel_print_batch(session, actor(), CancelPrintBatch(print_batch_id=batch.id))
    return code


def test_a_withdrawn_code_says_whom_to_ask_and_a_stranger_no_name(
    database: RolledBackDatabase,
    org: Organised,
    actor: ActorOf,
    withdrawn: str,
    signed_in_as: SignedInAs,
    client: TestClient,
) -> None:
    with database.read() as session:
        who = session.get_one(Person, actor().person_id).name
    surveyor = signed_in_as(Role.SURVEYOR)
    body = [piece(org, codes=[withdrawn])]

    for path in (f"/I/{withdrawn}", f"/skann?kode={withdrawn}"):
        assert f"{who}" in surveyor.get(path).text
        assert "trukket tilbake" in surveyor.get(path).text
    hit = surveyor.get("/api/v1/look-up", params={"text": withdrawn}).json()
    refused = surveyor.post("/api/v1/items", json=body)
    stranger = client.get(f"/I/{withdrawn}").text

    assert (hit["outcome"], hit["withdrawn_by"]) == ("gone", who)
    assert (refused.status_code, refused.json()["type"]) == (410, "/problems/code-cancelled")
    assert who in refused.json()["detail"]
    assert "trukket tilbake" in stranger
    assert who not in stranger


def test_who_comes_second_keeps_the_form_and_is_told_which_piece_has_the_code(
    org: Organised, manager: TestClient, signed_in_as: SignedInAs
) -> None:
    (code,) = manager.post("/api/v1/print-batches", json={"count": 1}).json()["codes"]
    first = manager.post("/api/v1/items", json=[piece(org, codes=[code], name="Den første")])
    second = {**piece(org, name="Den andre", note="Lang merknad"), "codes": grouped(code)}

    form = signed_in_as(Role.SURVEYOR).post("/mobler/ny", data=second)
    answer = manager.post("/api/v1/items", json=[piece(org, codes=[code])])

    assert form.status_code == 409
    assert "hører alt til Den første (Bygg A › Rom 214)" in form.text
    assert 'value="Den andre"' in form.text
    assert "Lang merknad</textarea>" in form.text
    assert grouped(code) in form.text
    assert answer.status_code == 409
    assert answer.json()["item_id"] == first.json()[0]["id"]


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (["7K3QWX9R2M5"], "Koden 7K3QWX9R2M5 er ikke riktig skrevet"),
        (["x" * 200], "er ikke riktig skrevet"),
        (["7K3Q-WX9R-2M4", "https://x.no/I/7K3QWX9R2M4"], "7K3Q-WX9R-2M4 står to ganger"),
        (["7K3QWX9R2M4"] * 10_000, "Ta med høyst 500"),
        ([*mint_many(3)], "flere koder enn møbler"),
    ],
)
def test_codes_that_cannot_be_used_are_said_at_their_field_and_nothing_is_kept(
    database: RolledBackDatabase, org: Organised, manager: TestClient, codes: list[str], said: str
) -> None:
    api = manager.post("/api/v1/items", json=[piece(org, quantity=2, codes=codes)])
    form = manager.post("/mobler/ny", data=piece(org, quantity="2", codes="\n".join(codes)))

    for answer in (api, form):
        assert answer.status_code == 422
        assert said in answer.text
    assert 'id="field-codes-error"' in form.text
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Item)) == 0


def test_one_code_for_two_commands_is_told_before_anything_is_bound(
    org: Organised, manager: TestClient
) -> None:
    (code,) = manager.post("/api/v1/print-batches", json={"count": 1}).json()["codes"]

    answer = manager.post("/api/v1/items", json=[piece(org, codes=[code])] * 2)

    assert answer.status_code == 422
    assert "står to ganger" in answer.json()["errors"][0]["detail"]


def test_another_organisations_code_is_told_like_an_unknown_one(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    actor: ActorOf,
    manager: TestClient,
) -> None:
    with database.write() as session:
        _, (theirs,) = print_blank(session, actor(where=foreign_org), PrintBlank(count=1))

    api = manager.post("/api/v1/items", json=[piece(org, codes=[theirs])])
    form = manager.post("/mobler/ny", data=piece(org, codes=theirs))

    assert (api.status_code, form.status_code) == (404, 404)
    assert "Ingen etikett har denne koden" in form.text


def test_a_batch_taken_back_while_its_codes_are_bound_is_bound_or_withdrawn_but_never_both(
    new_database: Callable[[], Database],
) -> None:
    database = new_database()
    with database.write() as session:
        org = organised(session, database.clock)
        items = [item.id for item in some_items(session, org, 20)]
        actor: Actor | None = actor_of(session, org.org_id, org.person_ids[Role.SURVEYOR])
        assert actor is not None
        batch, codes = print_blank(session, actor, PrintBlank(count=20))
    gate = threading.Barrier(2)
    refused: list[type[Exception]] = []

    def bind_all() -> None:
        gate.wait()
        commands = [
            Bind(code=code, item_id=item) for code, item in zip(codes[::-1], items, strict=True)
        ]
        try:
            with database.write() as session:
                bind(session, actor, commands)
        except CodeCancelled as problem:
            refused.append(type(problem))

    def take_back() -> None:
        gate.wait()
        with database.write() as session:
            cancel_print_batch(session, actor, CancelPrintBatch(print_batch_id=batch.id))

    threads = [threading.Thread(target=each) for each in (bind_all, take_back)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.read() as session:
        counts = session.execute(
            select(func.count(Code.item_id), func.count(Code.cancelled_at)).where(
                Code.print_batch_id == batch.id
            )
        ).one()
    assert tuple(counts) in {(20, 0), (0, 20)}
    assert bool(refused) is (counts[0] == 0)
