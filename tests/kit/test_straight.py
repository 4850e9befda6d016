"""A handler that is called straight answers as FastAPI's own way does, refusals included."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import pytest
from fastapi import APIRouter, Body, Depends, FastAPI, Header, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from app.kit import straight
from app.kit.switchboard import Switchboard

ID = "01a226bc-8b83-7489-b016-e436c29d8c94"


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1)
    amount: int = 1


class Filter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    words: str = ""
    colours: list[Colour] = []


async def _asker(request: Request) -> str:
    asker = request.headers.get("asker", "nobody")
    request.state.asked = getattr(request.state, "asked", 0) + 1
    if asker == "stranger":
        raise HTTPException(401)
    return asker


async def _greeting(asker: Annotated[str, Depends(_asker)], most: int = 3) -> str:
    return f"hello {asker}"[:most]


async def _only_even(request: Request) -> None:
    if len(request.query_params) % 2:
        raise HTTPException(418)


def browse(
    request: Request,
    asked: Annotated[Filter, Query()],
    asker: Annotated[str, Depends(_asker)],
    greeting: Annotated[str, Depends(_greeting)],
    key: Annotated[str | None, Header(alias="Some-Key", min_length=2)] = None,
) -> JSONResponse:
    told = {"filter": asked.model_dump(mode="json"), "asker": asker, "greeting": greeting}
    return JSONResponse({**told, "key": key, "asked": request.state.asked})


async def show(
    thing_id: UUID,
    colour: Colour = Colour.RED,
    is_long: Annotated[bool, Query(alias="long")] = False,  # noqa: FBT002
    at: Annotated[list[int], Query()] = [],  # noqa: B006
) -> PlainTextResponse:
    return PlainTextResponse(f"{thing_id!r} {colour!r} {is_long} {at}")


def make(things: Annotated[list[Thing], Body(min_length=1)], many: int) -> Response:
    if things[0].name == "fault":
        raise ZeroDivisionError
    return JSONResponse([each.model_dump() for each in things] * many, 201)


def make_or_not(thing: Annotated[Thing | None, Body()] = None) -> Response:
    return JSONResponse(None if thing is None else thing.model_dump())


def embedded(thing: Annotated[Thing, Body(embed=True)]) -> Response:
    return JSONResponse(thing.model_dump())


async def _form(request: Request) -> dict[str, str]:
    """A form uses the body up: nobody can read it again."""
    return {name: str(value) for name, value in (await request.form()).items()}


def fill_in(
    thing_id: UUID, form: Annotated[dict[str, str], Depends(_form)], at: int = 0
) -> Response:
    return JSONResponse({"id": str(thing_id), "form": form, "at": at})


def encoded() -> Thing:
    return Thing(name="encoded")


def with_response(response: Response) -> Response:
    response.headers["x-own"] = "1"
    return response


ROUTES: tuple[tuple[str, str, Any, bool], ...] = (
    ("GET", "/things", browse, True),
    ("GET", "/things/{thing_id}", show, True),
    ("POST", "/things", make, True),
    ("PUT", "/things", make_or_not, True),
    ("PATCH", "/things", embedded, False),
    ("POST", "/forms/{thing_id}", fill_in, True),
    ("GET", "/encoded", encoded, False),
    ("GET", "/response", with_response, False),
)


def _app(*, quick: bool) -> FastAPI:
    app = FastAPI()
    router = APIRouter()
    for method, path, endpoint, _ in ROUTES:
        router.add_api_route(path, endpoint, methods=[method])
    app.include_router(router, prefix="/api", dependencies=[Depends(_only_even)])

    async def on_fault(request: Request, error: Exception) -> Response:
        return PlainTextResponse(f"{request.url.path} {type(error).__name__}", 500)

    app.add_exception_handler(ZeroDivisionError, on_fault)
    if quick:
        app.router.middleware_stack = Switchboard(app.router)
    return app


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[TestClient, TestClient]]:
    with TestClient(_app(quick=True)) as quick, TestClient(_app(quick=False)) as plain:
        yield quick, plain


JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
ASKED: tuple[tuple[str, str, dict[str, str], bytes], ...] = (
    ("GET", "/things", {}, b""),
    ("GET", "/things", {"asker": "Kari", "some-key": "k1"}, b""),
    ("GET", "/things", {"asker": "stranger"}, b""),
    ("GET", "/things", {"asker": "stranger", "some-key": "k"}, b""),
    ("GET", "/things", {"some-key": "k"}, b""),
    ("GET", "/things?words=a&colours=red", {}, b""),
    ("GET", "/things?colours=red&colours=blue&words=b&most=5", {}, b""),
    ("GET", "/things?colours=green&words=", {}, b""),
    ("GET", "/things?wrods=a&most=5", {}, b""),
    ("GET", "/things?most=x&words=a", {"some-key": "k"}, b""),
    ("GET", "/things?words=a", {}, b""),
    ("GET", f"/things/{ID}", {}, b""),
    ("GET", f"/things/{ID}?colour=blue&long=yes", {}, b""),
    ("GET", f"/things/{ID}?colour=green&long=maybe", {}, b""),
    ("GET", f"/things/{ID}?at=1&at=2&long=0", {}, b""),
    ("GET", f"/things/{ID}?at=1&at=two", {}, b""),
    ("GET", "/things/none", {}, b""),
    ("GET", "/things/none?long=x", {}, b""),
    ("HEAD", f"/things/{ID}", {}, b""),
    ("POST", f"/things/{ID}", {}, b""),
    ("POST", "/things?many=2&x=", JSON, b'[{"name": "a", "amount": "3"}]'),
    ("POST", "/things?many=2&x=", {"content-type": "application/json; charset=utf-8"}, b"[{}]"),
    ("POST", "/things?many=1&x=", {"content-type": "application/x+json"}, b'[{"name": "a"}]'),
    ("POST", "/things?many=1&x=", {"content-type": "text/plain"}, b'[{"name": "a"}]'),
    ("POST", "/things?many=1&x=", {}, b'[{"name": "a"}]'),
    ("POST", "/things?many=1&x=", JSON, b""),
    ("POST", "/things?many=1&x=", JSON, b"[]"),
    ("POST", "/things?many=1&x=", JSON, b"null"),
    ("POST", "/things?many=1&x=", JSON, b"{"),
    ("POST", "/things?many=1&x=", JSON, b"\xff"),
    ("POST", "/things?many=1&x=", JSON, b"[" * 100_000),
    ("POST", "/things?many=1&x=", JSON, b'[{"name": "", "more": 1}]'),
    ("POST", "/things?many=x&y=", JSON, b'[{"name": "a"}]'),
    ("POST", "/things", JSON, b'[{"name": "a"}]'),
    ("POST", "/things?many=1&x=", JSON, b'[{"name": "fault"}]'),
    ("PUT", "/things", JSON, b""),
    ("PUT", "/things", JSON, b"null"),
    ("PUT", "/things", JSON, b'{"name": "a"}'),
    ("PUT", "/things", JSON, b'{"nam": "a"}'),
    ("PATCH", "/things", JSON, b'{"thing": {"name": "a"}}'),
    ("PATCH", "/things", JSON, b'{"name": "a"}'),
    ("POST", f"/forms/{ID}", FORM, b"name=a"),
    ("POST", "/forms/none", FORM, b"name=a"),
    ("POST", f"/forms/{ID}?at=x&y=", FORM, b"name=a"),
    ("GET", "/encoded", {}, b""),
    ("GET", "/response", {}, b""),
)


@pytest.mark.parametrize(("method", "path", "headers", "body"), ASKED)
def test_every_answer_is_fastapi_s_own(
    both: tuple[TestClient, TestClient],
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
) -> None:
    quick, plain = (
        each.request(method, f"/api{path}", headers=headers, content=body) for each in both
    )
    assert (quick.status_code, quick.content) == (plain.status_code, plain.content)
    assert quick.headers == plain.headers


def test_a_route_goes_straight_unless_it_needs_more() -> None:
    contexts = list(iter_route_contexts(_app(quick=False).router.routes))
    ways = {each.endpoint: straight.of(each) for each in contexts}
    assert {endpoint: ways[endpoint] is not None for *_, endpoint, _ in ROUTES} == {
        endpoint: is_straight for *_, endpoint, is_straight in ROUTES
    }


def test_a_straight_handler_gives_an_answer_or_is_a_mistake_of_ours() -> None:
    app = _app(quick=True)
    app.add_api_route("/wrong", _wrong, methods=["GET"])
    with pytest.raises(TypeError, match="no answer"):
        TestClient(app).get("/wrong")


def _wrong() -> Response:
    answer: Any = {}
    return answer  # type: ignore[no-any-return]


def test_nearly_all_routes_of_the_program_go_straight(web_app: FastAPI) -> None:
    """The rest take files, have limits of their own or encode what a handler gives."""
    routes = [
        each for each in iter_route_contexts(web_app.router.routes) if hasattr(each, "dependant")
    ]
    left = [each.path for each in routes if straight.of(each) is None]
    assert len(routes) > 300
    assert len(left) < len(routes) / 10, left
