"""Who acts: built anew for each request from cookie or token, and by command line and jobs.

Membership is read every time, so that a person who was removed is out at once.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from app.accounts.models import (
    ApiToken,
    LoginSession,
    Membership,
    Organisation,
    Person,
    RoleGrant,
    Unit,
)
from app.accounts.rules import PERMISSIONS, Permission, Role
from app.kit.db import Database
from app.kit.errors import Conflict, Forbidden, SignInRequired
from app.kit.i18n import N_
from app.kit.prepared import Prepared

SESSION_COOKIE = "__Host-sid"
OWNER_HEADER = "omlop-owner"
IDLE = timedelta(hours=8)
ABSOLUTE = timedelta(hours=24)
SYSTEM = UUID(int=0)
"""The caller's id of the command line and of jobs; no person has it."""

Units = frozenset[UUID] | None
"""The units a permission holds for; ``None`` is everywhere."""
Rows = Callable[[Prepared, Mapping[str, Any]], list[Any]]
"""How a prepared query is run: in a session, or at a glance."""


class OtherPersonSignedIn(Conflict):
    """The request was queued on the phone by another person, or in another organisation."""

    title = N_("En annen er logget inn nå. Det som ligger i køen, venter på den som la det der.")


@dataclass(frozen=True)
class Actor:
    """A person (or the system) in one organisation, with what may be done where."""

    org_id: UUID
    organisation_name: str
    person_id: UUID | None
    person_name: str
    home_unit_id: UUID | None = None
    language: str = "nb"
    currency: str = "NOK"
    roles: frozenset[Role] = frozenset()
    permissions: Mapping[Permission, Units] = field(default_factory=dict)
    session_id: UUID | None = None

    @property
    def caller_id(self) -> UUID:
        """Whose idempotency keys these are."""
        return self.person_id or SYSTEM

    @property
    def owner(self) -> str:
        """Whose unsent work on a phone this actor may see and send."""
        return f"{self.caller_id}.{self.org_id}"

    def may(self, permission: Permission | str, unit: UUID | None = None) -> bool:
        """Whether it is allowed: somewhere at all, or on a row of ``unit``."""
        key = Permission(permission)
        if key not in self.permissions:
            return False
        units = self.permissions[key]
        return units is None or unit is None or unit in units

    def must(self, permission: Permission, unit: UUID | None = None) -> None:
        """The first line of every verb. Raises ``Forbidden``."""
        if not self.may(permission, unit):
            raise Forbidden(permission=permission.value)


def system_actor(organisation: Organisation) -> Actor:
    """The command line's and the jobs' actor: everything, in one organisation, as nobody."""
    return Actor(
        org_id=organisation.id,
        organisation_name=organisation.name,
        person_id=None,
        person_name="Omløp",
        currency=organisation.currency,
        permissions=dict.fromkeys(Permission),
    )


