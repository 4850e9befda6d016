"""What factors bring to the composition root: tables, pages and API, in one place."""

from collections.abc import Sequence
from types import ModuleType

from fastapi import APIRouter

from app.impact import api, api_own, models, models_own, pages, pages_own, pages_rates

MODELS: Sequence[ModuleType] = (models, models_own)
PAGES: Sequence[APIRouter] = (pages.router, pages_own.router, pages_rates.router)
API: Sequence[APIRouter] = (api.router, api_own.router)
