"""Scanning out and in as a person meets it: forms without JavaScript, and the phone's queue."""

import base64
from collections.abc import Callable
from io import BytesIO

from fastapi.testclient import TestClient
from PIL import Image, PngImagePlugin
from sqlalchemy import select

from app.accounts.actor import Actor
from app.accounts.rules import Role
from app.handovers.models_receipt import SignatureFile
from app.items.queries import codes_of
from tests.databases import RolledBackDatabase
from tests.handovers.orders import an_order
from tests.people import Organised

SignedInAs = Callable[..., TestClient]
ActorOf = Callable[..., Actor]


def ordered_codes(
    database: RolledBackDatabase, org: Organised, actor: ActorOf, count: int = 2
) -> list[str]:
    with database.write() as session:
        items = an_order(session, org, count).items
        found = codes_of(session, actor(), [each.id for each in items])
        return [found[each.id] for each in items]


def drawn() -> str:
    """A canvas' picture, with words in it that no picture of ours may keep."""
    picture = Image.new("RGB", (640, 240), "white")
    picture.putpixel((10, 10), (0, 0, 0))
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "hemmelig-sted")
    stream = BytesIO()
    picture.save(stream, "PNG", pnginfo=notes)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


def test_from_approved_to_received_by_plain_forms_with_a_typed_name(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    codes = ordered_codes(database, org, actor)
    mover, taker = signed_in_as(Role.MOVER), signed_in_as(Role.EMPLOYEE)
    assert "Hent møbler" in mover.get("/overleveringer/hent").text
    body = {"key": "out", "codes": "\n".join(codes), "signed_name": "Ola Giver", "to_place_id": ""}
    out = mover.post("/overleveringer/hent", data=body)
    assert out.status_code == 303, out.text
    address = out.headers["location"]
    assert mover.post("/overleveringer/hent", data=body).headers["location"] == address
    receipt = mover.get(address).text
    assert "2 møbler er hentet" in receipt
    assert "Ola Giver" in receipt
    arrived = taker.post("/overleveringer/ta-imot", data={"key": "in", "codes": "\n".join(codes)})
    assert "2 møbler er mottatt" in taker.get(arrived.headers["location"]).text


def test_a_drawn_signature_is_kept_as_a_picture_and_nothing_else(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    codes = ordered_codes(database, org, actor)
    mover = signed_in_as(Role.MOVER)
    body = {"key": "k", "codes": codes[0], "signature": drawn()}
    made = mover.post("/overleveringer/hent", data=body)
    assert made.status_code == 303, made.text
    address = made.headers["location"]
    assert f"{address}/underskrift" in mover.get(address).text
    picture = mover.get(f"{address}/underskrift")
    assert picture.headers["content-type"] == "image/jpeg"
    assert b"hemmelig" not in picture.content
    assert len(picture.content) < 20_000
    with database.read() as session:
        (row,) = session.scalars(select(SignatureFile)).all()
        assert (row.width_px, row.height_px) == (640, 240)
    unsigned = mover.post("/overleveringer/hent", data={"key": "l", "codes": codes[1]})
    assert mover.get(f"{unsigned.headers['location']}/underskrift").status_code == 404


def test_a_receipts_pdf_without_its_file_is_a_page_that_says_so(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    codes = ordered_codes(database, org, actor)
    mover = signed_in_as(Role.MOVER)
    body = {"key": "k", "codes": codes[0], "signature": drawn()}
    address = mover.post("/overleveringer/hent", data=body).headers["location"]
    with database.read() as session:
        key = session.scalars(select(SignatureFile.key)).one()
    mover.app.state.files.delete(key)  # type: ignore[attr-defined]
    for path in ("pdf", "underskrift"):
        gone = mover.get(f"{address}/{path}")
        assert gone.status_code == 404, gone.text
        assert "Filen finnes ikke lenger" in gone.text


def test_what_is_wrong_is_said_at_the_field_and_what_was_scanned_stays(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    codes = ordered_codes(database, org, actor)
    mover = signed_in_as(Role.MOVER)
    empty = mover.post("/overleveringer/hent", data={"key": "a", "codes": "\n"})
    assert empty.status_code == 422
    bad = mover.post(
        "/overleveringer/hent", data={"key": "b", "codes": codes[0], "signature": "data:x"}
    )
    assert bad.status_code == 422
    assert "Underskriften kunne ikke leses" in bad.text
    assert codes[0] in bad.text


def test_the_phones_queue_says_the_same_as_json_and_twice_is_once(
    signed_in_as: SignedInAs, org: Organised, database: RolledBackDatabase, actor: ActorOf
) -> None:
    codes = ordered_codes(database, org, actor)
    mover = signed_in_as(Role.MOVER)
    sent = {"codes": [*codes, "INV-1"], "signed_name": "Per", "signature": drawn()}
    headers = {"Idempotency-Key": "q1"}
    first = mover.post("/api/v1/handovers/scan-out", json=sent, headers=headers)
    assert first.status_code == 201, first.text
    answer = first.json()
    assert [each["outcome"] for each in answer["lines"]] == ["loaded", "loaded", "unknown"]
    assert (answer["done"], answer["has_signature"]) == (2, True)
    assert mover.post("/api/v1/handovers/scan-out", json=sent, headers=headers).json() == answer
    assert mover.get(f"/api/v1/receipts/{answer['id']}").json() == answer
    arrived = mover.post("/api/v1/handovers/scan-in", json={"codes": codes}).json()
    assert [each["outcome"] for each in arrived["lines"]] == ["received", "received"]
