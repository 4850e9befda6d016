"""The language somebody reads: of their pages in a browser, of letters to them everywhere."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.kit.errors import Forbidden, Invalid
from app.kit.i18n import N_

NOT_OFFERED = N_("Velg et av språkene som finnes.")
NOBODY = N_("En API-nøkkel uten person leser ikke brev.")


class ChooseLanguage(BaseModel):
    """``language`` is a code as ``nb``, one of those the installation has finished."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: str = Field(max_length=8)


def must_be_offered(command: ChooseLanguage, finished: Sequence[str]) -> None:
    """Raises ``Invalid`` for a language that is not finished here."""
    if command.language not in finished:
        raise Invalid(by_field={"language": NOT_OFFERED})


def choose_language(
    session: Session, actor: Actor, command: ChooseLanguage, finished: Sequence[str]
) -> None:
    """Letters to the actor are written in it from now on, also those that wait to be sent.

    It is the person's own in every organisation, so no organisation's chain tells of it.
    """
    if actor.person_id is None:
        raise Forbidden(NOBODY)
    must_be_offered(command, finished)
    session.execute(
        update(Person).where(Person.id == actor.person_id).values(language=command.language)
    )


def language_of(session: Session, person_id: UUID) -> str:
    """What the person's letters are written in."""
    return session.scalars(select(Person.language).where(Person.id == person_id)).one()
