"""Chooses the pictures of before and after that a project's report shows."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.accounts.actor import Actor
from app.accounts.rules import Permission
from app.items.models import Item
from app.kit.chance import new_id
from app.kit.db import clock_of
from app.kit.errors import Invalid, Stale
from app.kit.events import publish
from app.kit.i18n import N_
from app.projects.models import Project
from app.projects.queries import projects_visible_to
from app.projects.rules import ProjectState
from app.projects.service_projects import own_projects
from app.reports.errors import ProjectNotFound
from app.reports.events import ReportPicturesChosen
from app.reports.figures import Mended
from app.reports.models_pictures import ReportPictures
from app.reports.queries_pictures import Pair, one_of_each_lot, pairs, pieces_of_project

MOST_SHOWN = 12
BY_THEMSELVES = 6
"""So many are shown until somebody chooses: the newest, one of each lot."""
MOST_OFFERED = 60


class ReportPicturesFields(BaseModel):
    """The pieces whose pictures are shown, none for no pictures; nothing lets the newest be shown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    item_ids: Annotated[list[UUID], Field(max_length=MOST_SHOWN)] | None


class ChooseReportPictures(ReportPicturesFields):
    """``version`` is the one that was seen, 0 when nobody had chosen."""

    project_id: UUID
    version: int = Field(ge=0)


@dataclass(frozen=True, slots=True)
class Offered:
    """What there is to choose from, the newest first, and what is shown of it.

    ``may_choose`` is whether the actor may, as things are now.
    """

    pairs: tuple[Mended, ...]
    shown: tuple[Mended, ...]
    is_chosen: bool
    version: int
    may_choose: bool


def shown_pictures(session: Session, actor: Actor, project_id: UUID) -> tuple[Mended, ...]:
    """What the report shows: what was chosen and is still there, else the newest."""
    return _offered(session, actor, project_id, _choice(session, actor, project_id))[1]


def offered_pictures(session: Session, actor: Actor, project_id: UUID) -> Offered:
    """Raises ``ProjectNotFound``."""
    actor.must(Permission.REPORT_READ)
    project = session.scalar(projects_visible_to(actor).where(Project.id == project_id))
    if project is None:
        raise ProjectNotFound
    choice = _choice(session, actor, project_id)
    found, shown = _offered(session, actor, project_id, choice)
    may_edit = actor.may(Permission.PROJECT_EDIT, project.unit_id)
    return Offered(
        pairs=found,
        shown=shown,
        is_chosen=choice is not None and choice.item_ids is not None,
        version=choice.version if choice else 0,
        may_choose=may_edit and project.state is not ProjectState.CLOSED,
    )


def choose_pictures(
    session: Session, actor: Actor, command: ChooseReportPictures
) -> ReportPictures:
    """For who may edit the project, until it is closed and its report is frozen.

    Raises ``NotFound``, ``Forbidden``, ``ProjectClosed``, ``Invalid`` for a piece without both
    pictures or of another project, and ``Stale`` when somebody else has chosen in the meantime.
    """
    actor.must(Permission.PROJECT_EDIT)
    own_projects(session, actor, [command.project_id])  # locked: nobody closes it meanwhile
    row = session.scalar(
        _of_project(actor, command.project_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if (row.version if row else 0) != command.version:
        raise Stale
    wanted = command.item_ids
    if wanted is not None:
        found = _pairs(session, actor, command.project_id, row)
        if unknown := set(wanted) - {each.mended.item_id for each in found}:
            raise Invalid(by_field={"item_ids": UNKNOWN}, where={"item_ids": unknown})
        # In the order they are offered in, each once.
        wanted = [each.mended.item_id for each in found if each.mended.item_id in set(wanted)]
    item_ids = None if wanted is None else [str(each) for each in dict.fromkeys(wanted)]
    now = clock_of(session).now()
    if row is None:
        row = ReportPictures(
            id=new_id(),
            org_id=actor.org_id,
            project_id=command.project_id,
            item_ids=item_ids,
            person_id=actor.person_id,
            changed_at=now,
        )
        try:
            with session.begin_nested():
                session.add(row)
                session.flush()  # meets the unique project: of two at once one sees the other's
        except IntegrityError as error:
            raise Stale from error
    else:
        row.item_ids, row.person_id, row.changed_at = item_ids, actor.person_id, now
        flag_modified(row, "changed_at")  # a new version also within one moment
        session.flush()
    told = {"project_id": row.project_id, "item_ids": item_ids}
    publish(session, [ReportPicturesChosen.of(row, actor.person_id, **told)])
    return row


UNKNOWN = N_("Velg blant prosjektets møbler som har bilder både før og etter.")


def _of_project(actor: Actor, project_id: UUID) -> Select[ReportPictures]:
    return select(ReportPictures).where(
        ReportPictures.org_id == actor.org_id, ReportPictures.project_id == project_id
    )


def _choice(session: Session, actor: Actor, project_id: UUID) -> ReportPictures | None:
    return session.scalar(_of_project(actor, project_id))


def _pairs(
    session: Session, actor: Actor, project_id: UUID, choice: ReportPictures | None
) -> list[Pair]:
    """The newest, and what was chosen, however many newer ones there are."""
    among = pieces_of_project(actor, project_id)
    found = pairs(session, actor, most=MOST_OFFERED, among=among)
    chosen = {UUID(each) for each in (choice.item_ids if choice else None) or ()}
    older = chosen - {each.mended.item_id for each in found}
    if older:
        of_project = select(Item.id).where(
            Item.org_id == actor.org_id, Item.id.in_(older), Item.id.in_(among)
        )
        found += pairs(session, actor, most=len(older), among=of_project)
    return found


def _offered(
    session: Session, actor: Actor, project_id: UUID, choice: ReportPictures | None
) -> tuple[tuple[Mended, ...], tuple[Mended, ...]]:
    found = _pairs(session, actor, project_id, choice)
    all_of_them = tuple(each.mended for each in found)
    if choice is None or choice.item_ids is None:
        return all_of_them, one_of_each_lot(found, BY_THEMSELVES)
    chosen = set(choice.item_ids)
    return all_of_them, tuple(each for each in all_of_them if str(each.item_id) in chosen)
