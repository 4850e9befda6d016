"""A refusal of a verb for many points at the field that was sent: of which command, which line."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel

from app.accounts.rules import Role
from app.kit.errors import Invalid
from app.kit.pointing import concerning, places_of
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.handovers.orders import an_order
from tests.marketplace.stalls import a_listing, a_request, the_line
from tests.people import Organised, SignedInAs

Body = dict[str, Any]
NOBODY = str(UUID(int=7))
ON = "2026-03-02"


def a_piece(org: Organised) -> Body:
    place = {"owner_unit_id": str(org.unit_id), "place_id": str(org.room_id)}
    return place | {"category_id": "CHAIR_TASK", "condition": "B"}


def a_record(org: Organised) -> Body:
    to = {"to_unit_id": str(org.unit_id), "to_place_id": str(org.room_id)}
    return to | {"source": "new", "handed_over_on": ON, "category_id": "CHAIR_TASK"}


def a_project(org: Organised) -> Body:
    return {"name": "Flytting", "kind": "move", "unit_id": str(org.unit_id)}


MODEL = {"maker": "Verk", "name": "Stol", "category_id": "CHAIR_TASK"}

ROUTES: list[tuple[str, Callable[[Organised], Body], Body, list[str]]] = [
    ("items", a_piece, {"category_id": "NO"}, ["#/1/category_id"]),
    ("items", a_piece, {"codes": ["x"], "place_id": NOBODY}, ["#/1/codes", "#/1/place_id"]),
    ("units", lambda _: {"name": str(uuid4())}, {"parent_id": NOBODY}, ["#/1/parent_id"]),
    ("units", lambda _: {"name": str(uuid4())}, {"leader_id": NOBODY}, ["#/1/leader_id"]),
    (
        "places",
        lambda _: {"kind": "property", "name": str(uuid4())},
        {"kind": "room"},
        ["#/1/kind"],
    ),
    (
        "places",
        lambda _: {"kind": "property", "name": str(uuid4())},
        {"kind": "building", "parent_id": NOBODY},
        ["#/1/parent_id"],
    ),
    ("product-models", lambda _: MODEL, {"name": "B", "gwp_g": 9}, ["#/1/gwp_basis"]),
    ("product-models", lambda _: MODEL, {"name": "B", "category_id": "NO"}, ["#/1/category_id"]),
    ("projects", a_project, {"place_id": NOBODY}, ["#/1/place_id"]),
    ("handovers/record", a_record, {"handed_over_on": "2026-04-01"}, ["#/1/handed_over_on"]),
    ("handovers/record", a_record, {"to_unit_id": NOBODY}, ["#/1/to_unit_id"]),
    ("handovers/record", a_record, {"category_id": "NO"}, ["#/1/category_id"]),
]


@pytest.mark.parametrize("is_alone", [False, True])
@pytest.mark.parametrize(("path", "good", "bad", "pointers"), ROUTES)
def test_the_command_that_is_refused_is_pointed_at(
    signed_in_as: SignedInAs,
    org: Organised,
    path: str,
    good: Callable[[Organised], Body],
    bad: Body,
    pointers: list[str],
    *,
    is_alone: bool,
) -> None:
    body = [good(org), good(org) | bad]
    if is_alone:
        body, pointers = body[1:], [each.replace("#/1", "#/0") for each in pointers]
    assert refused(signed_in_as(Role.ADMIN), path, body) == pointers


def refused(client: Any, path: str, body: Any) -> list[str]:
    answer = client.post(f"/api/v1/{path}", json=body)
    assert answer.status_code == 422, answer.text
    return sorted(each["pointer"] for each in answer.json()["errors"])


def test_lines_of_orders_are_pointed_at(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        listings = [str(a_listing(session, org, 3).id) for _ in range(2)]
    client = signed_in_as(Role.EMPLOYEE)

    def an_order_of(*wanted: int, **more: Any) -> Body:
        lines = [
            {"listing_id": each, "wanted": n} for each, n in zip(listings, wanted, strict=True)
        ]
        return {"unit_id": str(org.unit_id), "lines": lines, **more}

    for second, pointer in (
        (an_order_of(1, 4), "#/1/lines/1/wanted"),
        (an_order_of(1, 1, unit_id=NOBODY), "#/1/unit_id"),
        (an_order_of(1, 1, place_id=NOBODY), "#/1/place_id"),
        (an_order_of(1, 1, wanted_date="2026-03-01"), "#/1/wanted_date"),
    ):
        # Of a unit that nobody has the actor may ask nothing, unless it may everything.
        asking = signed_in_as() if "unit_id" in pointer else client
        assert refused(asking, "requests", [an_order_of(1, 2), second]) == [pointer]
    assert refused(client, "requests", [an_order_of(4, 1)]) == ["#/0/lines/0/wanted"]


def test_decisions_and_listings_are_pointed_at(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        lines = [
            the_line(session, a_request(session, org, a_listing(session, org, 3), n))
            for n in (2, 1)
        ]
        good, bad = ({"request_line_id": str(each.id), "quantity": 2} for each in lines)
        pieces = [str(each.id) for each in some_items(session, org, 2)]
    client = signed_in_as()
    assert refused(client, "reservations/approve", [good, bad]) == ["#/1/quantity"]
    offers = [{"item_ids": [each]} for each in pieces]
    offers[1]["until_date"] = "2026-03-01"  # type: ignore[assignment]
    assert refused(client, "listings", offers) == ["#/1/until_date"]


def test_pieces_of_handovers_moves_and_merges_are_pointed_at(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        one, two, three = (str(each.id) for each in some_items(session, org, 3))
        reserved = [str(each) for each in an_order(session, org).reservation_ids]
    client = signed_in_as()
    first = {"reservation_ids": reserved, "handed_over_on": ON}
    to = {"to_unit_id": str(org.unit_id), "to_place_id": str(org.room_id), "handed_over_on": ON}
    for second, pointers in (
        ({**to, "item_ids": [one, two, one]}, ["#/1/item_ids/0", "#/1/item_ids/2"]),
        ({**to}, ["#/1/reservation_ids"]),
        ({**to, "item_ids": [one], "vehicle": "TANK"}, ["#/1/vehicle"]),
        ({**to, "item_ids": [one], "to_place_id": NOBODY}, ["#/1/to_place_id"]),
    ):
        assert refused(client, "handovers", [first, second]) == pointers
    moves = [{"item_id": each, "place_id": str(org.room_id)} for each in (one, two)]
    assert refused(client, "items/move", [moves[0], moves[1] | {"place_id": NOBODY}]) == [
        "#/1/place_id"
    ]
    merges = [{"item_id": one, "into_id": two}, {"item_id": two, "into_id": three}]
    assert refused(client, "items/merge", merges) == ["#/0/into_id"]
    donors = [{"item_id": each, "built_in_g": 1_000} for each in (one, one)]
    built = a_record(org) | {"source": "redesigned_from_surplus", "donors": donors}
    assert refused(client, "handovers/record", [a_record(org), built]) == ["#/1/donors"]


def test_programme_lines_and_pieces_of_a_survey_are_pointed_at(
    org: Organised, signed_in_as: SignedInAs
) -> None:
    client = signed_in_as(Role.ADMIN)
    [project] = client.post("/api/v1/projects", json=[a_project(org)]).json()
    good = {"category_id": "CHAIR_TASK", "quantity": 1}
    path = f"projects/{project['id']}/programme-lines"
    assert refused(client, path, [good, good | {"category_id": "NO"}]) == ["#/1/category_id"]
    assert refused(client, path, [good, good | {"place_id": NOBODY}]) == ["#/1/place_id"]
    survey = client.post("/api/v1/surveys", json={"name": "Runden"}).json()
    path = f"surveys/{survey['id']}/pieces"
    bad = a_piece(org) | {"place_id": NOBODY}
    assert refused(client, path, [a_piece(org), bad]) == ["#/1/place_id"]
    assert refused(client, path, [bad]) == ["#/0/place_id"]


def test_the_field_of_a_single_command_has_no_index(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        pieces = [str(each.id) for each in some_items(session, org, 2)]
    client = signed_in_as(Role.ADMIN)
    [project] = client.post("/api/v1/projects", json=[a_project(org)]).json()
    body = {"item_ids": pieces, "fate": "offer", "free_from": "2026-03-01"}
    path = f"projects/{project['id']}/releases"
    assert refused(client, path, body) == ["#/free_from"]
    assert refused(client, "surveys", {"name": "Runden", "place_id": NOBODY}) == ["#/place_id"]
    assert refused(client, "print-batches", {"count": 1, "unit_id": NOBODY}) == ["#/unit_id"]


@pytest.mark.parametrize("query", ["", "?whole_lot=true"])
def test_the_field_of_an_edit_is_that_of_the_patch(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs, query: str
) -> None:
    with database.write() as session:
        [piece] = some_items(session, org, 1)
        path = f"/api/v1/items/{piece.id}"
    client = signed_in_as(Role.ADMIN)
    version = client.get(path).headers["ETag"]
    for field, wrong in {"owner_unit_id": NOBODY, "category_id": "NO", "amount": 7}.items():
        answer = client.patch(path + query, json={field: wrong}, headers={"If-Match": version})
        assert answer.status_code == 422
        assert [each["pointer"] for each in answer.json()["errors"]] == [f"#/{field}"]


class Part(BaseModel):
    colour: str = ""


class Whole(BaseModel):
    unit: str = ""
    parts: tuple[Part, ...] = ()


WHOLES = [Whole(unit="a", parts=(Part(colour="red"),)), Whole(parts=(Part(), Part(colour="red")))]


@pytest.mark.parametrize(
    ("problem", "places"),
    [
        (Invalid(by_field={"unit": ""}), {"unit": [(0, "unit")]}),  # the only one who named it
        (Invalid(by_field={"unit": ""}, where={"unit": {"b"}}), {"unit": [(0, "unit")]}),
        (
            Invalid(by_field={"colour": ""}, where={"colour": {"red"}}),
            {"colour": [(0, "parts", 0, "colour"), (1, "parts", 1, "colour")]},
        ),
        (Invalid(by_field={"colour": ""}), {"colour": [()]}),  # nobody has said which
        (Invalid(by_field={"sizes/seat": ""}), {"sizes/seat": [(0, "sizes", "seat")]}),
        (Invalid(by_field={"1/unit": "", "": ""}), {"1/unit": [(1, "unit")], "": [(0,)]}),
    ],
)
def test_places_are_found_by_what_is_known(
    problem: Invalid, places: dict[str, list[tuple[int | str, ...]]]
) -> None:
    assert places_of(problem, WHOLES) == places


def test_what_is_refused_within_a_command_stays_within_it() -> None:
    for n, part, place in (
        (0, 0, (0, "parts", 0)),
        (1, 0, (1, "parts", 0)),
        (1, 1, (1, "parts", 1)),
    ):
        with (
            pytest.raises(Invalid) as raised,
            concerning(WHOLES[n]),
            concerning(WHOLES[n].parts[part]),
        ):
            raise Invalid(by_field={"colour": ""})
        assert places_of(raised.value, WHOLES) == {"colour": [(*place, "colour")]}
