"""Product models: registered and edited, in one organisation."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.catalogue import queries, service
from app.catalogue.models import Category, GwpBasis
from app.catalogue.service import EditModel, ProductModelTaken, RegisterModel
from app.kit.errors import Forbidden, Invalid, NotFound, Stale
from app.kit.events import EventRow, Revision
from tests.people import ActorOf, Organised


def a_model(**changes: Any) -> RegisterModel:
    entered: dict[str, Any] = {"category_id": "CHAIR_TASK", "maker": "HÅG", "name": "Capisco"}
    return RegisterModel(**(entered | changes))


def test_a_model_keeps_what_was_entered_and_leaves_an_event(
    session: Session, actor: ActorOf
) -> None:
    by = actor()
    command = a_model(
        width_mm=650,
        mass_g=17_500,
        new_price_ore=650_000,
        gwp_g=55_000,
        gwp_basis=GwpBasis.EPD,
        epd_number="NEPD-35E",
        epd_valid_until=date(2027, 1, 1),
    )
    (model,) = service.register_model(session, by, [command])
    assert (model.mass_g, model.gwp_g, model.version) == (17_500, 55_000, 1)
    event = session.scalars(select(EventRow).where(EventRow.subject_id == model.id)).one()
    assert (event.kind, event.person_id) == ("product-model-registered", by.person_id)


def test_editing_changes_what_is_named_and_keeps_before_and_after(
    session: Session, actor: ActorOf
) -> None:
    (model,) = service.register_model(session, actor(), [a_model(mass_g=17_500, width_mm=650)])
    command = EditModel(product_model_id=model.id, version=1, mass_g=None, name="Capisco 8106")
    service.edit_model(session, actor(), [command])
    assert (model.mass_g, model.width_mm, model.name, model.version) == (
        None,
        650,
        "Capisco 8106",
        2,
    )
    revisions = session.execute(
        select(Revision.field, Revision.before, Revision.after).where(
            Revision.subject_id == model.id
        )
    )
    assert sorted(map(tuple, revisions), key=str) == [
        ("mass_g", 17_500, None),
        ("name", "Capisco", "Capisco 8106"),
    ]


def test_an_edit_of_an_old_version_is_refused(session: Session, actor: ActorOf) -> None:
    (model,) = service.register_model(session, actor(), [a_model()])
    service.edit_model(
        session, actor(), [EditModel(product_model_id=model.id, version=1, name="A")]
    )
    with pytest.raises(Stale):
        service.edit_model(
            session, actor(), [EditModel(product_model_id=model.id, version=1, name="B")]
        )


def test_a_maker_has_one_model_of_a_name(session: Session, actor: ActorOf) -> None:
    service.register_model(session, actor(), [a_model()])
    with pytest.raises(ProductModelTaken):
        service.register_model(session, actor(), [a_model(), a_model(name="Futu")])
    assert len(list(session.scalars(queries.product_models_visible_to(actor())))) == 1


def test_an_edit_to_a_name_in_use_is_refused(session: Session, actor: ActorOf) -> None:
    _, other = service.register_model(session, actor(), [a_model(), a_model(name="Futu")])
    with pytest.raises(ProductModelTaken):
        service.edit_model(
            session, actor(), [EditModel(product_model_id=other.id, version=1, name="Capisco")]
        )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category_id": "NOWHERE"}, "category_id"),
        ({"gwp_g": 55_000}, "gwp_basis"),
        ({"gwp_basis": "maker"}, "gwp_g"),
        ({"gwp_g": 55_000, "gwp_basis": "epd"}, "epd_number"),
    ],
)
def test_what_does_not_fit_together_is_refused_at_its_field(
    session: Session, actor: ActorOf, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        service.register_model(session, actor(), [a_model(**changes)])
    assert list(refused.value.by_field) == [field]


def test_a_needed_field_can_not_be_emptied(session: Session, actor: ActorOf) -> None:
    (model,) = service.register_model(session, actor(), [a_model()])
    with pytest.raises(Invalid) as refused:
        service.edit_model(
            session, actor(), [EditModel(product_model_id=model.id, version=1, maker=None)]
        )
    assert list(refused.value.by_field) == ["maker"]


@pytest.mark.parametrize(
    "changes",
    [{"width_mm": 0}, {"width_mm": 20_001}, {"mass_g": -1}, {"name": " "}, {"gwp_g": -1}],
)
def test_impossible_numbers_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        a_model(**changes)


def test_only_who_may_edit_models_can(session: Session, actor: ActorOf) -> None:
    with pytest.raises(Forbidden):
        service.register_model(session, actor(Role.EMPLOYEE), [a_model()])


def test_another_organisations_model_is_not_found(
    session: Session, actor: ActorOf, foreign_org: Organised
) -> None:
    foreigner = actor(Role.FURNITURE_MANAGER, foreign_org)
    (model,) = service.register_model(session, foreigner, [a_model()])
    with pytest.raises(NotFound):
        service.edit_model(
            session, actor(), [EditModel(product_model_id=model.id, version=1, name="Mine")]
        )
    with pytest.raises(NotFound):
        queries.product_model(session, actor(), model.id)
    with pytest.raises(NotFound):
        queries.product_model(session, actor(), uuid4())


def test_every_group_of_categories_has_a_name(session: Session) -> None:
    groups = {each.group for each in session.scalars(queries.categories())}
    assert groups <= queries.GROUP_NAMES.keys()
    assert session.query(Category).count() >= 78
