"""Cases from the first word to the last: received, assigned, answered, closed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import Person
from app.accounts.numbers import next_number
from app.accounts.rules import Permission
from app.inbox import events
from app.inbox.commands import (
    AddNote,
    Ask,
    AssignCase,
    CloseCase,
    EditCase,
    OfCase,
    Receive,
    Reply,
    Write,
)
from app.inbox.models import Case, CaseItem, CaseNote
from app.inbox.queries import cases_visible_to, handlers, may_handle, member_with_email, pieces_of
from app.inbox.rules import OPEN, CaseState, CaseVerb, Channel, NoteKind
from app.items.queries_codes import find_by_code
from app.items.service_lifecycle import own_places, own_units
from app.kit.chance import new_id
from app.kit.clock import OSLO
from app.kit.db import clock_of
from app.kit.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from app.kit.events import change, publish, revise
from app.kit.i18n import N_, gettext
from app.kit.states import advance

OLDEST, NOON = date(2000, 1, 1), time(12)
MOST_SUBJECT = 80
NO_SUCH_PIECE = N_("Fant ingen av virksomhetens møbler med koden %(code)s.")


class CaseNotOpen(Conflict):
    title = N_("Henvendelsen er avsluttet.")


class CaseNotClosed(Conflict):
    title = N_("Henvendelsen er ikke avsluttet.")


def ask(session: Session, actor: Actor, commands: Sequence[Ask]) -> list[Case]:
    """An employee asks; the subject is the text's first line."""
    actor.must(Permission.REQUEST_MAKE)
    if actor.person_id is None:
        raise Forbidden
    today = clock_of(session).today()
    me = session.get_one(Person, actor.person_id)
    made = []
    for command in commands:
        if command.wanted_date and command.wanted_date < today:
            raise Invalid(by_field={"wanted_date": N_("Datoen er passert.")})
        received = Receive(
            channel=Channel.FORM,
            kind=command.kind,
            subject=subject_of(command.text),
            text=command.text,
            asker_name=me.name,
            asker_phone=command.phone,
            unit_id=command.unit_id,
            place_id=command.place_id,
            wanted_date=command.wanted_date,
            codes=command.codes,
        )
        made.append(_received(session, actor, received, today, me.id, me.email))
    return made


def subject_of(text: str) -> str:
    """The first line, cut at a word."""
    first = text.strip().splitlines()[0].strip()
    if len(first) <= MOST_SUBJECT:
        return first
    return first[:MOST_SUBJECT].rsplit(" ", 1)[0].rstrip(" ,.;:") + " …"


def receive(session: Session, actor: Actor, commands: Sequence[Receive]) -> list[Case]:
    """Writes down what came by e-mail or phone, also some days ago."""
    actor.must(Permission.CASE_HANDLE)
    today = clock_of(session).today()
    made = []
    for command in commands:
        actor.must(Permission.CASE_HANDLE, unit=command.unit_id)
        on = command.received_on or today
        _must_be_in_order(on, command.wanted_date, command.deadline, today)
        _must_handle(session, actor, command.assignee_id)
        email = command.asker_email
        person_id = member_with_email(session, actor.org_id, email) if email else None
        made.append(_received(session, actor, command, on, person_id, email))
    return made


def _must_be_in_order(on: date, wanted: date | None, deadline: date | None, today: date) -> None:
    errors = {}
    if on > today:
        errors["received_on"] = N_("Datoen er ikke kommet ennå.")
    if on < OLDEST:
        errors["received_on"] = N_("Datoen er for lenge siden.")
    for name, day in (("wanted_date", wanted), ("deadline", deadline)):
        if day and day < on:
            errors[name] = N_("Datoen er før henvendelsen kom.")
    if errors:
        raise Invalid(by_field=errors)


def _must_handle(session: Session, actor: Actor, person_id: UUID | None) -> None:
    if person_id is not None and person_id not in handlers(session, actor.org_id):
        raise Invalid(by_field={"assignee_id": N_("Velg en som behandler henvendelser.")})


def _received(
    session: Session,
    actor: Actor,
    command: Receive,
    on: date,
    person_id: UUID | None,
    email: str | None,
) -> Case:
    if command.unit_id is not None:
        own_units(session, actor, {command.unit_id}, "unit_id")
    if command.place_id is not None:
        own_places(session, actor, {command.place_id})
    item_ids = _pieces(session, actor, command.codes)
    case = Case(
        **command.model_dump(exclude={"codes", "received_on", "asker_email"}),
        id=new_id(),
        org_id=actor.org_id,
        year=on.year,
        number=next_number(session, actor.org_id, f"case:{on.year}"),
        state=CaseState.NEW,
        person_id=person_id,
        asker_email=email,
        received_on=on,
        received_at=_moment(session, on),
        registered_by_id=actor.person_id,
        created_at=clock_of(session).now(),
    )
    session.add(case)
    session.flush()  # its row before its pieces
    session.add_all(
        CaseItem(id=new_id(), org_id=actor.org_id, case_id=case.id, item_id=each)
        for each in item_ids
    )
    event = events.CaseReceived.of(
        case,
        actor.person_id,
        channel=case.channel,
        case_kind=case.kind,
        unit_id=case.unit_id,
    )
    publish(session, [event])
    return case


