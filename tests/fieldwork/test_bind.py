"""A foreign code gets its piece, and is found again."""

from uuid import UUID, uuid4

import pytest

from app.accounts.rules import Role
from app.items.models import ItemIdentifier
from app.items.queries import codes_of
from app.kit.codes import mint
from tests.databases import RolledBackDatabase
from tests.factories import an_item
from tests.people import ActorOf, Organised, SignedInAs

TAG = {"value": "INV-7A", "kind": "asset_tag"}


@pytest.fixture
def piece(database: RolledBackDatabase, org: Organised, actor: ActorOf) -> tuple[UUID, str]:
    """A piece and its code."""
    with database.write() as session:
        item = an_item(session, org, name="Stol med kode")
        return item.id, codes_of(session, actor(), [item.id])[item.id]


def identifiers(database: RolledBackDatabase) -> list[tuple[UUID, str]]:
    with database.read() as session:
        return [(row.item_id, row.value) for row in session.query(ItemIdentifier)]


def test_a_code_is_bound_by_the_pieces_label_and_found_again(
    database: RolledBackDatabase, signed_in_as: SignedInAs, piece: tuple[UUID, str]
) -> None:
    item_id, code = piece
    client = signed_in_as()

    answer = client.post("/skann/knytt", data={**TAG, "piece": f"https://x.example/i/{code}"})

    assert answer.headers["location"] == "/skann?kode=INV-7A"
    assert identifiers(database) == [(item_id, "INV-7A")]
    assert "Stol med kode" in client.get("/skann?kode=inv-7a").text


def test_a_code_is_bound_to_a_piece_that_was_searched_for(
    database: RolledBackDatabase, signed_in_as: SignedInAs, piece: tuple[UUID, str]
) -> None:
    client = signed_in_as()
    found = client.get("/skann/knytt", params={"kode": "INV-7A", "q": "stol kode"})

    answer = client.post("/skann/knytt", data={**TAG, "item_id": str(piece[0])})

    assert "Knytt hit" in found.text
    assert answer.status_code == 303
    assert identifiers(database) == [(piece[0], "INV-7A")]


def test_sent_twice_it_is_bound_once(
    database: RolledBackDatabase, signed_in_as: SignedInAs, piece: tuple[UUID, str]
) -> None:
    client = signed_in_as()
    form = {**TAG, "piece": piece[1], "key": uuid4().hex}

    assert [client.post("/skann/knytt", data=form).status_code for _ in range(2)] == [303, 303]
    again = client.post("/skann/knytt", data={**form, "key": uuid4().hex})
    assert again.status_code == 409
    assert identifiers(database) == [(piece[0], "INV-7A")]


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"piece": ""}, 422, "Skann eller skriv koden på møbelet."),
        ({"piece": "7K3QWX9R2M5"}, 422, "Koden har 11 tegn"),
        ({"piece": "x" * 300}, 422, "Skriv høyst"),
        ({"piece": "UNKNOWN"}, 404, "Etiketten sitter ikke på noe møbel hos dere."),
        ({"piece": "7K3QWX9R2M4", "kind": "tull"}, 422, "Dette må rettes"),
        ({"piece": "7K3QWX9R2M4", "value": "x" * 201}, 422, "Skriv høyst"),
        ({"piece": "7K3QWX9R2M4", "value": ""}, 422, "Dette må rettes"),
        ({"item_id": "tull"}, 422, "Dette må rettes"),
    ],
)
def test_what_cannot_be_bound_is_told_at_its_place_and_changes_nothing(
    database: RolledBackDatabase,
    signed_in_as: SignedInAs,
    changes: dict[str, str],
    status: int,
    message: str,
) -> None:
    if changes.get("piece") == "UNKNOWN":
        changes = {"piece": mint()}

    answer = signed_in_as().post("/skann/knytt", data={**TAG, **changes})

    assert answer.status_code == status
    assert message in answer.text
    assert identifiers(database) == []


def test_an_empty_form_and_no_code_at_all_are_answered(signed_in_as: SignedInAs) -> None:
    client = signed_in_as()

    assert client.post("/skann/knytt", data={}).status_code == 422
    assert 'name="value" ' in client.get("/skann/knytt").text, "a phone keeps the page without one"
    assert client.get("/skann/knytt", params={"kode": "x" * 300}).status_code == 200


def test_another_organisations_piece_is_neither_found_nor_bound(
    database: RolledBackDatabase, signed_in_as: SignedInAs, actor: ActorOf, foreign_org: Organised
) -> None:
    with database.write() as session:
        item = an_item(session, foreign_org, name="CANARYNAME")
        code = codes_of(session, actor(where=foreign_org), [item.id])[item.id]
    client = signed_in_as()

    by_code = client.post("/skann/knytt", data={**TAG, "piece": code})
    by_id = client.post("/skann/knytt", data={**TAG, "item_id": str(item.id)})

    assert (by_code.status_code, by_id.status_code) == (404, 404)
    assert "CANARY" not in by_code.text + by_id.text
    assert identifiers(database) == []


def test_who_may_not_edit_may_not_bind(
    database: RolledBackDatabase, signed_in_as: SignedInAs, piece: tuple[UUID, str]
) -> None:
    client = signed_in_as(Role.EMPLOYEE)

    assert client.get("/skann/knytt?kode=INV-7A").status_code == 403
    assert client.post("/skann/knytt", data={**TAG, "piece": piece[1]}).status_code == 403
    assert "/skann/knytt" not in client.get("/skann?kode=INV-7A").text
    assert identifiers(database) == []
