"""A piece that goes from one organisation of a network to another, counted in both their books."""

import hashlib
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.catalogue.models import ProductModel
from app.catalogue.service import RegisterModel, register_model
from app.handovers import views_across
from app.handovers.commands_across import GiveToOthers, ReceiveFromOthers
from app.handovers.models import Handover
from app.handovers.models_receipt import Receipt, ReceiptLine
from app.handovers.pictures import copied
from app.handovers.service import (
    HandoverUndone,
    PieceReceivedAlready,
    Receive,
    Undo,
    receive,
    undo,
)
from app.handovers.service_across import PieceNotPromised, give, receive_from_others
from app.handovers.service_promised import ReceivedByOthers
from app.handovers.service_scan import ScanIn, ScanOut, scan_in, scan_out
from app.impact.rules import FulfilmentSource, View
from app.items.models import (
    Assessment,
    Code,
    IdentifierKind,
    Item,
    ItemIdentifier,
    Measurement,
    MeasurementKind,
    Photo,
    PhotoFile,
)
from app.items.queries import codes_of
from app.items.queries_codes import find_by_code
from app.items.rules import Condition, ItemState, Verdict
from app.items.service import Identify, identify
from app.items.service_assess import Assess, assess
from app.items.service_photo_files import StoredFile
from app.items.service_photos import AddPhoto, add_photos
from app.items.service_taken_facts import in_own_money
from app.kit.errors import Forbidden, Invalid, NotFound
from app.kit.files import Files
from app.ledger.models import LedgerEntry
from app.marketplace import service_outside
from app.marketplace.models import ListingItem
from app.marketplace.models_outside import OutsideRequest
from app.marketplace.rules import OutsideState
from app.planning.queries_open import under_way
from app.projects.models import Fulfilment
from tests.databases import RolledBackDatabase
from tests.handovers.crossings import given, pieces_of, promised, received
from tests.marketplace.stalls import acting
from tests.people import Organised
from tests.projects.rows import a_line, a_project


def state(row: OutsideRequest) -> OutsideState:
    return row.state


