"""What handovers bring to the composition root: their tables, pages and API, in one place."""

from collections.abc import Sequence
from types import ModuleType

from fastapi import APIRouter

from app.handovers import (
    api,
    api_across,
    api_pool,
    api_run,
    api_scan,
    models,
    models_load,
    models_receipt,
    models_run,
    pages,
    pages_across,
    pages_pool,
    pages_record,
    pages_return,
    pages_run,
    pages_scan,
)

MODELS: Sequence[ModuleType] = (models, models_load, models_receipt, models_run)
PAGES: Sequence[APIRouter] = (
    pages_record.router,
    pages_across.router,
    pages_scan.router,
    pages_pool.router,
    pages_run.router,
    pages_return.router,
    pages.router,
)
API: Sequence[APIRouter] = (
    api_scan.router,
    api_across.router,
    api_pool.router,
    api_run.router,
    api.router,
)
