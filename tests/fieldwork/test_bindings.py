"""Binding by one call that a phone may send hours later: label or foreign code, free or taken."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient

from app.accounts.rules import Role
from app.items.models import Item, ItemIdentifier
from app.items.queries import codes_of
from app.items.rules import ItemState
from app.items.service_codes import mint_codes
from app.kit.codes import grouped, mint
from tests.databases import RolledBackDatabase
from tests.factories import an_item
from tests.people import ActorOf, Organised, SignedInAs

BINDINGS = "/api/v1/bindings"
EAN = "7044610871608"
Piece = Callable[[str], tuple[UUID, str]]


@pytest.fixture
def piece(database: RolledBackDatabase, org: Organised, actor: ActorOf) -> Piece:
    """``piece("Stol")``: a new piece's id and the code of its label."""

    def make(name: str) -> tuple[UUID, str]:
        with database.write() as session:
            item = an_item(session, org, name=name)
            return item.id, codes_of(session, actor(), [item.id])[item.id]

    return make


@pytest.fixture
def api(signed_in_as: SignedInAs) -> TestClient:
    return signed_in_as()


def identifiers(database: RolledBackDatabase) -> set[tuple[UUID, str, str]]:
    with database.read() as session:
        rows = session.query(ItemIdentifier)
        return {(row.item_id, row.kind.value, row.value) for row in rows}


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("INV-7A", "asset_tag", "INV-7A"),
        (EAN, "ean", EAN),
        ("(8004)7044610871", "giai", "7044610871"),
    ],
)
def test_a_foreign_code_says_itself_what_it_is(
    api: TestClient, database: RolledBackDatabase, piece: Piece, text: str, kind: str, value: str
) -> None:
    item_id, code = piece("Stol")
    body = {"value": text, "piece": grouped(code), "only_if_free": True}

    answer = api.post(BINDINGS, json=body)

    assert (answer.status_code, answer.json()) == (
        201,
        {"item_id": str(item_id), "kind": kind, "value": value},
    )
    assert identifiers(database) == {(item_id, kind, value)}
    again = api.post(BINDINGS, json=body)
    assert again.status_code == 201, "who could not look first is not told of their own success"
    assert api.post(BINDINGS, json={**body, "only_if_free": False}).status_code == 409
    assert identifiers(database) == {(item_id, kind, value)}


def test_a_code_that_another_piece_has_is_refused_by_name_and_bound_when_it_is_meant(
    api: TestClient, database: RolledBackDatabase, piece: Piece
) -> None:
    (theirs, _), (mine, code) = piece("Deres stol"), piece("Min stol")
    api.post(BINDINGS, json={"value": "INV-7A", "item_id": str(theirs)})
    body = {"value": "inv-7a", "piece": code, "only_if_free": True}

    refused = api.post(BINDINGS, json=body)

    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/identifier-taken"
    assert refused.json()["item_id"] == str(theirs)
    assert "Deres stol" in refused.json()["detail"]
    meant = api.post(BINDINGS, json={**body, "only_if_free": False})
    assert (meant.status_code, meant.json()["item_id"]) == (201, str(mine))


def test_an_ean_is_shared_by_all_pieces_of_a_model(api: TestClient, piece: Piece) -> None:
    (other, _), (_, code) = piece("Annen"), piece("Min")
    api.post(BINDINGS, json={"value": EAN, "item_id": str(other)})

    answer = api.post(BINDINGS, json={"value": EAN, "piece": code, "only_if_free": True})

    assert answer.status_code == 201


def test_a_piece_that_has_left_keeps_no_code_from_another(
    api: TestClient, database: RolledBackDatabase, piece: Piece
) -> None:
    (other, _), (_, code) = piece("Annen"), piece("Min")
    api.post(BINDINGS, json={"value": "INV-7A", "item_id": str(other)})
    with database.write() as session:
        session.get_one(Item, other).state = ItemState.RECYCLED

    answer = api.post(BINDINGS, json={"value": "INV-7A", "piece": code, "only_if_free": True})

    assert answer.status_code == 201


