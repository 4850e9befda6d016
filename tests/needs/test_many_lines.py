"""Needs with many lines: what their pages cost, and what each line's forms say and do."""

import re
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.needs.models import LadderStep, NeedLine
from app.needs.rules import WALKED
from app.needs.views import LOOKED_FOR_AT_ONCE
from tests.databases import RolledBackDatabase
from tests.factories import CHAIR
from tests.needs.test_ladder import a_need, left, line_of, offered
from tests.needs.test_pages import post
from tests.people import ActorOf, Organised, SignedInAs


def submitted(client: TestClient, org: Organised, *lines: dict[str, Any]) -> str:
    """The path of a new need with these lines."""
    body = [{"unit_id": str(org.unit_id), "lines": list(lines)}]
    answer = client.post("/api/v1/needs", json=body)
    assert answer.status_code == 201, answer.text
    return f"/behov/{answer.json()[0]['id']}"


def chairs(quantity: int = 1, **more: Any) -> dict[str, Any]:
    return {"category_id": CHAIR, "quantity": quantity, **more}


def queries(session: Session, client: TestClient, path: str) -> int:
    seen: list[str] = []
    engine = session.connection().engine

    def note(*call: Any) -> None:
        if not str(call[2]).startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            seen.append(str(call[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_the_pages_cost_the_same_however_many_like_lines_a_need_has(
    session: Session, org: Organised, signed_in_as: SignedInAs, actor: ActorOf
) -> None:
    offered(session, actor(Role.FURNITURE_MANAGER), org, 3)
    nurse = signed_in_as(Role.EMPLOYEE)
    few = submitted(nurse, org, chairs())
    many = submitted(nurse, org, *[chairs(n + 1) for n in range(100)])
    nurse.get(few)  # what is kept between requests is read once
    for page in ("", "/protokoll"):
        assert queries(session, nurse, many + page) == queries(session, nurse, few + page)


def test_of_many_lines_the_first_show_what_there_is_and_the_others_lead_to_it(
    org: Organised, signed_in_as: SignedInAs, session: Session, actor: ActorOf
) -> None:
    offered(session, actor(Role.FURNITURE_MANAGER), org, 3)
    nurse = signed_in_as(Role.EMPLOYEE)
    lines = [chairs(1, width_min_mm=None, requirement=f"Krav {n}") for n in range(15)]
    path = submitted(nurse, org, *lines)
    page = nurse.get(path).text
    assert page.count("/videre") == LOOKED_FOR_AT_ONCE
    links = re.findall(rf'href="({path}\?linje=([0-9a-f-]+)#line-[0-9a-f-]+)"', page)
    assert len(links) == 5
    last, line_id = links[-1]
    opened = nurse.get(last).text
    assert f"/behov/linjer/{line_id}/videre" in opened
    # What is wrong with a line that was led to stands at it.
    wrong = post(nurse, f"/behov/linjer/{line_id}/ta", step="own_unit", quantity="x")
    assert wrong.status_code == 422
    section = wrong.text.split(f'id="line-{line_id}"')[1].split("</section>")[0]
    assert 'id="error-summary"' in section
    assert "/videre" in section
    done = post(nurse, f"/behov/linjer/{line_id}/videre", step="own_unit", reason="look")
    assert done.headers["location"] == f"{path}?linje={line_id}"
    assert "og 12 linjer til" in nurse.get("/behov").text


def test_one_offer_on_two_lines_has_a_key_for_each(
    org: Organised, signed_in_as: SignedInAs, session: Session, actor: ActorOf
) -> None:
    offered(session, actor(Role.FURNITURE_MANAGER), org, 9)
    nurse = signed_in_as(Role.EMPLOYEE)
    page = nurse.get(submitted(nurse, org, chairs(2), chairs(3))).text
    forms = re.findall(r'action="(/behov/linjer/[0-9a-f-]+/ta)[^>]*>(.*?)</form>', page, re.DOTALL)
    assert len(forms) == 2
    for action, form in forms:
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form))
        assert post(nurse, action, quantity="2", **fields).status_code == 303
    taken = session.scalars(select(LadderStep.need_line_id)).all()
    assert set(taken) == set(session.scalars(select(NeedLine.id)))


def test_who_may_not_buy_new_is_told_who_decides_and_is_given_no_form(
    session: Session,
    org: Organised,
    signed_in_as: SignedInAs,
    actor: ActorOf,
    database: RolledBackDatabase,
) -> None:
    with database.write() as writing:
        nurse = actor(Role.EMPLOYEE)
        need = a_need(writing, nurse, org)
        line = line_of(writing, nurse, need)
        left(writing, nurse, line, *WALKED[:-1])
    path, take = f"/behov/{need.id}", f"/behov/linjer/{line.id}/ta"
    hers = signed_in_as(Role.EMPLOYEE)
    page = hers.get(path).text
    assert "avgjøres av den som godkjenner" in page
    assert take not in page
    refused = post(hers, take, step="new", quantity="5", reason_text="Nye stoler")
    assert refused.status_code == 403
    assert 'id="error-summary"' in refused.text
    assert take in signed_in_as(Role.APPROVER).get(path).text


def test_what_is_wrong_with_a_form_that_is_gone_leads_nowhere(
    org: Organised, signed_in_as: SignedInAs
) -> None:
    nurse = signed_in_as(Role.EMPLOYEE)
    page = nurse.get(submitted(nurse, org, chairs(2))).text
    found = re.search(r"/behov/linjer/[0-9a-f-]+", page)
    assert found is not None
    answer = post(
        nurse, f"{found[0]}/ta", step="own_unit", quantity="x", listing_id=str(org.org_id)
    )
    assert answer.status_code == 422
    assert "står ikke her lenger" in answer.text
    assert "Skriv et helt tall" not in answer.text
