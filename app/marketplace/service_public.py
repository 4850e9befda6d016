"""The giver's public page, and what a listing costs those outside."""

import re
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.kit.db import clock_of
from app.kit.errors import Forbidden, Invalid, Stale
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.text import PRINTABLE, STRIPPED, Name
from app.marketplace.commands import Command, Text, as_terms_say
from app.marketplace.events_public import PublicMarketSet, PublicTermsSet
from app.marketplace.models_public import PublicMarket, PublicTerms
from app.marketplace.queries import by_id, givers
from app.marketplace.queries_public import market_of, terms_of
from app.marketplace.rules import ListingState, Terms
from app.marketplace.service_listing import ListingClosed, locked_listings

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_OURS = frozenset({"lenke"})
"""A path of the program's own under the public page."""
SLUG_FORM = N_("Bruk små bokstaver fra a til z, tall og bindestrek, for eksempel sola-kommune.")
TAKEN = N_("Adressen er i bruk. Velg en annen.")
MOST_ORE = 100_000_000_000


def _slug(typed: str) -> str:
    if not _SLUG.fullmatch(typed) or typed in _OURS:
        raise ValueError(SLUG_FORM)
    return typed


Slug = Annotated[
    str, STRIPPED, Field(min_length=3, max_length=40), PRINTABLE, AfterValidator(_slug)
]


class PublicMarketFields(Command):
    """All of them as they are to be. ``seller`` stands on the basis for an invoice."""

    is_open: bool = False
    is_indexed: bool = False
    slug: Slug
    area: Name
    pick_up: Text | None = None
    seller: Text | None = None
    vat_percent: int = Field(default=0, ge=0, le=100)


class SetPublicMarket(PublicMarketFields):
    """``version`` is 0 while nothing is set."""

    version: int = Field(ge=0)


class PublicTermsFields(Command):
    """``price_ore`` is for each piece, VAT included; offers without a last day end as it ends."""

    terms: Terms
    price_ore: int | None = Field(default=None, ge=1, le=MOST_ORE, validate_default=True)
    offers_until: date | None = None

    _price = field_validator("price_ore")(as_terms_say)

    @field_validator("offers_until")
    @classmethod
    def _only_offers(cls, last: date | None, info: ValidationInfo) -> date | None:
        if last is not None and info.data.get("terms") not in (None, Terms.OFFERS):
            raise ValueError(N_("Bare bud har en budfrist."))
        return last


class SetPublicTerms(PublicTermsFields):
    listing_id: UUID
    version: int = Field(ge=0)


def set_public_market(session: Session, actor: Actor, command: SetPublicMarket) -> PublicMarket:
    """By those who publish everywhere in the organisation. Raises ``Stale``.

    Switched off, nothing is seen from that moment; what was asked for can still be answered.
    """
    actor.must(Permission.LISTING_PUBLISH)
    if actor.permissions[Permission.LISTING_PUBLISH] is not None:
        raise Forbidden(
            N_("Den åpne siden gjelder hele virksomheten, så rollen må også gjøre det.")
        )
    row = session.scalar(market_of(actor.org_id).with_for_update())
    if command.version != (row.version if row is not None else 0):
        raise Stale
    taken = select(PublicMarket.id).where(
        PublicMarket.slug == command.slug, PublicMarket.org_id != actor.org_id
    )
    if session.scalar(taken) is not None:
        raise Invalid(by_field={"slug": TAKEN})
    values = command.model_dump(exclude={"version"})
    try:
        with session.begin_nested():
            if row is None:
                row = PublicMarket(org_id=actor.org_id, **values)
                session.add(row)
            else:
                for name, value in values.items():
                    setattr(row, name, value)
            session.flush()  # meets the unique keys: one row, and nobody else's address
    except IntegrityError as error:
        raise Stale from error
    publish(session, [PublicMarketSet.of(row, actor.person_id)])
    return row


def set_public_terms(session: Session, actor: Actor, command: SetPublicTerms) -> PublicTerms:
    """What an open listing costs outside. Who has asked already is answered on what stood then."""
    actor.must(Permission.LISTING_PUBLISH)
    listing = locked_listings(session, actor, [command.listing_id])[command.listing_id]
    units = by_id(session, givers(actor, [listing.id]))
    actor.must(Permission.LISTING_PUBLISH, unit=units.get(listing.id))
    if listing.state is not ListingState.OPEN:
        raise ListingClosed(id=str(listing.id))
    today = clock_of(session).today()
    _require_days(command.offers_until, listing.until_date, today)
    row = session.scalar(terms_of(actor.org_id, listing.id).with_for_update())
    if command.version != (row.version if row is not None else 0):
        raise Stale
    values = command.model_dump(exclude={"version", "listing_id"})
    if row is None:
        row = PublicTerms(org_id=actor.org_id, listing_id=listing.id, **values)
        session.add(row)
    else:
        for name, value in values.items():
            setattr(row, name, value)
    session.flush()  # the new version
    publish(session, [PublicTermsSet.of(listing, actor.person_id)])
    return row


def _require_days(offers_until: date | None, until_date: date | None, today: date) -> None:
    if offers_until is None:
        return
    if offers_until < today:
        raise Invalid(by_field={"offers_until": N_("Velg i dag eller en senere dag.")})
    if until_date is not None and offers_until > until_date:
        raise Invalid(
            by_field={"offers_until": N_("Budfristen må komme før møblene må være hentet.")}
        )
