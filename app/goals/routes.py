"""What goals bring to the composition root: their tables, pages and API, in one place."""

from collections.abc import Sequence
from types import ModuleType

from fastapi import APIRouter

from app.goals import api, models, pages, pages_own

MODELS: Sequence[ModuleType] = (models,)
PAGES: Sequence[APIRouter] = (pages_own.router, pages.router)
API: Sequence[APIRouter] = (api.router,)
