"""What belongs together: tables of routers, subscribers, jobs and schedule. Nothing else."""

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from fastapi import APIRouter

import app.accounts.api
import app.accounts.jobs
import app.accounts.models
import app.accounts.pages
import app.accounts.pages_language
import app.accounts.pages_organisation
import app.accounts.pages_tokens
import app.catalogue.api
import app.catalogue.api_supplier
import app.catalogue.models
import app.catalogue.models_supplier
import app.catalogue.pages
import app.catalogue.pages_supplier
import app.costs.routes
import app.declarations.routes
import app.disposals.api
import app.disposals.models
import app.disposals.pages
import app.fieldwork.routes
import app.floorplans.routes
import app.goals.routes
import app.handovers.jobs
import app.handovers.routes
import app.handovers.service_kept
import app.impact.routes
import app.inbox.api
import app.inbox.api_visits
import app.inbox.jobs
import app.inbox.models
import app.inbox.pages
import app.inbox.pages_act
import app.inbox.pages_case
import app.inbox.pages_figures
import app.inbox.pages_visits
import app.items.api
import app.items.api_assess
import app.items.api_codes
import app.items.api_photos
import app.items.api_selection
import app.items.jobs
import app.items.models
import app.items.models_table
import app.items.pages
import app.items.pages_assess
import app.items.pages_browse
import app.items.pages_codes
import app.items.pages_edit
import app.items.pages_photos
import app.items.pages_register
import app.items.pages_selection
import app.items.pages_wrong
import app.kit.events
import app.kit.once
import app.labelling.api
import app.labelling.models
import app.labelling.pages
import app.labelling.pages_batches
import app.labelling.pages_printers
import app.ledger.routes
import app.ledger.service
import app.marketplace.jobs
import app.marketplace.routes
import app.marketplace.service_kept
import app.marketplace.service_outside
import app.needs.jobs
import app.needs.routes
import app.networks.api
import app.networks.models
import app.networks.pages
import app.notices.api
import app.notices.jobs
import app.notices.models
import app.notices.models_buyers
import app.notices.models_letter
import app.notices.pages
import app.notices.pages_answers
import app.notices.pages_notices
import app.places.api
import app.places.models
import app.places.pages
import app.planning.routes
import app.projects.api
import app.projects.api_frame
import app.projects.api_release
import app.projects.jobs
import app.projects.models
import app.projects.models_allocation
import app.projects.models_report
import app.projects.pages
import app.projects.pages_frame
import app.projects.pages_line
import app.projects.pages_release
import app.projects.service_gone
import app.projects.service_release
import app.reports.routes
import app.transfer.api
import app.transfer.api_prices
import app.transfer.api_programme
import app.transfer.models
import app.transfer.models_prices
import app.transfer.models_programme
import app.transfer.pages
import app.transfer.pages_prices
import app.transfer.pages_programme
import app.workshop.routes
import app.yearly.routes
from app import subscribing
from app.accounts.attempts import forget_attempts
from app.declarations.models import DeclarationFile
from app.floorplans.models import FloorImage
from app.floorplans.service import forget_steps
from app.handovers.models_receipt import SignatureFile
from app.impact.models_own import FactorDocument
from app.inbox.models import CasePhotoFile
from app.items.models import PhotoFile
from app.items.service_photo_files import forget_removed
from app.items.service_selection import forget_selections
from app.kit import health, page, problem_pages
from app.kit.jobs import Job, Scheduled, forget, sweep_files
from app.ledger.service_income import forget_income_buyers
from app.marketplace.models_files import MessageFile
from app.marketplace.service_buyers import forget_buyers
from app.notices.service_answers import forget_links
from app.notices.service_letters import forget_letters
from app.planning.queries_claimed import promised_pieces
from app.planning.service_listed import lock_listings
from app.projects.queries_release import BY_PROJECT
from app.transfer.models import ImportRun
from app.transfer.models_prices import PriceList
from app.transfer.service_staging import forget_cut_off

MODELS: Sequence[ModuleType] = (
    app.accounts.models,
    app.catalogue.models,
    app.catalogue.models_supplier,
    *app.costs.routes.MODELS,
    *app.declarations.routes.MODELS,
    app.disposals.models,
    *app.fieldwork.routes.MODELS,
    *app.floorplans.routes.MODELS,
    *app.goals.routes.MODELS,
    *app.handovers.routes.MODELS,
    *app.impact.routes.MODELS,
    app.inbox.models,
    app.items.models,
    app.items.models_table,
    app.kit.events,
    app.kit.once,
    app.labelling.models,
    *app.ledger.routes.MODELS,
    *app.marketplace.routes.MODELS,
    *app.needs.routes.MODELS,
    app.networks.models,
    app.notices.models,
    app.notices.models_buyers,
    app.notices.models_letter,
    app.places.models,
    *app.planning.routes.MODELS,
    app.projects.models,
    app.projects.models_allocation,
    app.projects.models_report,
    *app.reports.routes.MODELS,
    app.transfer.models,
    app.transfer.models_prices,
    app.transfer.models_programme,
    *app.workshop.routes.MODELS,
    *app.yearly.routes.MODELS,
)

