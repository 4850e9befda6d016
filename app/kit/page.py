"""Pages: one way to render them, to redirect after a form, and to ask others for their panels.

Every page works as plain HTML. htmx only shortens the path: it gets a *block* of the same page,
so there is no second file that could say something else.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, TypeAlias, cast

from fastapi import APIRouter, Form
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.filters import do_xmlattr
from jinja2.nodes import EvalContext
from jinja2.utils import pass_eval_context
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.kit import i18n, pdf
from app.kit.addresses import address, paths_by_name
from app.kit.assets import Assets
from app.kit.charts import slices
from app.kit.charts_flow import sankey, trend, waterfall
from app.kit.folding import FoldingEnvironment, escaped
from app.kit.navigation import Navigation
from app.kit.summaries import with_names

PRODUCT_NAME = "Omløp"
COLOUR_SCHEME_COOKIE = "colour-scheme"
COLOUR_SCHEME_PATH = "/utseende"
UI_PARTS = ("ui.html", "ui_forms.html", "ui_figures.html", "ui_charts.html")
COLOUR_SCHEMES = ("auto", "light", "dark")
# Only this origin can set a cookie with this prefix, so that nobody else can put words on a page.
FLASH_COOKIE = "__Host-flash"
FLASH_LENGTH = 300
FLASH_SECONDS = 60
FOLLOWS = "Omlop-Follow"
"""A script that posted a form goes on to the next page itself, and needs its address."""

PanelFunction: TypeAlias = Callable[[Any, Any, Any], tuple[str, dict[str, Any]] | None]
PanelTable: TypeAlias = Mapping[str, Sequence[PanelFunction]]


def make_environment(templates: Path, static: Path) -> FoldingEnvironment:
    """The template environment of the whole program; `app.state.templates` holds it."""
    env = FoldingEnvironment(
        parts=UI_PARTS,
        loader=FileSystemLoader(templates),
        autoescape=select_autoescape(disabled_extensions=("txt",), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    install: Any = env
    install.install_gettext_callables(
        i18n.plain_gettext,
        i18n.plain_ngettext,
        newstyle=True,
        pgettext=i18n.pgettext,
        npgettext=i18n.npgettext,
    )
    env.filters.update(
        number=i18n.number,
        slices=slices,
        trend=trend,
        waterfall=waterfall,
        sankey=sankey,
        percent=i18n.percent,
        money=i18n.money_ore,
        mass=i18n.mass_g,
        cm=i18n.cm,
        date=i18n.date,
        iso_date=i18n.iso_date,
        iso_datetime=i18n.iso_datetime,
        datetime=i18n.datetime_,
        xmlattr=attributes,
    )
    env.globals["asset"] = Assets(static).url
    env.globals["has_pdf"] = pdf.is_there()
    # A macro imported by a page is undefined in a block rendered alone; a global is not.
    env.globals["ui"] = env.ui

    @lru_cache(maxsize=1024)
    def kept(template: str, **values: Hashable) -> Markup:
        """What a template makes of these values, kept: the frame around pages says little new.

        The values are everything the template depends on, the language among them.
        """
        return Markup(env.get_template(template).render(values))  # noqa: S704  (autoescaped)

    env.globals["kept"] = kept
    return env


_ATTRIBUTE = re.compile(r"[a-z][a-z-]*").fullmatch


_TEXT = frozenset((str, Markup, type(None)))


@pass_eval_context
def attributes(context: EvalContext, given: Mapping[str, Any]) -> str:
    """As Jinja's ``xmlattr``, in a fifth of its time where names and values are plain text."""
    if not (all(map(_ATTRIBUTE, given)) and _TEXT.issuperset(map(type, given.values()))):
        return do_xmlattr(context, given)
    filled = [(name, value) for name, value in given.items() if value is not None]
    return Markup("".join([f' {name}="{escaped(value)}"' for name, value in filled]))  # noqa: S704


