"""A listing is put at a stage, with what comes next and when."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.kit.errors import Invalid
from app.kit.i18n import N_
from app.marketplace.models import Listing, ListingRules
from app.marketplace.queries_public import is_open_to_all
from app.marketplace.queries_stages import plan_of, plan_of_rules, remind_days_of
from app.marketplace.rules import Stage
from app.marketplace.rules_stages import Plan, is_near


def begin(rules: ListingRules | None, listing: Listing, today: date) -> None:
    """New or relisted: at its first stage from today."""
    plan = plan_of(plan_of_rules(rules), listing)
    put(listing, plan, plan.first, today)
    skip_reminder(rules, listing, today)


def put(listing: Listing, plan: Plan, stage: Stage, since: date) -> None:
    listing.stage, listing.stage_since = stage, since
    listing.next_stage, listing.next_stage_on = plan.after(stage), plan.next_on(stage, since)


def skip_reminder(rules: ListingRules | None, listing: Listing, today: date) -> None:
    """Nobody is reminded of a day that was set just now and is near already."""
    is_now = is_near(listing.until_date, today, remind_days_of(rules))
    listing.reminded_for = listing.until_date if is_now else None


def require_reachable(session: Session, org_id: UUID, last_stages: Iterable[Stage | None]) -> None:
    """Nothing goes out to everybody while the organisation has no public page."""
    if Stage.PUBLIC in last_stages and not is_open_to_all(session, org_id):
        text = N_("Slå på den åpne siden først, så kan annonser gå helt ut.")
        raise Invalid(by_field={"last_stage": text})
