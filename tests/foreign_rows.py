"""One row of every kind in another organisation, by the name its id has in paths and bodies."""

from datetime import time, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, actor_of
from app.accounts.rules import Role
from app.accounts.service_tokens import MakeToken, make_token
from app.catalogue.service import RegisterModel, register_model
from app.disposals.models import Disposal
from app.disposals.rules import DisposalState, Fate, Reason
from app.fieldwork.models import BulkAction, Relocation, Stocktake
from app.fieldwork.models_survey import Survey
from app.fieldwork.rules_stocktake import StocktakeState
from app.fieldwork.rules_survey import SurveyState
from app.handovers.models import HandoverLine
from app.handovers.models_receipt import Receipt
from app.handovers.models_run import RunPiece, RunSheet
from app.handovers.rules import Way
from app.handovers.rules_run import RunState
from app.handovers.service import Record, record
from app.impact.rules import FulfilmentSource, RedesignLevel
from app.inbox.commands import Ask, PlanVisit
from app.inbox.models import CasePhoto
from app.inbox.rules import Kind
from app.inbox.service import ask
from app.inbox.service_visit import plan_visits
from app.items.commands import Register
from app.items.models import Code, FoundReport, Photo, PrintBatch
from app.items.rules import FoundReportState
from app.items.service import register
from app.kit.db import clock_of
from app.labelling.models import Printer
from app.ledger.models import LedgerEntry, Period
from app.ledger.models_income import ExternalIncome
from app.marketplace.commands import MarketSearch, Offer, Order, OrderLine
from app.marketplace.models import Message, RequestLine, Reservation
from app.marketplace.models_approval import Approval
from app.marketplace.models_files import FileKind, MessageFile
from app.marketplace.models_outside import OutsideRequest
from app.marketplace.models_public import BuyerAsk
from app.marketplace.rules import OutsideState, Terms
from app.marketplace.rules_approval import ApprovalState
from app.marketplace.rules_public import BuyerState
from app.marketplace.service import offer, order
from app.needs.models import NeedLine
from app.needs.service import NewNeedLine, SubmitNeed, submit
from app.needs.service_wish import MakeWish, make_wish
from app.networks.service import FoundNetwork, found_network
from app.notices.models import Notice
from app.projects.service import (
    AddLine,
    PlanRelease,
    StartProject,
    add_lines,
    plan_release,
    start_project,
)
from app.transfer.models import ImportRun, SavedMapping
from app.transfer.models_programme import ProgrammeSheet
from app.transfer.states import ImportState
from tests.costs.foreign import cost_rows
from tests.declarations.foreign import declaration_rows
from tests.floorplans.foreign import floor_rows
from tests.impact.foreign import factor_rows
from tests.people import Organised
from tests.transfer.foreign import transfer_rows
from tests.workshop.foreign import workshop_rows


def _actor(session: Session, org: Organised, role: Role) -> Actor:
    found = actor_of(session, org.org_id, org.person_ids[role])
    assert found is not None
    return found


