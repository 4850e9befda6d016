"""What reports bring to the composition root: their tables, pages and API, in one place."""

from collections.abc import Sequence
from types import ModuleType

from fastapi import APIRouter

from app.reports import (
    api,
    api_basis,
    api_organisation,
    api_pictures,
    models,
    models_pictures,
    pages,
    pages_basis,
    pages_entries,
    pages_organisation,
    pages_pictures,
)

MODELS: Sequence[ModuleType] = (models, models_pictures)
PAGES: Sequence[APIRouter] = (
    pages_basis.router,
    pages_entries.router,
    pages_organisation.router,
    pages.router,
    pages_pictures.router,
)
API: Sequence[APIRouter] = (
    api.router,
    api_organisation.router,
    api_basis.router,
    api_pictures.router,
)
