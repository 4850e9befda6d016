"""What plans of floors bring to the composition root: tables, pages and API, in one place."""

from collections.abc import Sequence
from types import ModuleType

from fastapi import APIRouter

from app.floorplans import api, models, pages, pages_act

MODELS: Sequence[ModuleType] = (models,)
PAGES: Sequence[APIRouter] = (pages.router, pages_act.router)
API: Sequence[APIRouter] = (api.router,)
