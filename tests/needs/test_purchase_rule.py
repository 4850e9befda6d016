"""What a purchase must show above which limit, and what is refused by its name."""

import pytest
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.kit.errors import Forbidden, Stale
from app.needs import service_ladder
from app.needs.commands import SetPurchaseRule
from app.needs.queries import lines_of
from app.needs.queries_prices import price_as_new
from app.needs.rules import Outcome, Step
from app.needs.service import Take
from app.needs.service_ladder import NotThisStep
from app.needs.service_rule import StepsLacking, set_purchase_rule
from tests.databases import RolledBackDatabase
from tests.factories import CHAIR
from tests.marketplace.stalls import acting
from tests.needs.test_ladder import a_need, decided, left, line_of
from tests.people import ActorOf, Organised, SignedInAs

FIVE = 5


@pytest.fixture
def nurse(actor: ActorOf) -> Actor:
    return actor(Role.EMPLOYEE)


def a_rule(session: Session, org: Organised, above_ore: int, **fields: object) -> None:
    said = {"above_ore": above_ore, "buy_used": True, "version": 0, **fields}
    admin = acting(session, org, Role.ADMIN)
    set_purchase_rule(session, admin, SetPurchaseRule.model_validate(said))


def worth(session: Session, org: Organised) -> int:
    found = price_as_new(session, org.org_id, [(CHAIR, FIVE)])
    assert found is not None
    return found


def a_purchase(line_id: object, quantity: int = FIVE) -> Take:
    said = {"need_line_id": line_id, "step": Step.NEW, "quantity": quantity, "reason_text": "Ny"}
    return Take.model_validate(said)


def test_without_a_rule_every_step_comes_first(
    session: Session, org: Organised, nurse: Actor
) -> None:
    line = line_of(session, nurse, a_need(session, nurse, org))
    left(session, nurse, line, Step.OWN_UNIT, Step.ORGANISATION)
    with pytest.raises(NotThisStep):
        service_ladder.take(session, acting(session, org), [a_purchase(line.id)])


def test_above_the_limit_the_chosen_steps_are_named_until_they_are_shown(
    session: Session, org: Organised, nurse: Actor
) -> None:
    a_rule(session, org, worth(session, org) - 1, repair_or_redesign=True)
    line = line_of(session, nurse, a_need(session, nurse, org))
    approver = acting(session, org)
    with pytest.raises(StepsLacking) as refused:
        service_ladder.take(session, approver, [a_purchase(line.id)])
    assert refused.value.members["lacking"] == (
        "own_unit, organisation, repair_or_redesign, buy_used"
    )
    left(session, nurse, line, Step.OWN_UNIT, Step.ORGANISATION, Step.REPAIR_OR_REDESIGN)
    with pytest.raises(StepsLacking, match="må først vise: Kjøp brukt") as refused:
        service_ladder.take(session, approver, [a_purchase(line.id)])
    assert "Et kjøp over" in str(refused.value)
    left(session, nurse, line, Step.BUY_USED)
    service_ladder.take(session, approver, [a_purchase(line.id)])
    assert decided(session, nurse, line)[-1] == (Step.NEW, Outcome.TAKEN, FIVE)


def test_a_purchase_in_parts_is_as_dear_as_the_whole(
    session: Session, org: Organised, nurse: Actor
) -> None:
    a_rule(session, org, worth(session, org) - 1)
    line = line_of(session, nurse, a_need(session, nurse, org))
    approver = acting(session, org)
    left(session, nurse, line, Step.OWN_UNIT, Step.ORGANISATION)
    for _ in range(FIVE - 1):
        service_ladder.take(session, approver, [a_purchase(line.id, 1)])
    with pytest.raises(StepsLacking) as refused:
        service_ladder.take(session, approver, [a_purchase(line.id, 1)])
    assert refused.value.members["lacking"] == "buy_used"
    left(session, nurse, line, Step.REPAIR_OR_REDESIGN, Step.BUY_USED)
    service_ladder.take(session, approver, [a_purchase(line.id, 1)])


