"""What declarations bring to the composition root: tables, pages and API, in one place."""

from collections.abc import Sequence
from types import ModuleType

from fastapi import APIRouter

from app.declarations import api, models, pages

MODELS: Sequence[ModuleType] = (models,)
PAGES: Sequence[APIRouter] = (pages.router,)
API: Sequence[APIRouter] = (api.router,)