def _moment(session: Session, on: date) -> datetime:
    """Now, or noon of an earlier day: what is known of an old note is its day."""
    now = clock_of(session).now()
    if on == now.astimezone(OSLO).date():
        return now
    return datetime.combine(on, NOON, tzinfo=OSLO).astimezone(UTC)


def _pieces(session: Session, actor: Actor, codes: Sequence[str]) -> list[UUID]:
    found = []
    for code in codes:
        hit = find_by_code(session, code)
        if hit is None or hit.org_id != actor.org_id or hit.item_id is None or hit.is_gone:
            raise Invalid(by_field={"codes": gettext(NO_SUCH_PIECE, code=code)})
        found.append(hit.item_id)
    return list(dict.fromkeys(found))


def edit(session: Session, actor: Actor, commands: Sequence[EditCase]) -> list[Case]:
    """What it is about, where, by when and whose. Raises ``Stale`` when somebody was before."""
    actor.must(Permission.CASE_HANDLE)
    cases = locked(session, actor, [each.case_id for each in commands])
    for command in commands:
        case = cases[command.case_id]
        must_handle(actor, case)
        if case.version != command.version:
            raise Stale
        actor.must(Permission.CASE_HANDLE, unit=command.unit_id)
        for name, day in (("wanted_date", command.wanted_date), ("deadline", command.deadline)):
            if day and day < case.received_on:
                raise Invalid(by_field={name: N_("Datoen er før henvendelsen kom.")})
        if command.unit_id is not None:
            own_units(session, actor, {command.unit_id}, "unit_id")
        if command.place_id is not None:
            own_places(session, actor, {command.place_id})
        if command.assignee_id != case.assignee_id:
            _must_handle(session, actor, command.assignee_id)
        changes = change(case, command.model_dump(exclude={"case_id", "version"}))
        if changes:
            event = events.CaseEdited.of(case, actor.person_id)
            publish(session, [event])
            revise(session, [(event, changes)])
    return [cases[each.case_id] for each in commands]


def assign(session: Session, actor: Actor, commands: Sequence[AssignCase]) -> list[Case]:
    """Several at once. A new case that is somebody's is begun."""
    actor.must(Permission.CASE_HANDLE)
    cases = locked(session, actor, [each.case_id for each in commands])
    for person_id in {each.assignee_id for each in commands}:
        _must_handle(session, actor, person_id)
    for command in commands:
        case = cases[command.case_id]
        must_handle(actor, case)
        must_be_open(case)
        if command.assignee_id is not None and case.state is CaseState.NEW:
            advance(session, [case], CaseVerb.BEGIN, refused=CaseNotOpen)
        changes = change(case, {"assignee_id": command.assignee_id})
        if changes:
            event = events.CaseAssigned.of(case, actor.person_id, assignee_id=command.assignee_id)
            publish(session, [event])
            revise(session, [(event, changes)])
    return [cases[each.case_id] for each in commands]


def add_notes(session: Session, actor: Actor, commands: Sequence[AddNote]) -> list[CaseNote]:
    """Among those who handle cases; also to one that is closed."""
    actor.must(Permission.CASE_HANDLE)
    cases = locked(session, actor, [each.case_id for each in commands])
    for case in cases.values():
        must_handle(actor, case)
    return [_noted(session, actor, cases[c.case_id], NoteKind.NOTE, c.text) for c in commands]


def reply(session: Session, actor: Actor, commands: Sequence[Reply]) -> list[CaseNote]:
    """Answers who asked, or asks back and waits. The first of them stops the clock of the figures."""
    actor.must(Permission.CASE_HANDLE)
    cases = locked(session, actor, [each.case_id for each in commands])
    made = []
    for command in commands:
        case = cases[command.case_id]
        must_handle(actor, case)
        must_be_open(case)
        wanted = CaseState.WAITING if command.waits else CaseState.IN_PROGRESS
        if case.state is not wanted:
            verb = CaseVerb.WAIT if command.waits else CaseVerb.BEGIN
            advance(session, [case], verb, refused=CaseNotOpen)
        _answered(session, case)
        made.append(_noted(session, actor, case, NoteKind.REPLY, command.text))
    return made


