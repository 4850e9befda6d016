"""What the ledger brings to the composition root: its tables, pages and API, in one place."""

from collections.abc import Sequence
from types import ModuleType

from fastapi import APIRouter

from app.ledger import (
    api,
    api_factors,
    api_income,
    api_network,
    api_partner,
    api_period,
    models,
    models_income,
    models_sums,
    pages,
    pages_factors,
    pages_income,
    pages_network,
    pages_partner,
    pages_period,
)

MODELS: Sequence[ModuleType] = (models, models_income, models_sums)
PAGES: Sequence[APIRouter] = (
    pages.router,
    pages_partner.router,
    pages_income.router,
    pages_period.router,
    pages_network.router,
    pages_factors.router,
)
API: Sequence[APIRouter] = (
    api.router,
    api_income.router,
    api_partner.router,
    api_period.router,
    api_network.router,
    api_factors.router,
)