def test_the_piece_becomes_the_receivers_own_with_all_that_describes_it_and_nothing_else(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    described: dict[str, Any] = {
        "name": "Kontorstol",
        "maker": "HÅG",
        "model": "Capisco",
        "colour": "Blå",
        "condition": Condition.C,
        "width_mm": 650,
        "mass_g": 17_500,
        "note": "Hemmelig",
        "measurements": {MeasurementKind.SEAT_HEIGHT: 480},
    }
    row = promised(session, org, foreign_org, 2, **described)
    old = pieces_of(session, row)
    label = session.scalars(select(Code.code).where(Code.item_id == old[0].id)).one()
    lines = given(session, org, row)
    assert {each.state for each in old} == {ItemState.IN_TRANSIT}
    assert state(row) is OutsideState.HANDED_OVER
    new = received(session, foreign_org, row, lines)
    assert {each.state for each in old} == {ItemState.DONATED}
    assert state(row) is OutsideState.RECEIVED
    assert {each.previous_item_id for each in new} == {each.id for each in old}
    for each in new:
        seen = (each.name, each.maker, each.model, each.colour, each.condition, each.width_mm)
        assert seen == ("Kontorstol", "HÅG", "Capisco", "Blå", Condition.C, 650)
        assert (each.mass_g, each.note, each.state) == (17_500, None, ItemState.IN_USE)
        assert (each.owner_unit_id, each.place_id) == (foreign_org.unit_id, foreign_org.room_id)
    assert len({each.lot_id for each in new}) == 1
    [mm] = set(session.scalars(select(Measurement.mm).where(Measurement.org_id == new[0].org_id)))
    assert mm == 480
    found = find_by_code(session, label)
    assert found is not None
    assert (found.org_id, found.organisation_name) == (foreign_org.org_id, "Fremmed kommune")
    assert found.item_id in {each.id for each in new}
    own = session.scalars(select(Code).where(Code.org_id == foreign_org.org_id)).all()
    assert {each.item_id for each in own} == {each.id for each in new}
    assert len(own) == 2


def test_pieces_go_and_arrive_a_few_at_a_time(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    row = promised(session, org, foreign_org, 3)
    first, second, third = pieces_of(session, row)
    [line] = given(session, org, row, [first.id])
    assert state(row) is OutsideState.APPROVED
    with pytest.raises(PieceNotPromised):
        given(session, org, row, [first.id])
    assert len(received(session, foreign_org, row, [line])) == 1
    assert (row.state, second.state) == (OutsideState.APPROVED, ItemState.IN_USE)
    # The rest is called off, and what has arrived stands.
    back = service_outside.OfOutside(outside_request_id=row.id)
    service_outside.cancel_outside(session, acting(session, foreign_org, Role.EMPLOYEE), back)
    assert (row.state, row.approved) == (OutsideState.RECEIVED, 1)
    free = session.scalars(
        select(ListingItem.item_id).where(
            ListingItem.listing_id == row.listing_id, ListingItem.left_at.is_(None)
        )
    )
    assert set(free) == {second.id, third.id}


def test_a_wrong_delivery_is_undone_until_it_has_arrived(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    row = promised(session, org, foreign_org, 2)
    one, two = given(session, org, row)
    manager = acting(session, org)
    undo(session, manager, [Undo(handover_line_ids=[one.id])])
    assert state(row) is OutsideState.APPROVED
    with pytest.raises(HandoverUndone):
        received(session, foreign_org, row, [one, two])
    new = received(session, foreign_org, row, [two])
    for refused, error in (
        (lambda: undo(session, manager, [Undo(handover_line_ids=[two.id])]), ReceivedByOthers),
        (lambda: received(session, foreign_org, row, [two]), PieceReceivedAlready),
    ):
        with pytest.raises(error):
            refused()
    assert len(new) == 1
    given(session, org, row)
    assert state(row) is OutsideState.HANDED_OVER


def test_nobody_confirms_for_another(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    row = promised(session, org, foreign_org)
    [line] = given(session, org, row)
    with pytest.raises(Forbidden):
        receive(session, acting(session, org), [Receive(handover_line_ids=[line.id])])
    command = ReceiveFromOthers(outside_request_id=row.id, handover_line_ids=[line.id])
    with pytest.raises(NotFound):
        receive_from_others(session, acting(session, org), command)
    with pytest.raises(Forbidden):
        receive_from_others(session, acting(session, foreign_org, Role.SURVEYOR), command)
    with pytest.raises(NotFound):
        give(session, acting(session, foreign_org), GiveToOthers(outside_request_id=row.id))
    elsewhere = ReceiveFromOthers(
        outside_request_id=row.id, handover_line_ids=[line.id], to_place_id=org.room_id
    )
    with pytest.raises(Invalid):
        receive_from_others(session, acting(session, foreign_org, Role.MOVER), elsewhere)
    assert (
        session.scalar(
            select(func.count()).select_from(Handover).where(Handover.org_id == foreign_org.org_id)
        )
        == 0
    )


def test_what_others_asked_for_hides_nothing_that_the_reader_may_confirm(
    session: Session, org: Organised, foreign_org: Organised, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = sorted(
        (promised(session, org, foreign_org) for _ in range(2)), key=lambda each: each.id
    )
    for each in (first, second):
        given(session, org, each)
    first.person_id = foreign_org.person_ids[Role.SURVEYOR]
    monkeypatch.setattr(views_across, "MOST_COMING", 0)
    [row] = views_across.waiting_for(session, acting(session, foreign_org, Role.EMPLOYEE))
    assert row["id"] == second.id


def test_it_meets_the_programme_line_that_it_was_asked_for(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    manager = acting(session, foreign_org)
    line = a_line(session, manager, a_project(session, manager, foreign_org))
    row = promised(
        session,
        org,
        foreign_org,
        ask={"programme_line_id": line.id, "would_have": "would_buy_new"},
        category_id="CHAIR_TASK",
    )
    project_id = line.project_id
    assert under_way(session, foreign_org.org_id, project_id).promised == 1
    lines = given(session, org, row)
    assert under_way(session, foreign_org.org_id, project_id).promised == 1
    [new] = received(session, foreign_org, row, lines)
    assert under_way(session, foreign_org.org_id, project_id).promised == 0
    met = session.scalars(select(Fulfilment)).one()
    assert (met.programme_line_id, met.item_id) == (line.id, new.id)
    assert met.source is FulfilmentSource.BOUGHT_USED
    [net] = [
        each
        for each in session.scalars(select(LedgerEntry).where(LedgerEntry.item_id == new.id))
        if each.view == View.NET
    ]
    assert net.programme_line_id == line.id
    assert net.inputs["values"]["displacement"]["value"] == "1"
    # The giver counts what left by the same answer.
    query = select(LedgerEntry).where(
        LedgerEntry.org_id == org.org_id, LedgerEntry.view == View.NET
    )
    [theirs] = session.scalars(query)
    assert theirs.inputs["values"]["displacement"]["value"] == "1"


def test_it_is_scanned_out_and_in_by_the_givers_label(
    session: Session, org: Organised, foreign_org: Organised
) -> None:
    row = promised(session, org, foreign_org, 2)
    old = pieces_of(session, row)
    labels = codes_of(session, acting(session, org), [each.id for each in old])
    codes = [labels[each.id] for each in old]
    out = scan_out(session, acting(session, org, Role.MOVER), ScanOut(codes=codes))
    assert outcomes(session, out) == ["loaded", "loaded"]
    again = scan_out(session, acting(session, org, Role.MOVER), ScanOut(codes=codes))
    assert outcomes(session, again) == ["on_its_way", "on_its_way"]
    at_the_givers = scan_in(session, acting(session, org), ScanIn(codes=codes))
    assert outcomes(session, at_the_givers) == ["not_yours", "not_yours"]
    stranger = scan_in(
        session, acting(session, foreign_org, Role.SURVEYOR), ScanIn(codes=codes[:1])
    )
    assert outcomes(session, stranger) == ["not_yours"]
    arrived = scan_in(
        session,
        acting(session, foreign_org, Role.MOVER),
        ScanIn(codes=[codes[0], codes[0], codes[1]], signed_name="Kari"),
    )
    assert outcomes(session, arrived) == ["received", "again", "received"]
    assert (arrived.org_id, arrived.signed_name) == (foreign_org.org_id, "Kari")
    assert state(row) is OutsideState.RECEIVED
    seen = session.scalars(select(Item.state).where(Item.org_id == foreign_org.org_id))
    assert set(seen) == {ItemState.IN_USE}


def test_pictures_and_model_come_along_in_the_receivers_own_rows(
    database: RolledBackDatabase, files: Files, org: Organised, foreign_org: Organised
) -> None:
    with database.write() as session:
        manager = acting(session, org)
        facts = {
            "mass_g": 17_000,
            "new_price_ore": 900_000,
            "gwp_g": 50_000,
            "gwp_basis": "epd",
            "epd_number": "NEPD-1",
        }
        command = RegisterModel(category_id="CHAIR_TASK", maker="HÅG", name="Capisco", **facts)
        [model] = register_model(session, manager, [command])
        row = promised(session, org, foreign_org, 2, product_model_id=model.id)
        first, second = pieces_of(session, row)
        for piece, value in ((first, "A-1"), (second, "A-2")):
            code = Identify(item_id=piece.id, kind=IdentifierKind.SERIAL, value=value)
            identify(session, manager, [code])
        verdict_given = Assess(
            item_id=second.id, verdict=Verdict.REPAIR, cost_ore=90_000, note="Nei"
        )
        assess(session, manager, [verdict_given])
        stored = [a_file(files, org, b"large", "large_jpeg")]
        add_photos(session, manager, AddPhoto(item_id=first.id, of_lot=True), [stored])
        gone = [a_file(files, org, b"gone", "large_jpeg")]
        add_photos(session, manager, AddPhoto(item_id=first.id), [gone])
        files.delete(gone[0].key)
        ids = [each.id for each in given(session, org, row)]
        row_id, actor = row.id, acting(session, foreign_org, Role.EMPLOYEE)
        first_id, second_id = first.id, second.id
    kept = copied(files, database, actor, ids)
    with database.write() as session:
        taken = ReceiveFromOthers(outside_request_id=row_id, handover_line_ids=ids)
        receive_from_others(session, actor, taken, None, kept)
    with database.read() as session:
        own = select(Item).where(Item.org_id == foreign_org.org_id)
        lots = {each.lot_id for each in session.scalars(own)}
        [photo] = session.scalars(select(Photo).where(Photo.org_id == foreign_org.org_id))
        assert {photo.lot_id} == lots
        [size] = session.scalars(select(PhotoFile).where(PhotoFile.photo_id == photo.id))
        assert size.key.startswith(str(foreign_org.org_id))
        assert files.get(size.key) == b"large"
        [theirs] = session.scalars(
            select(ProductModel).where(ProductModel.org_id == foreign_org.org_id)
        )
        assert (theirs.name, theirs.gwp_g, theirs.epd_number) == ("Capisco", 50_000, "NEPD-1")
        assert {each.product_model_id for each in session.scalars(own)} == {theirs.id}
        assert theirs.new_price_ore == 900_000
        # Øre of another money are none of the receiver's where no rate is known.
        assert in_own_money(session, 900_000, "NOK", "SEK", date(2026, 3, 2)) is None
        by_old = {each.previous_item_id: each.id for each in session.scalars(own)}
        codes = session.execute(
            select(ItemIdentifier.item_id, ItemIdentifier.value).where(
                ItemIdentifier.org_id == foreign_org.org_id
            )
        )
        assert {tuple(each) for each in codes} == {
            (by_old[first_id], "A-1"),
            (by_old[second_id], "A-2"),
        }
        [verdict] = session.scalars(
            select(Assessment).where(Assessment.org_id == foreign_org.org_id)
        )
        assert (verdict.item_id, verdict.verdict) == (by_old[second_id], Verdict.REPAIR)
        assert (verdict.cost_ore, verdict.note, verdict.person_id) == (90_000, None, None)


def a_file(files: Files, org: Organised, content: bytes, name: str) -> StoredFile:
    key = files.put(org.org_id, content, "jpg")
    digest = hashlib.sha256(content).hexdigest()
    return StoredFile(name, key, "image/jpeg", digest, len(content), 10, 10)


def outcomes(session: Session, receipt: Receipt) -> list[str]:
    query = select(ReceiptLine.outcome).where(ReceiptLine.receipt_id == receipt.id)
    return [each.value for each in session.scalars(query.order_by(ReceiptLine.position))]
