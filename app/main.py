"""The composition root: settings in, an application out."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from anyio import CapacityLimiter
from fastapi import Depends, FastAPI, Request
from fastapi.responses import Response
from jinja2 import Environment
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount

from app import menus, panels, wiring
from app.kit import addresses, images, logs, openapi, problem_pages, web
from app.kit.assets import AssetFiles, Assets
from app.kit.clock import Clock
from app.kit.db import Database
from app.kit.errors import Problem
from app.kit.files import Files
from app.kit.i18n import LocaleMiddleware
from app.kit.jobs import Parts, Queue, queue_in_file, queue_on_postgres
from app.kit.mail import Mail
from app.kit.pace import Pace
from app.kit.page import make_environment, page, redirect
from app.kit.switchboard import Switchboard
from app.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
BODY_LIMIT = 1_000_000


def make_files(settings: Settings) -> Files:
    """Where photos are kept: a folder, or a bucket."""
    if settings.s3_bucket:
        return Files.s3(
            settings.s3_bucket,
            endpoint=settings.s3_endpoint or None,
            region=settings.s3_region,
            access_key_id=settings.s3_access_key,
            secret_access_key=settings.s3_secret_key,
        )
    return Files.local(settings.data_dir.absolute() / "files")


def make_database(settings: Settings, clock: Clock | None = None) -> Database:
    """The database with its subscribers, for the server, the command line and the demo alike."""
    return Database(
        settings.effective_database_url,
        subscribers=wiring.SUBSCRIBERS,
        clock=clock or Clock(),
        given=wiring.GIVEN,
    )


def make_queue(
    settings: Settings, database: Database, files: Files, templates: Environment
) -> Queue:
    """The jobs' queue: its own file beside SQLite, its own tables on PostgreSQL."""
    mail = Mail(
        host=settings.mail_host,
        port=settings.mail_port,
        user=settings.mail_user,
        password=settings.mail_password,
        is_encrypted=settings.mail_starttls,
        sender=settings.mail_from,
    )
    huey = (
        queue_in_file(settings.data_dir.absolute() / "jobs.db")
        if database.is_sqlite
        else queue_on_postgres(settings.effective_database_url)
    )
    parts = Parts(database, files, mail, templates, settings.public_url)
    return Queue(huey, parts, wiring.JOBS, wiring.SCHEDULE)


def make_templates() -> Environment:
    """The environment of pages and letters."""
    return make_environment(ROOT / "templates", ROOT / "static")


def _problem_page(request: Request, problem: dict[str, Any], raised: Problem) -> Response:
    if problem["status"] == HTTPStatus.UNAUTHORIZED:
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        back = here if request.method == "GET" else None
        return redirect(request, "accounts:sign_in", query={"til": back})
    is_ours = problem["status"] >= HTTPStatus.INTERNAL_SERVER_ERROR
    faults = [
        (each["pointer"].partition("/")[2].rpartition("/")[2], each["detail"])
        for each in problem.get("errors") or ()
    ]
    is_told = problem["detail"] != problem["title"] and not faults
    return page(
        request,
        "problem.html",
        status=problem["status"],
        code=problem["status"],
        title=problem["title"],
        text=problem["detail"] if is_told else None,
        faults=faults,
        advice=problem_pages.advice(raised),
        reference=request.state.request_id if is_ours else None,
    )


def create_app(
    settings: Settings, *, database: Database | None = None, files: Files | None = None
) -> FastAPI:
    """The application. ``database`` and ``files`` are given by tests; else they are the settings'."""
    logs.configure(settings.log_format)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # Long-lived objects leave the collector's rounds: p99 of a list page 38 → 2.3 ms.
        gc.collect()
        gc.freeze()
        queue: Queue | None = None
        is_for_workers = not app.state.db.is_sqlite and app.state.db.enqueue is None
        if settings.run_jobs or is_for_workers:
            queue = make_queue(settings, app.state.db, app.state.files, app.state.templates)
            app.state.db.enqueue = queue.enqueue
        if queue is not None and settings.run_jobs:
            queue.start()
        yield
        if queue is not None:
            queue.stop()
        images.close()
        app.state.db.close()

    app = FastAPI(
        title="Omløp",
        version="1",
        summary="Furniture in circulation: register, reuse, and what it saved.",
        lifespan=lifespan,
        # Traces are exported where an installation has set that up. Messages of exceptions are
        # not: they quote what was typed.
        telemetry={"metrics": False, "logs": False},
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json" if settings.show_docs else None,
    )
    app.state.settings = settings
    app.state.db = database or make_database(settings)
    # Threads that search SQLite at once fight for the interpreter and for SQLite's own locks: of
    # eight searchers one at a time took 2.2 ms CPU a search instead of 2.9, and p99 32 → 17 ms.
    is_sqlite = app.state.db.is_sqlite
    app.state.search_pace = Pace(
        turns=CapacityLimiter(1) if is_sqlite else None,
        has_room=None if is_sqlite else app.state.db.has_room,
    )
    app.state.files = files or make_files(settings)
    app.state.templates = make_templates()
    app.state.assets = Assets(ROOT / "static")
    app.state.panels = panels.PANELS
    app.state.bulk = panels.BULK
    app.state.signs = panels.SIGNS
    app.state.declared = panels.DECLARED
    app.state.nav = menus.NAVIGATION
    app.state.problem_page = _problem_page
    web.install(app)
    openapi.install(app)
    for router in wiring.ROUTERS:
        app.include_router(router, include_in_schema=False)
    if settings.show_docs:
        app.include_router(openapi.router, include_in_schema=False)
    for router in wiring.API:
        app.include_router(
            router,
            prefix="/api/v1",
            responses=problem_pages.RESPONSES,
            dependencies=[Depends(web.only_known_parameters)],
        )
    files_of_pages = AssetFiles(app.state.assets)
    app.router.routes.append(Mount("/static", files_of_pages, name="static"))
    app.router.middleware_stack = Switchboard(app.router)
    app.state.templates.paths = addresses.paths_by_name(app)
    # From the outside in: headers and cross-site check, host, language, size of the body.
    app.add_middleware(web.BodyLimit, max_body_size=BODY_LIMIT)
    app.add_middleware(LocaleMiddleware, finished=settings.finished_languages)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_hosts(settings))
    app.add_middleware(web.Door, public_url=settings.public_url)
    return app


def _hosts(settings: Settings) -> list[str]:
    public = urlsplit(settings.public_url).hostname or "127.0.0.1"
    further = [each.strip() for each in settings.allowed_hosts.split(",") if each.strip()]
    return [public, "127.0.0.1", "localhost", *further]