def test_a_blank_label_goes_to_whoever_binds_it_first(
    api: TestClient, database: RolledBackDatabase, org: Organised, piece: Piece
) -> None:
    (mine, code), (_, other) = piece("Min stol"), piece("Deres stol")
    with database.write() as session:
        (blank,) = mint_codes(session, org.org_id, 1)

    first = api.post(BINDINGS, json={"value": f"https://x.example/i/{blank}", "piece": code})
    second = api.post(BINDINGS, json={"value": blank, "piece": other, "only_if_free": True})

    assert (first.status_code, first.json()) == (
        201,
        {"item_id": str(mine), "kind": None, "value": blank},
    )
    assert (second.status_code, second.json()["type"]) == (409, "/problems/code-taken")
    assert api.get(f"/api/v1/codes/{blank}").json()["item_id"] == str(mine)
    assert identifiers(database) == set()


def test_sent_again_under_its_key_it_is_bound_once(api: TestClient, piece: Piece) -> None:
    item_id, code = piece("Stol")
    body = {"value": "INV-7A", "piece": code, "only_if_free": True}
    headers = {"Idempotency-Key": uuid4().hex}

    first, again = (api.post(BINDINGS, json=body, headers=headers) for _ in range(2))

    assert (first.status_code, again.json()) == (201, first.json())
    assert len(api.get(f"/api/v1/items/{item_id}/history").json()) == 2


@pytest.mark.parametrize(
    ("changes", "status", "told"),
    [
        ({"piece": None}, 422, "Skann eller skriv koden på møbelet."),
        ({"piece": "7K3QWX9R2M5"}, 422, "Koden har 11 tegn"),
        ({"piece": mint()}, 404, "Etiketten sitter ikke på noe møbel hos dere."),
        ({"value": ""}, 422, "#/value"),
        ({"value": "x" * 201}, 422, "#/value"),
        ({"value": mint()}, 404, "Ingen etikett har denne koden"),
        ({"kind": "tull"}, 422, "#/kind"),
        ({"piece": None, "item_id": str(uuid4())}, 404, "Fant ikke"),
    ],
)
def test_what_cannot_be_bound_says_why_and_changes_nothing(
    api: TestClient,
    database: RolledBackDatabase,
    piece: Piece,
    changes: dict[str, Any],
    status: int,
    told: str,
) -> None:
    _, code = piece("Stol")

    answer = api.post(BINDINGS, json={"value": "INV-7A", "piece": code, **changes})

    assert (answer.status_code, told in answer.text) == (status, True), answer.text
    assert identifiers(database) == set()


def test_another_organisations_piece_takes_no_code_and_hides_none(
    api: TestClient,
    database: RolledBackDatabase,
    actor: ActorOf,
    piece: Piece,
    foreign_org: Organised,
) -> None:
    with database.write() as session:
        theirs = an_item(session, foreign_org, name="CANARY")
        label = codes_of(session, actor(where=foreign_org), [theirs.id])[theirs.id]
        row = ItemIdentifier(
            org_id=foreign_org.org_id, item_id=theirs.id, kind="asset_tag", value="INV-7A"
        )
        session.add(row)
    _, code = piece("Stol")

    assert api.post(BINDINGS, json={"value": "A-1", "piece": label}).status_code == 404
    assert api.post(BINDINGS, json={"value": "A-1", "item_id": str(theirs.id)}).status_code == 404
    free = api.post(BINDINGS, json={"value": "INV-7A", "piece": code, "only_if_free": True})
    assert free.status_code == 201, "what others call their pieces is nobody's business here"


def test_who_may_not_edit_may_not_bind(signed_in_as: SignedInAs, piece: Piece) -> None:
    _, code = piece("Stol")

    answer = signed_in_as(Role.EMPLOYEE).post(BINDINGS, json={"value": "INV-7A", "piece": code})

    assert answer.status_code == 403
