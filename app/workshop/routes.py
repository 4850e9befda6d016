"""What the workshop brings to the composition root: its tables, pages and API, in one place."""

from collections.abc import Sequence
from types import ModuleType

from fastapi import APIRouter

from app.workshop import api, models, pages, pages_act

MODELS: Sequence[ModuleType] = (models,)
PAGES: Sequence[APIRouter] = (pages_act.router, pages.router)
API: Sequence[APIRouter] = (api.router,)
