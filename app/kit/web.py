"""What every request passes: who asks from where, headers of every answer, problems as answers."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, get_origin
from urllib.parse import urlsplit

import structlog
from fastapi import Depends, FastAPI, Header, Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import ParamTypes
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import MAX_BODY_SIZE_SCOPE_KEY, RequestBodyLimitResponder
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kit import errors
from app.kit.db import Database
from app.kit.errors import Invalid, Problem
from app.kit.i18n import N_, gettext
from app.kit.validation import by_field, message, pointer, pointers

log = structlog.get_logger()

Answer = JSONResponse

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob: data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
    "worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Only pages with the scanner compile a reader; the word allows no ``eval``.
READER_CSP = CSP.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CSP,
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


async def _database(request: Request) -> Database:
    database: Database = request.app.state.db
    return database


Db = Annotated[Database, Depends(_database)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=128,
        description="A repeat with the same key and body gets the first one's answer.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", max_length=40, description='The version edited, such as `"v7"`.'),
]


async def only_known_parameters(request: Request) -> None:
    """Refuses a query parameter that the route does not have: a misspelt filter filters nothing."""
    if not request.query_params:
        return
    known = {
        each.alias
        for each in get_flat_params(request.scope["route"].dependant)
        # The fields of a model that stands for the whole query carry no place of their own.
        if getattr(each.field_info, "in_", ParamTypes.query) is ParamTypes.query
    }
    unknown = sorted(request.query_params.keys() - known)
    if unknown:
        raise RequestValidationError(
            [{"type": "extra_forbidden", "loc": ("query", name)} for name in unknown]
        )


def version_of(if_match: str | None) -> int:
    """``"v7"`` → 7. Raises 428 when it is missing, 412 when it can not be one of ours."""
    if if_match is None:
        raise errors.VersionMissing
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.startswith("v") or not text[1:].isdecimal() or len(text) > 12:
        raise errors.Stale
    return int(text[1:])


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"v{version}"'}


_CHARSET = re.compile(r"^\s*multipart/.*;\s*charset\s*=\s*\"?([^\";\s]*)", re.IGNORECASE)


class Door:
    """The outermost layer: request id, headers of every answer, cross-site writes refused.

    Refuses by ``Sec-Fetch-Site``, then ``Origin``; a write with a cookie and neither header is
    refused too (guarantees C5). There is no form token that could go stale in an offline queue.
    """

    def __init__(self, app: ASGIApp, *, public_url: str) -> None:
        self.app = app
        self.origin = "{0.scheme}://{0.netloc}".format(urlsplit(public_url))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = os.urandom(16).hex()
        scope.setdefault("state", {})["request_id"] = request_id
        status = 500

        async def with_headers(sent: Message) -> None:
            nonlocal status
            if sent["type"] == "http.response.start":
                status = sent["status"]
                own = [*sent.get("headers", ())]
                said = {name for name, _ in own}
                own += [each for each in RAW_HEADERS if each[0] not in said]
                own.append((b"x-request-id", request_id.encode()))
                sent["headers"] = own
            await send(sent)

        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        headers = Headers(scope=scope)
        refusal = self._refusal(scope["method"], headers)
        if refusal is not None:
            answer = problem_answer(Request(scope), refusal)
            await answer(scope, receive, with_headers)
        else:
            try:
                await self.app(scope, receive, with_headers)
            except Exception as error:  # noqa: BLE001  (the last one who can answer)
                answer = await _on_unknown(Request(scope), error)
                await answer(scope, receive, with_headers)
        if status >= 500:
            log.error("answered", path=scope["path"], status=status)

    def _refusal(self, method: str, headers: Headers) -> Problem | None:
        if method in SAFE_METHODS:
            return None
        if self._is_cross_site(headers):
            return errors.CrossSite()
        # What reads forms believes any charset that is named there, and fails on some of them.
        named = _CHARSET.search(headers.get("content-type", ""))
        if named and named[1].lower() not in ("utf-8", "utf8", "us-ascii"):
            return errors.NotSupported(N_("Innholdet må være kodet som UTF-8."))
        return None

    def _is_cross_site(self, headers: Headers) -> bool:
        if headers.get("authorization", "").lower().startswith("bearer "):
            return False  # no browser sends it by itself, and the cookie is then not looked at
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site not in ("same-origin", "none")
        origin = headers.get("origin")
        if origin is not None:
            return origin != self.origin
        return "cookie" in headers


class BodyLimit:
    """Refuses a body that is larger than the app's limit, or the route's own where that differs.

    Inside the ``Door``, and without Starlette's plain text in place of our answer: the refusal is a
    problem like any other, in the reader's language.
    """

    def __init__(self, app: ASGIApp, *, max_body_size: int) -> None:
        self.app = app
        self.max_body_size = max_body_size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS:  # nobody reads its body
            await self.app(scope, receive, send)
            return
        await _BodyReader(self.app, self.max_body_size)(scope, receive, send)


class _BodyReader(RequestBodyLimitResponder):
    async def send_with_limit(self, message: Message) -> None:
        await self.send(message)


def problem_document(request: Request, problem: Problem) -> dict[str, Any]:
    """The problem as RFC 9457 spells it, in the reader's language."""
    detail = gettext(problem.detail or problem.title)
    document: dict[str, Any] = {
        "type": f"/problems/{problem.slug()}",
        "title": gettext(problem.title),
        "status": problem.status,
        "detail": detail % problem.values if problem.values else detail,
        "instance": f"urn:request:{request.state.request_id}",
        **problem.members,
    }
    if isinstance(problem, Invalid) and problem.by_field:
        document["errors"] = [
            {"pointer": pointer(("body", *place)), "detail": gettext(text)}
            for name, text in problem.by_field.items()
            for place in _sent(request, name, problem)
        ]
    return document


