"""Wishes and what was found for them and for needs, as JSON."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Request
from fastapi.responses import JSONResponse

from app.accounts.actor import SignedIn
from app.accounts.rules import Permission
from app.kit.answers import answered
from app.kit.errors import NotFound
from app.kit.i18n import N_
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Answer, Db, IdempotencyKey, link_next
from app.needs import queries_wish, service_wish
from app.needs.api import need_of
from app.needs.models_wish import Wish
from app.needs.outputs_wish import NEWEST_FIRST, FindOut, WishOut

router = APIRouter(tags=["needs"])

MOST = 100
EndWishes = Annotated[list[service_wish.OfWish], Body(min_length=1, max_length=MOST)]


@router.get("/wishes", name="wishes:list", response_model=list[WishOut])
def browse(
    request: Request, actor: SignedIn, db: Db, cursor: Cursor = None, limit: Limit = LIMIT
) -> JSONResponse:
    """One's own that stand, the newest first."""
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        found = keyset(
            session,
            queries_wish.open_wishes(actor),
            NEWEST_FIRST,
            cursor=cursor,
            limit=limit,
            rows=lambda result: list(result.scalars()),
            position=lambda each: (each.created_at, each.id),
        )
        body = [each.model_dump(mode="json") for each in WishOut.all(session, found.rows)]
    return JSONResponse(body, headers=link_next(request, found.next))


@router.post("/wishes", name="wishes:make_all", response_model=list[WishOut], status_code=201)
def make_wish(
    commands: Annotated[list[service_wish.MakeWish], Body(min_length=1, max_length=MOST)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    """Registers searches of the market that say so when something comes."""
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: WishOut.all(session, service_wish.make_wish(session, actor, commands)),
        201,
    )


@router.post("/wishes/edit", name="wishes:edit_all", response_model=list[WishOut])
def edit_wish(
    commands: Annotated[list[service_wish.EditWish], Body(min_length=1, max_length=MOST)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: WishOut.all(session, service_wish.edit_wish(session, actor, commands)),
    )


@router.post("/wishes/end", name="wishes:end_all", response_model=list[WishOut])
def end_wish(commands: EndWishes, actor: SignedIn, db: Db, key: IdempotencyKey = None) -> Answer:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: WishOut.all(session, service_wish.end_wish(session, actor, commands)),
    )


@router.get("/wishes/{wish_id}/found", name="wishes:found")
def wish_found(wish_id: UUID, actor: SignedIn, db: Db) -> list[FindOut]:
    """The newest of what came since the wish was made."""
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        if session.scalar(queries_wish.wishes_of(actor).where(Wish.id == wish_id)) is None:
            raise NotFound(N_("Fant ikke ønsket."))
        found = queries_wish.finds(session, actor, wish_id=wish_id)
    return [FindOut.model_validate(each._asdict()) for each in found]


@router.get("/needs/{need_id}/found", name="needs:found")
def need_found(need_id: UUID, actor: SignedIn, db: Db) -> list[FindOut]:
    """The newest of what came since the need was registered."""
    actor.must(Permission.REQUEST_MAKE)
    with db.read() as session:
        need = need_of(session, actor, need_id)
        found = queries_wish.finds(session, actor, need_id=need.id)
    return [FindOut.model_validate(each._asdict()) for each in found]
