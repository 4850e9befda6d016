"""The rule: who may set it, what it may say, and that it is never changed."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.costs.commands import SetCostRule
from app.costs.models import CostRule
from app.costs.queries import rules_of
from app.costs.rules import InternalPrice, Kind
from app.costs.service import set_cost_rule
from app.kit.errors import Forbidden, Invalid, Stale
from tests.costs.arranged import TODAY, a_rule
from tests.factories import CHAIR
from tests.marketplace.stalls import acting
from tests.people import Organised

RECEIVER = (0, 100, 0)


def test_a_new_rule_stands_beside_the_old_one_and_a_late_editor_sees_it_first(
    session: Session, org: Organised
) -> None:
    first = a_rule(session, org, {Kind.FREIGHT: RECEIVER})
    with pytest.raises(Stale):
        a_rule(session, org, {Kind.FREIGHT: (100, 0, 0)})
    second = a_rule(session, org, {Kind.FREIGHT: (100, 0, 0)}, version=1)
    found = rules_of(session, org.org_id)
    assert [each.row.id for each in found] == [second.id, first.id]
    assert [each.shares for each in found] == [
        {Kind.FREIGHT: (100, 0, 0)},
        {Kind.FREIGHT: RECEIVER},
    ]
    assert found[0].row.person_id == org.person_ids[Role.ADMIN]
    with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
        session.execute(update(CostRule).values(price_percent=5))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"valid_from": TODAY - timedelta(days=1)}, "valid_from"),
        ({"valid_from": TODAY + timedelta(days=731)}, "valid_from"),
        ({"common_unit_id": uuid4()}, "common_unit_id"),
        ({"price_kind": InternalPrice.PERCENT}, "price_percent"),
        ({"price_percent": 10}, "price_percent"),
        ({"price_kind": InternalPrice.FIXED}, "prices"),
        (
            {
                "price_kind": InternalPrice.FIXED,
                "prices": [{"category_id": "NO_SUCH", "price_ore": 1}],
            },
            "prices",
        ),
        (
            {
                "price_kind": InternalPrice.FIXED,
                "prices": [{"category_id": CHAIR, "price_ore": 1}],
            },
            "price_kind",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    session: Session, org: Organised, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        a_rule(session, org, {Kind.FREIGHT: RECEIVER}, **changes)
    assert field in refused.value.by_field


def test_another_organisations_unit_is_none_of_ours_and_a_manager_sets_no_rule(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    with pytest.raises(Invalid) as refused:
        a_rule(session, org, {Kind.FREIGHT: RECEIVER}, common_unit_id=foreign_org.unit_id)
    assert list(refused.value.by_field) == ["common_unit_id"]
    a_rule(session, foreign_org, {Kind.FREIGHT: RECEIVER})
    assert rules_of(session, org.org_id) == []
    command = SetCostRule(valid_from=TODAY, common_unit_id=org.unit_id, version=0)
    with pytest.raises(Forbidden):
        set_cost_rule(session, acting(session, org), command)