def write(session: Session, actor: Actor, commands: Sequence[Write]) -> list[CaseNote]:
    """Who asked says more, and a case that waited for it goes on."""
    actor.must(Permission.REQUEST_MAKE)
    cases = locked(session, actor, [each.case_id for each in commands])
    made = []
    for command in commands:
        case = cases[command.case_id]
        if case.person_id != actor.person_id:
            raise Forbidden
        must_be_open(case)
        if case.state is CaseState.WAITING:
            advance(session, [case], CaseVerb.BEGIN, refused=CaseNotOpen)
        made.append(_noted(session, actor, case, NoteKind.MESSAGE, command.text))
    return made


def _noted(session: Session, actor: Actor, case: Case, kind: NoteKind, text: str) -> CaseNote:
    note = CaseNote(
        id=new_id(),
        org_id=case.org_id,
        case_id=case.id,
        kind=kind,
        text=text,
        person_id=actor.person_id,
        created_at=clock_of(session).now(),
    )
    session.add(note)
    event = events.CaseNoted.of(
        case, actor.person_id, case_note_id=note.id, note_kind=kind, state=case.state
    )
    publish(session, [event])
    return note


def _answered(session: Session, case: Case) -> None:
    if case.first_reply_on is None:
        case.first_reply_on = clock_of(session).today()


def close(session: Session, actor: Actor, commands: Sequence[CloseCase]) -> list[Case]:
    """Ends cases with their outcome; what is written goes to who asked. All of them or none."""
    actor.must(Permission.CASE_HANDLE)
    cases = locked(session, actor, [each.case_id for each in commands])
    named: dict[UUID, int] = {}
    for row in session.execute(pieces_of(actor, cases)):
        named[row.case_id] = named.get(row.case_id, 0) + 1
    for command in commands:
        case = cases[command.case_id]
        must_handle(actor, case)
        must_be_open(case)
        _answered(session, case)
        pieces = named.get(case.id, 0) if command.pieces is None else command.pieces
        values = {
            "outcome": command.outcome,
            "pieces": pieces,
            "closed_on": clock_of(session).today(),
        }
        advance(session, [case], CaseVerb.CLOSE, refused=CaseNotOpen, values=values)
        if command.text is not None:
            _noted(session, actor, case, NoteKind.REPLY, command.text)
        event = events.CaseClosed.of(case, actor.person_id, outcome=command.outcome, pieces=pieces)
        publish(session, [event])
    return [cases[each.case_id] for each in commands]


def withdraw(session: Session, actor: Actor, commands: Sequence[OfCase]) -> list[Case]:
    """Nobody needs it any more: said by who asked, or by who handles the case for them."""
    actor.must(Permission.REQUEST_MAKE)
    may: Callable[[Case], bool] = lambda case: (  # noqa: E731
        case.person_id == actor.person_id or may_handle(actor, case)
    )
    cases = locked(session, actor, [each.case_id for each in commands])
    if not all(may(each) for each in cases.values()):
        raise Forbidden
    rows = [cases[each.case_id] for each in commands]
    values = {"closed_on": clock_of(session).today()}
    advance(session, rows, CaseVerb.WITHDRAW, refused=CaseNotOpen, values=values)
    publish(session, [events.CaseWithdrawn.of(each, actor.person_id) for each in rows])
    return rows


def reopen(session: Session, actor: Actor, commands: Sequence[OfCase]) -> list[Case]:
    """It was not done after all; its outcome is open again."""
    actor.must(Permission.CASE_HANDLE)
    cases = locked(session, actor, [each.case_id for each in commands])
    rows = [cases[each.case_id] for each in commands]
    for each in rows:
        must_handle(actor, each)
    values = {"closed_on": None, "outcome": None, "pieces": None}
    advance(session, rows, CaseVerb.REOPEN, refused=CaseNotClosed, values=values)
    publish(session, [events.CaseReopened.of(each, actor.person_id) for each in rows])
    return rows


def must_handle(actor: Actor, case: Case) -> None:
    """Raises ``Forbidden``."""
    actor.must(Permission.CASE_HANDLE, unit=case.unit_id)


def must_be_open(case: Case) -> None:
    """Raises ``CaseNotOpen``."""
    if case.state not in OPEN:
        raise CaseNotOpen(state=case.state.value)


def locked(session: Session, actor: Actor, ids: Sequence[UUID]) -> Mapping[UUID, Case]:
    """The cases by id, one act at a time for each. Raises ``NotFound``."""
    wanted = set(ids)
    query = cases_visible_to(actor).where(Case.id.in_(wanted)).order_by(Case.id)
    rows = session.scalars(query.with_for_update(of=Case).execution_options(populate_existing=True))
    found = {each.id: each for each in rows}
    if len(found) < len(wanted):
        raise NotFound(N_("Fant ikke henvendelsen."))
    return found
