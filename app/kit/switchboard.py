"""Which routers a request has to be shown to: by the number of its path's segments and the first.

FastAPI asks every router in turn whether it knows a path, and each of them all its routes, twice.
Here the routers that can not know the path are left out. What they
answer, and every answer of 404, 405 and redirect, is still FastAPI's own.
"""

from collections.abc import Iterator, Sequence

from fastapi import APIRouter
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

Shape = tuple[str | None, ...]
"""A route's path by its segments; ``None`` where any text fits."""
Branch = tuple[frozenset[Shape] | None, BaseRoute]
"""A router with the shapes of its paths; ``None`` where only it can tell, as for a folder of files."""


class Switchboard:
    """Stands where a router's own walk through its routes did, which is asked when in doubt.

    The table is made at the first request: all routes are known then.
    """

    def __init__(self, router: APIRouter) -> None:
        self._router = router
        self._walk = router.middleware_stack
        self._table: dict[tuple[int, str | None], list[Branch]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope.get("root_path"):
            for route in self._candidates(scope["path"]):
                match, found = route.matches(scope)
                if match is Match.FULL:
                    scope["router"] = self._router
                    scope.update(found)
                    await route.handle(scope, receive, send)
                    return
        await self._walk(scope, receive, send)

    def _candidates(self, path: str) -> Iterator[BaseRoute]:
        """The routers that may know the path, in the order in which they were included."""
        if self._table is None:
            self._table = _table(self._router.routes)
        segments = path.split("/")[1:]
        first = segments[0] if segments else ""
        length = len(segments)
        branches = self._table.get((length, first)) or self._table.get((length, None)) or []
        for shapes, route in branches:
            if shapes is None or any(_fits(shape, segments) for shape in shapes):
                yield route


def _fits(shape: Shape, segments: Sequence[str]) -> bool:
    return all(
        want is None or want == have for want, have in zip(shape[1:], segments[1:], strict=True)
    )


def _shape(path: str) -> Shape:
    return tuple(None if "{" in segment else segment for segment in path.split("/")[1:])


def _shapes(route: BaseRoute) -> frozenset[Shape] | None:
    shapes = set()
    for each in iter_route_contexts([route]):
        if each.path is None or each.methods is None or ":path}" in each.path:
            return None
        shapes.add(_shape(each.path))
    return frozenset(shapes)


def _table(routes: Sequence[BaseRoute]) -> dict[tuple[int, str | None], list[Branch]]:
    """By length and first segment; under ``None`` what any other first segment is shown to."""
    branches: list[Branch] = [(_shapes(route), route) for route in routes]
    keys = {(len(shape), shape[0]) for shapes, _ in branches for shape in shapes or ()}
    keys |= {(length, None) for length, _ in keys}
    return {
        (length, first): [
            (fitting or None, route)
            for shapes, route in branches
            if (fitting := _of(shapes, length, first)) or shapes is None
        ]
        for length, first in keys
    }


def _of(shapes: frozenset[Shape] | None, length: int, first: str | None) -> frozenset[Shape]:
    return frozenset(
        shape for shape in shapes or () if len(shape) == length and shape[0] in (None, first)
    )
