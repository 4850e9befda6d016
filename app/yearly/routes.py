"""What the year's reports bring to the composition root, in one place."""

from collections.abc import Sequence
from types import ModuleType

from fastapi import APIRouter

from app.yearly import api, models, pages, pages_environment

MODELS: Sequence[ModuleType] = (models,)
PAGES: Sequence[APIRouter] = (pages_environment.router, pages.router)
API: Sequence[APIRouter] = (api.router,)
