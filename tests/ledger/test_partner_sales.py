"""What another organisation buys: a basis for its invoice, and never external income."""

import csv
import io
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import func, select

from app.accounts.rules import Role
from app.handovers.models import Handover
from app.handovers.service import Undo, undo
from app.kit.clock import MovedClock
from app.ledger.models_income import ExternalIncome
from app.marketplace.rules import Terms
from tests.databases import RolledBackDatabase
from tests.handovers.crossings import given, pieces_of, promised, received
from tests.marketplace.openings import a_public_page
from tests.marketplace.stalls import acting
from tests.people import Organised, SignedInAs

PAGE = "/inntekter/nettverket"


def cursor_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["cursor"][0]


def test_what_a_partner_pays_has_a_document_and_a_row_for_the_accounts(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
) -> None:
    with database.write() as session:
        a_public_page(session, org, vat_percent=25)
        sold: dict[str, Any] = {"terms": Terms.PRICE, "price_ore": 9_999, "name": "Kontorstol"}
        row = promised(session, org, foreign_org, 3, **sold)
        some = [each.id for each in pieces_of(session, row)][:2]
        lines = given(session, org, row, some)
        received(session, foreign_org, row, lines[:1])
        sale_id = lines[0].handover_id
        assert session.scalars(select(func.count(ExternalIncome.id))).one() == 0
        old = given(session, org, row, [each.id for each in pieces_of(session, row)][2:])
        for each in old:
            # The third was sold before its VAT was kept.
            if each.handover_id != sale_id:
                each.vat_ore, old_id = None, each.handover_id
    controller = signed_in_as(Role.CONTROLLER)
    assert controller.get(f"{PAGE}/{old_id}").status_code == 404
    page = controller.get(PAGE).text
    assert f"{PAGE}/{sale_id}" in page
    assert "Ett salg er ikke med" in page
    assert f"/overleveringer/{old_id}" in page
    assert "Ett salg er ikke med" not in controller.get(f"{PAGE}?fra=2026-03-03").text
    document = controller.get(f"{PAGE}/{sale_id}").text
    for text in ("2 × Kontorstol", "Fremmed kommune", "159,98", "40,00", "199,98", "1 av 2"):
        assert text in document.replace("\xa0", " "), text
    answer = controller.get(f"/api/v1/partner-sales/{sale_id}").json()
    assert (answer["net_ore"], answer["vat_ore"], answer["amount_ore"]) == (15_998, 4_000, 19_998)
    assert answer["lines"] == [
        {"what": "Kontorstol", "pieces": 2, "net_ore": 15_998, "vat_ore": 4_000}
    ]
    [head, only] = csv.reader(
        io.StringIO(controller.get(f"{PAGE}/fil.csv").content.decode("utf-8-sig")), delimiter=";"
    )
    assert dict(zip(head, only, strict=True))["Kjøper"] == "Fremmed kommune"
    later = {"first": "2026-03-03"}
    assert controller.get("/api/v1/partner-sales", params=later).json() == []
    assert "Ingen salg i denne perioden" in controller.get(f"{PAGE}?fra=2026-03-03").text
    assert controller.get(f"{PAGE}?fra=i går&til=%00").status_code == 200
    for stranger in (signed_in_as(Role.ADMIN, foreign_org), signed_in_as(Role.EMPLOYEE)):
        assert stranger.get(f"{PAGE}/{sale_id}").status_code in {403, 404}
        assert f"{PAGE}/{sale_id}" not in stranger.get(PAGE).text


def test_what_is_taken_back_is_a_credit_of_its_own_day_and_the_sale_stays(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
    clock: MovedClock,
) -> None:
    with database.write() as session:
        a_public_page(session, org, vat_percent=25)
        row = promised(session, org, foreign_org, 3, terms=Terms.PRICE, price_ore=10_000)
        lines = given(session, org, row)
        sale_id = lines[0].handover_id
    for line in lines[:2]:
        clock.move(timedelta(days=30))
        with database.write() as session:
            undo(session, acting(session, org), [Undo(handover_line_ids=[line.id])])
    controller = signed_in_as(Role.CONTROLLER)
    rows = controller.get("/api/v1/partner-sales").json()
    told = [(each["kind"], each["booked_on"], each["amount_ore"]) for each in rows]
    assert told == [
        ("sale", "2026-03-02", 30_000),
        ("credit", "2026-04-01", -10_000),
        ("credit", "2026-05-01", -10_000),
    ]
    april = {"first": "2026-04-01", "last": "2026-04-30"}
    assert controller.get("/api/v1/partner-sales", params=april).json() == rows[1:2]
    walked: list[Any] = []
    params: dict[str, str] = {"limit": "1"}
    for _ in rows:
        answer = controller.get("/api/v1/partner-sales", params=params)
        walked += answer.json()
        if "next" in answer.links:
            params = {**params, "cursor": cursor_of(answer.links["next"]["url"])}
    assert walked == rows
    whole = controller.get(f"/api/v1/partner-sales/{sale_id}").json()
    assert (whole["amount_ore"], whole["left_ore"], whole["taken_back"]) == (30_000, 10_000, 2)
    assert whole["credits"] == rows[1:]
    document = controller.get(f"{PAGE}/{sale_id}").text.replace("\xa0", " ")
    for text in ("Kreditert 1. apr. 2026", "Å betale etter kreditering", "100,00", "0 av 1"):
        assert text in document, text
    months = controller.get(PAGE, params={"fra": "2026-04-01", "til": "2026-04-30"}).text
    assert "tatt tilbake" in months
    file = controller.get(f"{PAGE}/fil.csv", params={"fra": "2026-04-01"})
    booked = csv.DictReader(io.StringIO(file.content.decode("utf-8-sig")), delimiter=";")
    assert [(each["Slag"], each["Å betale"]) for each in booked] == [("Kreditering", "-100")] * 2
    for far in ("0001-01-01", "9999-12-31"):
        assert controller.get(PAGE, params={"fra": far, "til": far}).status_code == 200


def test_what_was_given_is_nobody_s_to_pay(
    database: RolledBackDatabase,
    org: Organised,
    foreign_org: Organised,
    signed_in_as: SignedInAs,
) -> None:
    with database.write() as session:
        row = promised(session, org, foreign_org, 1, terms=Terms.PRICE, price_ore=20_000)
        given(session, org, row, price_ore=0)
        [given_id] = session.scalars(select(Handover.id).where(Handover.org_id == org.org_id))
    controller = signed_in_as(Role.CONTROLLER)
    assert "Ingen salg ennå" in controller.get(PAGE).text
    assert controller.get(f"{PAGE}/{given_id}").status_code == 404
    assert controller.get(f"/api/v1/partner-sales/{given_id}").status_code == 404
