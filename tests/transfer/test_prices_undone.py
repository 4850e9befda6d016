"""A price list that was taken into use by mistake is taken back, and only what it set."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.catalogue.models import ProductModel
from app.catalogue.service import EditModel, RegisterModel, edit_model, register_model
from app.impact.commands import SetOverride
from app.impact.queries import usual_prices
from app.impact.rules import FactorKind, Tier
from app.impact.service_own import set_overrides
from app.kit.errors import Forbidden, NotFound
from app.kit.events import EventRow
from app.kit.files import Files
from app.ledger.service import verify
from app.transfer.events import PriceListUndone
from app.transfer.service_prices_undo import (
    PricesChangedSince,
    PricesNotInUse,
    Undone,
    UndoPrices,
    undo_prices,
)
from tests.databases import RolledBackDatabase
from tests.people import ActorOf, Organised, SignedInAs, organised
from tests.transfer.test_prices import LIST, apply, files, keep, prices_of

__all__ = ["files"]

OWN = {
    "category_id": "CHAIR_TASK",
    "kind": FactorKind.PRICE,
    "reason": "Egen avtale",
    "value": 250_000,
    "low": 200_000,
    "high": 310_000,
    "tier": Tier.T2,
    "source": "Avtale 2025",
    "price_year": 2025,
}


def undo(database: RolledBackDatabase, actor: Actor, list_id: UUID) -> Undone:
    with database.write() as session:
        [(_, undone)] = undo_prices(session, actor, [UndoPrices(price_list_id=list_id)])
    return undone


def own_price(database: RolledBackDatabase, actor: Actor, version: int, **other: Any) -> None:
    with database.write() as session:
        set_overrides(session, actor, [SetOverride(**{**OWN, "version": version, **other})])


def test_prices_are_as_before_the_list_own_ones_with_their_range_and_source(
    database: RolledBackDatabase, files: Files, org: Organised, actor: ActorOf
) -> None:
    manager = actor(Role.FURNITURE_MANAGER)
    own_price(database, manager, 0)
    with database.read() as session:
        desk = usual_prices(session, org.org_id)("DESK_SITSTAND")
    list_id = keep(database, files, manager)
    assert apply(database, manager, list_id) == (2, 0)
    assert undo(database, manager, list_id) == (2, 0, 0)
    with database.read() as session:
        first, _, third = prices_of(session, org, "CHAIR_TASK")
        kept = ("value", "low", "high", "tier", "source", "price_year", "currency")
        assert [getattr(third, name) for name in kept] == [getattr(first, name) for name in kept]
        assert third.reason == "Prislisten «priser.csv» er tatt tilbake."
        assert third.person_id == manager.person_id
        assert usual_prices(session, org.org_id)("DESK_SITSTAND") == desk
        assert [each.value for each in prices_of(session, org, "DESK_SITSTAND")] == [700_000, None]
        assert verify(session, org.org_id).ok
    with pytest.raises(PricesNotInUse):
        undo(database, manager, list_id)


def test_what_was_set_since_stays_and_is_counted(
    database: RolledBackDatabase, files: Files, org: Organised, actor: ActorOf
) -> None:
    manager = actor(Role.FURNITURE_MANAGER)
    list_id = keep(database, files, manager)
    apply(database, manager, list_id)
    own_price(database, manager, 1)
    assert undo(database, manager, list_id) == (1, 0, 1)
    with database.read() as session:
        assert usual_prices(session, org.org_id)("CHAIR_TASK") == 250_000


def test_what_the_list_left_out_is_neither_taken_back_nor_counted(
    database: RolledBackDatabase, files: Files, org: Organised, actor: ActorOf
) -> None:
    manager = actor(Role.FURNITURE_MANAGER)
    list_id = keep(database, files, manager)
    assert apply(database, manager, list_id, leave_out=["CHAIR_TASK"]) == (1, 0)
    own_price(database, manager, 0)
    assert undo(database, manager, list_id) == (1, 0, 0)
    with database.read() as session:
        assert usual_prices(session, org.org_id)("CHAIR_TASK") == 250_000


def test_where_all_was_set_since_nothing_is_taken_back(
    database: RolledBackDatabase, files: Files, actor: ActorOf
) -> None:
    manager = actor(Role.FURNITURE_MANAGER)
    list_id = keep(database, files, manager)
    apply(database, manager, list_id, leave_out=["DESK_SITSTAND"])
    own_price(database, manager, 1)
    with pytest.raises(PricesChangedSince):
        undo(database, manager, list_id)
    with pytest.raises(PricesChangedSince):  # nothing was marked as taken back
        undo(database, manager, list_id)


@pytest.fixture
def model(database: RolledBackDatabase, actor: ActorOf) -> ProductModel:
    with database.write() as session:
        command = RegisterModel(
            category_id="CHAIR_TASK", maker="Håg", name="Capisco", new_price_ore=600_000
        )
        (made,) = register_model(session, actor(Role.FURNITURE_MANAGER), [command])
    return made


def model_now(session: Session, model: ProductModel) -> ProductModel:
    query = select(ProductModel).where(ProductModel.id == model.id)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def test_a_model_s_price_is_as_before_with_its_year_and_source(
    database: RolledBackDatabase, files: Files, model: ProductModel, actor: ActorOf
) -> None:
    manager = actor(Role.FURNITURE_MANAGER)
    text = "Artikkel;Produsent;Modell;Pris eks. mva\nStol;Håg;Capisco;9 000\n"
    first, second = (keep(database, files, manager, text) for _ in range(2))
    _, models = apply(database, manager, first)
    assert models == 1
    assert undo(database, manager, first).models == 1
    with database.read() as session:
        now = model_now(session, model)
        assert (now.new_price_ore, now.price_year, now.price_source) == (600_000, None, None)
    with pytest.raises(PricesNotInUse):
        undo(database, manager, second)


def test_a_model_whose_price_was_set_since_stays(
    database: RolledBackDatabase, files: Files, model: ProductModel, actor: ActorOf
) -> None:
    manager = actor(Role.FURNITURE_MANAGER)
    text = LIST.replace("Artikkel;", "Artikkel;Produsent;Modell;").replace(
        "Stol A;", "Stol A;Håg;Capisco;"
    )
    text = (
        text.replace("Stol B;", "Stol B;;;")
        .replace("Stol C;", "Stol C;;;")
        .replace("Pult A;", "Pult A;;;")
    )
    list_id = keep(database, files, manager, text)
    assert apply(database, manager, list_id)[1] == 1
    with database.write() as session:
        now = model_now(session, model)
        edit = EditModel(product_model_id=now.id, version=now.version, new_price_ore=1_000_000)
        edit_model(session, manager, [edit])
    undone = undo(database, manager, list_id)
    assert (undone.models, undone.left) == (0, 1)
    with database.read() as session:
        assert model_now(session, model).new_price_ore == 1_000_000


def test_who_may_not_and_another_organisation_s_list(
    database: RolledBackDatabase, files: Files, actor: ActorOf
) -> None:
    manager = actor(Role.FURNITURE_MANAGER)
    list_id = keep(database, files, manager)
    with pytest.raises(PricesNotInUse):
        undo(database, manager, list_id)
    apply(database, manager, list_id)
    with pytest.raises(Forbidden):
        undo(database, actor(Role.EMPLOYEE), list_id)
    with database.write() as session:
        other = organised(session, database.clock, name="Annet foretak")
    with pytest.raises(NotFound):
        undo(database, actor(Role.FURNITURE_MANAGER, other), list_id)
    with pytest.raises(NotFound):
        undo(database, manager, uuid4())


def test_the_page_and_the_api_take_it_back_once(
    database: RolledBackDatabase,
    files: Files,
    signed_in_as: SignedInAs,
    actor: ActorOf,
) -> None:
    manager = actor(Role.FURNITURE_MANAGER)
    first = keep(database, files, manager)
    apply(database, manager, first)
    client = signed_in_as()
    page = client.get(f"/prislister/{first}")
    assert "Ta prislisten tilbake" in page.text
    key = str(uuid4())
    posted = [client.post(f"/prislister/{first}/angre", data={"key": key}) for _ in range(2)]
    assert [each.status_code for each in posted] == [303, 303]
    with database.read() as session:
        told = session.scalars(select(EventRow).where(EventRow.kind == PriceListUndone.kind))
        assert [each.subject_id for each in told] == [first]
    page = client.get(f"/prislister/{first}")
    assert "Prislisten er tatt tilbake" in page.text
    assert "Ta prislisten tilbake" not in page.text
    again = client.post(f"/prislister/{first}/angre", data={"key": str(uuid4())})
    assert again.status_code == 409
    assert "Prisene i listen er ikke i bruk." in again.text
    assert client.get(f"/api/v1/price-lists/{first}").json()["undone_at"]
    second = keep(database, files, manager)
    refused = client.post(f"/api/v1/price-lists/{second}/undo")
    assert refused.status_code == 409
    apply(database, manager, second)
    done = client.post(f"/api/v1/price-lists/{second}/undo").json()
    assert (done["categories"], done["models"], done["left"]) == (2, 0, 0)
