"""Labels for a long list: the list stays on the server, and its address is short."""

from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.accounts.rules import Role
from app.fieldwork.models import BulkAction
from app.items.commands import Delete
from app.items.models import Code
from app.items.service_wrong import delete
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.labelling.sheets import addresses
from tests.people import ActorOf, Organised, SignedInAs

PREFIX = "HTTPS://TESTSERVER/I/"


@pytest.fixture
def web(signed_in_as: SignedInAs) -> TestClient:
    client = signed_in_as()
    client.headers["Sec-Fetch-Site"] = "same-origin"
    return client


def some_codes(database: RolledBackDatabase, org: Organised, quantity: int) -> list[str]:
    with database.write() as session:
        ids = [item.id for item in some_items(session, org, quantity)]
        known = select(Code.item_id, Code.code).where(Code.item_id.in_(ids))
        by_id = {row.item_id: row.code for row in session.execute(known)}
        return [by_id[each] for each in ids]


def asked(web: TestClient, codes: list[str], key: str = "") -> str:
    """The address of the print job."""
    answer = web.post(
        "/samlet/etiketter", data={"codes": "\n".join(codes), "key": key or uuid4().hex}
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_five_hundred_pieces_have_a_short_address_and_all_their_labels(
    web: TestClient, database: RolledBackDatabase, org: Organised
) -> None:
    codes = some_codes(database, org, 500)
    codes.insert(0, codes.pop())
    job = asked(web, codes, "k")
    assert len(job) < 80
    assert asked(web, codes, "k") == job
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(BulkAction)) == 1
    shown = web.get(f"{job}&paper=L7160")
    assert "500 etiketter, 24 ark" in shown.text
    listed = job.rpartition("=")[2]
    assert shown.text.count(f'name="liste" value="{listed}"') == 1
    assert 'name="item"' not in shown.text
    query = {"liste": listed, "paper": "L7160"}
    pages = addresses(web.get("/etiketter/etiketter.pdf", params=query).content)
    assert {text for page in pages for text in page} == {PREFIX + code for code in codes}
    assert PREFIX + codes[0] in pages[0], "in the order of the list"


def test_what_is_gone_since_gets_no_label(
    web: TestClient, database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    codes = some_codes(database, org, 3)
    job = asked(web, codes)
    with database.write() as session:
        item_id = session.scalars(select(Code.item_id).where(Code.code == codes[1])).one()
        assert item_id
        delete(session, actor(Role.ADMIN), [Delete(item_id=item_id, reason="feil")])
    assert "2 etiketter" in web.get(job).text


def test_a_list_is_printed_by_its_own_organisation_and_is_no_other_action(
    web: TestClient,
    signed_in_as: SignedInAs,
    foreign_org: Organised,
    database: RolledBackDatabase,
    org: Organised,
) -> None:
    codes = some_codes(database, org, 2)
    job = asked(web, codes)
    assert signed_in_as(where=foreign_org).get(job).status_code == 404
    assert signed_in_as(Role.EMPLOYEE).get(job).status_code == 403
    assert web.get(f"/etiketter?liste={uuid4()}").status_code == 404
    assert web.get("/etiketter?liste=x").status_code == 422
    assert web.get(f"{job}&lot={uuid4()}").status_code == 422, "one of them"
    done = web.post("/api/v1/bulk/condition", json={"codes": codes, "condition": "C"}).json()
    assert web.get(f"/etiketter?liste={done['id']}").status_code == 404
    listed = job.rpartition("=")[2]
    assert web.get(f"/samlet/{listed}").status_code == 404, "nothing was done to them"
    assert web.post(f"/api/v1/bulk-actions/{listed}/undo").status_code == 404


def test_a_code_that_leads_to_no_piece_keeps_no_list(
    web: TestClient, database: RolledBackDatabase, org: Organised
) -> None:
    codes = some_codes(database, org, 1)
    answer = web.post("/samlet/etiketter", data={"codes": f"{codes[0]}\nTULL", "key": "k"})
    assert answer.status_code == 422
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(BulkAction)) == 0
    asked(web, codes, "k")
