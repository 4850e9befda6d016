"""The inbox's pages as a browser without JavaScript meets them."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import select

from app.accounts.rules import Role
from app.inbox.jobs import make_sizes
from app.inbox.models import Case, CasePhoto, CasePhotoFile
from app.items.models import Code
from app.kit.files import Files
from app.kit.jobs import Parts
from app.kit.mail import Mail
from app.main import make_templates
from tests.databases import RolledBackDatabase
from tests.factories import an_item
from tests.inbox.cases import a_case, a_note, closed
from tests.people import Organised, SignedInAs

HERE = {"Origin": "https://testserver"}
MAIL = (
    "Fra: Anne Berg <anne.berg@example.no>\nSendt: mandag 2. mars 2026 09:12\n"
    "Til: Møbler\nEmne: Vingler\n\nBordet på 214 vingler.\n"
)


def post(client: TestClient, path: str, **fields: Any) -> Any:
    return client.post(path, data=fields, headers=HERE)


def picture() -> bytes:
    content = BytesIO()
    image = Image.new("RGB", (640, 480), "green")
    exif = image.getexif()
    exif[0x010F] = "HEMMELIG KAMERA"
    image.save(content, "JPEG", exif=exif)
    return content.getvalue()


def cases(database: RolledBackDatabase) -> list[Case]:
    with database.read() as session:
        return list(session.scalars(select(Case).order_by(Case.year, Case.number)))


def test_an_employee_asks_with_a_picture_that_tells_nothing_of_the_camera(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, files: Files
) -> None:
    nurse = signed_in_as(Role.EMPLOYEE)
    form = {"kind": "mend", "text": "Hjulet er av", "unit_id": str(org.unit_id), "key": "a"}
    paths = set()
    for _ in range(2):  # the second is the same click
        answer = nurse.post(
            "/henvendelser/ny",
            data=form,
            files={"photos": ("stol.jpg", picture(), "image/jpeg")},
            headers=HERE,
        )
        assert answer.status_code == 303, answer.text
        paths.add(answer.headers["location"])
    (path,) = paths
    page = nurse.get(path).text
    assert "Hjulet er av" in page
    assert "Avslutt henvendelsen" not in page
    photo = re.search(r"/henvendelser/bilder/[0-9a-f-]+/medium", page)
    assert photo is not None
    shown = nurse.get(photo[0])
    assert shown.status_code == 200
    assert b"HEMMELIG" not in shown.content
    assert signed_in_as(Role.MOVER).get(photo[0]).status_code == 404
    with database.read() as session:
        photo_id = session.scalars(select(CasePhoto.id)).one()
    make_sizes(Parts(database, files, Mail(), make_templates(), "https://x.no"), photo_id)
    with database.read() as session:
        assert len(session.scalars(select(CasePhotoFile)).all()) == 4
    assert len(nurse.get(photo[0]).content) < len(shown.content)
    removed = post(nurse, f"{path}/bilder/fjern", case_photo_id=str(photo_id))
    assert removed.status_code == 303
    assert nurse.get(photo[0]).status_code == 404


def test_a_picture_that_is_purged_from_a_piece_stays_with_the_case_that_has_it_too(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, org)
    manager = signed_in_as(Role.FURNITURE_MANAGER)
    same = {"photos": ("stol.jpg", picture(), "image/jpeg")}
    form = {"kind": "mend", "text": "Hjulet er av", "unit_id": str(org.unit_id), "key": "b"}
    path = manager.post("/henvendelser/ny", data=form, files=same, headers=HERE).headers["location"]
    photo = re.search(r"/henvendelser/bilder/[0-9a-f-]+/medium", manager.get(path).text)
    assert photo is not None
    manager.post(f"/mobler/{item.id}/bilder", data={"key": "c"}, files=same, headers=HERE)
    (of_piece,) = manager.get(f"/api/v1/items/{item.id}/photos").json()

    answer = manager.post(f"/api/v1/photos/{of_piece['id']}/purge")

    assert answer.json() == {"elsewhere": 1}
    assert manager.get(photo[0]).status_code == 200


def test_a_wrong_form_says_what_is_wrong_and_keeps_what_was_typed(
    signed_in_as: SignedInAs, database: RolledBackDatabase
) -> None:
    nurse = signed_in_as(Role.EMPLOYEE)
    typed = {"text": "Skrevet", "unit_id": "", "codes": "7K3Q-FEIL\nTULL", "wanted_date": "x"}
    answer = post(nurse, "/henvendelser/ny", **typed)
    assert answer.status_code == 422
    assert "Skrevet" in answer.text
    for field in ("kind", "unit_id", "codes", "wanted_date"):
        assert f"#field-{field}" in answer.text, field
    assert cases(database) == []


def test_a_pasted_e_mail_becomes_a_case_after_it_was_looked_over(
    signed_in_as: SignedInAs, database: RolledBackDatabase
) -> None:
    manager = signed_in_as()
    page = post(manager, "/henvendelser/lim-inn", pasted=MAIL).text
    for value in ("Anne Berg", "anne.berg@example.no", "Vingler", "2026-03-02"):
        assert f'value="{value}"' in page
    assert "Bordet på 214 vingler." in page
    assert cases(database) == []
    form = {
        "channel": "email",
        "kind": "mend",
        "asker_name": "Anne Berg",
        "asker_email": "anne.berg@example.no",
        "subject": "Vingler",
        "text": "Bordet på 214 vingler.",
        "received_on": "2026-03-02",
    }
    done = post(manager, "/henvendelser/motta", **form)
    assert done.status_code == 303, done.text
    (case,) = cases(database)
    assert case.title == "2026-0001"
    shown = manager.get(done.headers["location"]).text
    assert "Anne Berg har ingen konto her" in shown
    assert "mailto:anne.berg@example.no" in shown
    plain = post(manager, "/henvendelser/lim-inn", pasted="Hei, bordet vingler")
    assert "Vi fant ingen linjer med Fra og Emne" in plain.text


def test_many_are_closed_at_once_and_the_list_says_what_is_missing(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        ids = [str(a_case(session, org).id), str(a_note(session, org).id)]
    manager = signed_in_as()
    nothing = post(manager, "/innboks/avslutt", outcome="mended")
    assert nothing.status_code == 422
    assert "Velg minst én henvendelse" in nothing.text
    half = post(manager, "/innboks/avslutt", case_ids=ids, outcome="")
    assert half.status_code == 422
    assert half.text.count("checked") == 2
    done = post(manager, "/innboks/avslutt", case_ids=ids, outcome="advised")
    assert done.status_code == 303, done.text
    assert {each.state.value for each in cases(database)} == {"closed"}
    assert "Alt er behandlet" in manager.get("/innboks").text


@pytest.mark.parametrize(
    "query",
    [
        "year=99999999999999",
        "kind=x",
        "unit_id=1",
        "assignee_id=%00",
        "stage=%F0%9F",
        "q=%00",
        "cursor=x",
    ],
)
def test_an_address_that_can_not_be_read_is_no_error_of_ours(
    signed_in_as: SignedInAs, query: str
) -> None:
    for path in ("/api/v1/inbox", "/api/v1/cases"):
        assert signed_in_as().get(f"{path}?{query}").status_code == 422
    for path in ("/innboks", "/henvendelser", "/innboks/fil", "/henvendelser/fil"):
        assert signed_in_as().get(f"{path}?{query}").status_code < 500


def test_the_figures_of_the_year_add_up_and_open_to_their_lists(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    today = database.clock.today()
    with database.write() as session:
        for days in (0, 2, 4):
            on = max(today - timedelta(days=days), today.replace(month=1, day=1))
            case = a_note(session, org, received_on=on, unit_id=org.unit_id)
            closed(session, org, case, pieces=days)
        a_note(session, org)
        a_case(session, org)
    manager = signed_in_as()
    found = manager.get(f"/api/v1/inbox/figures/{today.year}").json()
    assert (found["total"], found["closed"], found["open"]) == (5, 3, 2)
    assert found["pieces"] == 6
    assert found["days_to_end"]["count"] == 3
    for parts in ("by_kind", "by_unit"):
        assert sum(found[parts].values()) == 5
    assert sum(found["by_month"]) == 5
    assert sum(found["by_outcome"].values()) == 3
    page = manager.get(f"/innboks/tall/{today.year}").text
    hrefs = re.findall(r'<a class="ds-link" href="(/henvendelser\?[^"]+)">(\d+)<', page)
    assert len(hrefs) >= 6
    for href, number in hrefs:
        listed = manager.get(href.replace("&amp;", "&")).text
        assert listed.count('class="waits-text"') == int(number), href
    table = manager.get(f"/innboks/tall/{today.year}/fil/csv").text
    assert "Henvendelser;Alle;5" in table
    assert manager.get(f"/innboks/tall/{today.year - 1}").status_code == 200
    assert signed_in_as(Role.EMPLOYEE).get(f"/innboks/tall/{today.year}").status_code == 403


def test_a_pieces_page_shows_its_cases_to_who_may_see_them_and_the_way_to_ask(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase
) -> None:
    with database.write() as session:
        item = an_item(session, org)
        session.flush()
        code = session.scalars(select(Code.code).where(Code.item_id == item.id)).one()
        about = [a_case(session, org, codes=[code], text=f"Sak {n}") for n in range(6)]
        a_case(session, org, text="Noe annet")
        ended = about[-1].title
        closed(session, org, about[-1])
    path = f"/mobler/{item.id}"
    manager, asker = signed_in_as().get(path).text, signed_in_as(Role.EMPLOYEE).get(path).text
    for page in (manager, asker):
        assert f"{ended}: Sak 5" in page
        assert "Sak 1" in page
        assert "Sak 0" not in page  # the newest five
        assert "Se alle henvendelser" in page
        assert "Noe annet" not in page
        assert f'href="/henvendelser/ny?kode={code}"' in page
    other = signed_in_as(Role.MOVER).get(path).text
    assert "Sak 5" not in other
    assert "Spør møbelforvalteren om dette møbelet" in other
