"""What the workshop brings to the composition root: its tables, pages and API, in one place."""

from collections.abc import Sequence
from types import ModuleType

from fastapi import APIRouter

from app.workshop import api, api_component, models, pages, pages_act, pages_component, pages_edit

MODELS: Sequence[ModuleType] = (models,)
PAGES: Sequence[APIRouter] = (
    pages_act.router,
    pages_edit.router,
    pages_component.router,
    pages.router,
)
API: Sequence[APIRouter] = (api.router, api_component.router)
