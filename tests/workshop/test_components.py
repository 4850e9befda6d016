"""Parts with codes of their own: on a frame, with it wherever it goes, and counted only with it."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.handovers.service import HandOver, hand_over
from app.items.commands import Move
from app.items.queries import codes_of
from app.items.service import move
from app.kit.db import clock_of
from app.kit.errors import Invalid
from app.workshop.commands import AttachPart, DetachPart, SwapPart
from app.workshop.service_component import (
    PartIsOff,
    PartIsOn,
    attach_part,
    detach_part,
    swap_part,
)
from tests.databases import RolledBackDatabase
from tests.factories import an_item
from tests.people import Organised

ActorOf = Callable[..., Actor]


def test_a_top_goes_with_its_frame_is_swapped_and_never_outweighs_it(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    manager = actor()
    frame = an_item(session, org, name="Hev-senk", mass_g=40_000)
    top, other = (an_item(session, org, name=each, mass_g=18_000) for each in ("Gammel", "Ny"))
    attach_part(session, manager, AttachPart(item_id=top.id, parent_id=frame.id))
    heavy = an_item(session, org, mass_g=22_001)
    with pytest.raises(Invalid):
        attach_part(session, manager, AttachPart(item_id=heavy.id, parent_id=frame.id))
    with pytest.raises(Invalid):
        attach_part(session, manager, AttachPart(item_id=frame.id, parent_id=frame.id))
    with pytest.raises(PartIsOn):
        attach_part(session, manager, AttachPart(item_id=top.id, parent_id=other.id))
    move(session, manager, [Move(item_id=frame.id, place_id=org.storage_id)])
    assert top.place_id == org.storage_id
    trip = HandOver(
        item_ids=[top.id],
        to_unit_id=org.other_unit_id,
        to_place_id=org.room_id,
        handed_over_on=clock_of(session).today(),
    )
    with pytest.raises(PartIsOn), session.begin_nested():
        hand_over(session, manager, [trip])
    swap_part(session, manager, SwapPart(item_id=top.id, new_item_id=other.id))
    assert (top.parent_id, other.parent_id) == (None, frame.id)
    assert other.place_id == org.storage_id
    with pytest.raises(PartIsOff):
        detach_part(session, manager, DetachPart(item_id=top.id))
    hand_over(session, manager, [trip])


def test_parts_are_put_on_and_taken_off_by_their_codes(
    signed_in_as: Callable[..., TestClient],
    org: Organised,
    database: RolledBackDatabase,
    actor: ActorOf,
) -> None:
    with database.write() as session:
        frame = an_item(session, org, name="Understell", mass_g=40_000)
        top = an_item(session, org, name="Plate", mass_g=18_000)
        code = codes_of(session, actor(), [top.id])[top.id]
        frame_id, top_id = str(frame.id), str(top.id)
    surveyor = signed_in_as(Role.SURVEYOR)
    address = f"/deler/{frame_id}"
    assert address in surveyor.get(f"/mobler/{frame_id}").text
    wrong = surveyor.post(f"{address}/sett-pa", data={"key": "a", "code": "tull"})
    assert wrong.status_code == 422
    assert surveyor.post(f"{address}/sett-pa", data={"key": "b", "code": code}).status_code == 303
    assert "Plate" in surveyor.get(address).text
    assert "Sitter på Understell" in surveyor.get(f"/deler/{top_id}").text
    again = surveyor.post(f"{address}/sett-pa", data={"key": "c", "code": code})
    assert again.status_code == 409
    off = {"key": "d", "item_id": top_id}
    assert surveyor.post(f"{address}/ta-av", data=off).status_code == 303
    assert "Ingen deler" in surveyor.get(address).text
    assert signed_in_as(Role.EMPLOYEE).post(f"{address}/ta-av", data=off).status_code == 403
