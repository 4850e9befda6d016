"""Signing in and out with a password, and the one-time set-up of the first organisation."""

import secrets
from uuid import UUID

from pwdlib import PasswordHash
from pydantic import BaseModel, Field, field_validator
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.actor import IDLE, TOUCHED_EVERY, hashed
from app.accounts.attempts import count_attempt
from app.accounts.models import LoginSession, Membership, Organisation, Person, SetUp
from app.kit.db import changed_rows, clock_of
from app.kit.errors import Forbidden, Gone, Invalid
from app.kit.i18n import N_

PASSWORDS = PasswordHash.recommended()
TRIES_PER_ACCOUNT = 10
TRIES_PER_ADDRESS = 100
# Checked when nobody has the address, so that both answers take the same time (guarantees C3).
_NOBODYS = PASSWORDS.hash(secrets.token_hex())


class WrongPassword(Invalid):
    title = N_("E-postadressen eller passordet er feil.")


class SetUpSpent(Gone):
    title = N_("Lenken til oppsettet er feil eller brukt.")


def email_folded(value: str) -> str:
    """An address as it is compared: without spaces around it, in small letters."""
    return value.strip().lower()


class SignIn(BaseModel):
    email: str = Field(max_length=254)
    password: str = Field(max_length=256)

    _fold = field_validator("email")(email_folded)


def count_sign_in(session: Session, command: SignIn, address: str) -> None:
    """Counts the try before the password is looked at. Raises ``TooMany``."""
    count_attempt(session, f"sign-in:address:{address}", TRIES_PER_ADDRESS)
    count_attempt(session, f"sign-in:account:{command.email}", TRIES_PER_ACCOUNT)


def check_password(session: Session, command: SignIn) -> UUID:
    """The person's id. Slow on purpose (Argon2): called in a ``read`` block, never in a ``write``.

    Raises ``WrongPassword``, the same for an unknown address and a wrong password.
    """
    row = session.execute(
        select(Person.id, Person.password_hash).where(
            Person.email == command.email, Person.is_active
        )
    ).one_or_none()
    kept = row.password_hash if row and row.password_hash else _NOBODYS
    if not PASSWORDS.verify(command.password, kept) or row is None or not row.password_hash:
        raise WrongPassword
    person_id: UUID = row.id
    return person_id


def open_session(session: Session, person_id: UUID, org_id: UUID | None = None) -> str:
    """A new login session in the organisation, or in the person's first one. Gives the token."""
    memberships = list(
        session.scalars(
            select(Membership.org_id)
            .join(Organisation, Organisation.id == Membership.org_id)
            .where(Membership.person_id == person_id, Membership.ended_at.is_(None))
            .order_by(Organisation.name)
        )
    )
    if not memberships or (org_id is not None and org_id not in memberships):
        raise Forbidden(N_("Du er ikke med i noen virksomhet her."))
    token = secrets.token_urlsafe(32)
    now = clock_of(session).now()
    session.add(
        LoginSession(
            token_hash=hashed(token),
            person_id=person_id,
            org_id=org_id or memberships[0],
            created_at=now,
            seen_at=now,
        )
    )
    return token


def close_session(session: Session, token: str) -> None:
    """Ends the login session on the server; the cookie is worth nothing afterwards."""
    session.execute(
        update(LoginSession)
        .where(LoginSession.token_hash == hashed(token), LoginSession.ended_at.is_(None))
        .values(ended_at=clock_of(session).now())
    )


def touch_session(session: Session, session_id: UUID) -> None:
    """Says that the person is still here; a session that has ended stays ended."""
    now = clock_of(session).now()
    session.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.ended_at.is_(None))
        .where(LoginSession.seen_at.between(now - IDLE, now - TOUCHED_EVERY))
        .values(seen_at=now)
    )


def password_is_long_enough(value: str) -> str:
    """At least 12 characters and no rules of composition (ASVS 6.2)."""
    if len(value) < 12:
        raise ValueError(N_("Velg et passord med minst 12 tegn."))
    return value


def new_set_up(session: Session) -> str:
    """A one-time secret for the set-up page. Earlier ones are spent by it."""
    now = clock_of(session).now()
    session.execute(update(SetUp).where(SetUp.spent_at.is_(None)).values(spent_at=now))
    token = secrets.token_urlsafe(24)
    session.add(SetUp(token_hash=hashed(token), created_at=now))
    return token


def set_up_is_open(session: Session, token: str) -> bool:
    return (
        session.scalar(
            select(SetUp.id).where(SetUp.token_hash == hashed(token), SetUp.spent_at.is_(None))
        )
        is not None
    )


def spend_set_up(session: Session, token: str) -> None:
    """One conditional UPDATE: of two simultaneous uses one succeeds. Raises ``SetUpSpent``."""
    spent = session.execute(
        update(SetUp)
        .where(SetUp.token_hash == hashed(token), SetUp.spent_at.is_(None))
        .values(spent_at=clock_of(session).now())
    )
    if changed_rows(spent) != 1:
        raise set_up_spent(session)


def set_up_spent(session: Session) -> SetUpSpent:
    """What to do instead: signing in helps nobody before there is an organisation."""
    if session.scalar(select(Organisation.id).limit(1)) is None:
        return SetUpSpent(N_("Kjør «omlop init» på serveren for å få en ny lenke."))
    return SetUpSpent(N_("Virksomheten er alt opprettet. Logg inn i stedet."))
