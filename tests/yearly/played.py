"""A year of a furniture manager, played through the services: 670 enquiries, 350 visits, 35 projects.

What it saved is "Regneeksempel C" of the savings method, so every sum is known beforehand.
"""

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.handovers.models import HandoverLine
from app.handovers.service_receipt import Receive as Confirm
from app.handovers.service_receipt import receive
from app.handovers.service_record import Donation, Record, record
from app.handovers.service_trips import HandOver, hand_over
from app.impact.rules import FulfilmentSource, RedesignLevel, UserCase
from app.inbox import service as inbox
from app.inbox.commands import Ask, CloseCase, FinishVisit, OfCase, OfVisit, PlanVisit, Receive
from app.inbox.models import Case
from app.inbox.rules import Channel, Kind, Outcome
from app.inbox.service_visit import cancel_visits, finish_visits, plan_visits
from app.kit.db import clock_of
from app.projects.models import ProgrammeLine, Project
from app.projects.service_frame import CloseProject, close_project
from tests.factories import some_items
from tests.inbox.cases import acting
from tests.ledger.trips import a_declared_model
from tests.people import Organised
from tests.projects.rows import a_line, a_project

S = FulfilmentSource
ASKED, WRITTEN_DOWN = 470, 200
CLOSED = {Outcome.REUSED: 300, Outcome.MENDED: 150, Outcome.BOUGHT: 60, Outcome.DECLINED: 40}
WITHDRAWN = 20
VISITS = 350
PROJECTS, ENDED = 35, 15
PIECES = {
    S.INTERNAL_REUSE: 124,
    S.REDESIGNED: 14,
    S.REDESIGNED_FROM_SURPLUS: 40,
    S.BOUGHT_USED: 18,
    S.NEW: 4,
}


def enquiries(session: Session, org: Organised) -> list[Case]:
    """Those of the year, with the beside it that are not: one of the year before."""
    manager, employee = acting(session, org), acting(session, org, Role.EMPLOYEE)
    day = clock_of(session).today()
    asked = inbox.ask(
        session,
        employee,
        [Ask(kind=Kind.MEND, text="Stolen er ødelagt", unit_id=org.unit_id)] * ASKED,
    )
    noted = {
        "channel": Channel.PHONE,
        "kind": Kind.MOVE,
        "subject": "Skap",
        "text": "Skal flyttes",
        "asker_name": "Olga",
    }
    call = Receive.model_validate({**noted, "received_on": day - timedelta(days=20)})
    written = inbox.receive(session, manager, [call] * WRITTEN_DOWN)
    last_year = date(day.year - 1, 12, 31)
    inbox.receive(session, manager, [Receive.model_validate({**noted, "received_on": last_year})])
    return [*asked, *written]


def visited(session: Session, org: Organised, cases: Sequence[Case]) -> None:
    """One visit a case; beside them one that was called off and one that is still to come."""
    manager = acting(session, org)
    day = clock_of(session).today()
    visits = plan_visits(
        session,
        manager,
        [PlanVisit(case_id=each.id, day=day, at=time(10)) for each in cases[: VISITS + 2]],
    )
    finish_visits(
        session,
        manager,
        [FinishVisit(site_visit_id=each.id, outcome="Sett") for each in visits[:VISITS]],
    )
    cancel_visits(session, manager, [OfVisit(site_visit_id=visits[VISITS].id)])


def answered(session: Session, org: Organised, cases: Sequence[Case]) -> None:
    manager = acting(session, org)
    outcomes = [outcome for outcome, count in CLOSED.items() for _ in range(count)]
    ended = [
        CloseCase(case_id=case.id, outcome=outcome, pieces=2)
        for case, outcome in zip(cases, outcomes, strict=False)
    ]
    inbox.close(session, manager, ended)
    left = cases[len(outcomes) : len(outcomes) + WITHDRAWN]
    inbox.withdraw(session, manager, [OfCase(case_id=each.id) for each in left])


def projects(session: Session, org: Organised) -> list[Project]:
    """Those that ran in the year, some of which ended in it; beside them one of the next."""
    manager = acting(session, org)
    day = clock_of(session).today()
    found = [
        a_project(session, manager, org, name=f"Prosjekt {n}", place_id=org.room_id)
        for n in range(PROJECTS)
    ]
    ending = [CloseProject(project_id=each.id) for each in found[-ENDED:]]
    close_project(session, manager, ending)
    a_project(session, manager, org, name="Neste år", from_date=date(day.year + 1, 2, 1))
    return found


def furnished(session: Session, org: Organised, found: Sequence[Project]) -> None:
    """The 200 pieces of the example: one source a project, each on the one line of its programme."""
    manager = acting(session, org)
    model = a_declared_model(session, org)
    for project, (source, count) in zip(found, PIECES.items(), strict=False):
        line = a_line(session, manager, project, quantity=count)
        _furnish(session, org, manager, line, source, count, product_model_id=model.id)


def _furnish(
    session: Session,
    org: Organised,
    manager: Actor,
    line: ProgrammeLine,
    source: FulfilmentSource,
    count: int,
    **model: Any,
) -> None:
    day = clock_of(session).today()
    place = {"place_id": org.room_id, **model}
    if source is S.INTERNAL_REUSE:
        items = some_items(session, org, count, **place)
        trip = HandOver(
            handed_over_on=day,
            item_ids=[each.id for each in items],
            to_unit_id=org.other_unit_id,
            to_place_id=org.room_id,
            programme_line_id=line.id,
        )
        (made,) = hand_over(session, manager, [trip])
        lines = session.query(HandoverLine).filter_by(handover_id=made.id).all()
        receive(session, manager, [Confirm(handover_line_ids=[each.id for each in lines])])
        return
    fields: dict[str, Any] = {
        "handed_over_on": day,
        "source": source,
        "programme_line_id": line.id,
        "quantity": count,
        **model,
    }
    if source is S.REDESIGNED:
        own = some_items(session, org, count, **place)
        fields |= {"item_ids": [each.id for each in own], "quantity": 1}
        fields |= {"redesign_level": RedesignLevel.LIGHT_REFURBISHMENT}
        fields |= {"user_case": UserCase.NEW_USER}
        fields.pop("product_model_id")
    if source is S.REDESIGNED_FROM_SURPLUS:
        donors = some_items(session, org, count, **place)
        built_in = [Donation(item_id=each.id, built_in_g=17_786) for each in donors]
        fields |= {"donors": built_in, "warranted_as_new": True}
        fields |= {"redesign_level": RedesignLevel.REMANUFACTURED}
    record(session, manager, [Record.model_validate(fields)])
