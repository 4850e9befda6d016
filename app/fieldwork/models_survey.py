"""Surveys: a building is walked, and everything in it registered."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.fieldwork.rules_survey import SURVEY_MACHINE, SurveyState
from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import TenantModel, same_org


class Survey(TenantModel):
    """A campaign of registration in a place, for a project, or for neither.

    What is registered for a project is put on it, and comes free on ``free_from``.
    """

    __tablename__ = "survey"
    machine = SURVEY_MACHINE

    state: Mapped[SurveyState] = mapped_column(EnumText(SurveyState))
    name: Mapped[str] = mapped_column(String(120))
    place_id: Mapped[UUID | None]
    project_id: Mapped[UUID | None]
    free_from: Mapped[date | None]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("place_id", "place"),
            same_org("project_id", "project"),
            CheckConstraint("project_id IS NULL OR free_from IS NOT NULL", name="free_from"),
            Index("ix_survey_started_at", "org_id", "started_at"),
        )


class SurveyPiece(TenantModel):
    """A piece that was registered in a survey, and by whom.

    ``is_judged``: somebody chose its condition; else it is the default.
    """

    __tablename__ = "survey_piece"

    survey_id: Mapped[UUID]
    item_id: Mapped[UUID]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    is_judged: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            same_org("survey_id", "survey"),
            same_org("item_id", "item"),
            UniqueConstraint("org_id", "item_id"),
            Index("ix_survey_piece_survey", "org_id", "survey_id", "created_at"),
        )
