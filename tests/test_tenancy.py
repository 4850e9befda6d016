"""Organisations are kept apart: by the schema, and through every route (guarantees A1–A3, A11)."""

import re
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.rules import Role
from app.kit.tenancy import Model, TenantModel
from tests.databases import RolledBackDatabase
from tests.foreign_rows import foreign_ids
from tests.people import Organised, SignedInAs

TENANT_TABLES = {
    str(mapper.class_.__tablename__)
    for mapper in Model.registry.mappers
    if issubclass(mapper.class_, TenantModel)
}
# What anybody may open without signing in, whoever's it is (guarantees A15).
OPEN_TO_ALL = {"/I/{code}", "/i/{code}", "/I/{code}/melding", "/i/{code}/melding"}
# What strangers may open because the organisation has chosen it: not found for what it has not.
FOR_STRANGERS = {"/ombruk/{slug}/{listing_id}", "/ombruk/{slug}/{listing_id}/bilde/{size}"}
# Parameters that name no row.
NO_ROW = {"slug", "size", "verb", "name", "kind", "form", "format", "category_id", "year"}


@pytest.mark.parametrize("name", sorted(TENANT_TABLES))
def test_a_tenants_table_says_whose_row_it_is_and_refers_only_within(name: str) -> None:
    table = Model.metadata.tables[name]

    assert not table.c.org_id.nullable
    for key in table.foreign_key_constraints:
        target = key.elements[0].column.table.name
        if target in TENANT_TABLES:
            assert "org_id" in {each.column.name for each in key.elements}, key.name


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """Method and path of everything that is served."""
    found = set()
    for each in iter_route_contexts(app.routes):
        for method in getattr(each, "methods", None) or ():
            if method not in {"HEAD", "OPTIONS"} and each.path:
                found.add((method, each.path))
    return sorted(found)


def filled(path: str, ids: dict[str, str]) -> str:
    return re.sub(r"{(\w+)}", lambda found: ids.get(found[1], "small"), path)


def everything_of(database: RolledBackDatabase, org: Organised) -> dict[str, list[Any]]:
    """Every row of the organisation, table by table."""
    with database.read() as session:
        return {
            name: sorted(
                tuple(map(str, row))
                for row in session.execute(select(table).where(table.c.org_id == org.org_id))
            )
            for name, table in Model.metadata.tables.items()
            if name in TENANT_TABLES
        }


@pytest.fixture
def ids(database: RolledBackDatabase, foreign_org: Organised) -> dict[str, str]:
    with database.write() as session:
        return foreign_ids(session, foreign_org)


def test_every_parameter_of_every_route_is_in_the_matrix(
    web_app: FastAPI, ids: dict[str, str]
) -> None:
    names = {name for _, path in routes(web_app) for name in re.findall(r"{(\w+)}", path)}

    assert set() == names - ids.keys() - NO_ROW


def test_no_route_shows_or_changes_another_organisations_row(
    web_app: FastAPI,
    signed_in_as: SignedInAs,
    database: RolledBackDatabase,
    foreign_org: Organised,
    ids: dict[str, str],
) -> None:
    before = everything_of(database, foreign_org)
    wrong = []
    for role in (Role.ADMIN, Role.EMPLOYEE):
        client = signed_in_as(role)
        for method, path in routes(web_app):
            if (
                "{" not in path
                or path in OPEN_TO_ALL
                or set(re.findall(r"{(\w+)}", path)) <= NO_ROW
            ):
                continue
            status = call(client, method, filled(path, ids))
            allowed = {404} if method == "GET" else {400, 403, 404, 409, 422, 428}
            if role is Role.EMPLOYEE:
                allowed = allowed | {403}
            if status not in allowed:
                wrong.append((role.value, method, path, status))

    assert wrong == []
    assert everything_of(database, foreign_org) == before


def call(client: TestClient, method: str, path: str) -> int:
    if path.startswith("/api/") and method in {"POST", "PUT", "PATCH"}:
        return client.request(method, path, json={}, headers={"If-Match": '"v1"'}).status_code
    return client.request(method, path).status_code


def test_nobody_gets_anything_of_an_organisation_without_signing_in(
    web_app: FastAPI, client: TestClient, ids: dict[str, str]
) -> None:
    wrong = []
    for method, path in routes(web_app):
        if "{" not in path or path in OPEN_TO_ALL or set(re.findall(r"{(\w+)}", path)) <= NO_ROW:
            continue
        status = call(client, method, filled(path, ids))
        wanted = {401} if path.startswith("/api/") else {303, 401}
        if path in FOR_STRANGERS:
            wanted = {404}
        if status not in wanted | {422, 400}:
            wrong.append((method, path, status))

    assert wrong == []


def example(  # noqa: C901, PLR0911  (one branch for each kind of schema)
    schema: dict[str, Any],
    document: dict[str, Any],
    ids: dict[str, str],
    used: set[str],
    name: str = "",
) -> Any:
    """A body that fits the schema, with the other organisation's id wherever an id belongs."""
    if "$ref" in schema:
        part = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return example(part, document, ids, used, name)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return example(schema[choice][0], document, ids, used, name)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        return {
            key: example(part, document, ids, used, key)
            for key, part in schema.get("properties", {}).items()
            if key in schema.get("required", []) or key in ids
        }
    if kind == "array":
        return [example(schema["items"], document, ids, used, name)]
    if name in ids:
        used.add(name)
        return ids[name]
    if kind == "integer":
        return max(1, schema.get("minimum", 1))
    if kind == "boolean":
        return False
    if schema.get("format") == "date":
        return "2026-03-02"
    return "x" * max(schema.get("minLength", 1), 3)


def test_no_body_can_point_into_another_organisation(
    web_app: FastAPI,
    signed_in_as: SignedInAs,
    database: RolledBackDatabase,
    foreign_org: Organised,
    ids: dict[str, str],
) -> None:
    client = signed_in_as(Role.ADMIN)
    document = web_app.openapi()
    before = everything_of(database, foreign_org)
    wrong, tried = [], 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body is None:
                continue
            used: set[str] = set()
            sent = example(body["schema"], document, ids, used)
            if not used:
                continue
            tried += 1
            answer = client.request(
                method, filled(path, ids), json=sent, headers={"If-Match": '"v1"'}
            )
            if not 400 <= answer.status_code < 500:
                wrong.append((method, path, answer.status_code, sent))

    assert wrong == []
    assert tried > 10
    assert everything_of(database, foreign_org) == before
