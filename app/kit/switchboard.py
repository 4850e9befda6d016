"""Which routes a request has to be shown to: by the segments of its path, in a tree made once.

FastAPI asks every router in turn whether it knows a path, and each of them all its routes, twice.
Here only those are asked that may know it, and a route whose handler can be called straight
(``kit/straight.py``) is. What the others answer, and every answer of 404, 405 and redirect, is
still FastAPI's own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from fastapi import APIRouter
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from app.kit.straight import Straight, of

Branch = tuple[int, Straight | BaseRoute]
"""A route, or the router that holds it, with its number in the order of inclusion."""


@dataclass(slots=True)
class _Node:
    """What stands behind a beginning of the path."""

    named: dict[str, "_Node"] = field(default_factory=dict)
    any: "_Node | None" = None
    here: list[Branch] = field(default_factory=list)

    def put(self, segments: Sequence[str], branch: Branch) -> None:
        if not segments:
            self.here.append(branch)
            return
        first, *rest = segments
        if "{" in first:
            self.any = self.any or _Node()
            self.any.put(rest, branch)
        else:
            self.named.setdefault(first, _Node()).put(rest, branch)

    def find(self, segments: Sequence[str], at: int, found: list[Branch]) -> None:
        if at == len(segments):
            found += self.here
            return
        named = self.named.get(segments[at])
        if named is not None:
            named.find(segments, at + 1, found)
        if self.any is not None:
            self.any.find(segments, at + 1, found)


class Switchboard:
    """Stands where a router's own walk through its routes did, which is asked when in doubt.

    The tree is made at the first request: all routes are known then.
    """

    def __init__(self, router: APIRouter) -> None:
        self._router = router
        self._walk = router.middleware_stack
        self._tree: _Node | None = None
        self._open: list[Branch] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope.get("root_path"):
            for route in self._candidates(scope["path"]):
                if isinstance(route, Straight):
                    parameters = route.matched(scope)
                    if parameters is None or scope["method"] not in route.methods:
                        continue
                    scope["router"], scope["path_params"] = self._router, parameters
                    await route(scope, receive, send)
                    return
                match, found = route.matches(scope)
                if match is Match.FULL:
                    scope["router"] = self._router
                    scope.update(found)
                    await route.handle(scope, receive, send)
                    return
        await self._walk(scope, receive, send)

    def _candidates(self, path: str) -> Iterator[Straight | BaseRoute]:
        """The routes that may know the path, in the order in which they were included."""
        if self._tree is None:
            self._tree, self._open = _tree(self._router.routes)
        found: list[Branch] = []
        self._tree.find(path.split("/")[1:], 0, found)
        if len(found) > 1 or self._open:
            # Who can only tell by looking, as a folder of files, is asked in its turn.
            found = sorted([*found, *self._open], key=_number)
        asked: BaseRoute | Straight | None = None
        for _, route in found:
            if route is not asked:
                yield route
            asked = route


def _number(branch: Branch) -> int:
    return branch[0]


def _tree(routes: Sequence[BaseRoute]) -> tuple[_Node, list[Branch]]:
    """Routes by the segments of their paths, and those whose path does not say what they know."""
    top, open_ones, numbers = _Node(), list[Branch](), count()
    for route in routes:
        inner = list(iter_route_contexts([route]))
        if any(_is_open(each) for each in inner):
            open_ones.append((next(numbers), route))
            continue
        for each in inner:
            segments = (each.path or "").split("/")[1:]
            top.put(segments, (next(numbers), of(each) or route))
    return top, open_ones


def _is_open(context: RouteContext) -> bool:
    return context.path is None or context.methods is None or ":path}" in context.path
