"""Logs as one JSON object a line, or readable in a terminal. Ids only, never names or secrets."""

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRET_KEYS = ("password", "token", "secret", "authorization", "cookie")


def _redact(_logger: object, _name: str, entry: MutableMapping[str, Any]) -> Any:
    for key in entry:
        if any(word in key.lower() for word in SECRET_KEYS):
            entry[key] = "[redacted]"
    return entry


def configure(style: str, *, level: int = logging.INFO) -> None:
    """``style`` is ``json`` or ``console``. Tracebacks show no local variables: they hold secrets."""
    plain = structlog.dev.plain_traceback
    renderer: Any = (
        structlog.dev.ConsoleRenderer(exception_formatter=plain)
        if style == "console"
        else structlog.processors.JSONRenderer()
    )
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _redact,
    ]
    if style == "json":
        processors.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*processors, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
