"""The inbox: everything that waits for the furniture manager, and acts on many at once."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import Field
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.queries import unit_choices
from app.accounts.rules import Permission
from app.inbox import names, queries, service, views
from app.inbox.asked import asked_in
from app.inbox.commands import AssignCase, CaseText, CloseCase
from app.inbox.models import Case
from app.inbox.outputs import CaseOut
from app.inbox.queries_waiting import InboxFilter, Row, counted, waiting
from app.inbox.rules import Outcome
from app.items.commands import Command
from app.kit.errors import Conflict, Invalid
from app.kit.exports import MEDIA_TYPES, Column, Format, Value, as_csv
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext, ngettext
from app.kit.once import once
from app.kit.page import page, redirect, url
from app.kit.paging import LongCursor
from app.kit.web import Db

router = APIRouter(prefix="/innboks")

ROWS = 50
MOST_EXPORTED = 20_000


class AssignSome(Command):
    case_ids: list[UUID] = Field(min_length=1, max_length=ROWS)
    assignee_id: UUID | None = None


class CloseSome(Command):
    case_ids: list[UUID] = Field(min_length=1, max_length=ROWS)
    outcome: Outcome
    text: CaseText | None = None


AssignForm = Annotated[Submission[AssignSome], Depends(submitted(AssignSome))]
CloseForm = Annotated[Submission[CloseSome], Depends(submitted(CloseSome))]
CHOOSE = N_("Velg minst én henvendelse i listen.")


@router.get("", name="inbox:browse")
def browse(request: Request, actor: SignedIn, db: Db, cursor: LongCursor = None) -> Response:
    actor.must(Permission.CASE_HANDLE)
    with db.read() as session:
        return _show(request, session, actor, cursor=cursor)


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    *,
    cursor: str | None = None,
    form: dict[str, str] | None = None,
    many: Sequence[str] = (),
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    wanted, query, wrong = asked_in(InboxFilter, request.query_params)
    now = request.app.state.db.clock.now()
    found = waiting(session, actor, wanted, cursor=cursor, limit=ROWS)
    count = counted(session, actor)
    further = url(request, "inbox:browse", query={**query, "cursor": found.next})
    rows = views.waiting_rows(request, session, actor, found.rows, now)
    return page(
        request,
        "inbox/browse.html",
        status=422 if wrong else status,
        rows=rows,
        has_cases=any(each["is_case"] for each in rows),
        all=count.all,
        late=count.late,
        asked={**dict.fromkeys(InboxFilter.model_fields, ""), **query},
        wrong=wrong,
        filter_count=sum(1 for name in query if name != "q"),
        is_filtered=bool(query),
        kinds=[(each.value, gettext(text)) for each, (text, _) in views.KINDS_OF_WAITS.items()],
        abouts=views.kind_options(),
        stages=[(each.value, gettext(text)) for each, text in views.STAGES.items()],
        units=unit_choices(session, actor),
        handlers=[
            (str(key), name) for key, name in queries.handlers(session, actor.org_id).items()
        ],
        me=str(actor.person_id or ""),
        outcomes=[(each.value, gettext(names.OUTCOMES[each])) for each in Outcome],
        next_href=further if found.next else None,
        first_href=url(request, "inbox:browse", query=query) if cursor else None,
        export_href=url(request, "inbox:export", query=query),
        query=query,
        chosen=set(many),
        key=str(uuid4()),
        form=form or {},
        errors=errors or {},
    )


@router.get("/fil", name="inbox:export")
def download(request: Request, actor: SignedIn, db: Db) -> Response:
    """What the list shows, all of it."""
    actor.must(Permission.CASE_HANDLE)
    wanted, query, wrong = asked_in(InboxFilter, request.query_params)
    if wrong:
        return redirect(request, "inbox:browse", query=query)
    with db.read() as session:
        found = waiting(session, actor, wanted, limit=MOST_EXPORTED)
        rows = views.waiting_rows(request, session, actor, found.rows, db.clock.now())
    columns = [
        Column("kind", gettext(N_("Slag"))),
        Column("number", gettext(N_("Nummer"))),
        Column("title", gettext(N_("Hva")), 40),
        Column("who", gettext(N_("Hvem")), 24),
        Column("unit", gettext(N_("Enhet")), 24),
        Column("assignee", gettext(N_("Ansvarlig")), 24),
        Column("since", gettext(N_("Kom inn"))),
        Column("deadline", gettext(N_("Frist"))),
    ]
    cells = [_cells(raw, each) for raw, each in zip(found.rows, rows, strict=True)]
    return StreamingResponse(
        as_csv(columns, cells),
        media_type=MEDIA_TYPES[Format.CSV],
        headers={"Content-Disposition": 'attachment; filename="innboks.csv"'},
    )


def _cells(raw: Row, row: dict[str, Any]) -> list[Value]:
    words = [row[name] for name in ("kind", "number", "title", "who", "unit", "assignee")]
    return [*words, raw.since.date(), raw.deadline]


@router.post("/tildel", name="inbox:assign")
def assign(request: Request, form: AssignForm, actor: SignedIn, db: Db) -> Response:
    def commands(whole: AssignSome) -> list[AssignCase]:
        return [AssignCase(case_id=each, assignee_id=whole.assignee_id) for each in whole.case_ids]

    return _many(request, db, actor, form, commands, service.assign, _ASSIGNED)


@router.post("/avslutt", name="inbox:close")
def close(request: Request, form: CloseForm, actor: SignedIn, db: Db) -> Response:
    def commands(whole: CloseSome) -> list[CloseCase]:
        return [
            CloseCase(case_id=each, outcome=whole.outcome, text=whole.text)
            for each in whole.case_ids
        ]

    return _many(request, db, actor, form, commands, service.close, _CLOSED)


_ASSIGNED = ("%(num)s henvendelse er tildelt.", "%(num)s henvendelser er tildelt.")
_CLOSED = ("%(num)s henvendelse er avsluttet.", "%(num)s henvendelser er avsluttet.")


def _many(
    request: Request,
    db: Db,
    actor: Actor,
    form: Submission[Any],
    commands: Callable[[Any], Sequence[Any]],
    verb: Callable[[Session, Actor, Any], list[Case]],
    said: tuple[str, str],
) -> Response:
    """All that are ticked, or none; the list is then shown as it was."""
    ticked = form.many.get("case_ids", [])
    try:
        whole = commands(form.valid(case_ids=ticked))
        with db.write() as session:
            count = once(
                session,
                actor,
                form.key,
                whole,
                lambda: CaseOut.all(session, actor, verb(session, actor, whole)),
                len,
            )
    except (Invalid, Conflict) as problem:
        errors = problem.by_field if isinstance(problem, Invalid) else {}
        if not ticked:
            errors = {**errors, "case_ids": gettext(CHOOSE)}
        errors = {name: gettext(text) for name, text in errors.items()}
        with db.read() as session:
            return _show(
                request,
                session,
                actor,
                form=form.raw,
                many=ticked,
                errors=errors or {"": gettext(problem.title)},
                status=problem.status,
            )
    _, query, _ = asked_in(InboxFilter, request.query_params)
    return redirect(request, "inbox:browse", message=ngettext(*said, count), query=query)
