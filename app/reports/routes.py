"""What reports bring to the composition root: their tables, pages and API, in one place."""

from collections.abc import Sequence
from types import ModuleType

from fastapi import APIRouter

from app.reports import (
    api,
    api_basis,
    api_organisation,
    models,
    pages,
    pages_basis,
    pages_organisation,
)

MODELS: Sequence[ModuleType] = (models,)
PAGES: Sequence[APIRouter] = (pages_basis.router, pages_organisation.router, pages.router)
API: Sequence[APIRouter] = (api.router, api_organisation.router, api_basis.router)
