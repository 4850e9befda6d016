"""Who acts: built anew for each request from cookie or token, and by command line and jobs.

Membership is read every time, so that a person who was removed is out at once.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Annotated, Any, TypeAlias
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    type_coerce,
)
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
from app.kit.columns import UtcDateTime
from app.kit.db import Database
from app.kit.errors import Conflict, Forbidden, SignInRequired
from app.kit.i18n import N_
from app.kit.prepared import Prepared

SESSION_COOKIE = "__Host-sid"
OWNER_HEADER = "omlop-owner"
IDLE = timedelta(hours=8)
ABSOLUTE = timedelta(hours=24)
TOUCHED_EVERY = timedelta(minutes=5)
TOUCH_SESSION = "touch_session"
"""The job that says a person is still here; not each request writes."""
SYSTEM = UUID(int=0)
"""The caller's id of the command line and of jobs; no person has it."""

Units = frozenset[UUID] | None
"""The units a permission holds for; ``None`` is everywhere."""
Rows = Callable[[Prepared, Mapping[str, Any]], list[Any]]
"""How a prepared query is run: in a session, or at a glance."""
Who: TypeAlias = Select[*tuple[Any, ...]]
NOTHING: Mapping[str, Any] = {}


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
        # Asked a dozen times a page, nearly always with the member itself.
        key = permission if type(permission) is Permission else Permission(permission)
        if key not in self.permissions:
            return False
        units = self.permissions[key]
        return units is None or unit is None or unit in units

    def must(self, permission: Permission, unit: UUID | None = None) -> None:
        """The first line of every verb. Raises ``Forbidden``."""
        if not self.may(permission, unit):
            raise Forbidden(permission=permission.value)

    def may_everywhere(self, permission: Permission | str) -> bool:
        """Whether it is allowed in the whole organisation, and not in some units alone."""
        return self.permissions.get(Permission(permission), frozenset()) is None

    def must_everywhere(self, permission: Permission) -> None:
        """As ``must``, for what is no unit's. Raises ``Forbidden``."""
        self.must(permission)
        if not self.may_everywhere(permission):
            raise Forbidden(N_("Dette gjelder hele virksomheten, så rollen må også gjøre det."))


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


_GRANTS = (
    # One text for all roles: a row of its own for each would say the whole page's row again.
    select(
        func.aggregate_strings(
            type_coerce(RoleGrant.role, String)
            + ":"
            + func.coalesce(cast(RoleGrant.unit_id, String), ""),
            literal_column("','"),  # type: ignore[arg-type]  # no value of its own
        )
    )
    .where(RoleGrant.org_id == Membership.org_id, RoleGrant.membership_id == Membership.id)
    .scalar_subquery()
)
_WHO: tuple[ColumnElement[Any], ...] = (
    Person.id.label("person_id"),
    Person.name.label("person_name"),
    Person.language.label("person_language"),
    Membership.home_unit_id.label("person_unit_id"),
    Organisation.id.label("person_org_id"),
    Organisation.name.label("person_organisation"),
    Organisation.currency.label("person_currency"),
    _GRANTS.label("person_grants"),
)
ORGANISATION_ID = Membership.org_id
"""What an ``Errand`` joins on: the organisation that the asker is signed in to."""


