"""A route's handler called as FastAPI would call it, when nothing in the request objects.

FastAPI works out anew for every request what a route needs, in a general way that took more time
than most answers. Here the order of calls is written down once for each route. Whoever asks for
something that does not hold is left to FastAPI from the beginning, so that every refusal is its own;
so are routes with what is not understood here: forms and files, generators, answers to be encoded.
"""

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from types import UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin
from uuid import UUID

from anyio import to_thread
from fastapi import Request, params
from fastapi.dependencies.utils import request_params_to_args
from fastapi.routing import RouteContext
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Values = dict[str, Any]
Read = Callable[[Request, Values], None]
"""Puts values of the request under the names of a call's parameters, or raises ``Left``."""

_SCALARS = (str, int, bool, float, Decimal, UUID, date, datetime, Enum, type(None))
_SOURCES: Mapping[str, Callable[[Request], Mapping[str, Any]]] = {
    "path_params": lambda request: request.path_params,
    "query_params": lambda request: request.query_params,
    "header_params": lambda request: request.headers,
    "cookie_params": lambda request: request.cookies,
}
_NOT_UNDERSTOOD = (
    "websocket_param_name",
    "http_connection_param_name",
    "response_param_name",
    "background_tasks_param_name",
    "security_scopes_param_name",
    "own_oauth_scopes",
    "parent_oauth_scopes",
    "concurrency",
)
_JSON = "application/json"


class Left(Exception):  # noqa: N818  (named by the fact)
    """To FastAPI: something in the request does not hold."""


class _NotPlain(Exception):  # noqa: N818
    """The route needs more than is understood here."""


class _Call(NamedTuple):
    """A dependency or the handler: what it takes from the request, and from calls before it."""

    call: Callable[..., Any]
    reads: Sequence[Read]
    taken: Sequence[tuple[str, int]]
    request_name: str | None

    def read(self, request: Request) -> Values:
        values: Values = {}
        if self.request_name is not None:
            values[self.request_name] = request
        for read in self.reads:
            read(request, values)
        return values

    def values(self, read: Values, done: Sequence[Any]) -> Values:
        return {**read, **{name: done[at] for name, at in self.taken}}