def is_partial(request: Request) -> bool:
    """Whether htmx asked for a piece of the page and not for the page."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Request-Type", "partial") != "full"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def url(
    request: Request, name: str, /, *, query: Mapping[str, object] | None = None, **params: object
) -> str:
    """The path of a route, with `query` behind it where values are not None; never a host."""
    return address(_paths(request)[name], query, **params)


def _paths(request: Request) -> Mapping[str, str]:
    state = request.app.state
    found: Mapping[str, str] | None = getattr(state, "paths_by_name", None)
    if found is None:
        found = state.paths_by_name = paths_by_name(request.app)
    return found


_NOSCRIPT = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)


def page(
    request: Request,
    template: str,
    *,
    block: str | None = None,
    status: int = 200,
    **context: object,
) -> HTMLResponse:
    """Renders a page, or only `block` of it when htmx asked for a piece."""
    env = cast("Environment", request.app.state.templates)
    is_block = block is not None and is_partial(request)
    flash = None if is_block or _is_for_later(request) else _read_flash(request)
    full = _base_context(request) | {"flash": flash} | context
    compiled = env.get_template(template)
    if is_block and block is not None:
        # A part is parsed by a script, and there the content of a noscript counts.
        html = _NOSCRIPT.sub("", "".join(compiled.blocks[block](compiled.new_context(full))))
    else:
        html = compiled.render(full)
    if context.get("errors"):
        html = with_names(html)
    response = HTMLResponse(html, status)
    response.headers["Vary"] = "HX-Request, HX-Request-Type"
    response.headers["Content-Language"] = i18n.locale()
    actor: Any = full["actor"]
    if actor is not None:
        # Whose page it is, for the phone that keeps it: another person's page takes it away.
        response.headers["Omlop-Owner"] = actor.owner
    if flash is not None:
        response.delete_cookie(FLASH_COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response


def redirect(
    request: Request,
    name: str,
    /,
    *,
    status: int = 303,
    message: str | None = None,
    query: Mapping[str, object] | None = None,
    **params: object,
) -> Response:
    """Sends the reader to a route of ours; `message` is shown once on the page that follows."""
    return redirect_to_path(
        request, url(request, name, query=query, **params), status=status, message=message
    )


def redirect_to_path(
    request: Request, path: str | None, *, status: int = 303, message: str | None = None
) -> Response:
    """As `redirect`, for a path that a form sent along; anything but a local path becomes ``/``."""
    target = local_path(path)
    response: Response
    if is_partial(request) or FOLLOWS in request.headers:
        # A 303 would be followed inside the script, and a whole page put into a part of one.
        response = Response(status_code=204, headers={"HX-Redirect": target})
    else:
        response = RedirectResponse(target, status)
    if message:
        response.set_cookie(
            FLASH_COOKIE,
            urlsafe_b64encode(json.dumps(message[:FLASH_LENGTH]).encode()).decode(),
            max_age=FLASH_SECONDS,
            path="/",
            secure=True,
            httponly=True,
            samesite="lax",
        )
    return response


def local_path(path: str | None) -> str:
    r"""`path` if it stays on this host, else ``/``.

    Browsers read ``//host`` and ``/\host`` as another host, and drop tabs and newlines first.
    """
    if (
        not path
        or not path.startswith("/")
        or path.startswith(("//", "/\\"))
        or any(ord(character) < 32 for character in path)
    ):
        return "/"
    return path


def panels(
    request: Request, slot: str, session: object, actor: object, subject: object
) -> list[tuple[str, dict[str, Any]]]:
    """What other capabilities show on this page, in the order of the table.

    The page writes ``{% for template, panel in panels %}{% include template %}{% endfor %}``, and
    the panel's template reads its context as ``panel.name``.
    """
    table: PanelTable = request.app.state.panels
    answers = (function(session, actor, subject) for function in table.get(slot, ()))
    return [answer for answer in answers if answer is not None]


def colour_scheme(request: Request) -> str:
    """``light``, ``dark``, or ``auto``: as the device is set."""
    chosen = request.cookies.get(COLOUR_SCHEME_COOKIE, "")
    return chosen if chosen in COLOUR_SCHEMES else "auto"


def _is_for_later(request: Request) -> bool:
    """The service worker fetches it to keep it: a message is for who sees the next page."""
    return "omlop-owner" in request.headers


def _read_flash(request: Request) -> str | None:
    raw = request.cookies.get(FLASH_COOKIE)
    if not raw:
        return None
    try:
        message = json.loads(urlsafe_b64decode(raw.encode()))
    except ValueError:
        return None
    return message[:FLASH_LENGTH] if isinstance(message, str) else None


def _base_context(request: Request) -> dict[str, object]:
    actor = getattr(request.state, "actor", None)
    settings = getattr(request.app.state, "settings", None)
    paths = _paths(request)
    # ``request.url`` writes out a whole address to take it apart again.
    here, asked = request.scope["path"], request.scope["query_string"].decode("latin-1")

    def url_here(name: str, query: Mapping[str, object] | None = None, **params: object) -> str:
        return address(paths[name], query, **params)

    return {
        "request": request,
        "actor": actor,
        "settings": settings,
        "product_name": getattr(settings, "product_name", PRODUCT_NAME),
        "statement_url": getattr(settings, "accessibility_statement_url", None),
        "colour_scheme": colour_scheme(request),
        "colour_scheme_path": COLOUR_SCHEME_PATH,
        "languages": _languages(settings),
        "here": f"{here}?{asked}" if asked else here,
        "locale": i18n.locale(),
        "menus": _navigation(request, paths).menus(actor, here),
        "url": url_here,
    }


def _languages(settings: object) -> list[tuple[str, str]]:
    """Code and own name of each to choose from: of one alone there is nothing to choose."""
    finished: list[str] = getattr(settings, "finished_languages", [])
    return [(each, i18n.autonym(each)) for each in finished] if len(finished) > 1 else []


def keep_language(response: Response, language: str) -> Response:
    """Has this browser ask for its pages in the language."""
    response.set_cookie(
        i18n.LANGUAGE_COOKIE,
        language,
        max_age=365 * 24 * 3600,
        path="/",
        httponly=True,
        samesite="lax",
    )
    return response


def _navigation(request: Request, paths: Mapping[str, str]) -> Navigation:
    state = request.app.state
    found: Navigation | None = getattr(state, "navigation", None)
    if found is None:
        found = state.navigation = Navigation(getattr(state, "nav", ()), paths)
    return found


router = APIRouter(include_in_schema=False)


@router.post(COLOUR_SCHEME_PATH, name="page:colour_scheme")
def choose_colour_scheme(
    request: Request,
    scheme: Annotated[str, Form(max_length=10)] = "auto",
    back: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Remembers the colour scheme in this browser; nothing about it is kept on the server."""
    response = redirect_to_path(request, back)
    response.set_cookie(
        COLOUR_SCHEME_COOKIE,
        scheme if scheme in COLOUR_SCHEMES else "auto",
        max_age=365 * 24 * 3600,
        path="/",
        httponly=True,
        samesite="lax",
    )
    return response