def foreign_ids(session: Session, org: Organised) -> dict[str, str]:
    """Parameter name → id of a row of ``org``."""
    manager = _actor(session, org, Role.FURNITURE_MANAGER)
    now = clock_of(session).now()
    today = now.date()
    (model,) = register_model(
        session, manager, [RegisterModel(category_id="CHAIR_TASK", maker="M", name="X")]
    )
    items = register(
        session,
        manager,
        [
            Register(
                category_id="CHAIR_TASK",
                owner_unit_id=org.unit_id,
                place_id=org.room_id,
                is_free=True,
                quantity=3,
            )
        ],
    )
    (listing,) = offer(session, manager, [Offer(item_ids=[items[0].id, items[1].id])])
    (request,) = order(
        session,
        _actor(session, org, Role.EMPLOYEE),
        [Order(unit_id=org.unit_id, lines=[OrderLine(listing_id=listing.id, wanted=1)])],
    )
    (project,) = start_project(session, manager, [StartProject(name="P", unit_id=org.unit_id)])
    (line,) = add_lines(
        session,
        manager,
        [AddLine(project_id=project.id, category_id="CHAIR_TASK", quantity=5)],
    )
    (handover,) = record(
        session,
        manager,
        [
            Record(
                source=FulfilmentSource.REDESIGNED,
                programme_line_id=line.id,
                handed_over_on=today,
                item_ids=[items[2].id],
                to_place_id=org.room_id,
                redesign_level=RedesignLevel.CLEANING,
            )
        ],
    )
    (release,) = plan_release(
        session,
        manager,
        [PlanRelease(project_id=project.id, item_ids=[items[1].id], free_from=today)],
    )
    (need,) = submit(
        session,
        _actor(session, org, Role.EMPLOYEE),
        [SubmitNeed(unit_id=org.unit_id, lines=[NewNeedLine(category_id="SOFA_2", quantity=1)])],
    )
    (case,) = ask(
        session,
        _actor(session, org, Role.EMPLOYEE),
        [Ask(kind=Kind.MEND, text="hemmelig", unit_id=org.unit_id)],
    )
    (visit,) = plan_visits(
        session, manager, [PlanVisit(case_id=case.id, day=today, at=time(10, 0))]
    )
    case_photo = CasePhoto(org_id=org.org_id, case_id=case.id, created_at=now, resized_at=now)
    session.add(case_photo)
    programme_sheet = ProgrammeSheet(
        org_id=org.org_id,
        project_id=project.id,
        file_name="behov.csv",
        content={"lines": [], "bad": [], "unused": []},
        created_at=now,
    )
    session.add(programme_sheet)
    token, _ = make_token(session, manager, MakeToken(name="t"))
    rows = _plain_rows(session, org, items[0].id, request.id, now)
    session.flush()
    rows |= workshop_rows(session, org, now)
    rows |= factor_rows(session, org, now)
    rows |= transfer_rows(session, org, now)
    rows |= declaration_rows(session, org, items[0].id, now)
    rows |= cost_rows(session, org, items[0].id, now)
    rows |= floor_rows(session, org, items[0].id)

    sought = MakeWish(name="Stol", wanted=MarketSearch(words="stol"))
    (wish,) = make_wish(session, _actor(session, org, Role.EMPLOYEE), [sought])

    def only(query: Any) -> str:
        return str(session.scalars(query).first())

    of = org.org_id
    network = found_network(session, _actor(session, org, Role.ADMIN), FoundNetwork(name="Fylket"))
    return {
        "item_id": str(items[0].id),
        "into_id": str(items[1].id),
        "donor_id": str(items[1].id),
        "item_ids": str(items[0].id),
        "lot_id": str(items[0].lot_id),
        "parent_id": str(org.building_id),
        "place_id": str(org.room_id),
        "to_place_id": str(org.room_id),
        "unit_id": str(org.unit_id),
        "to_unit_id": str(org.unit_id),
        "owner_unit_id": str(org.unit_id),
        "holder_unit_id": str(org.unit_id),
        "home_unit_id": str(org.unit_id),
        "role_unit_id": str(org.unit_id),
        "default_unit_id": str(org.unit_id),
        "default_place_id": str(org.room_id),
        "driver_id": str(org.person_ids[Role.MOVER]),
        "base_place_id": str(org.room_id),
        "person_id": str(org.person_ids[Role.EMPLOYEE]),
        "leader_id": str(org.person_ids[Role.EMPLOYEE]),
        "deputy_ids": str(org.person_ids[Role.EMPLOYEE]),
        "token_id": str(token.id),
        "product_model_id": str(model.id),
        "listing_id": str(listing.id),
        "request_id": str(request.id),
        "request_line_id": only(select(RequestLine.id).where(RequestLine.org_id == of)),
        "reservation_id": only(select(Reservation.id).where(Reservation.org_id == of)),
        "reservation_ids": only(select(Reservation.id).where(Reservation.org_id == of)),
        "programme_sheet_id": str(programme_sheet.id),
        "project_id": str(project.id),
        "programme_line_id": str(line.id),
        "release_id": str(release.id),
        "handover_id": str(handover.id),
        "handover_line_id": only(select(HandoverLine.id).where(HandoverLine.org_id == of)),
        "handover_line_ids": only(select(HandoverLine.id).where(HandoverLine.org_id == of)),
        "need_id": str(need.id),
        "case_id": str(case.id),
        "site_visit_id": str(visit.id),
        "case_photo_id": str(case_photo.id),
        "assignee_id": str(org.person_ids[Role.FURNITURE_MANAGER]),
        "wish_id": str(wish.id),
        "need_line_id": only(select(NeedLine.id).where(NeedLine.org_id == of)),
        "notice_id": only(select(Notice.id).where(Notice.org_id == of).limit(1)),
        "notice_ids": only(select(Notice.id).where(Notice.org_id == of).limit(1)),
        "entry_id": only(select(LedgerEntry.id).where(LedgerEntry.org_id == of)),
        "period_id": only(select(Period.id).where(Period.org_id == of)),
        "code": only(select(Code.code).where(Code.item_id == items[0].id)),
        "network_id": str(network.id),
        "member_org_id": str(of),
        "outside_request_id": str(_outside(session, org, listing.id, now).id),
        "buyer_ask_id": str(_buyer(session, org, listing.id, now).id),
        "run_id": str(rows["import_run_id"].id),
        **{name: str(row.id) for name, row in rows.items()},
    }


