"""What field work brings to the composition root: its tables, pages and API, in one place."""

from collections.abc import Sequence
from types import ModuleType

from fastapi import APIRouter

from app.fieldwork import (
    api,
    api_bind,
    api_bulk,
    api_scan,
    api_stocktake,
    api_survey,
    models,
    models_survey,
    pages_bind,
    pages_bulk,
    pages_move,
    pages_offline,
    pages_queue,
    pages_scan,
    pages_stocktake,
    pages_survey,
)

MODELS: Sequence[ModuleType] = (models, models_survey)
PAGES: Sequence[APIRouter] = (
    pages_scan.router,
    pages_bind.router,
    pages_bulk.router,
    pages_move.router,
    pages_offline.router,
    pages_queue.router,
    pages_stocktake.router,
    pages_survey.router,
)
API: Sequence[APIRouter] = (
    api_scan.router,
    api_bind.router,
    api.router,
    api_bulk.router,
    api_stocktake.router,
    api_survey.router,
)