def test_below_the_limit_only_what_the_program_finds_comes_first(
    session: Session, org: Organised, nurse: Actor
) -> None:
    a_rule(session, org, worth(session, org))
    line = line_of(session, nurse, a_need(session, nurse, org))
    approver = acting(session, org)
    with pytest.raises(StepsLacking, match="Et kjøp må først vise: Egen enhet, Hele"):
        service_ladder.take(session, approver, [a_purchase(line.id)])
    left(session, nurse, line, Step.OWN_UNIT, Step.ORGANISATION)
    with pytest.raises(Forbidden):
        service_ladder.take(session, nurse, [a_purchase(line.id)])
    service_ladder.take(session, approver, [a_purchase(line.id)])
    assert decided(session, nurse, line)[-1] == (Step.NEW, Outcome.TAKEN, FIVE)


def test_two_who_set_the_rule_do_not_overwrite_each_other(session: Session, org: Organised) -> None:
    a_rule(session, org, 1_000)
    with pytest.raises(Stale):
        a_rule(session, org, 2_000)
    with pytest.raises(Forbidden):
        command = SetPurchaseRule(above_ore=1, version=1)
        set_purchase_rule(session, acting(session, org), command)


def test_the_rule_is_set_on_its_page_and_as_json(org: Organised, signed_in_as: SignedInAs) -> None:
    assert org.org_id is not None
    admin, path = signed_in_as(Role.ADMIN), "/behov/kjopsregel"
    assert "Uten en regel må hvert kjøp vise alle trinnene." in admin.get(path).text
    wrong = admin.post(path, data={"version": "0", "above_kr": "-5"})
    assert wrong.status_code == 422
    assert 'id="field-above_kr-error"' in wrong.text
    form = {"version": "0", "above_kr": "50 000", "buy_used": "true"}
    assert admin.post(path, data=form).status_code == 303
    assert admin.post(path, data=form).status_code == 412
    found = admin.get("/api/v1/purchase-rule")
    assert found.json() == {
        "above_ore": 5_000_000,
        "repair_or_redesign": False,
        "buy_used": True,
        "version": 1,
    }
    put = admin.put("/api/v1/purchase-rule", json={"above_ore": 100}, headers={"If-Match": '"v1"'})
    assert (put.json()["version"], put.json()["buy_used"]) == (2, False)
    assert signed_in_as().get(path).status_code == 403
    assert signed_in_as().put("/api/v1/purchase-rule", json={"above_ore": 1}).status_code in (
        403,
        428,
    )


def test_the_page_offers_the_purchase_and_says_what_it_lacks(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        nurse = acting(session, org, Role.EMPLOYEE)
        a_rule(session, org, worth(session, org))
        need = a_need(session, nurse, org)
        line = line_of(session, nurse, need)
        need_id, line_id = need.id, line.id
    manager = signed_in_as()
    path, action = f"/behov/{need_id}", f"/behov/linjer/{line_id}/ta"
    assert "Et kjøp må først vise: Egen enhet" in manager.get(path).text
    refused = manager.post(action, data={"step": "new", "quantity": "5", "reason_text": "Ny"})
    assert refused.status_code == 409
    assert "Et kjøp må først vise" in refused.text
    with database.write() as session:
        left(session, nurse, line, Step.OWN_UNIT, Step.ORGANISATION)
    shown = manager.get(path).text
    assert "Kjøp nytt nå" in shown
    empty = manager.post(action, data={"step": "new", "quantity": "5", "reason_text": ""})
    assert empty.status_code == 422
    assert f'href="#early-{line_id}"' in empty.text
    bought = {"step": "new", "quantity": "5", "reason_text": "Fem hos Møbelringen"}
    assert manager.post(action, data=bought).status_code == 303
    employee = signed_in_as(Role.EMPLOYEE).get(path).text
    assert "Kjøp nytt nå" not in employee


def test_a_purchase_split_over_lines_of_the_same_kind_is_one_purchase(
    session: Session, org: Organised, nurse: Actor
) -> None:
    a_rule(session, org, worth(session, org) - 1)
    kind = {"category_id": CHAIR}
    need = a_need(session, nurse, org, lines=[{**kind, "quantity": 3}, {**kind, "quantity": 2}])
    first, second = session.scalars(lines_of(nurse, [need.id])).all()
    approver = acting(session, org)
    for line in (first, second):
        left(session, nurse, line, Step.OWN_UNIT, Step.ORGANISATION)
    service_ladder.take(session, approver, [a_purchase(first.id, first.quantity)])
    with pytest.raises(StepsLacking, match=f"{first.quantity} kjøpt nytt på andre linjer"):
        service_ladder.take(session, approver, [a_purchase(second.id, second.quantity)])
    assert decided(session, nurse, second)[-1][0] is Step.ORGANISATION
