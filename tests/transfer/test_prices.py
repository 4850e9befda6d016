"""A price list: which rows become prices, by which rule, why the others cannot, and once."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.catalogue.models import ProductModel
from app.catalogue.service import EditModel, RegisterModel, edit_model, register_model
from app.cli import main
from app.impact.commands import RecordRate, SetOverride
from app.impact.models_own import FactorDocument, FactorOverride
from app.impact.queries import factors_of, usual_prices
from app.impact.rules import View
from app.impact.service_own import record_rate, set_overrides
from app.kit.db import clock_of
from app.kit.errors import Forbidden, Invalid, Problem, Stale
from app.kit.files import Files
from app.ledger.models import LedgerEntry
from app.transfer.models_prices import PriceList
from app.transfer.service_prices import (
    ApplyPrices,
    NoPrices,
    OfPrices,
    PricesAppliedAlready,
    PricesHaveBadRows,
    apply_prices,
    list_of,
    targets_of,
)
from app.transfer.upload_prices import kept
from tests.databases import RolledBackDatabase
from tests.ledger import trips
from tests.ledger.trips import Load
from tests.people import Organised
from tests.transfer.test_command import folder

__all__ = ["folder"]

SignedInAs = Callable[..., TestClient]
ActorOf = Callable[..., Actor]
OF = OfPrices(source="Rammeavtale 2026", reason="Egne priser først", price_year=2026)
LIST = (
    "Artikkel;Kategori;Pris eks. mva\n"
    "Stol A;Kontorstol;3 000\nStol B;Kontorstol;5 000,50\nStol C;Kontorstol;4 000\n"
    "Pult A;Hev-senk-pult;7 000\n"
)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files.local(tmp_path)


def keep(
    database: RolledBackDatabase, files: Files, actor: Actor, text: str = LIST, of: OfPrices = OF
) -> UUID:
    return kept(database, files, actor, of, text.encode(), "priser.csv", None)


def apply(database: RolledBackDatabase, actor: Actor, list_id: UUID, **how: Any) -> tuple[int, int]:
    with database.write() as session:
        [(_, categories, models)] = apply_prices(
            session, actor, [ApplyPrices(price_list_id=list_id, **how)]
        )
    return categories, models


def prices_of(session: Session, org: Organised, category_id: str) -> list[FactorOverride]:
    query = select(FactorOverride).where(
        FactorOverride.org_id == org.org_id, FactorOverride.category_id == category_id
    )
    return list(session.scalars(query.order_by(FactorOverride.number)))


def test_a_list_becomes_versions_of_own_prices_with_median_range_and_document(
    database: RolledBackDatabase, files: Files, org: Organised, actor: ActorOf
) -> None:
    manager = actor(Role.FURNITURE_MANAGER)
    list_id = keep(database, files, manager)
    with database.read() as session:
        before = usual_prices(session, org.org_id)("CHAIR_TASK")
        usual = factors_of(session).factor_set.categories["DESK_SITSTAND"].price_ore
    assert apply(database, manager, list_id) == (2, 0)
    with database.read() as session:
        (chair,) = prices_of(session, org, "CHAIR_TASK")
        assert (chair.value, chair.low, chair.high) == (400_000, 300_000, 500_050)
        assert (chair.price_year, chair.source, chair.currency) == (2026, "Rammeavtale 2026", "NOK")
        assert chair.tier == "T3"
        assert chair.reason == (
            "Egne priser først. Medianen av 3 rader i prislisten;"
            " lav og høy er den laveste og den høyeste."
        )
        assert chair.person_id == manager.person_id
        document = session.get_one(FactorDocument, chair.factor_document_id)
        assert files.get(document.key) == LIST.encode()
        (desk,) = prices_of(session, org, "DESK_SITSTAND")
        assert usual is not None
        assert (desk.value, desk.low) == (700_000, round(700_000 * usual.low / usual.value))
        assert usual_prices(session, org.org_id)("CHAIR_TASK") == 400_000 != before
    with pytest.raises(PricesAppliedAlready):
        apply(database, manager, list_id)


def test_the_same_list_again_changes_nothing(
    database: RolledBackDatabase, files: Files, org: Organised, actor: ActorOf
) -> None:
    manager = actor(Role.FURNITURE_MANAGER)
    apply(database, manager, keep(database, files, manager))
    again = keep(database, files, manager)
    with database.read() as session:
        row = list_of(session, manager, again)
        assert row.summary == {"changed": 0, "unchanged": 2, "unknown_rows": 0, "bad_rows": 0}
    with pytest.raises(NoPrices):
        apply(database, manager, again)
    another = keep(database, files, manager, of=OF.model_copy(update={"price_year": 2027}))
    assert apply(database, manager, another, leave_out=["DESK_SITSTAND"]) == (1, 0)
    with database.read() as session:
        assert [each.number for each in prices_of(session, org, "CHAIR_TASK")] == [1, 2]
        assert len(prices_of(session, org, "DESK_SITSTAND")) == 1


def test_a_model_gets_its_price_year_and_source_and_entries_say_so(
    session: Session, database: RolledBackDatabase, files: Files, org: Organised, actor: ActorOf
) -> None:
    manager = actor(Role.FURNITURE_MANAGER)
    fields = RegisterModel(category_id="CHAIR_TASK", maker="HÅG", name="Capisco", new_price_ore=1)
    (model,) = register_model(session, manager, [fields])
    list_id = keep(database, files, manager, "Produsent;Modell;Pris\nHÅG;Capisco;9 000,25\n")
    assert apply(database, manager, list_id) == (1, 1)
    session.refresh(model)
    assert (model.new_price_ore, model.price_year) == (900_025, 2026)
    assert model.price_source == "Rammeavtale 2026"
    chair = trips.an_item(session, org, product_model_id=model.id)
    trips.handed_over(session, org, [Load(chair)])
    entry = session.scalars(select(LedgerEntry).filter_by(item_id=chair.id, view=View.GROSS)).one()
    price = entry.inputs["values"]["price"]
    assert (price["key"], price["source"]) == ("model.price", "Rammeavtale 2026, 2026 prices")
    assert entry.new_price_ore == 900_025
    edit = EditModel(product_model_id=model.id, version=model.version, new_price_ore=800_000)
    edit_model(session, manager, [edit])
    said = {"year": model.price_year, "source": model.price_source}
    assert said == {"year": None, "source": None}


def test_what_changed_since_the_preview_is_not_overwritten(
    session: Session, database: RolledBackDatabase, files: Files, org: Organised, actor: ActorOf
) -> None:
    manager = actor(Role.FURNITURE_MANAGER)
    list_id = keep(database, files, manager)
    command = SetOverride(
        category_id="DESK_SITSTAND", kind="price", version=0, value=1, source="S", reason="R"
    )
    set_overrides(session, manager, [command])
    with pytest.raises(Stale):
        apply(database, manager, list_id)
    with database.read() as again:
        assert prices_of(again, org, "CHAIR_TASK") == []
        assert list_of(again, manager, list_id).applied_at is None


def test_a_price_in_another_currency_needs_a_rate_and_leaves_models_alone(
    session: Session, database: RolledBackDatabase, files: Files, org: Organised, actor: ActorOf
) -> None:
    manager = actor(Role.FURNITURE_MANAGER)
    fields = RegisterModel(category_id="CHAIR_TASK", maker="HÅG", name="Capisco", new_price_ore=1)
    (model,) = register_model(session, manager, [fields])
    text = "Produsent;Modell;Pris;Valuta\nHÅG;Capisco;9000;SEK\n"
    with pytest.raises(Invalid) as refused:
        keep(database, files, manager, text)
    assert "currency" in refused.value.by_field
    today = clock_of(session).today()
    record_rate(
        session,
        manager,
        RecordRate(
            currency="SEK", quote_currency="NOK", rate=Decimal("0.9"), day=today, source="N"
        ),
    )
    list_id = keep(database, files, manager, text)
    with database.read() as again:
        assert list_of(again, manager, list_id).content["models_in_other_currency"] == 1
    assert apply(database, manager, list_id) == (1, 0)
    with database.read() as again:
        assert again.get_one(ProductModel, model.id).new_price_ore == 1
        (chair,) = prices_of(again, org, "CHAIR_TASK")
        assert (chair.value, chair.currency) == (900_000, "SEK")
        assert usual_prices(again, org.org_id)("CHAIR_TASK") == 810_000


def test_only_those_who_may_change_factors_of_the_whole_organisation_read_and_apply(
    database: RolledBackDatabase, files: Files, actor: ActorOf
) -> None:
    for role in (Role.EMPLOYEE, Role.PROJECT_MANAGER):
        with pytest.raises(Forbidden):
            keep(database, files, actor(role))
    list_id = keep(database, files, actor(Role.ADMIN))
    with pytest.raises(Forbidden):
        apply(database, actor(Role.EMPLOYEE), list_id)


def test_an_empty_list_a_workbook_of_pictures_and_a_tier_of_fallbacks_are_refused(
    database: RolledBackDatabase, files: Files, actor: ActorOf
) -> None:
    manager = actor(Role.FURNITURE_MANAGER)
    for text, of in (
        ("Artikkel;Pris\n", OF),
        ("\x89PNG", OF),
        (LIST, OF.model_copy(update={"tier": "T6"})),
    ):
        with pytest.raises(Problem):
            keep(database, files, manager, text, of)
    with database.read() as session:
        assert session.scalars(select(PriceList)).all() == []


def test_a_list_is_previewed_and_taken_into_use_by_plain_forms_and_by_the_api(
    signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    client = signed_in_as(Role.FURNITURE_MANAGER)
    form = {
        "key": "p1",
        "source": "Rammeavtale 2026",
        "reason": "Egne",
        "price_year": "2026",
        "tier": "T3",
    }
    text = LIST + "Stol D;Kontorstol;gratis\nFrakt;;500\n"
    sent = client.post(
        "/prislister", data=form, files={"file": ("priser.csv", text.encode(), "text/csv")}
    )
    assert sent.status_code == 303, sent.text
    address = sent.headers["location"]
    shown = client.get(address).text.replace("\xa0", " ")
    for expected in ("4 000 kr<br>", "3 000 kr – 5 000 kr", "gratis", "Frakt", "faktorsettets"):
        assert expected in shown, expected
    refused = client.post(address, data={"key": "p2"})
    assert refused.status_code == 409
    taken = {"key": "p3", "skip_bad": "1", "leave_out": ["DESK_SITSTAND"]}
    assert client.post(address, data=taken).status_code == 303
    assert client.post(address, data=taken).status_code == 303
    assert "Prisene er tatt i bruk" in client.get(address).text
    assert client.get("/prislister").text.count("priser.csv") == 1
    with database.read() as session:
        assert len(prices_of(session, org, "CHAIR_TASK")) == 1
        assert prices_of(session, org, "DESK_SITSTAND") == []
    empty = client.post("/prislister", data={"key": "p4"})
    assert empty.status_code == 422
    for field in ("file", "source", "reason", "price_year"):
        assert f'id="field-{field}-error"' in empty.text, field
    answer = client.post(
        "/api/v1/price-lists",
        data={"source": "R", "reason": "E", "price_year": "2027"},
        files={"file": ("p.csv", LIST.encode(), "text/csv")},
    )
    assert answer.status_code == 201, answer.text
    out = answer.json()
    assert (out["changed"], out["bad"], out["applied_at"]) == (2, [], None)
    path = f"/api/v1/price-lists/{out['id']}"
    applied = client.post(f"{path}/apply", json={})
    assert applied.json() | {"id": "", "factor_document_id": ""} == {
        "id": "", "factor_document_id": "", "categories": 2, "models": 0,
    }  # fmt: skip
    assert client.post(f"{path}/apply", json={}).status_code == 409
    document = client.get(f"/faktordokumenter/{applied.json()['factor_document_id']}")
    assert document.content == LIST.encode()
    assert document.headers["content-disposition"].startswith("attachment;")
    assert len(client.get("/api/v1/price-lists").json()) == 2
    assert signed_in_as(Role.EMPLOYEE).get("/prislister").status_code == 403


def test_bad_rows_stop_the_list_until_they_are_left_out(
    database: RolledBackDatabase, files: Files, actor: ActorOf
) -> None:
    manager = actor(Role.FURNITURE_MANAGER)
    list_id = keep(database, files, manager, LIST + "Stol D;Kontorstol;gratis\n")
    with pytest.raises(PricesHaveBadRows):
        apply(database, manager, list_id)
    with database.read() as session:
        assert len(targets_of(list_of(session, manager, list_id))) == 2
    assert apply(database, manager, list_id, skip_bad=True) == (2, 0)


def test_a_list_is_taken_into_use_at_a_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "priser.csv"
    path.write_text(LIST, encoding="utf-8")
    arguments = ["prices", str(path), "--source", "R", "--reason", "E", "--year", "2026"]
    assert main([*arguments, "--dry-run", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"] == 2
    assert main(arguments) == 0
    assert "2 priser endres, 0 er som før" in capsys.readouterr().out
    assert main(arguments) == 0
    assert "0 priser endres, 2 er som før" in capsys.readouterr().out
    path.write_text(LIST + "Stol D;Kontorstol;gratis\n", encoding="utf-8")
    assert main([*arguments[:-1], "2027"]) == 1
    assert "Rad 6, kolonne C" in capsys.readouterr().out
    assert main([*arguments[:-1], "nå"]) == 1


def test_a_model_among_all_sorts_gets_its_price_and_prices_nothing_else(
    database: RolledBackDatabase, files: Files, org: Organised, actor: ActorOf
) -> None:
    manager = actor(Role.FURNITURE_MANAGER)
    with database.write() as session:
        each = RegisterModel(category_id="OTHER_KG", maker="Prøve", name="Rullevogn")
        [model] = register_model(session, manager, [each])
    text = "Produsent;Modell;Pris;Enhet\nPrøve;Rullevogn;3000;kg\n"
    assert apply(database, manager, keep(database, files, manager, text)) == (0, 1)
    with database.read() as session:
        assert prices_of(session, org, "OTHER_KG") == []
        assert session.get_one(ProductModel, model.id).new_price_ore == 300_000


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\x01", "\x1a", "\x00", "\x1b"])
@pytest.mark.parametrize(
    ("row", "column", "header"),
    [
        ("Sto{}l A;Kontorstol;3 000;L;2026", "A", "Artikkel"),
        ("Stol A;Kontor{}stol;3 000;L;2026", "B", "Kategori"),
        ("Stol A;Kontorstol;3{} 000;L;2026", "C", "Pris eks. mva"),
        ("Stol A;Kontorstol;3 000;Leverandøren{};2026", "D", "Leverandør"),
        ("Stol A;Kontorstol;3 000;L;20{}26", "E", "Prisår"),
    ],
)
def test_a_row_with_a_control_character_is_bad_and_the_rest_of_the_list_goes_on(
    database: RolledBackDatabase,
    files: Files,
    org: Organised,
    actor: ActorOf,
    mark: str,
    row: str,
    column: str,
    header: str,
) -> None:
    manager = actor(Role.FURNITURE_MANAGER)
    text = (
        "Artikkel;Kategori;Pris eks. mva;Leverandør;Prisår\n"
        f"Pult A;Hev-senk-pult;7 000;Leverandøren;2026\n{row.format(mark)}\n"
        "Pult B;Hev-senk-pult;9 000;Leverandøren;2026\n"
    )
    list_id = keep(database, files, manager, text)
    with database.read() as session:
        (bad,) = list_of(session, manager, list_id).content["bad"]
    assert (bad["row"], bad["column"], bad["header"]) == (3, column, header)
    assert bad["reason"] == "Teksten har ugyldige tegn."
    assert "\ufffd" in bad["value"]
    assert mark not in bad["value"]
    with pytest.raises(PricesHaveBadRows):
        apply(database, manager, list_id)
    assert apply(database, manager, list_id, skip_bad=True) == (1, 0)
    with database.read() as session:
        assert prices_of(session, org, "CHAIR_TASK") == []
        (desk,) = prices_of(session, org, "DESK_SITSTAND")
        assert (desk.value, desk.source) == (800_000, "Leverandøren")


def test_a_control_character_where_nothing_is_read_is_no_harm_and_many_are_no_text(
    database: RolledBackDatabase, files: Files, org: Organised, actor: ActorOf
) -> None:
    manager = actor(Role.FURNITURE_MANAGER)
    text = "Mer\u202eknad;" + LIST.replace("\n", "\n\u202e;", 4).replace("Artikkel", "Artikkel", 1)
    list_id = keep(database, files, manager, text)
    with database.read() as session:
        content = list_of(session, manager, list_id).content
    assert content["bad"] == []
    assert content["unused"] == ["Mer\ufffdknad"]
    with pytest.raises(Problem, match="ikke hører hjemme"):
        keep(database, files, manager, LIST + "\x00\x01" * 40)