def _sent(request: Request, name: str, problem: Invalid) -> Sequence[errors.Place]:
    """The field's places in the body: a single command has no index there."""
    found = problem.places.get(name, [(name,) if name else ()])
    body = getattr(request.scope.get("route"), "body_field", None)
    if body is not None and get_origin(body.field_info.annotation) is list:
        return found
    return [each[1:] if each and isinstance(each[0], int) else each for each in found]


def problem_answer(request: Request, problem: Problem) -> Response:
    """By path: a problem document under ``/api/``, a page elsewhere."""
    document = problem_document(request, problem)
    render: Callable[[Request, dict[str, Any], Problem], Response] | None = getattr(
        request.app.state if "app" in request.scope else None, "problem_page", None
    )
    if request.url.path.startswith("/api/") or render is None:
        answer: Response = JSONResponse(
            document, status_code=problem.status, media_type="application/problem+json"
        )
    else:
        answer = render(request, document, problem)
    answer.headers.update(problem.headers)
    return answer


async def _on_problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    return problem_answer(request, problem)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(each["type"] == "json_invalid" for each in found):
        return problem_answer(request, Invalid(N_("Innholdet er ikke gyldig JSON.")))
    by_place = [each for each in found if each["loc"][:1] != ("path",)]
    if len(by_place) < len(found):
        # An id in the path that can not be an id names nothing that exists.
        return problem_answer(request, errors.NotFound())
    problem = Invalid(errors=pointers(found))
    if found:
        problem.detail = f"{pointer(found[0]['loc'])}: {message(found[0])}"
    return problem_answer(request, problem)


async def _on_command(request: Request, error: Exception) -> Response:
    """A command that a handler made of path, header and body, and that does not hold."""
    assert isinstance(error, ValidationError)
    problem = Invalid(by_field=by_field(error))
    for each in error.errors(include_url=False):
        problem.places.setdefault(str(each["loc"][0]) if each["loc"] else "", [each["loc"]])
    return problem_answer(request, problem)


BY_STATUS: Mapping[int, type[Problem]] = {
    400: errors.Malformed,
    401: errors.SignInRequired,
    403: errors.Forbidden,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    413: errors.TooLarge,
    415: errors.NotSupported,
    429: errors.TooMany,
    503: errors.Unavailable,
}


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    problem = BY_STATUS.get(error.status_code, errors.Malformed)(headers=dict(error.headers or {}))
    limit = request.scope.get(MAX_BODY_SIZE_SCOPE_KEY)
    if error.status_code == 413 and limit:
        problem.detail = N_("Grensen er %(limit)s MB.")
        problem.values = {"limit": limit // 1_000_000}
    return problem_answer(request, problem)


async def _on_database(request: Request, error: Exception) -> Response:
    """A full pool, a lock not given in time or a lost server: say so, and say when to come again."""
    code = getattr(getattr(error, "orig", None), "sqlstate", None)
    if isinstance(error, PoolTimeout | OperationalError) or code in {"40001", "40P01", "55P03"}:
        log.warning("database_unavailable", error=type(error).__name__, sqlstate=code)
        return problem_answer(request, errors.Unavailable(headers={"Retry-After": "5"}))
    return await _on_unknown(request, error)


class ServerFault(Problem):
    status = 500
    title = N_("Noe gikk galt hos oss.")


async def _on_unknown(request: Request, error: Exception) -> Response:
    log.error("unknown_error", exc_info=error)
    fault = ServerFault(
        N_("Feilen er meldt. Oppgi %(request_id)s hvis du tar kontakt."),
        values={"request_id": request.state.request_id},
    )
    try:
        return problem_answer(request, fault)
    except Exception:
        log.exception("problem_page_failed")
        return JSONResponse(problem_document(request, fault), ServerFault.status)


def install(app: FastAPI) -> None:
    """Puts the handlers on the app. Called by the composition root only."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(ValidationError, _on_command)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(DBAPIError, _on_database)
    app.add_exception_handler(PoolTimeout, _on_database)


def link_next(request: Request, cursor: str | None) -> dict[str, str]:
    """The ``Link`` header of a list: the same query, further on."""
    if cursor is None:
        return {}
    url = request.url.include_query_params(cursor=cursor)
    return {"Link": f'<{url.path}?{url.query}>; rel="next"'}
