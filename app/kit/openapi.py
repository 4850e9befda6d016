"""The API's own description: one document for programs, and the same as a page for people.

The usual viewers load their scripts from another host, which the content policy refuses; this page
is plain HTML made from the same document.
"""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response

from app.kit.page import page
from app.kit.problem_pages import ProblemDocument

router = APIRouter()

DESCRIPTION = """\
Masses are in g, lengths in mm, money in øre without VAT, times in UTC. Sign in with an API token:
`Authorization: Bearer …`. Any POST takes an `Idempotency-Key`; PUT and PATCH want `If-Match` with
the version read. Lists go on by the `Link` header. Errors are problem documents (RFC 9457).
"""


def install(app: FastAPI) -> None:
    """Makes ``app.openapi()`` complete: problems, security, description."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                description=DESCRIPTION,
                routes=app.routes,
            )
            parts = document.setdefault("components", {})
            parts.setdefault("schemas", {})["ProblemDocument"] = _schema()
            parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            document["security"] = [{"token": []}]
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _schema() -> dict[str, Any]:
    schema = ProblemDocument.model_json_schema()
    places = schema.pop("$defs", {}).get("PlaceOfError")
    schema["properties"]["errors"] = {
        "anyOf": [{"type": "array", "items": places}, {"type": "null"}]
    }
    return schema


@router.get("/api", name="api:show")
def show(request: Request) -> Response:
    document = request.app.openapi()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append(_operation(path, method, operation))
    return page(request, "api.html", groups=sorted(groups.items()), text=DESCRIPTION)


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "parameters": [
            (each["name"], each["in"], each.get("required", False), each.get("description", ""))
            for each in operation.get("parameters", [])
        ],
    }
