"""What cost sharing brings to the composition root: its tables, pages and API, in one place."""

from collections.abc import Sequence
from types import ModuleType

from fastapi import APIRouter

from app.costs import api, models, pages, pages_rule

MODELS: Sequence[ModuleType] = (models,)
PAGES: Sequence[APIRouter] = (pages_rule.router, pages.router)
API: Sequence[APIRouter] = (api.router,)
