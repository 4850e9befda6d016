"""The market's routers and tables, in their order: the composition root takes them as they stand."""

from collections.abc import Sequence
from types import ModuleType

from fastapi import APIRouter

from app.marketplace import (
    api,
    api_approval,
    api_favourite,
    api_hold,
    api_network,
    api_public,
    api_repeat,
    api_thread,
    models,
    models_approval,
    models_favourite,
    models_files,
    models_hold,
    models_outside,
    models_public,
    pages,
    pages_basket,
    pages_browse,
    pages_favourite,
    pages_hold,
    pages_leader,
    pages_map,
    pages_network_browse,
    pages_offers,
    pages_outside_thread,
    pages_public,
    pages_repeat,
    pages_requests,
    pages_rules,
    pages_sale,
    pages_thread,
)

PAGES: Sequence[APIRouter] = (
    pages_browse.router,
    pages_map.router,
    pages_network_browse.router,
    pages_favourite.router,
    pages_outside_thread.router,
    pages_public.router,
    pages_sale.router,
    pages.router,
    pages_basket.router,
    pages_hold.router,
    pages_leader.router,
    pages_rules.router,
    pages_repeat.router,
    pages_thread.router,
    pages_requests.router,
    pages_offers.router,
)
"""A fixed word in a path stands before the parameter in its place."""

API: Sequence[APIRouter] = (
    api.router,
    api_approval.router,
    api_hold.router,
    api_network.router,
    api_public.router,
    api_repeat.router,
    api_thread.router,
    api_favourite.router,
)

MODELS: Sequence[ModuleType] = (
    models,
    models_approval,
    models_files,
    models_hold,
    models_favourite,
    models_outside,
    models_public,
)