def _member(known_by: Any, *more: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    return (
        select(*_WHO, *more)
        .select_from(known_by)
        .join(Person, Person.id == known_by.person_id)
        .join(
            Membership,
            (Membership.person_id == Person.id) & (Membership.org_id == known_by.org_id),
        )
        .join(Organisation, Organisation.id == Membership.org_id)
        .where(Person.is_active, Membership.ended_at.is_(None))
    )


_BY_SESSION = _member(
    LoginSession,
    LoginSession.id.label("session_id"),
    (LoginSession.seen_at < bindparam("touched_before", type_=UtcDateTime)).label("is_to_touch"),
).where(
    LoginSession.token_hash == bindparam("token_hash"),
    LoginSession.ended_at.is_(None),
    LoginSession.seen_at > bindparam("idle_since"),
    LoginSession.created_at > bindparam("since"),
)
_BY_TOKEN = _member(ApiToken).where(
    ApiToken.token_hash == bindparam("token_hash"),
    ApiToken.revoked_at.is_(None),
    (ApiToken.expires_at.is_(None)) | (ApiToken.expires_at > bindparam("now")),
)
_BY_ID = Prepared(
    select(*_WHO)
    .select_from(Membership)
    .join(Person, Person.id == Membership.person_id)
    .join(Organisation, Organisation.id == Membership.org_id)
    .where(Person.is_active, Membership.ended_at.is_(None))
    .where(Person.id == bindparam("person"), Organisation.id == bindparam("org"))
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
    return dict.fromkeys(each for role in roles for each in PERMISSIONS[role])


@lru_cache(maxsize=1024)
def _grants(written: str | None) -> tuple[tuple[Role, UUID | None], ...]:
    """``reader:,mover:<unit>`` → each role with the unit that it is limited to."""
    pairs = (each.partition(":") for each in written.split(",")) if written else ()
    return tuple((Role(role), UUID(unit) if unit else None) for role, _, unit in pairs)


def _actor(rows: Rows, row: Any) -> Actor:
    roles, permissions = _permissions(rows, row.person_org_id, _grants(row.person_grants))
    return Actor(
        org_id=row.person_org_id,
        organisation_name=row.person_organisation,
        person_id=row.person_id,
        person_name=row.person_name,
        home_unit_id=row.person_unit_id,
        language=row.person_language,
        currency=row.person_currency,
        roles=roles,
        permissions=permissions,
        session_id=getattr(row, "session_id", None),
    )


def actor_of(session: Session, org_id: UUID, person_id: UUID) -> Actor | None:
    """The actor of a member, for the command line's ``--as`` and for tests."""

    def rows(query: Prepared, values: Mapping[str, Any]) -> list[Any]:
        return query.rows(session, values)

    row = _BY_ID.first(session, {"person": person_id, "org": org_id})
    return None if row is None else _actor(rows, row)


def bearer(request: Request) -> str | None:
    """The API token of the request, if it has one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


class Errand:
    """What a hot page asks in the very statement that reads who asks: one round trip for both.

    ``add`` puts the page's columns to the one row of the signed-in person, with outer joins that
    begin at ``ORGANISATION_ID``: who asks is known whether there is such a thing or not.
    """

    def __init__(self, add: Callable[[Who], Who]) -> None:
        self._by_session, self._by_token = Prepared(add(_BY_SESSION)), Prepared(add(_BY_TOKEN))

    def asked(
        self, request: Request, values: Mapping[str, Any] = NOTHING
    ) -> tuple[Actor | None, Any]:
        """Who asks, and the row with the page's columns; two times nothing for a stranger."""
        token, cookie = bearer(request), request.cookies.get(SESSION_COOKIE)
        row = actor = None
        if token or cookie:
            database: Database = request.app.state.db
            now = database.clock.now()
            own = {"token_hash": hashed(token or cookie or ""), **values}
            if token:
                found = database.glance(self._by_token, own | {"now": now})
            else:
                since = {
                    "idle_since": now - IDLE,
                    "since": now - ABSOLUTE,
                    "touched_before": now - TOUCHED_EVERY,
                }
                found = database.glance(self._by_session, own | since)
                if found and found[0].is_to_touch and database.enqueue is not None:
                    database.enqueue(TOUCH_SESSION, found[0].session_id)
            if found:
                (row,) = found
                actor = _actor(database.glance, row)
        request.state.actor = actor
        return actor, row

    def asked_by_member(
        self, request: Request, values: Mapping[str, Any] = NOTHING
    ) -> tuple[Actor, Any]:
        """As ``asked``, for those who are signed in. Raises ``SignInRequired``."""
        actor, row = self.asked(request, values)
        return _known(request, actor), row


_ONLY_WHO = Errand(lambda who: who)


def asker(request: Request) -> Actor | None:
    """Who acts, in a statement of its own; nothing for a stranger."""
    return _ONLY_WHO.asked(request)[0]


async def _maybe_signed_in(request: Request) -> Actor | None:
    """Without costing a thread."""
    return asker(request)


MaybeSignedIn = Annotated[Actor | None, Depends(_maybe_signed_in)]


async def _signed_in(request: Request, actor: MaybeSignedIn) -> Actor:
    return _known(request, actor)


def _known(request: Request, actor: Actor | None) -> Actor:
    if actor is None:
        raise SignInRequired(headers={"WWW-Authenticate": "Bearer"})
    queued_by = request.headers.get(OWNER_HEADER)
    if queued_by is not None and queued_by != actor.owner:
        # The cookie may have changed hands since the page that sends was opened.
        raise OtherPersonSignedIn
    return actor


SignedIn = Annotated[Actor, Depends(_signed_in)]
