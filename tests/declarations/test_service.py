"""A file is kept and applied: its figures are booked with, T1 until its day and T2 after it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.catalogue.models import ProductModel
from app.catalogue.service import EditModel, RegisterModel, edit_model, register_model
from app.declarations import service
from app.declarations.commands import ApplyDeclaration, EndDeclaration
from app.declarations.models import Declaration, DeclarationFile
from app.declarations.rules import read
from app.impact.rules import View
from app.kit.errors import Forbidden, Invalid, NotFound
from app.kit.events import EventRow, Revision
from app.kit.files import Files
from app.ledger.models import LedgerEntry
from app.ledger.verification_entries import entries_hold
from tests.declarations.documents import GHG31, desk, mean, openepd, result
from tests.ledger import trips
from tests.ledger.trips import Load
from tests.people import Organised, SignedInAs

ActorOf = Callable[..., Actor]


def applied(
    session: Session, actor: Actor, files: Files, content: bytes, **target: Any
) -> Declaration:
    reading = read(content)
    stored = service.kept(files, actor, "epd.json", content, reading)
    file = service.add_file(session, actor, stored)
    command = ApplyDeclaration(declaration_file_id=file.id, **target)
    return service.apply_declaration(session, actor, command, reading)


def a_model(session: Session, actor: Actor, **fields: Any) -> ProductModel:
    values = {"category_id": "CHAIR_TASK", "maker": "Prøve", "name": "Stol"} | fields
    [model] = register_model(session, actor, [RegisterModel.model_validate(values)])
    return model


def booked(session: Session, org: Organised, **item: Any) -> LedgerEntry:
    piece = item.pop("piece", None) or trips.an_item(session, org, **item)
    trips.handed_over(session, org, [Load(piece)])
    query = select(LedgerEntry).filter_by(item_id=piece.id, view=View.GROSS, reverses_id=None)
    return session.scalars(query).one()


def test_a_models_declaration_fills_it_and_is_booked_as_t1_with_its_deviation(
    session: Session, org: Organised, actor: ActorOf, files: Files
) -> None:
    model = a_model(session, actor())
    row = applied(session, actor(), files, openepd(), product_model_id=model.id)
    assert (model.gwp_g, model.delivery_g, model.end_of_life_g) == (48_500, 2_250, 2_500)
    assert (model.mass_g, model.service_life_months) == (16_000, 180)
    assert (model.epd_number, model.epd_valid_until) == ("NEPD-1000-200", date(2029, 5, 1))
    assert files.get(session.get_one(DeclarationFile, row.declaration_file_id).key) == openepd()
    values = booked(session, org, product_model_id=model.id).inputs["values"]
    assert (values["gwp"]["value"], values["gwp"]["tier"]) == ("48500", "T1")
    # ±1.645 · 0.1 of 48 500.
    assert (values["gwp"]["low"], values["gwp"]["high"]) == ("40521.75", "56478.25")
    assert (values["delivery"]["value"], values["end_of_life"]["value"]) == ("2250", "2500")
    assert entries_hold(session, org.org_id) == 2


def test_after_its_day_a_declaration_is_t2(
    session: Session, org: Organised, actor: ActorOf, files: Files
) -> None:
    model = a_model(session, actor())
    old = openepd(valid_until="2026-02-19T00:00:00Z")  # the trips are on 20 February
    applied(session, actor(), files, old, product_model_id=model.id)
    gwp = booked(session, org, product_model_id=model.id).inputs["values"]["gwp"]
    assert (gwp["tier"], gwp["low"], gwp["high"]) == ("T2", "38800", "58200")
    applied(
        session,
        actor(),
        files,
        openepd(valid_until="2026-02-20T00:00:00Z"),
        product_model_id=model.id,
    )
    assert booked(session, org, product_model_id=model.id).co2e_tier == "T1"


def test_a_pieces_own_declaration_goes_before_its_models(
    session: Session, org: Organised, actor: ActorOf, files: Files
) -> None:
    model = a_model(session, actor())
    applied(session, actor(), files, openepd(), product_model_id=model.id)
    piece = trips.an_item(session, org, product_model_id=model.id)
    own = openepd(
        program_operator_doc_id="NEPD-7",
        impacts={"EF 3.1": {"GWP_GHG": {"A1A2A3": mean("20.0005")}}},
    )
    row = applied(session, actor(), files, own, item_id=piece.id)
    entry = booked(session, org, piece=piece)
    values = entry.inputs["values"]
    assert values["gwp"]["value"] == "20000.5"
    assert values["gwp"]["key"] == "item_epd.gwp"
    assert values["mass"]["value"] == "16000"
    assert "NEPD-7" in values["gwp"]["source"]
    service.end_declaration(session, actor(), EndDeclaration(declaration_id=row.id))
    with pytest.raises(service.DeclarationOver):
        service.end_declaration(session, actor(), EndDeclaration(declaration_id=row.id))
    again = trips.an_item(session, org, product_model_id=model.id)
    assert booked(session, org, piece=again).inputs["values"]["gwp"]["value"] == "48500"
    assert session.get_one(LedgerEntry, entry.id).inputs["values"]["gwp"]["value"] == "20000.5"


def test_another_declaration_ends_the_one_before_and_alters_it_in_nothing_else(
    session: Session, org: Organised, actor: ActorOf, files: Files
) -> None:
    model = a_model(session, actor())
    first = applied(session, actor(), files, openepd(), product_model_id=model.id)
    second = applied(
        session,
        actor(),
        files,
        openepd(program_operator_doc_id="NEPD-2"),
        product_model_id=model.id,
    )
    session.refresh(first)
    assert first.ended_at is not None
    assert second.ended_at is None
    assert (first.gwp_g, first.number) == (Decimal(48_500), "NEPD-1000-200")
    assert model.epd_number == "NEPD-2"


def test_ending_gives_the_model_back_what_stood_there_before_any_of_them(
    session: Session, org: Organised, actor: ActorOf, files: Files
) -> None:
    maker = {"gwp_g": 61_000, "gwp_basis": "maker", "gwp_source": "Datablad"}
    model = a_model(session, actor(), **maker)
    applied(session, actor(), files, openepd(), product_model_id=model.id)
    assert (model.gwp_g, model.mass_g, model.epd_number) == (48_500, 16_000, "NEPD-1000-200")
    second = openepd(
        program_operator_doc_id="NEPD-2",
        kg_per_declared_unit={"qty": 17, "unit": "kg"},
        impacts={"EF 3.1": {"GWP_GHG": {"A1A2A3": mean(50)}}},
    )
    row = applied(session, actor(), files, second, product_model_id=model.id)
    # A mass that the first one brought goes with it.
    assert (model.gwp_g, model.mass_g, model.delivery_g) == (50_000, 17_000, None)
    version = model.version
    service.end_declaration(session, actor(), EndDeclaration(declaration_id=row.id))
    assert (model.gwp_g, model.gwp_basis, model.gwp_source) == (61_000, "maker", "Datablad")
    assert (model.epd_number, model.epd_valid_until) == (None, None)
    assert (model.mass_g, model.service_life_months) == (None, None)
    assert model.version == version + 1
    edits = session.scalars(
        select(EventRow).where(EventRow.kind == "product-model-edited").order_by(EventRow.at)
    ).all()
    assert len(edits) == 3
    changed = {
        each.field: (each.before, each.after)
        for each in session.scalars(select(Revision).filter_by(event_id=edits[-1].id))
    }
    assert changed["gwp_g"] == (50_000, 61_000)
    assert changed["epd_number"] == ("NEPD-2", None)
    gwp = booked(session, org, product_model_id=model.id).inputs["values"]["gwp"]
    assert (gwp["value"], gwp["tier"]) == ("61000", "T2")


def test_what_was_changed_by_hand_since_stays_when_a_declaration_ends(
    session: Session, actor: ActorOf, files: Files
) -> None:
    model = a_model(session, actor())
    row = applied(session, actor(), files, openepd(), product_model_id=model.id)
    by_hand = {"product_model_id": model.id, "version": model.version, "gwp_g": 49_000}
    edit_model(session, actor(), [EditModel.model_validate(by_hand)])
    service.end_declaration(session, actor(), EndDeclaration(declaration_id=row.id))
    # The figure is somebody's own now, and it says what it was read from as it did.
    assert (model.gwp_g, model.gwp_basis, model.epd_number) == (49_000, "epd", "NEPD-1000-200")
    assert (model.mass_g, model.service_life_months) == (None, None)


def test_one_from_before_it_was_kept_leaves_the_models_fields_empty(
    session: Session, actor: ActorOf, files: Files
) -> None:
    model = a_model(session, actor())
    row = applied(session, actor(), files, openepd(), product_model_id=model.id)
    row.replaced = None
    session.flush()
    service.end_declaration(session, actor(), EndDeclaration(declaration_id=row.id))
    assert (model.gwp_g, model.gwp_basis, model.epd_number, model.delivery_g) == (None,) * 4
    assert (model.mass_g, model.service_life_months) == (16_000, 180)


def test_the_models_page_shows_the_declaration_that_counts(
    signed_in_as: SignedInAs, session: Session, actor: ActorOf, files: Files
) -> None:
    client = signed_in_as(Role.EMPLOYEE)
    model = a_model(session, actor())
    path = f"/modeller/{model.id}"
    assert "Miljødeklarasjonen som teller" not in client.get(path).text
    old = openepd(program_operator_doc_id="<i>NEPD", valid_until="2026-02-19T00:00:00Z")
    row = applied(session, actor(), files, old, product_model_id=model.id)
    shown = client.get(path)
    assert shown.status_code == 200
    assert "&lt;i&gt;NEPD" in shown.text
    assert f"/miljodeklarasjoner/{row.id}/fil" in shown.text
    assert "<dd>T2</dd>" in shown.text
    later = openepd(valid_until="2029-02-19T00:00:00Z")
    row = applied(session, actor(), files, later, product_model_id=model.id)
    assert "<dd>T1</dd>" in client.get(path).text
    service.end_declaration(session, actor(), EndDeclaration(declaration_id=row.id))
    assert "Miljødeklarasjonen som teller" not in client.get(path).text


def test_what_a_person_must_confirm_is_refused_by_its_rule_and_kept_when_it_is_confirmed(
    session: Session, org: Organised, actor: ActorOf, files: Files
) -> None:
    model = a_model(session, actor())
    heavy = openepd(impacts={"EF 3.1": {"gwp": {"A1A2A3": mean(300)}}})
    for answers, rule, field in (
        ({}, 1, "no_wood"),
        ({"no_wood": True}, 7, "outside"),
    ):
        with pytest.raises(Invalid) as refused:
            applied(session, actor(), files, heavy, product_model_id=model.id, **answers)
        assert refused.value.members["rule"] == rule
        assert list(refused.value.by_field) == [field]
        assert f"Regel {rule}" in refused.value.by_field[field]
    row = applied(
        session, actor(), files, heavy, product_model_id=model.id, no_wood=True, outside=True
    )
    assert row.answers["no_wood"] is True
    assert row.answers["outside"] is True
    negative = openepd(impacts={"EF 3.1": {"gwp": {"A1A2A3": mean(-5)}}})
    with pytest.raises(Invalid) as refused:
        applied(
            session, actor(), files, negative, product_model_id=model.id, no_wood=True, outside=True
        )
    assert refused.value.members["rule"] == 1


def test_who_may_not_and_others_rows(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf, files: Files
) -> None:
    theirs = a_model(session, actor(where=foreign_org))
    with pytest.raises(Invalid):
        applied(session, actor(), files, openepd(), product_model_id=theirs.id)
    with pytest.raises(Forbidden):
        applied(session, actor(Role.EMPLOYEE), files, openepd(), product_model_id=theirs.id)
    row = applied(session, actor(where=foreign_org), files, openepd(), product_model_id=theirs.id)
    with pytest.raises(NotFound):
        service.end_declaration(session, actor(), EndDeclaration(declaration_id=row.id))
    with pytest.raises(NotFound):
        command = ApplyDeclaration(
            declaration_file_id=row.declaration_file_id, product_model_id=theirs.id
        )
        service.apply_declaration(session, actor(), command, read(openepd()))


def test_a_file_is_sent_looked_at_and_applied_on_its_pages(
    signed_in_as: SignedInAs, session: Session
) -> None:
    client = signed_in_as(Role.FURNITURE_MANAGER)
    body = [{"category_id": "CHAIR_TASK", "maker": "Prøve", "name": "Stol"}]
    model = client.post("/api/v1/product-models", json=body).json()[0]["id"]
    path = "/miljodeklarasjoner"
    for content, text in (
        (b"", "Filen er tom"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "entitet"),
    ):
        refused = client.post(path, files={"file": ("a.xml", content)})
        assert refused.status_code == 422
        assert text in refused.text
    assert client.post(path).status_code == 422
    total = openepd(
        product_name="<b>Stol",
        impacts={"EF 3.1": {"gwp": {"A1A2A3": mean(48), "A4": mean(2)}}},
    )
    sent = client.post(path, files={"file": ("stol.json", total)})
    assert sent.status_code == 303
    review = sent.headers["location"]
    text = client.get(review).text.replace("\xa0", " ")
    for expected in ("NEPD-1000-200", "1 stykk", "GWP-total", 'name="no_wood"', "&lt;b&gt;Stol"):
        assert expected in text, expected
    wrong = client.post(review, data={"pieces": "mye", "key": "k1"})
    assert wrong.status_code == 422
    assert 'id="field-pieces-error"' in wrong.text
    assert 'id="field-product_model_id-error"' in wrong.text
    held = client.post(review, data={"product_model_id": model, "key": "k2"})
    assert held.status_code == 422
    assert "Regel 1" in held.text
    form = {"product_model_id": model, "no_wood": "1", "key": "k3"}
    done = client.post(review, data=form)
    assert done.status_code == 303
    assert client.post(review, data=form).headers["location"] == done.headers["location"]
    shown = client.get(done.headers["location"]).text
    assert "Produktet inneholder ikke tre" in shown
    assert "Prøve Stol" in client.get(path).text
    file = client.get(done.headers["location"] + "/fil")
    assert file.content == total
    assert file.headers["content-disposition"].startswith("attachment;")
    assert client.post(done.headers["location"] + "/avslutt").status_code == 303
    assert client.post(done.headers["location"] + "/avslutt").status_code == 409


def test_the_twin_reads_asks_applies_and_ends(signed_in_as: SignedInAs) -> None:
    client = signed_in_as(Role.FURNITURE_MANAGER)
    body = [{"category_id": "CHAIR_TASK", "maker": "Prøve", "name": "Stol"}]
    model = client.post("/api/v1/product-models", json=body).json()[0]["id"]
    heavy = openepd(impacts={"EF 3.1": {"gwp": {"A1A2A3": mean(300)}}})
    bad = client.post("/api/v1/declaration-files", files={"file": ("a", b"nothing")})
    assert bad.status_code == 422
    file = client.post("/api/v1/declaration-files", files={"file": ("a.json", heavy)}).json()
    assert [(each["asked"], each["rule"]) for each in file["questions"]] == [
        ("no_wood", 1),
        ("outside", 7),
    ]
    assert client.get(f"/api/v1/declaration-files/{file['id']}").json() == file
    command = {"declaration_file_id": file["id"], "product_model_id": model}
    held = client.post("/api/v1/declarations", json=command)
    assert (held.status_code, held.json()["rule"]) == (422, 1)
    command |= {"no_wood": True, "outside": True}
    headers = {"Idempotency-Key": "epd-1"}
    made = client.post("/api/v1/declarations", json=command, headers=headers)
    assert made.status_code == 201
    assert made.json()["gwp_g"] == "300000"
    assert client.post("/api/v1/declarations", json=command, headers=headers).json() == made.json()
    assert len(client.get("/api/v1/declarations").json()) == 1
    both = client.post("/api/v1/declarations", json=command | {"item_id": model})
    assert both.status_code == 422
    ended = client.post("/api/v1/declarations/end", json={"declaration_id": made.json()["id"]})
    assert ended.json()["ended_at"] is not None


def test_a_scenario_is_asked_for_on_the_page_and_taken(signed_in_as: SignedInAs) -> None:
    client = signed_in_as(Role.FURNITURE_MANAGER)
    body = [{"category_id": "CHAIR_TASK", "maker": "Prøve", "name": "Stol"}]
    model = client.post("/api/v1/product-models", json=body).json()[0]["id"]
    two = result(
        GHG31, ("A1-A3", "90", None), ("C3", "6", "Recycling"), ("C3", "10", "Incineration")
    )
    sent = client.post("/miljodeklarasjoner", files={"file": ("pult.zip", desk(two))})
    review = sent.headers["location"]
    text = client.get(review).text
    assert 'name="scenario-C3" value="Recycling"' in text
    assert "Scenario for C3" in text
    held = client.post(review, data={"product_model_id": model, "key": "a"})
    assert held.status_code == 422
    form = {"product_model_id": model, "scenario-C3": "Incineration", "key": "b"}
    done = client.post(review, data=form)
    assert done.status_code == 303
    shown = client.get(done.headers["location"]).text.replace("\xa0", " ")
    assert "Incineration" in shown
    assert "5 kg" in shown
