"""Entries by hand, one form for each of the four sources."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.queries import unit_choices
from app.accounts.rules import Permission
from app.catalogue.models import Category
from app.catalogue.queries import category_name
from app.handovers import service, views
from app.handovers.outputs import HandoverOut
from app.handovers.pages import errors_of
from app.handovers.rules import BY_HAND, MOST_PIECES
from app.impact.rules import FulfilmentSource
from app.items.models import Code
from app.kit import codes
from app.kit.errors import Conflict, Invalid, NotFound
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext, ngettext
from app.kit.once import once, only_id
from app.kit.page import page, redirect
from app.kit.units import g_from_kg
from app.kit.web import Db
from app.places.queries import place_choices
from app.projects.models import ProgrammeLine, Project
from app.projects.queries import (
    category_choices,
    lines_visible_to,
    projects_visible_to,
    standing_count,
)
from app.projects.rules import SOURCE_HINTS, SOURCES

router = APIRouter(prefix="/overleveringer/for-hand")

RecordForm = Annotated[Submission[service.Record], Depends(submitted(service.Record))]
LineId = Annotated[UUID | None, Query(alias="linje")]

LINE_WRONG = N_("Linje %(n)s: %(why)s")


@router.get("", name="handovers:record")
def ask(
    request: Request,
    actor: SignedIn,
    db: Db,
    line_id: LineId = None,
    source: Annotated[FulfilmentSource, Query(alias="kilde")] = FulfilmentSource.BOUGHT_USED,
) -> Response:
    actor.must(Permission.HANDOVER_MAKE)
    with db.read() as session:
        form = {
            "source": source.value,
            "handed_over_on": db.clock.today().isoformat(),
        }
        return _form(request, session, actor, line_id, form=form, errors={})


@router.post("", name="handovers:do_record")
def record(
    request: Request, form: RecordForm, actor: SignedIn, db: Db, line_id: LineId = None
) -> Response:
    try:
        with db.read() as session:
            given = _pieces_named(session, actor, form.raw)
        commands = [form.valid(programme_line_id=line_id, **given)]
        with db.write() as session:
            handover_id, count = once(
                session,
                actor,
                form.key,
                commands,
                lambda: HandoverOut.all(session, actor, service.record(session, actor, commands)),
                lambda answer: (only_id(answer), len(answer[0]["lines"])),
            )
    except (Invalid, Conflict) as problem:
        errors = errors_of(problem)
        if "item_ids" in errors:
            errors["codes"] = errors.pop("item_ids")
        with db.read() as session:
            return _form(
                request,
                session,
                actor,
                line_id,
                form=form.raw,
                errors=errors,
                status=problem.status,
            )
    message = ngettext("Møbelet er ført inn.", "%(num)s møbler er ført inn.", count, num=count)
    if line_id is not None:
        return redirect(request, "projects:line", message=message, programme_line_id=line_id)
    return redirect(request, "handovers:show", message=message, handover_id=handover_id)


def _pieces_named(session: Session, actor: Actor, raw: dict[str, str]) -> dict[str, Any]:
    """The pieces that codes were typed for: those redesigned, or the donors with their grams."""
    if raw.get("source") == FulfilmentSource.REDESIGNED:
        typed = [each for each in raw.get("codes", "").splitlines() if each.strip()]
        return {"item_ids": _items(session, actor, typed, "codes")}
    if raw.get("source") != FulfilmentSource.REDESIGNED_FROM_SURPLUS:
        return {}
    rows = [each.rsplit(maxsplit=1) for each in raw.get("donors", "").splitlines() if each.strip()]
    grams = []
    for n, row in enumerate(rows, 1):
        try:
            grams.append(g_from_kg(row[1].removesuffix("kg")))
        except (IndexError, ValueError):
            why = gettext("skriv koden, et mellomrom og kiloene som er bygd inn.")
            raise Invalid(by_field={"donors": gettext(LINE_WRONG, n=n, why=why)}) from None
    ids = _items(session, actor, [row[0] for row in rows], "donors")
    return {
        "donors": [
            {"item_id": item_id, "built_in_g": g} for item_id, g in zip(ids, grams, strict=True)
        ]
    }


def _items(session: Session, actor: Actor, typed: list[str], field: str) -> list[UUID]:
    """The organisation's pieces that the codes lead to, in their order."""
    if len(typed) > MOST_PIECES:
        raise Invalid(by_field={field: gettext("Skriv høyst %(n)s koder.", n=MOST_PIECES)})
    read = []
    for n, text in enumerate(typed, 1):
        try:
            read.append(codes.read_code(text))
        except Invalid as problem:
            why = gettext(problem.detail or problem.title)
            raise Invalid(by_field={field: gettext(LINE_WRONG, n=n, why=why)}) from None
    found = {
        row[0]: row[1]
        for row in session.execute(
            select(Code.code, Code.item_id).where(
                Code.org_id == actor.org_id, Code.code.in_(read), Code.item_id.is_not(None)
            )
        )
    }
    for n, code in enumerate(read, 1):
        if code not in found:
            why = gettext("ingen av møblene våre har koden %(code)s.", code=codes.grouped(code))
            raise Invalid(by_field={field: gettext(LINE_WRONG, n=n, why=why)})
    return [item_id for code in read if (item_id := found[code]) is not None]


def _form(
    request: Request,
    session: Session,
    actor: Actor,
    line_id: UUID | None,
    *,
    form: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    actor.must(Permission.HANDOVER_MAKE)
    source = form.get("source", "")
    if source not in set(BY_HAND):
        raise NotFound
    line: ProgrammeLine | None = None
    project: Project | None = None
    category = None
    if line_id is not None:
        line = session.scalar(lines_visible_to(actor).where(ProgrammeLine.id == line_id))
        if line is None:
            raise NotFound
        project = session.scalars(
            projects_visible_to(actor).where(Project.id == line.project_id)
        ).one()
        category = category_name(session.get_one(Category, line.category_id))
        met = {row[0]: row[1] for row in session.execute(standing_count(actor, [line.id]))}
        form = {
            "quantity": str(min(max(line.quantity - met.get(line.id, 0), 1), MOST_PIECES)),
            "category_id": line.category_id,
            "to_unit_id": str(project.unit_id),
            "to_place_id": str(line.place_id or project.place_id or ""),
            **form,
        }
    form = {"quantity": "1", **form}
    chosen = FulfilmentSource(source)
    return page(
        request,
        "handovers/record.html",
        status=status,
        source=chosen.value,
        source_name=gettext(SOURCES[chosen]),
        source_hint=gettext(SOURCE_HINTS[chosen]),
        sources=[(each.value, gettext(SOURCES[each])) for each in BY_HAND],
        line=line,
        project=project,
        category=category,
        categories=category_choices(session),
        units=unit_choices(session, actor),
        places=place_choices(session, actor),
        vehicles=views.vehicle_choices(session),
        levels=views.level_choices(),
        key=str(uuid4()),
        form=form,
        errors=errors,
    )
