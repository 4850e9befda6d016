"""The pictures of before and after that a project's report shows, as JSON."""

from typing import Self
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.kit.web import Db, IfMatch, etag, version_of
from app.reports.figures import Mended
from app.reports.service_pictures import (
    ChooseReportPictures,
    Offered,
    ReportPicturesFields,
    choose_pictures,
    offered_pictures,
)

router = APIRouter(prefix="/projects/{project_id}", tags=["reports"])


class PairOut(BaseModel):
    """A piece's first picture of before and of after."""

    model_config = ConfigDict(from_attributes=True)

    item_id: UUID
    name: str
    before_photo_id: UUID
    after_photo_id: UUID
    is_shown: bool

    @classmethod
    def of(cls, pair: Mended, shown: set[UUID]) -> Self:
        return cls(
            item_id=pair.item_id,
            name=pair.name,
            before_photo_id=pair.before_photo_id,
            after_photo_id=pair.after_photo_id,
            is_shown=pair.item_id in shown,
        )


class ReportPicturesOut(BaseModel):
    """``is_chosen`` unless the newest are shown by themselves; ``version`` 0 when nobody chose."""

    pairs: list[PairOut]
    is_chosen: bool
    version: int

    @classmethod
    def of(cls, found: Offered) -> Self:
        shown = {each.item_id for each in found.shown}
        return cls(
            pairs=[PairOut.of(each, shown) for each in found.pairs],
            is_chosen=found.is_chosen,
            version=found.version,
        )


@router.get("/report-pictures", name="api:reports:pictures", response_model=ReportPicturesOut)
def show(project_id: UUID, actor: SignedIn, db: Db) -> JSONResponse:
    """What there is to choose from, the newest first."""
    with db.read() as session:
        return _out(session, actor, project_id)


@router.put(
    "/report-pictures", name="api:reports:choose_pictures", response_model=ReportPicturesOut
)
def choose(
    project_id: UUID,
    fields: ReportPicturesFields,
    actor: SignedIn,
    db: Db,
    if_match: IfMatch = None,
) -> JSONResponse:
    """``If-Match: "v0"`` the first time. No ids show no pictures, ``null`` the newest."""
    command = ChooseReportPictures(
        project_id=project_id, version=version_of(if_match), item_ids=fields.item_ids
    )
    with db.write() as session:
        choose_pictures(session, actor, command)
        return _out(session, actor, project_id)


def _out(session: Session, actor: Actor, project_id: UUID) -> JSONResponse:
    found = ReportPicturesOut.of(offered_pictures(session, actor, project_id))
    return JSONResponse(found.model_dump(mode="json"), headers=etag(found.version))