def _outside(session: Session, org: Organised, listing_id: UUID, now: Any) -> OutsideRequest:
    """Asked of the organisation by itself: nobody else is to see it from either side."""
    row = OutsideRequest(
        org_id=org.org_id,
        number=1,
        state=OutsideState.REQUESTED,
        listing_id=listing_id,
        asker_org_id=org.org_id,
        person_id=org.person_ids[Role.EMPLOYEE],
        wanted=1,
        delivery="Rom 1",
        asked_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _buyer(session: Session, org: Organised, listing_id: UUID, now: Any) -> BuyerAsk:
    row = BuyerAsk(
        org_id=org.org_id,
        number=1,
        state=BuyerState.REQUESTED,
        listing_id=listing_id,
        name="Kari",
        email="kari@example.no",
        language="nb",
        wanted=1,
        terms=Terms.FREE,
        price_ore=0,
        asked_at=now,
        confirmed_at=now,
        expires_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _plain_rows(
    session: Session, org: Organised, item_id: UUID, request_id: UUID, now: Any
) -> dict[str, Any]:
    relocation = Relocation(org_id=org.org_id, created_at=now)
    message = Message(org_id=org.org_id, request_id=request_id, text="hemmelig", created_at=now)
    session.add(message)
    session.flush()
    run = RunSheet(
        id=uuid4(),
        org_id=org.org_id,
        number=1,
        state=RunState.PLANNED,
        driven_on=now.date(),
        created_at=now,
    )
    session.add(run)
    session.flush()
    run_piece = RunPiece(
        org_id=org.org_id,
        run_sheet_id=run.id,
        item_id=item_id,
        from_place_id=org.room_id,
        to_place_id=org.storage_id,
        to_unit_id=org.unit_id,
        created_at=now,
    )
    rows = {
        "income_id": ExternalIncome(
            org_id=org.org_id,
            number=1,
            sold_on=now.date(),
            what="Stoler",
            buyer="hemmelig",
            amount_ore=100,
            vat_percent=0,
            vat_ore=0,
            currency="NOK",
            created_at=now,
        ),
        "relocation_id": relocation,
        "run_sheet_id": run,
        "disposal_id": Disposal(
            org_id=org.org_id,
            number=1,
            state=DisposalState.PROPOSED,
            fate=Fate.DISPOSE,
            reason=Reason.WORN_OUT,
            created_at=now,
        ),
        "run_piece_ids": run_piece,
        "receipt_id": Receipt(org_id=org.org_id, number=1, way=Way.OUT, created_at=now),
        "bulk_action_id": BulkAction(org_id=org.org_id, verb="offer", created_at=now),
        "stocktake_id": Stocktake(
            org_id=org.org_id, state=StocktakeState.OPEN, place_id=org.room_id, started_at=now
        ),
        "approval_id": Approval(
            org_id=org.org_id,
            request_id=request_id,
            level=1,
            state=ApprovalState.WAITING,
            value_ore=0,
            pieces=1,
            asked_at=now,
        ),
        "message_file_id": MessageFile(
            org_id=org.org_id,
            message_id=message.id,
            position=1,
            kind=FileKind.DOCUMENT,
            name="x.pdf",
            key="-",
            media_type="application/pdf",
            sha256="0" * 64,
            byte_count=0,
            created_at=now,
        ),
        "survey_id": Survey(
            org_id=org.org_id, state=SurveyState.OPEN, name="Kartlegging", started_at=now
        ),
        "photo_id": Photo(
            org_id=org.org_id, item_id=item_id, position=1, created_at=now, resized_at=now
        ),
        "found_report_id": FoundReport(
            org_id=org.org_id,
            item_id=item_id,
            state=FoundReportState.OPEN,
            text="hemmelig",
            created_at=now,
        ),
        "print_batch_id": PrintBatch(org_id=org.org_id, count=0, created_at=now),
        "printer_id": Printer(org_id=org.org_id, name="Skriver", created_at=now),
        "import_run_id": ImportRun(
            org_id=org.org_id,
            state=ImportState.PREVIEWED,
            file_name="x.csv",
            sha256="0" * 64,
            mapping={},
            report={},
            created_at=now - timedelta(minutes=1),
        ),
        "mapping_id": SavedMapping(org_id=org.org_id, name=uuid4().hex, content={}, created_at=now),
    }
    session.add_all(rows.values())
    return rows
