"""A project's released pieces as a list to work in."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.catalogue.models import Category
from app.fieldwork.models_survey import Survey
from app.fieldwork.queries_survey import surveys_visible_to
from app.items.models import Item
from app.items.queries_piece import category_column
from app.items.rules import Fate
from app.marketplace.models import Listing, ListingItem
from app.marketplace.rules import ListingState
from app.places.models import Place
from app.projects.models import Release
from app.projects.queries_release import is_live
from app.projects.rules import ReleaseState

_IS_LISTED = (
    select(ListingItem.id)
    .join(Listing, and_(Listing.org_id == ListingItem.org_id, Listing.id == ListingItem.listing_id))
    .where(
        ListingItem.org_id == Release.org_id,
        ListingItem.item_id == Release.item_id,
        ListingItem.left_at.is_(None),
        Listing.state == ListingState.OPEN,
    )
    .exists()
)


def released_pieces(
    actor: Actor,
    project_id: UUID,
    *,
    fate: Fate | None = None,
    state: ReleaseState | None = None,
    category_id: str | None = None,
) -> Select[*tuple[Any, ...]]:
    """The live releases with what a person knows the pieces by."""
    query = (
        select(
            Release.id,
            Release.item_id,
            Release.state,
            Release.fate,
            Release.free_from,
            Release.gone_by,
            Item.name,
            Item.condition,
            category_column().label("category"),
            Place.label.label("place"),
            _IS_LISTED.label("is_listed"),
        )
        .select_from(Release)
        .join(Item, and_(Item.org_id == Release.org_id, Item.id == Release.item_id))
        .join(Category, Category.id == Item.category_id)
        .join(Place, and_(Place.org_id == Item.org_id, Place.id == Item.place_id))
        .where(Release.org_id == actor.org_id, Release.project_id == project_id, is_live())
    )
    if fate is not None:
        query = query.where(Release.fate == fate)
    if state is not None:
        query = query.where(Release.state == state)
    if category_id is not None:
        query = query.where(Item.category_id == category_id)
    return query


def counted_by_fate(session: Session, actor: Actor, project_id: UUID) -> dict[Fate, int]:
    """How many live releases have each fate."""
    rows = session.execute(
        select(Release.fate, func.count())
        .where(Release.org_id == actor.org_id, Release.project_id == project_id, is_live())
        .group_by(Release.fate)
    )
    return {row[0]: row[1] for row in rows}


def survey_choices(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """Surveys, the newest first, as a select wants them."""
    newest = surveys_visible_to(actor).order_by(Survey.started_at.desc(), Survey.id).limit(100)
    return [(str(each.id), each.name) for each in session.scalars(newest)]