class Straight:
    """One route's way from request to answer. ``of`` gives it, where there is one."""

    def __init__(self, context: RouteContext) -> None:
        self.methods = context.methods or set()
        self.path = context.path_regex
        self._convertors = [(name, each.convert) for name, each in context.param_convertors.items()]
        self._route = context.original_route
        self._general: ASGIApp = context.app
        self._endpoint = context.endpoint
        self._is_inline = inspect.iscoroutinefunction(context.endpoint)
        self._calls: list[_Call] = []
        self._body = _body(context)
        self._last = self._call(context.dependant, {}, is_last=True)

    def _call(self, dependant: Any, known: dict[Any, int], *, is_last: bool = False) -> _Call:
        if any(getattr(dependant, name) for name in _NOT_UNDERSTOOD):
            raise _NotPlain
        if not is_last and (dependant.body_params or not dependant.use_cache):
            raise _NotPlain
        taken = []
        for sub in dependant.dependencies:
            if sub.call not in known:
                if not inspect.iscoroutinefunction(sub.call):
                    raise _NotPlain
                self._calls.append(self._call(sub, known))
                known[sub.call] = len(self._calls) - 1
            if sub.name is not None:
                taken.append((sub.name, known[sub.call]))
        reads = [
            read for kind in _SOURCES for read in _reads(getattr(dependant, kind), _SOURCES[kind])
        ]
        return _Call(dependant.call, reads, taken, dependant.request_param_name)

    def matched(self, scope: Scope) -> Values | None:
        """The parameters in the path, if it is the route's."""
        match = self.path.match(scope["path"])
        if match is None:
            return None
        found: Values = match.groupdict()
        for name, convert in self._convertors:
            found[name] = convert(found[name])
        return found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The answer; ``scope`` holds the parameters of the path already."""
        scope["endpoint"], scope["route"] = self._endpoint, self._route
        request = Request(scope, receive, send)
        try:
            values = await self._values(request)
        except Left:
            await self._general(scope, _again(request, receive), send)
            return
        if self._is_inline:
            answer = await self._last.call(**values)
        else:
            answer = await to_thread.run_sync(partial(self._last.call, **values))
        if not isinstance(answer, Response):
            message = f"{scope['path']}: {type(answer).__name__} is no answer"
            raise TypeError(message)
        await answer(scope, receive, send)

    async def _values(self, request: Request) -> Values:
        body = self._body
        given = await _json_of(request) if body is not None else None
        # All is read before anything is called: a dependency may use up the body, as a form does.
        *reads, last = [each.read(request) for each in (*self._calls, self._last)]
        done: list[Any] = []
        for each, read in zip(self._calls, reads, strict=True):
            done.append(await each.call(**each.values(read, done)))
        values = self._last.values(last, done)
        if body is not None:
            values[body.name] = _valid(body, given, ("body",))
        return values


def of(context: RouteContext) -> Straight | None:
    """The straight way of a route; nothing where FastAPI has to do it all."""
    returned = getattr(context.endpoint, "__annotations__", {}).get("return")
    if not (isinstance(returned, type) and issubclass(returned, Response)):
        return None
    if getattr(context, "dependant", None) is None or context.max_body_size is not None:
        return None
    try:
        return Straight(context)
    except _NotPlain:
        return None


def _body(context: RouteContext) -> Any:
    """The field of a body that is one JSON value, or nothing when the route takes none."""
    if context.body_field is None:
        return None
    fields = context.dependant.body_params
    is_json = all(type(each.field_info) is params.Body for each in fields)
    if not is_json or len(fields) != 1 or fields[0].field_info.embed:
        raise _NotPlain
    return fields[0]


async def _json_of(request: Request) -> Any:
    try:
        body = await request.body()
    except ClientDisconnect as gone:
        raise HTTPException(400) from gone
    kind = request.headers.get("content-type", "")
    if not body or not (kind == _JSON or kind.startswith(f"{_JSON};")):
        raise Left
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as wrong:
        raise Left from wrong


def _valid(field: Any, value: Any, place: tuple[str, ...]) -> Any:
    valid, errors = field.validate(value, {}, loc=place)
    if errors:
        raise Left
    return valid


def _reads(fields: Sequence[Any], source: Callable[[Request], Mapping[str, Any]]) -> list[Read]:
    general = [each for each in fields if not _is_plain(each)]
    reads = [_plain_read(each, source) for each in fields if each not in general]
    return [*reads, _general_read(general, source)] if general else reads


def _is_plain(field: Any) -> bool:
    """Whether it is one value under one name, with a default that nobody can change."""
    info = field.field_info
    kinds = _kinds(info.annotation)
    is_simple = all(isinstance(each, type) and issubclass(each, _SCALARS) for each in kinds)
    has_one_name = info.validation_alias in (None, field.alias)
    has_default = info.is_required() or isinstance(field.default, _SCALARS)
    return is_simple and has_one_name and has_default and not info.validate_default


def _kinds(annotation: Any) -> list[Any]:
    if get_origin(annotation) in (Union, UnionType):
        return [kind for each in get_args(annotation) for kind in _kinds(each)]
    if get_origin(annotation) is Literal:
        return [type(each) for each in get_args(annotation)]
    return [annotation]


def _plain_read(field: Any, source: Callable[[Request], Mapping[str, Any]]) -> Read:
    name, alias, is_required = field.name, field.alias, field.field_info.is_required()
    default = None if is_required else field.default
    place = (field.field_info.in_.value, alias)

    def read(request: Request, values: Values) -> None:
        given = source(request).get(alias)
        if given is not None:
            values[name] = _valid(field, given, place)
        elif is_required:
            raise Left
        else:
            values[name] = default

    return read


def _general_read(fields: Sequence[Any], source: Callable[[Request], Mapping[str, Any]]) -> Read:
    def read(request: Request, values: Values) -> None:
        found, errors = request_params_to_args(fields, source(request))
        if errors:
            raise Left
        values.update(found)

    return read


def _again(request: Request, receive: Receive) -> Receive:
    """The request from the beginning, for who reads it after us."""
    body = getattr(request, "_body", None)
    if body is None:
        return receive
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> Message:
        return waiting.pop() if waiting else await receive()

    return received
