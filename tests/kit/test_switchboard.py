"""The switchboard answers as the walk through all routes does, and asks far fewer of them."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Request
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient
from starlette.types import Scope

from app.kit.switchboard import Switchboard

ASKED = (
    ("GET", "/"),
    ("GET", "/pieces"),
    ("GET", "/pieces/"),
    ("GET", "/pieces/new"),
    ("GET", "/pieces/7"),
    ("GET", "/pieces/7/"),
    ("GET", "/pieces/7/history"),
    ("GET", "/pieces//history"),
    ("GET", "/pieces/7/none"),
    ("POST", "/pieces/7"),
    ("DELETE", "/pieces/7"),
    ("HEAD", "/pieces/7"),
    ("GET", "/api/v1/pieces/7"),
    ("GET", "/api/v1/pieces/7.pdf"),
    ("GET", "/anything"),
    ("GET", "/open/a/b/c"),
    ("GET", "/open"),
    ("GET", "/files/here.txt"),
    ("GET", "/files/nope.txt"),
    ("GET", "/a/b/c/d/e/f/g"),
    ("GET", "//pieces"),
    ("GET", "/pieces%2F7"),
    ("GET", "/Pieces/7"),
    ("GET", "/%00/æ"),
)


ROUTERS = (
    ("", (("GET", "/pieces/new"), ("GET", "/pieces/{number}/history"))),
    ("", (("GET", "/"), ("GET", "/pieces"), ("GET", "/pieces/{number}"))),
    ("", (("POST", "/pieces/{number}"),)),
    ("/api/v1", (("GET", "/pieces/{number}"), ("GET", "/pieces/{number}.pdf"))),
    ("", (("GET", "/open/{path:path}"), ("GET", "/{word}"))),
)


def _answering(method: str, path: str) -> Callable[[Request], Awaitable[str]]:
    async def answer(request: Request) -> str:
        return f"{method} {path} {request.path_params}"

    return answer


def _app(folder: Path, *, quick: bool) -> FastAPI:
    app = FastAPI()
    for prefix, routes in ROUTERS:
        router = APIRouter()
        for method, path in routes:
            router.add_api_route(path, _answering(method, path), methods=[method])
        app.include_router(router, prefix=prefix)
    app.router.routes.append(Mount("/files", StaticFiles(directory=folder)))
    if quick:
        app.router.middleware_stack = Switchboard(app.router)
    return app


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[TestClient, TestClient]]:
    (tmp_path / "here.txt").write_text("here")
    with (
        TestClient(_app(tmp_path, quick=True)) as quick,
        TestClient(_app(tmp_path, quick=False)) as plain,
    ):
        yield quick, plain


@pytest.mark.parametrize(("method", "path"), ASKED)
def test_every_answer_is_that_of_the_walk(
    both: tuple[TestClient, TestClient], method: str, path: str
) -> None:
    quick, plain = (each.request(method, path, follow_redirects=False) for each in both)

    assert (quick.status_code, quick.content) == (plain.status_code, plain.content)
    for name in ("allow", "location"):
        assert quick.headers.get(name) == plain.headers.get(name)


def test_a_known_path_asks_only_the_routers_that_may_know_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = _app(tmp_path, quick=True)
    asked = []
    for kind in {type(route) for route in app.router.routes}:
        plain = kind.matches

        def matches(self: BaseRoute, scope: Scope, plain: Any = plain) -> Any:
            asked.append(self)
            return plain(self, scope)

        monkeypatch.setattr(kind, "matches", matches)

    answer = TestClient(app).get("/pieces/7/history")

    assert answer.json().startswith("GET /pieces/{number}/history")
    assert sum(each in app.router.routes for each in asked) == 1
