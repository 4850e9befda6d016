"""A case's page, also when what was sent from it is refused; and a case as a row of a file."""

from typing import Any
from uuid import UUID, uuid4

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.inbox import names, queries, views
from app.inbox.api import case_of
from app.inbox.models import Case
from app.inbox.rules import CASE_MACHINE, OPEN, CaseVerb, Outcome
from app.inbox.service_photos import MOST_PHOTOS
from app.kit.clock import OSLO
from app.kit.db import Database
from app.kit.exports import Column, Value
from app.kit.i18n import N_, gettext
from app.kit.images import reads_heic
from app.kit.page import page
from app.kit.states import allows
from app.workshop.models import SupplierOrder
from app.workshop.names import STATES
from app.workshop.queries import orders_visible_to


def show(
    request: Request,
    db: Database,
    actor: Actor,
    case_id: UUID,
    *,
    at: str = "",
    form: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """``at`` names the form that ``form`` and ``errors`` are of."""
    now = db.clock.now()
    with db.read() as session:
        case = case_of(session, actor, case_id)
        handles = queries.may_handle(actor, case)
        is_own = case.person_id is not None and case.person_id == actor.person_id
        is_open = case.state in OPEN
        return page(
            request,
            "inbox/case.html",
            status=status,
            case=case,
            about=views.about(request, session, actor, case, now.astimezone(OSLO).date()),
            thread=views.thread(session, actor, case),
            visits=views.visits(session, actor, case, now),
            orders=_orders(session, actor, case) if handles else [],
            history=views.history(session, actor, case) if handles else [],
            age=views.age(case.received_at, now),
            outcomes=[(each.value, gettext(names.OUTCOMES[each])) for each in Outcome],
            handles=handles,
            is_own=is_own,
            is_open=is_open,
            may_write=is_open and is_own,
            may_withdraw=is_open and (is_own or handles),
            may_reopen=handles and allows(CASE_MACHINE, case.state, CaseVerb.REOPEN),
            most_photos=MOST_PHOTOS,
            reads_heic=reads_heic(),
            key=str(uuid4()),
            at=at,
            form=form or {},
            errors=errors or {},
        )


def _orders(session: Session, actor: Actor, case: Case) -> list[dict[str, Any]]:
    """Orders to suppliers that came of it, the newest first."""
    found = orders_visible_to(actor).where(SupplierOrder.case_id == case.id)
    rows = session.scalars(found.order_by(SupplierOrder.number.desc()))
    said = [(each, STATES[each.state]) for each in rows]
    return [
        {"order": each, "state": {"text": gettext(text), "tone": tone}}
        for each, (text, tone) in said
    ]


def columns() -> list[Column]:
    labels = (
        ("number", N_("Nummer"), 12),
        ("received_on", N_("Kom inn"), 12),
        ("channel", N_("Kom som"), 12),
        ("kind", N_("Gjelder"), 20),
        ("subject", N_("Emne"), 40),
        ("asker", N_("Hvem"), 24),
        ("unit", N_("Enhet"), 24),
        ("state", N_("Status"), 16),
        ("assignee", N_("Ansvarlig"), 20),
        ("wanted_date", N_("Ønsket innen"), 12),
        ("deadline", N_("Frist"), 12),
        ("first_reply_on", N_("Første svar"), 12),
        ("closed_on", N_("Avsluttet"), 12),
        ("outcome", N_("Utfall"), 20),
        ("pieces", N_("Møbler"), 8),
    )
    return [Column(key, gettext(text), width) for key, text, width in labels]


def cells(row: dict[str, Any]) -> list[Value]:
    case = row["case"]
    return [
        case.title,
        case.received_on,
        gettext(names.CHANNELS[case.channel]),
        row["kind"],
        case.subject,
        case.asker_name,
        row["unit"],
        row["state"]["text"],
        row["assignee"],
        case.wanted_date,
        case.deadline,
        case.first_reply_on,
        case.closed_on,
        row["outcome"],
        case.pieces,
    ]
