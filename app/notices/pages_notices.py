"""What one was told, read and unread, and how one wants to be told."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.kit.db import Database
from app.kit.errors import Invalid
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.once import once
from app.kit.page import page, redirect, redirect_to_path, url
from app.kit.paging import Cursor, keyset
from app.kit.web import Db
from app.notices import queries_notices, service
from app.notices.jobs import subject_of
from app.notices.kinds import GROUPS, KINDS, Delivery
from app.notices.models import Notice

router = APIRouter(prefix="/varsler")

ROWS = 50
DELIVERIES: Mapping[Delivery, str] = {
    Delivery.AT_ONCE: N_("E-post med en gang"),
    Delivery.DAILY: N_("I samlebrevet hver morgen"),
    Delivery.PRODUCT: N_("Bare her i Omløp"),
    Delivery.OFF: N_("Ikke varsle meg"),
}
ChoiceForm = Annotated[Submission[service.Choose], Depends(submitted(service.Choose))]


@router.get("", name="notices:browse")
def browse(
    request: Request,
    actor: SignedIn,
    db: Db,
    shown: Annotated[str, Query(alias="vis", max_length=10)] = "",
    cursor: Cursor = None,
) -> Response:
    """What one was told, and whether the e-mail went out; for administrators everybody's."""
    may_see_all = actor.may(Permission.ORGANISATION_EDIT)
    everybody = may_see_all and shown == "alle"
    with db.read() as session:
        query = queries_notices.notices_visible_to(actor, everybody=everybody)
        if shown == "uleste":
            query = query.where(Notice.read_at.is_(None))
        found = keyset(
            session,
            query,
            queries_notices.NEWEST_FIRST,
            cursor=cursor,
            limit=ROWS,
            rows=lambda result: result.scalars().all(),
            position=lambda row: (row.created_at, row.id),
        )
        kept = shown if everybody or shown == "uleste" else None
        further = url(request, "notices:browse", query={"vis": kept, "cursor": found.next})
        names = queries_notices.names_of(session, found.rows) if everybody else {}
        return page(
            request,
            "notices/browse.html",
            rows=[_notice(request, each, names) for each in found.rows],
            unread=queries_notices.unread(session, actor),
            next_href=further if found.next else None,
            first_href=url(request, "notices:browse", query={"vis": kept}) if cursor else None,
            may_see_all=may_see_all,
            shown=kept or "",
            has_mail=bool(request.app.state.settings.mail_host),
        )


def _notice(request: Request, notice: Notice, names: Mapping[UUID, str]) -> dict[str, Any]:
    return {
        "id": notice.id,
        "subject": subject_of(notice, request.app.state.templates),
        "href": KINDS[notice.kind].leads_to(notice.subject_id),
        "name": names.get(notice.person_id),
        "at": notice.created_at,
        "delivery": notice.delivery.value,
        "is_read": notice.read_at is not None,
        "sent_at": notice.sent_at,
        "gave_up_at": notice.gave_up_at,
        "attempts": notice.attempts,
        "next_try_at": notice.next_try_at,
        "last_error": notice.last_error,
    }


@router.post("/lest", name="notices:read_all")
def read_all(request: Request, actor: SignedIn, db: Db) -> Response:
    with db.write() as session:
        service.read(session, actor, [service.Read()])
    return redirect(request, "notices:browse", message=gettext(N_("Alt er merket som lest.")))


@router.post("/{notice_id}/apne", name="notices:open")
def read(request: Request, notice_id: UUID, actor: SignedIn, db: Db) -> Response:
    """Marks the notice as read and goes on to what it is about."""
    with db.write() as session:
        service.read(session, actor, [service.Read(notice_ids=[notice_id])])
        notice = session.get_one(Notice, notice_id)
        path = KINDS[notice.kind].leads_to(notice.subject_id)
    return redirect_to_path(request, path)


@router.get("/valg", name="notices:choices")
def choices(request: Request, actor: SignedIn, db: Db) -> Response:
    return _choices(request, db, actor)


@router.post("/valg", name="notices:choose")
def choose(request: Request, form: ChoiceForm, actor: SignedIn, db: Db) -> Response:
    try:
        commands = _chosen(form.raw)
        with db.write() as session:
            once(
                session,
                actor,
                form.key,
                commands,
                lambda: len(service.choose(session, actor, commands)),
            )
    except Invalid as problem:
        return _choices(request, db, actor, form=form.raw, problem=problem)
    return redirect(request, "notices:choices", message=gettext(N_("Valgene er lagret.")))


def _chosen(raw: Mapping[str, str]) -> list[service.Choose]:
    """Raises ``Invalid`` at each kind whose answer is none of those that stand there."""
    known = set(Delivery)
    wrong = {
        kind: N_("Velg et av svarene.") for kind in KINDS if raw.get(kind) not in {None, *known}
    }
    if wrong:
        raise Invalid(by_field=wrong)
    return [
        service.Choose(kind=kind, delivery=Delivery(raw[kind])) for kind in KINDS if kind in raw
    ]


def _choices(
    request: Request,
    db: Database,
    actor: Actor,
    *,
    form: dict[str, str] | None = None,
    problem: Invalid | None = None,
) -> Response:
    with db.read() as session:
        chosen = queries_notices.choices_of(session, actor)
        return page(
            request,
            "notices/choices.html",
            status=problem.status if problem else 200,
            groups=[
                {
                    "title": gettext(title),
                    "kinds": [
                        {
                            "name": name,
                            "label": gettext(kind.label),
                            "is_asked": kind.is_asked,
                            "delivery": chosen[name].value,
                            "options": [
                                (each.value, gettext(text))
                                for each, text in DELIVERIES.items()
                                if not (kind.is_asked and each is Delivery.OFF)
                            ],
                        }
                        for name, kind in KINDS.items()
                        if kind.group is group
                    ],
                }
                for group, title in GROUPS.items()
                if any(kind.group is group for kind in KINDS.values())
            ],
            key=str(uuid4()),
            form=form or {},
            errors=problem.by_field if problem else {},
        )
