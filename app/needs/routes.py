"""What needs bring to the composition root: their tables, pages and API, in one place."""

from collections.abc import Sequence
from types import ModuleType

from fastapi import APIRouter

from app.needs import (
    api,
    api_rule,
    api_wish,
    models,
    models_allocation,
    models_given_up,
    models_outside,
    models_rule,
    models_wish,
    pages,
    pages_rule,
    pages_wish,
)

MODELS: Sequence[ModuleType] = (
    models,
    models_allocation,
    models_given_up,
    models_rule,
    models_wish,
    models_outside,
)
PAGES: Sequence[APIRouter] = (pages_wish.router, pages_rule.router, pages.router)
API: Sequence[APIRouter] = (api_wish.router, api_rule.router, api.router)