def hashed(token: str) -> str:
    """What is kept of a secret that is itself random: SHA-256 in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


def _member() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Person.id.label("person_id"),
            Person.name,
            Person.language,
            Membership.home_unit_id,
            Organisation.id.label("org_id"),
            Organisation.name.label("organisation_name"),
            Organisation.currency,
            RoleGrant.role,
            RoleGrant.unit_id,
        )
        .select_from(Person)
        .join(Membership, Membership.person_id == Person.id)
        .join(Organisation, Organisation.id == Membership.org_id)
        .outerjoin(
            RoleGrant,
            (RoleGrant.org_id == Membership.org_id) & (RoleGrant.membership_id == Membership.id),
        )
        .where(Person.is_active, Membership.ended_at.is_(None))
    )


_BY_SESSION = Prepared(
    _member()
    .add_columns(LoginSession.id.label("session_id"))
    .join(LoginSession, LoginSession.person_id == Person.id)
    .where(
        LoginSession.token_hash == bindparam("token_hash"),
        LoginSession.org_id == Membership.org_id,
        LoginSession.ended_at.is_(None),
        LoginSession.seen_at > bindparam("idle_since"),
        LoginSession.created_at > bindparam("since"),
    )
)
_BY_TOKEN = Prepared(
    _member()
    .join(ApiToken, ApiToken.person_id == Person.id)
    .where(
        ApiToken.token_hash == bindparam("token_hash"),
        ApiToken.org_id == Membership.org_id,
        ApiToken.revoked_at.is_(None),
        (ApiToken.expires_at.is_(None)) | (ApiToken.expires_at > bindparam("now")),
    )
)
_BY_ID = Prepared(
    _member().where(Person.id == bindparam("person"), Organisation.id == bindparam("org"))
)
_UNITS = Prepared(select(Unit.id, Unit.parent_id).where(Unit.org_id == bindparam("org")))


def _below(rows: Rows, org_id: UUID, root: UUID) -> frozenset[UUID]:
    children: dict[UUID | None, list[UUID]] = {}
    for unit_id, parent_id in rows(_UNITS, {"org": org_id}):
        children.setdefault(parent_id, []).append(unit_id)
    found, waiting = set(), [root]
    while waiting:
        unit = waiting.pop()
        found.add(unit)
        waiting.extend(children.get(unit, ()))
    return frozenset(found)


def _permissions(
    rows: Rows, org_id: UUID, grants: Sequence[tuple[Role, UUID | None]]
) -> tuple[frozenset[Role], Mapping[Permission, Units]]:
    roles = frozenset(role for role, _ in grants)
    if all(unit_id is None for _, unit_id in grants):
        return roles, _everywhere(roles)
    granted: dict[Permission, Units] = {}
    for role, unit_id in grants:
        units = None if unit_id is None else _below(rows, org_id, unit_id)
        for permission in PERMISSIONS[role]:
            before = granted.get(permission, frozenset())
            granted[permission] = None if units is None or before is None else before | units
    return roles, granted


@lru_cache(maxsize=256)
def _everywhere(roles: frozenset[Role]) -> Mapping[Permission, Units]:
    """What roles that are limited to no unit allow: the same for everybody who has them."""
    return MappingProxyType(dict.fromkeys(each for role in roles for each in PERMISSIONS[role]))


def _actor(rows: Rows, query: Prepared, values: Mapping[str, Any]) -> Actor | None:
    """One query: a row for each role, or one with no role."""
    found = rows(query, values)
    if not found:
        return None
    row = found[0]
    grants = [(each.role, each.unit_id) for each in found if each.role is not None]
    roles, permissions = _permissions(rows, row.org_id, grants)
    return Actor(
        org_id=row.org_id,
        organisation_name=row.organisation_name,
        person_id=row.person_id,
        person_name=row.name,
        home_unit_id=row.home_unit_id,
        language=row.language,
        currency=row.currency,
        roles=roles,
        permissions=permissions,
        session_id=getattr(row, "session_id", None),
    )


def actor_of(session: Session, org_id: UUID, person_id: UUID) -> Actor | None:
    """The actor of a member, for the command line's ``--as`` and for tests."""

    def rows(query: Prepared, values: Mapping[str, Any]) -> list[Any]:
        return query.rows(session, values)

    return _actor(rows, _BY_ID, {"person": person_id, "org": org_id})


def bearer(request: Request) -> str | None:
    """The API token of the request, if it has one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


async def _maybe_signed_in(request: Request) -> Actor | None:
    """Reads who acts, in a statement of its own, without costing a thread."""
    token, cookie = bearer(request), request.cookies.get(SESSION_COOKIE)
    if not token and not cookie:
        request.state.actor = None
        return None
    database: Database = request.app.state.db
    now = database.clock.now()
    values = {"token_hash": hashed(token or cookie or "")}
    if token:
        actor = _actor(database.glance, _BY_TOKEN, values | {"now": now})
    else:
        since = {"idle_since": now - IDLE, "since": now - ABSOLUTE}
        actor = _actor(database.glance, _BY_SESSION, values | since)
    request.state.actor = actor
    return actor


MaybeSignedIn = Annotated[Actor | None, Depends(_maybe_signed_in)]


async def _signed_in(request: Request, actor: MaybeSignedIn) -> Actor:
    if actor is None:
        raise SignInRequired(headers={"WWW-Authenticate": "Bearer"})
    queued_by = request.headers.get(OWNER_HEADER)
    if queued_by is not None and queued_by != actor.owner:
        # The cookie may have changed hands since the page that sends was opened.
        raise OtherPersonSignedIn
    return actor


SignedIn = Annotated[Actor, Depends(_signed_in)]
