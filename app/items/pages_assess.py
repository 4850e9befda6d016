"""Assessing a piece, standing beside it with a phone."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.models import Person
from app.accounts.rules import Permission
from app.items import names, queries_piece
from app.items.api_assess import AssessmentOut
from app.items.models import Item
from app.items.queries_assessed import assessments_of, still_here
from app.items.rules import PRESENT
from app.items.service_assess import Assess, assess
from app.kit import i18n
from app.kit.db import Database
from app.kit.errors import Invalid
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect
from app.kit.web import Db

router = APIRouter()

AssessForm = Annotated[Submission[Assess], Depends(submitted(Assess))]


def _show(
    request: Request,
    db: Database,
    actor: Actor,
    item_id: UUID,
    form: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
) -> Response:
    with db.read() as session:
        piece = queries_piece.piece(session, actor, item_id)
        return page(
            request,
            "items/assess.html",
            status=status,
            piece=piece,
            like=session.scalar(
                still_here(actor, piece.lot_id).with_only_columns(func.count(Item.id))
            ),
            rows=assessed(session, actor, item_id),
            verdicts=[(each.value, gettext(text)) for each, text in names.VERDICTS.items()],
            suitabilities=[
                (each.value, gettext(text)) for each, text in names.SUITABILITIES.items()
            ],
            may_assess=piece.state in PRESENT
            and actor.may(Permission.ITEM_ASSESS, piece.owner_unit_id),
            key=str(uuid4()),
            form=form,
            errors=errors,
        )


def assessed(session: Session, actor: Actor, item_id: UUID) -> list[dict[str, Any]]:
    """What was said of the piece, in words."""
    rows = session.scalars(assessments_of(actor, item_id)).all()
    people = {
        row.id: row.name
        for row in session.execute(
            select(Person.id, Person.name).where(Person.id.in_({each.person_id for each in rows}))
        )
    }
    return [
        {
            "verdict": gettext(names.VERDICTS[each.verdict]),
            "tone": names.VERDICT_TONES.get(each.verdict, "warning"),
            "suitability": gettext(names.SUITABILITIES[each.suitability])
            if each.suitability
            else None,
            "cost": i18n.money_ore(each.cost_ore, actor.currency)
            if each.cost_ore is not None
            else None,
            "note": each.note,
            "who": people.get(each.person_id) if each.person_id else None,
            "on": each.assessed_on,
            "is_newest": each.is_newest,
        }
        for each in rows
    ]


@router.get("/mobler/{item_id}/vurdering", name="items:assess")
def show(request: Request, item_id: UUID, actor: SignedIn, db: Db) -> Response:
    actor.must(Permission.ITEM_READ)
    return _show(request, db, actor, item_id, {"assessed_on": db.clock.today().isoformat()}, {})


@router.post("/mobler/{item_id}/vurdering", name="items:do_assess")
def do_assess(
    request: Request, item_id: UUID, form: AssessForm, actor: SignedIn, db: Db
) -> Response:
    try:
        command = form.valid(item_id=item_id)
        with db.write() as session:
            count = once(
                session,
                actor,
                form.key,
                [command],
                lambda: AssessmentOut.all(session, assess(session, actor, [command])),
                len,
            )
    except Invalid as problem:
        return _show(request, db, actor, item_id, form.raw, problem.by_field, 422)
    message = gettext(N_("Vurderingen er lagret."))
    if count > 1:
        message = i18n.ngettext(
            "Vurderingen er lagret for %(num)s møbel.",
            "Vurderingen er lagret for %(num)s møbler.",
            count,
        )
    return redirect(request, "items:show", message=message, item_id=item_id)