ROUTERS: Sequence[APIRouter] = (
    page.router,
    health.router,
    app.notices.pages.router,
    app.notices.pages_answers.router,
    app.notices.pages_notices.router,
    problem_pages.router,
    app.accounts.pages.router,
    app.accounts.pages_language.router,
    app.accounts.pages_organisation.router,
    app.accounts.pages_tokens.router,
    app.places.pages.labels,
    app.places.pages.router,
    app.items.pages_codes.router,
    app.labelling.pages_printers.router,
    app.labelling.pages_batches.router,
    app.labelling.pages.router,
    app.items.pages_selection.router,
    app.items.pages_register.router,
    app.items.pages_edit.router,
    app.items.pages_photos.router,
    app.items.pages_assess.router,
    app.items.pages_wrong.router,
    app.items.pages_browse.router,
    app.items.pages.router,
    *app.fieldwork.routes.PAGES,
    app.networks.pages.router,
    *app.marketplace.routes.PAGES,
    app.transfer.pages_prices.router,
    app.transfer.pages_programme.router,
    app.projects.pages_line.router,
    app.projects.pages_frame.router,
    *app.planning.routes.PAGES,
    *app.floorplans.routes.PAGES,
    app.projects.pages_release.router,
    app.projects.pages.router,
    *app.needs.routes.PAGES,
    *app.workshop.routes.PAGES,
    app.inbox.pages_figures.router,
    app.inbox.pages_visits.router,
    app.inbox.pages_case.router,
    app.inbox.pages_act.router,
    app.inbox.pages.router,
    app.disposals.pages.router,
    *app.handovers.routes.PAGES,
    *app.declarations.routes.PAGES,
    app.catalogue.pages.router,
    app.catalogue.pages_supplier.router,
    *app.impact.routes.PAGES,
    *app.ledger.routes.PAGES,
    *app.costs.routes.PAGES,
    *app.goals.routes.PAGES,
    *app.yearly.routes.PAGES,
    *app.reports.routes.PAGES,
    app.transfer.pages.router,
)
"""HTML pages."""

API: Sequence[APIRouter] = (
    app.accounts.api.router,
    app.places.api.router,
    app.items.api_codes.router,
    app.labelling.api.router,
    app.items.api.router,
    app.items.api_photos.router,
    app.items.api_selection.router,
    app.items.api_assess.router,
    *app.marketplace.routes.API,
    app.networks.api.router,
    app.projects.api.router,
    app.projects.api_frame.router,
    *app.planning.routes.API,
    *app.floorplans.routes.API,
    app.projects.api_release.router,
    *app.fieldwork.routes.API,
    *app.declarations.routes.API,
    app.disposals.api.router,
    *app.needs.routes.API,
    *app.workshop.routes.API,
    *app.handovers.routes.API,
    app.inbox.api.router,
    app.inbox.api_visits.router,
    app.catalogue.api.router,
    app.catalogue.api_supplier.router,
    *app.impact.routes.API,
    *app.ledger.routes.API,
    *app.costs.routes.API,
    *app.goals.routes.API,
    *app.yearly.routes.API,
    *app.reports.routes.API,
    app.notices.api.router,
    app.transfer.api.router,
    app.transfer.api_prices.router,
    app.transfer.api_programme.router,
)
"""JSON routes; each is served under ``/api/v1``."""

SUBSCRIBERS = subscribing.SUBSCRIBERS
"""Event → who is told, in the same transaction."""

FILES: Sequence[type[Any]] = (
    PhotoFile,
    CasePhotoFile,
    DeclarationFile,
    FactorDocument,
    FloorImage,
    ImportRun,
    MessageFile,
    PriceList,
    SignatureFile,
)
"""Rows that speak of a stored file, by ``org_id`` and ``sha256``: a file that none does is removed."""

GIVEN: Mapping[str, Any] = {
    "filters": {"project_id": BY_PROJECT},
    "files": FILES,
    "claims": (promised_pieces,),
    "locked_first": (lock_listings,),
}
"""What sessions carry for those on the left: the inventory's further filters by their fields, whose
a stored file may be, which pieces are promised to somebody, and what is locked before a release.
"""

JOBS: Sequence[Job] = (
    app.accounts.jobs.TOUCH,
    app.notices.jobs.SEND,
    app.notices.jobs.SEND_DIGEST,
    app.notices.jobs.SEND_TO_BUYER,
    app.notices.jobs.SEND_OUTSIDE,
    app.items.jobs.MAKE_SIZES,
    app.inbox.jobs.MAKE_SIZES,
)

SCHEDULE: Sequence[Scheduled] = (
    Scheduled(
        "forget",
        forget(
            app.kit.once.forget_old,
            forget_attempts,
            forget_removed,
            forget_selections,
            forget_cut_off,
            forget_links,
            forget_buyers,
            forget_income_buyers,
            forget_letters,
            forget_steps,
        ),
        minute="40",
        hour="2",
    ),
    Scheduled("free_releases", app.projects.jobs.free_releases, minute="5"),
    Scheduled("end_holds", app.marketplace.jobs.end_holds, minute="2-59/10"),
    Scheduled("remind_unconfirmed", app.handovers.jobs.remind, minute="25"),
    Scheduled("move_stages", app.marketplace.jobs.move_stages, minute="15"),
    Scheduled("gather_digests", app.notices.jobs.gather_digests, minute="*/15"),
    Scheduled("look_for_needs", app.needs.jobs.watch, minute="*/10"),
    Scheduled("pass_on_offers", app.marketplace.jobs.pass_on_offers, minute="*/5"),
    Scheduled(
        "sweep_files",
        sweep_files(FILES),
        minute="10",
        hour="3",
    ),
)
"""By the clock (UTC). The sweep of the jobs runs each minute by itself."""
