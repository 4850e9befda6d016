"""A page whose facts the API has too links them, and the link leads there."""

import re

from fastapi import FastAPI

from app.accounts.rules import Role
from tests.databases import RolledBackDatabase
from tests.foreign_rows import foreign_ids
from tests.people import Organised, SignedInAs
from tests.test_tenancy import filled, routes

WITHOUT = [
    "/I",
    "/api",
    "/befaringer/{site_visit_id}/flytt",
    "/behov/nytt",
    "/bytt-virksomhet",
    "/deler/{item_id}",
    "/etiketter",
    "/faktorer",
    "/flytt",
    "/frakoblet",
    "/henvendelser/motta",
    "/henvendelser/ny",
    "/henvendelser/{case_id}/befaring",
    "/henvendelser/{case_id}/rediger",
    "/i",
    "/inntekter/ny",
    "/kartlegging/ny",
    "/kassasjon/fraksjoner",
    "/kassasjon/ny",
    "/kjorelister/ny",
    "/kjorelister/{run_sheet_id}/endre",
    "/ko",
    "/kostnadsregler/ny",
    "/leverandorer/ny",
    "/marked/ny",
    "/marked/{listing_id}/endre",
    "/mobler/ny",
    "/mobler/{item_id}/etikett",
    "/mobler/{item_id}/flytt",
    "/mobler/{item_id}/prosjekt",
    "/mobler/{item_id}/rediger",
    "/mobler/{item_id}/sla-sammen",
    "/mobler/{item_id}/slett",
    "/modeller/ny",
    "/ombruk",
    "/onsker/nytt",
    "/oppdrag/ny",
    "/oppdrag/{supplier_order_id}/endre",
    "/oppdrag/{supplier_order_id}/levert",
    "/overleveringer/for-hand",
    "/overleveringer/hent",
    "/overleveringer/ny",
    "/overleveringer/ta-imot",
    "/problems",
    "/prosjekter/nytt",
    "/prosjekter/{project_id}/rediger",
    "/prosjekter/{project_id}/regneark",
    "/samlet",
    "/skann",
    "/skann/knytt",
]
"""Forms, tools, and pages whose facts stand in several answers of the API or in none."""

TWIN = re.compile(r'<link rel="alternate" type="application/json" href="([^"]+)">')


def test_every_page_links_its_twin_and_the_twin_answers(
    web_app: FastAPI, signed_in_as: SignedInAs, database: RolledBackDatabase, org: Organised
) -> None:
    with database.write() as session:
        ids = foreign_ids(session, org)
    client = signed_in_as(Role.ADMIN)
    without = set()
    for method, path in routes(web_app):
        if method != "GET" or path.startswith(("/api/", "/static")):
            continue
        answer = client.get(filled(path, ids), follow_redirects=False)
        if answer.status_code != 200 or not answer.headers["content-type"].startswith("text/html"):
            continue
        twins = TWIN.findall(answer.text)
        if not twins:
            without.add(path)
        for twin in twins:
            found = client.get(twin.replace("&amp;", "&"))
            assert found.status_code == 200, (path, twin)
            assert found.headers["content-type"] == "application/json", (path, twin)
    assert sorted(without) == WITHOUT
