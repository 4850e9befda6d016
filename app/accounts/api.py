"""Units, people and tokens as JSON."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from app.accounts import queries, service, service_language, service_tokens
from app.accounts.actor import Actor, SignedIn
from app.accounts.models import ApiToken, Membership, Person, Unit
from app.accounts.rules import Permission, Role
from app.kit.answers import answered
from app.kit.errors import NotFound
from app.kit.once import once
from app.kit.paging import LIMIT, Cursor, Limit, keyset
from app.kit.web import Db, IdempotencyKey, IfMatch, etag, link_next, version_of

router = APIRouter(tags=["organisation"])


class MeOut(BaseModel):
    """Who acts, where, and with which roles."""

    person_id: UUID | None
    name: str
    org_id: UUID
    organisation: str
    home_unit_id: UUID | None
    language: str
    roles: list[Role]
    permissions: list[Permission]


class UnitOut(BaseModel):
    id: UUID
    name: str
    parent_id: UUID | None
    cost_centre: str | None
    leader_id: UUID | None
    deputy_ids: list[UUID]
    version: int

    @classmethod
    def all(cls, session: Session, actor: Actor, units: Sequence[Unit]) -> list["UnitOut"]:
        deputies = queries.deputies_by_unit(session, actor, [each.id for each in units])
        return [
            cls(
                id=each.id,
                name=each.name,
                parent_id=each.parent_id,
                cost_centre=each.cost_centre,
                leader_id=each.leader_id,
                deputy_ids=deputies.get(each.id, []),
                version=each.version,
            )
            for each in units
        ]


class UnitFields(BaseModel):
    """All of them as they are to be: one that is left out is emptied."""

    model_config = ConfigDict(extra="forbid")

    name: str
    cost_centre: str | None = None
    leader_id: UUID | None = None
    deputy_ids: list[UUID] = []


class PersonOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    email: str
    home_unit_id: UUID | None


class MemberOut(PersonOut):
    """A member with the roles; ``role_unit_id`` is where they hold, everywhere without one."""

    roles: list[Role]
    role_unit_id: UUID | None
    version: int


class MemberFields(BaseModel):
    model_config = ConfigDict(extra="forbid")

    home_unit_id: UUID | None = None
    roles: list[Role]
    role_unit_id: UUID | None = None


class TokenOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    created_at: datetime
    expires_at: datetime | None


class NewTokenOut(TokenOut):
    """``secret`` is shown this once; a repeat with the same key answers without it."""

    secret: str | None


def _me(actor: Actor, language: str) -> MeOut:
    return MeOut(
        person_id=actor.person_id,
        name=actor.person_name,
        org_id=actor.org_id,
        organisation=actor.organisation_name,
        home_unit_id=actor.home_unit_id,
        language=language,
        roles=sorted(actor.roles),
        permissions=sorted(actor.permissions),
    )


@router.get("/me", response_model=MeOut)
def me(actor: SignedIn) -> JSONResponse:
    return JSONResponse(_me(actor, actor.language).model_dump(mode="json"))


@router.post("/me/language", response_model=MeOut)
def choose_language(
    request: Request,
    command: service_language.ChooseLanguage,
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> JSONResponse:
    """What letters to the caller are written in, in every organisation."""
    finished = request.app.state.settings.finished_languages

    def run(session: Session) -> MeOut:
        service_language.choose_language(session, actor, command, finished)
        return _me(actor, command.language)

    return answered(db, actor, key, [command], run)


@router.get("/units", response_model=list[UnitOut])
def list_units(
    request: Request, actor: SignedIn, db: Db, cursor: Cursor = None, limit: Limit = LIMIT
) -> JSONResponse:
    with db.read() as session:
        found = keyset(
            session,
            queries.units_visible_to(actor),
            [(Unit.name.expression, False), (Unit.id.expression, False)],
            cursor=cursor,
            limit=limit,
            rows=lambda result: result.scalars().all(),
            position=lambda unit: (unit.name, unit.id),
        )
        units = UnitOut.all(session, actor, found.rows)
    answer = [each.model_dump(mode="json") for each in units]
    return JSONResponse(answer, headers=link_next(request, found.next))


@router.post("/units", response_model=list[UnitOut])
def add_units(
    commands: Annotated[list[service.AddUnit], Body(min_length=1, max_length=200)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> JSONResponse:
    return answered(
        db,
        actor,
        key,
        commands,
        lambda session: UnitOut.all(session, actor, service.add_units(session, actor, commands)),
    )


@router.put("/units/{unit_id}", response_model=UnitOut)
def edit_unit(
    unit_id: UUID, fields: UnitFields, actor: SignedIn, db: Db, if_match: IfMatch = None
) -> JSONResponse:
    command = service.EditUnit(unit_id=unit_id, version=version_of(if_match), **fields.model_dump())
    with db.write() as session:
        unit = service.edit_unit(session, actor, command)
        (out,) = UnitOut.all(session, actor, [unit])
    return JSONResponse(out.model_dump(mode="json"), headers=etag(out.version))


@router.get("/units/{unit_id}", response_model=UnitOut)
def show_unit(unit_id: UUID, actor: SignedIn, db: Db) -> JSONResponse:
    with db.read() as session:
        unit = session.scalar(queries.units_visible_to(actor).where(Unit.id == unit_id))
        if unit is None:
            raise NotFound
        (out,) = UnitOut.all(session, actor, [unit])
    return JSONResponse(out.model_dump(mode="json"), headers=etag(out.version))


@router.get("/people", response_model=list[PersonOut])
def list_people(
    request: Request, actor: SignedIn, db: Db, cursor: Cursor = None, limit: Limit = LIMIT
) -> JSONResponse:
    """Members, for those who administer them."""
    actor.must(Permission.PERSON_EDIT)
    with db.read() as session:
        found = keyset(
            session,
            queries.people_visible_to(actor),
            [(Person.name.expression, False), (Person.id.expression, False)],
            cursor=cursor,
            limit=limit,
            rows=lambda result: result.all(),
            position=lambda row: (row.name, row.id),
        )
    answer = [PersonOut.model_validate(each).model_dump(mode="json") for each in found.rows]
    return JSONResponse(answer, headers=link_next(request, found.next))


@router.post("/people", response_model=list[PersonOut])
def add_people(
    commands: Annotated[list[service.AddMember], Body(min_length=1, max_length=50)],
    actor: SignedIn,
    db: Db,
    key: IdempotencyKey = None,
) -> JSONResponse:
    def out(session: Session) -> list[PersonOut]:
        people = service.add_members(session, actor, commands)
        return [
            PersonOut(
                id=person.id, name=person.name, email=person.email, home_unit_id=each.home_unit_id
            )
            for person, each in zip(people, commands, strict=True)
        ]

    return answered(db, actor, key, commands, out)


def _member(session: Session, actor: Actor, person_id: UUID) -> MemberOut:
    row = session.execute(
        queries.people_visible_to(actor).where(Membership.person_id == person_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    grants = session.execute(queries.roles_of(actor, [row.membership_id])).all()
    return MemberOut(
        id=row.id,
        name=row.name,
        email=row.email,
        home_unit_id=row.home_unit_id,
        roles=sorted(each.role for each in grants),
        role_unit_id=next((each.unit_id for each in grants if each.unit_id), None),
        version=row.version,
    )


@router.get("/people/{person_id}", response_model=MemberOut)
def show_person(person_id: UUID, actor: SignedIn, db: Db) -> JSONResponse:
    actor.must(Permission.PERSON_EDIT)
    with db.read() as session:
        out = _member(session, actor, person_id)
    return JSONResponse(out.model_dump(mode="json"), headers=etag(out.version))


@router.put("/people/{person_id}", response_model=MemberOut)
def change_person(
    person_id: UUID, fields: MemberFields, actor: SignedIn, db: Db, if_match: IfMatch = None
) -> JSONResponse:
    actor.must(Permission.PERSON_EDIT)
    command = service.ChangeMember(
        person_id=person_id, version=version_of(if_match), **fields.model_dump()
    )
    with db.write() as session:
        service.change_member(session, actor, command)
        out = _member(session, actor, person_id)
    return JSONResponse(out.model_dump(mode="json"), headers=etag(out.version))


@router.delete("/people/{person_id}", status_code=204)
def remove_person(person_id: UUID, actor: SignedIn, db: Db) -> None:
    with db.write() as session:
        service.remove_member(session, actor, service.RemoveMember(person_id=person_id))


@router.get("/tokens", response_model=list[TokenOut])
def list_tokens(actor: SignedIn, db: Db) -> list[ApiToken]:
    with db.read() as session:
        return list(session.scalars(queries.tokens_of(actor)))


@router.post("/tokens", status_code=201, response_model=NewTokenOut)
def make_token(
    command: service_tokens.MakeToken, actor: SignedIn, db: Db, key: IdempotencyKey = None
) -> JSONResponse:
    """What is kept under the key is the answer without the secret, which nobody may keep."""
    secret = None

    def call() -> TokenOut:
        nonlocal secret
        token, secret = service_tokens.make_token(session, actor, command)
        return TokenOut.model_validate(token)

    with db.write() as session:
        answer = once(session, actor, key, [command], call, dict)
    return JSONResponse({**answer, "secret": secret}, status_code=201)


@router.delete("/tokens/{token_id}", status_code=204)
def revoke_token(token_id: UUID, actor: SignedIn, db: Db) -> None:
    with db.write() as session:
        service_tokens.revoke_token(session, actor, service_tokens.RevokeToken(token_id=token_id))
