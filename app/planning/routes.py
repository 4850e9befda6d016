"""What planning brings to the composition root: its table, pages and API, in one place."""

from collections.abc import Sequence
from types import ModuleType

from fastapi import APIRouter

from app.planning import api_plan, api_release, models, pages_plan, pages_release

MODELS: Sequence[ModuleType] = (models,)
PAGES: Sequence[APIRouter] = (pages_plan.router, pages_release.router)
API: Sequence[APIRouter] = (api_plan.router, api_release.router)
