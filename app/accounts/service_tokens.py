"""A person's own keys to the API: made, shown once, and revoked."""

import secrets
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts import events
from app.accounts.actor import Actor, hashed
from app.accounts.models import ApiToken
from app.accounts.rules import Permission
from app.accounts.service import Command
from app.kit.db import changed_rows, clock_of
from app.kit.errors import Invalid, NotFound
from app.kit.events import publish
from app.kit.i18n import N_
from app.kit.text import PRINTABLE, STRIPPED


class MakeToken(Command):
    name: Annotated[str, STRIPPED, Field(max_length=80), PRINTABLE]
    days: int | None = Field(default=365, ge=1, le=3650)


class RevokeToken(Command):
    token_id: UUID


def make_token(session: Session, actor: Actor, command: MakeToken) -> tuple[ApiToken, str]:
    """The actor's own key to the API. The secret is shown once and kept only as its hash."""
    actor.must(Permission.TOKEN_MAKE)
    if actor.person_id is None:
        raise Invalid(N_("Et token må tilhøre en person."))
    now = clock_of(session).now()
    secret = "omlop_" + secrets.token_urlsafe(32)
    token = ApiToken(
        org_id=actor.org_id,
        person_id=actor.person_id,
        name=command.name,
        token_hash=hashed(secret),
        created_at=now,
        expires_at=now + timedelta(days=command.days) if command.days else None,
    )
    session.add(token)
    session.flush()  # the event names its id
    publish(session, [events.TokenMade.of(token, actor.person_id)])
    return token, secret


def revoke_token(session: Session, actor: Actor, command: RevokeToken) -> None:
    actor.must(Permission.TOKEN_MAKE)
    revoked = session.execute(
        update(ApiToken)
        .where(ApiToken.org_id == actor.org_id, ApiToken.person_id == actor.person_id)
        .where(ApiToken.id == command.token_id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=clock_of(session).now())
    )
    if changed_rows(revoked) != 1:
        raise NotFound
    publish(
        session,
        [
            events.TokenRevoked(
                org_id=actor.org_id, subject_id=command.token_id, person_id=actor.person_id
            )
        ],
    )
