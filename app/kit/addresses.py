"""Paths of routes with values in their places: ``/mobler/{item_id}`` → ``/mobler/7f…``."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts


def paths_by_name(app: FastAPI) -> Mapping[str, str]:
    """Of each route its path. The router itself would walk every route for every link."""
    return {
        each.name: each.path_format
        for each in iter_route_contexts(app.routes)
        if each.name and each.path_format
    }


def segment(value: object) -> str:
    """A value as it stands in a path: a space or a question mark would end it, an id has neither."""
    if type(value) is UUID:
        return str(value)
    return quote(str(value), safe="/:@!$&'()*+,;=~")


def address(path: str, /, query: Mapping[str, object] | None = None, **params: Any) -> str:
    """The path filled in, with ``query`` behind it where values are not None; never a host."""
    if params:
        path = path.format_map({key: segment(value) for key, value in params.items()})
    pairs = {key: value for key, value in query.items() if value is not None} if query else None
    return f"{path}?{urlencode(pairs, doseq=True)}" if pairs else path
