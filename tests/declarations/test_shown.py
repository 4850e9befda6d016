"""What a piece's page and a model's JSON say of the declaration behind the figures."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.declarations.commands import EndDeclaration
from app.declarations.models import SAID
from app.declarations.rules import read
from app.declarations.service import end_declaration
from app.kit.chain import sha256_of
from app.kit.files import Files
from tests.databases import RolledBackDatabase
from tests.declarations.documents import desk, mean, openepd, process
from tests.declarations.test_service import a_model, applied
from tests.factories import an_item
from tests.people import Organised, SignedInAs

ActorOf = Callable[..., Actor]
ISSUED = {
    "program_operator": {"name": "EPD-Norge"},
    "manufacturer": {"name": "Prøve Møbler AS"},
}
OWN = {
    "program_operator_doc_id": "NEPD-7",
    "impacts": {"EF 3.1": {"GWP_GHG": {"A1A2A3": mean("20.0005")}}},
}
PANEL = "Miljødeklarasjonen som teller"


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def test_a_file_says_who_registered_it_and_whose_it_is() -> None:
    found = read(openepd(**ISSUED))
    assert (found.program_operator, found.owner) == ("EPD-Norge", "Prøve Møbler AS")
    older = read(openepd(program_operator="EPD-Norge", manufacturer=["AS"]))
    assert older.program_operator == "EPD-Norge"
    nothing = read(openepd())
    assert (nothing.program_operator, nothing.owner) == ("", "")
    published = (
        "<administrativeInformation><publicationAndOwnership>"
        "<common:referenceToRegistrationAuthority>"
        '<common:shortDescription xml:lang="de">Das Programm</common:shortDescription>'
        '<common:shortDescription xml:lang="en">The Program\u202e</common:shortDescription>'
        "</common:referenceToRegistrationAuthority>"
        "<common:referenceToOwnershipOfDataSet>"
        '<common:shortDescription xml:lang="it">Il Mobile</common:shortDescription>'
        "</common:referenceToOwnershipOfDataSet>"
        "</publicationAndOwnership></administrativeInformation><exchanges>"
    )
    stated = read(process().replace(b"<exchanges>", published.encode()))
    assert (stated.program_operator, stated.owner) == ("The Program\ufffd", "Il Mobile")
    assert read(desk()).program_operator == ""


def test_a_models_json_has_what_its_declaration_says_and_the_file(
    signed_in_as: SignedInAs, session: Session, actor: ActorOf, files: Files
) -> None:
    other, model = a_model(session, actor(), name="Annen"), a_model(session, actor())
    two = openepd(declared_unit={"qty": 2, "unit": "item"}, **ISSUED)
    row = applied(session, actor(), files, two, product_model_id=model.id)
    client = signed_in_as(Role.EMPLOYEE)
    path = f"/api/v1/product-models/{model.id}"
    found = client.get(path).json()["declaration"]
    assert {name: found[name] for name in found if name not in {"file_sha256", "id"}} == {
        "number": "NEPD-1000-200",
        "name": "Stol Prøve",
        "program_operator": "EPD-Norge",
        "owner": "Prøve Møbler AS",
        "issued_on": "2024-05-01",
        "valid_until": "2029-05-01",
        "tier": "T1",
        "declared_quantity": "2",
        "declared_unit": "item",
        "indicator": "EF 3.1 GWP-GHG",
        "amount_unit": "piece",
        "gwp_g": "24250",
        "delivery_g": "1125",
        "end_of_life_g": "1250",
        "relative_deviation": "0.1",
        "href": f"/api/v1/declarations/{row.id}",
        "file_href": f"/api/v1/declarations/{row.id}/file",
    }
    assert client.get(found["href"]).json()["owner"] == "Prøve Møbler AS"
    file = client.get(found["file_href"])
    assert (file.content, file.headers["content-type"]) == (two, "application/json")
    listed = {
        each["id"]: each["declaration"] for each in client.get("/api/v1/product-models").json()
    }
    assert listed == {str(model.id): found, str(other.id): None}
    manager = signed_in_as(Role.FURNITURE_MANAGER)
    version = client.get(path).headers["etag"]
    typed = {"epd_number": "NEPD-9"}
    edited = manager.patch(path, json=typed, headers={"If-Match": version})
    # The figures are somebody's own now.
    assert (edited.status_code, edited.json()["declaration"]) == (200, None)


def test_the_pieces_page_shows_the_models_declaration_with_its_issuer_and_file(
    signed_in_as: SignedInAs, session: Session, actor: ActorOf, files: Files, org: Organised
) -> None:
    model = a_model(session, actor())
    row = applied(session, actor(), files, openepd(**ISSUED), product_model_id=model.id)
    piece = an_item(session, org, product_model_id=model.id)
    other = an_item(session, org)
    session.flush()
    client = signed_in_as(Role.EMPLOYEE)
    text = plain(client.get(f"/mobler/{piece.id}").text)
    assert "hviler på en deklarasjon for modellen" in text
    for said in ("NEPD-1000-200", "EPD-Norge", "Prøve Møbler AS", "1 stykk", "48,5 kg"):
        assert said in text
    page = f"/miljodeklarasjoner/{row.id}"
    assert f'href="{page}"' in text
    assert f'href="{page}/fil"' in text
    assert "Slik er det regnet ut" in text
    assert "EPD-Norge" in client.get(page).text
    assert PANEL not in client.get(f"/mobler/{other.id}").text


def test_the_pieces_own_goes_before_the_models_as_the_calculation_takes_it(
    signed_in_as: SignedInAs, session: Session, actor: ActorOf, files: Files, org: Organised
) -> None:
    model = a_model(session, actor())
    applied(session, actor(), files, openepd(), product_model_id=model.id)
    piece = an_item(session, org, product_model_id=model.id)
    session.flush()
    own = applied(session, actor(), files, openepd(**OWN), item_id=piece.id)
    client = signed_in_as(Role.EMPLOYEE)
    path, facts = f"/mobler/{piece.id}", f"/api/v1/items/{piece.id}/facts"
    text = plain(client.get(path).text)
    assert "hviler på en deklarasjon for dette møbelet" in text
    assert "NEPD-7" in text
    assert "NEPD-1000-200" not in text
    assert client.get(facts).json()["gwp_g"] == {
        "value": 20_000,
        "source": "declaration",
        "low": None,
        "high": None,
    }
    assert "Møbelets miljødeklarasjon" in text
    # One that has run out is worth less than the model's that has not.
    end_declaration(session, actor(), EndDeclaration(declaration_id=own.id))
    over = openepd(valid_until="2025-12-31T00:00:00Z", **OWN)
    late = applied(session, actor(), files, over, item_id=piece.id)
    text = client.get(path).text
    assert "NEPD-1000-200" in text
    assert "NEPD-7" not in text
    assert client.get(facts).json()["gwp_g"]["source"] == "model"
    model.epd_valid_until = late.valid_until
    session.flush()
    text = client.get(path).text
    assert "NEPD-7" in text
    assert "Utløpt" in text
    assert client.get(facts).json()["gwp_g"]["source"] == "declaration"


def test_a_declaration_typed_into_the_model_is_shown_without_a_file(
    signed_in_as: SignedInAs, session: Session, actor: ActorOf, org: Organised
) -> None:
    typed = {"gwp_g": 30_000, "gwp_basis": "epd", "epd_number": "NEPD-PDF"}
    model = a_model(session, actor(), gwp_source="PDF", epd_valid_until="2030-01-01", **typed)
    piece = an_item(session, org, product_model_id=model.id)
    session.flush()
    text = plain(signed_in_as(Role.EMPLOYEE).get(f"/mobler/{piece.id}").text)
    assert "NEPD-PDF" in text
    assert "30 kg" in text
    assert "Ingen: tallene er skrevet inn på modellen." in text
    assert f'href="/modeller/{model.id}"' in text


def test_equipment_has_no_factor_that_a_declaration_could_stand_behind(
    signed_in_as: SignedInAs, session: Session, actor: ActorOf, files: Files, org: Organised
) -> None:
    piece = an_item(session, org, category_id="EQUIP_ROLLING")
    session.flush()
    applied(session, actor(), files, openepd(), item_id=piece.id)
    client = signed_in_as(Role.EMPLOYEE)
    assert PANEL not in client.get(f"/mobler/{piece.id}").text
    assert client.get(f"/api/v1/items/{piece.id}/facts").json()["gwp_g"]["value"] is None


def test_who_issued_it_and_for_what_is_told_by_its_event_where_it_was_kept(
    session: Session, actor: ActorOf, files: Files
) -> None:
    model = a_model(session, actor())
    row = applied(session, actor(), files, openepd(**ISSUED), product_model_id=model.id)
    told = row.sha256()
    row.owner = "En annen"
    assert row.sha256() != told
    row.owner = "Prøve Møbler AS"
    assert row.sha256() == told
    row.declared_quantity = Decimal(2)
    assert row.sha256() != told
    # Of one from before it was kept, what was told then is told still.
    row.declared_quantity = row.declared_unit = row.owner = row.program_operator = None
    assert row.sha256() == sha256_of(row, SAID) != told


@contextmanager
def counted(database: RolledBackDatabase) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(*call: Any) -> None:
        if "SAVEPOINT" not in str(call[2]):
            seen.append(str(call[2]))

    engine = database._connection.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("count", [1, 5])
def test_a_list_of_models_asks_once_for_all_declarations_and_a_piece_once_for_its_own(
    count: int,
    signed_in_as: SignedInAs,
    database: RolledBackDatabase,
    actor: ActorOf,
    files: Files,
    org: Organised,
) -> None:
    with database.write() as session:
        for n in range(count):
            model = a_model(session, actor(), name=f"Stol {n}")
            applied(session, actor(), files, openepd(), product_model_id=model.id)
        piece = an_item(session, org, product_model_id=model.id)
    client = signed_in_as(Role.EMPLOYEE)
    for path in ("/api/v1/product-models", f"/mobler/{piece.id}"):
        client.get(path)
        with counted(database) as seen:
            assert client.get(path).status_code == 200
        assert len([each for each in seen if each.startswith("SELECT declaration.")]) == 1


def test_a_piece_without_a_model_reads_no_other_pieces_declarations(
    signed_in_as: SignedInAs,
    database: RolledBackDatabase,
    actor: ActorOf,
    files: Files,
    org: Organised,
) -> None:
    with database.write() as session:
        pieces = [an_item(session, org) for _ in range(3)]
        for each in pieces:
            applied(session, actor(), files, openepd(), item_id=each.id)
    client = signed_in_as(Role.EMPLOYEE)
    with counted(database) as seen:
        assert PANEL in client.get(f"/mobler/{pieces[0].id}").text
    (asked,) = (each for each in seen if each.startswith("SELECT declaration."))
    assert "product_model_id IS NULL" not in asked
