"""Codes: minted, printed blank, bound once, replaced, cancelled."""

import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, actor_of
from app.accounts.rules import Role
from app.items import service_codes, service_wrong
from app.items.commands import Delete
from app.items.models import Code, PrintBatch
from app.items.queries import codes_of
from app.items.queries_batches import seen
from app.items.queries_codes import find_by_code
from app.items.service_codes import (
    Bind,
    CancelPrintBatch,
    CodeCancelled,
    CodeTaken,
    CodeUnknown,
    PrintBatchCancelled,
    PrintBlank,
    ReplaceLabel,
    bind,
    cancel_print_batch,
    mint_codes,
    print_blank,
    replace_label,
)
from app.items.service_lifecycle import ItemNotThere
from app.kit import codes
from app.kit.codes import grouped, is_code
from app.kit.db import Database
from app.kit.errors import Forbidden, NotFound
from app.kit.events import EventRow
from tests.databases import RolledBackDatabase
from tests.factories import an_item, some_items
from tests.people import ActorOf, Organised, SignedInAs, organised


def kinds(session: Session, subject_id: UUID) -> list[str]:
    return list(
        session.scalars(
            select(EventRow.kind).where(EventRow.subject_id == subject_id).order_by(EventRow.at)
        )
    )


def blank(session: Session, actor: Actor, count: int = 1) -> list[str]:
    return print_blank(session, actor, PrintBlank(count=count))[1]


def test_a_print_batch_has_as_many_codes_as_asked_and_all_are_blank(
    session: Session, actor: ActorOf
) -> None:
    batch, codes = print_blank(session, actor(), PrintBlank(count=42, note="Kjelleren"))

    rows = list(session.scalars(select(Code).where(Code.print_batch_id == batch.id)))
    assert sorted(row.code for row in rows) == codes
    assert len(set(codes)) == 42
    assert all(is_code(code) for code in codes)
    assert {row.item_id for row in rows} == {None}
    assert kinds(session, batch.id) == ["codes-printed"]


def test_minted_codes_are_the_organisations_and_of_no_batch(
    session: Session, org: Organised
) -> None:
    codes = mint_codes(session, org.org_id, 3)

    rows = list(session.scalars(select(Code).where(Code.code.in_(codes))))
    assert [(row.org_id, row.print_batch_id, row.item_id) for row in rows] == [
        (org.org_id, None, None)
    ] * 3


def test_a_code_that_is_there_already_is_never_minted_again(
    session: Session, org: Organised, monkeypatch: pytest.MonkeyPatch
) -> None:
    (taken,) = mint_codes(session, org.org_id, 1)
    real = codes.mint
    answers = iter([taken])
    monkeypatch.setattr(codes, "mint", lambda: next(answers, None) or real())

    (minted,) = mint_codes(session, org.org_id, 1)

    assert minted != taken
    assert is_code(minted)


def test_a_blank_code_is_bound_to_a_piece_and_leads_to_it(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org)
    (code,) = blank(session, actor())

    (bound,) = bind(session, actor(Role.SURVEYOR), [Bind(code=grouped(code), item_id=item.id)])

    assert (bound.code, bound.item_id) == (code, item.id)
    found = find_by_code(session, code)
    assert found is not None
    assert (found.item_id, found.org_id, found.is_gone) == (item.id, org.org_id, False)
    assert "code-bound" in kinds(session, item.id)


def test_binding_the_same_again_changes_nothing(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org)
    (code,) = blank(session, actor())
    command = Bind(code=code, item_id=item.id)
    bind(session, actor(), [command])

    bind(session, actor(), [command])

    assert kinds(session, item.id).count("code-bound") == 1


def test_a_bound_code_is_refused_to_another_piece(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    first, second = some_items(session, org, 2)
    (code,) = blank(session, actor())
    bind(session, actor(), [Bind(code=code, item_id=first.id)])

    with pytest.raises(CodeTaken):
        bind(session, actor(), [Bind(code=code, item_id=second.id)])

    found = find_by_code(session, code)
    assert found is not None
    assert found.item_id == first.id


def test_many_codes_are_bound_together_or_not_at_all(
    database: RolledBackDatabase, org: Organised, actor: ActorOf
) -> None:
    with database.write() as session:
        first, second = some_items(session, org, 2)
        codes = blank(session, actor(), 2)
        bind(session, actor(), [Bind(code=codes[1], item_id=second.id)])

    with pytest.raises(CodeTaken), database.write() as session:
        bind(session, actor(), [Bind(code=code, item_id=first.id) for code in codes])

    with database.read() as session:
        assert session.scalar(select(Code.item_id).where(Code.code == codes[0])) is None


def test_another_organisations_code_and_a_random_one_are_equally_unknown(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org)
    (theirs,) = blank(session, actor(where=foreign_org))
    random = codes.mint()

    for code in (theirs, random):
        with pytest.raises(CodeUnknown):
            bind(session, actor(), [Bind(code=code, item_id=item.id)])


def test_another_organisations_piece_can_not_get_our_code(
    session: Session, foreign_org: Organised, org: Organised, actor: ActorOf
) -> None:
    theirs = an_item(session, foreign_org)
    (code,) = blank(session, actor())

    with pytest.raises(NotFound):
        bind(session, actor(), [Bind(code=code, item_id=theirs.id)])


def test_a_piece_that_was_deleted_gets_no_label(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org)
    (code,) = blank(session, actor())
    service_wrong.delete(session, actor(), [Delete(item_id=item.id, reason="Fantes ikke")])

    with pytest.raises((NotFound, ItemNotThere)):
        bind(session, actor(), [Bind(code=code, item_id=item.id)])


def test_an_employee_neither_prints_nor_binds(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org)
    (code,) = blank(session, actor())
    employee = actor(Role.EMPLOYEE)

    with pytest.raises(Forbidden):
        print_blank(session, employee, PrintBlank(count=1))
    with pytest.raises(Forbidden):
        bind(session, employee, [Bind(code=code, item_id=item.id)])
    with pytest.raises(Forbidden):
        replace_label(session, employee, [ReplaceLabel(item_id=item.id)])


def test_a_replaced_label_still_leads_to_the_piece_and_the_new_one_is_shown(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org)
    old = codes_of(session, actor(), [item.id])[item.id]

    (new,) = replace_label(session, actor(), [ReplaceLabel(item_id=item.id)])

    assert new != old
    for code in (old, new):
        found = find_by_code(session, code)
        assert found is not None
        assert found.item_id == item.id
    assert codes_of(session, actor(), [item.id]) == {item.id: new}
    assert "label-replaced" in kinds(session, item.id)


def test_a_lost_label_that_turns_up_can_be_the_pieces_label_again(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    item = an_item(session, org)
    old = codes_of(session, actor(), [item.id])[item.id]
    replace_label(session, actor(), [ReplaceLabel(item_id=item.id)])

    replace_label(session, actor(), [ReplaceLabel(item_id=item.id, code=old)])

    assert codes_of(session, actor(), [item.id]) == {item.id: old}


def test_a_label_is_replaced_by_a_blank_one_but_not_by_another_pieces(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    first, second = some_items(session, org, 2)
    (code,) = blank(session, actor())

    assert replace_label(session, actor(), [ReplaceLabel(item_id=first.id, code=code)]) == [code]
    with pytest.raises(CodeTaken):
        replace_label(session, actor(), [ReplaceLabel(item_id=second.id, code=code)])


def test_cancelling_a_batch_stops_its_blank_codes_and_leaves_the_bound_ones(
    session: Session, org: Organised, actor: ActorOf
) -> None:
    first, second = some_items(session, org, 2)
    batch, codes = print_blank(session, actor(), PrintBlank(count=3))
    bind(session, actor(), [Bind(code=codes[0], item_id=first.id)])

    cancel_print_batch(session, actor(), CancelPrintBatch(print_batch_id=batch.id))

    found = find_by_code(session, codes[0])
    assert found is not None
    assert not found.is_gone
    with pytest.raises(CodeCancelled):
        bind(session, actor(), [Bind(code=codes[1], item_id=second.id)])
    with pytest.raises(PrintBatchCancelled):
        cancel_print_batch(session, actor(), CancelPrintBatch(print_batch_id=batch.id))
    (counted,) = seen(session, actor(), [batch])
    assert (counted.bound, counted.cancelled, counted.blank) == (1, 2, 0)


def test_another_organisations_batch_can_not_be_cancelled(
    session: Session, org: Organised, foreign_org: Organised, actor: ActorOf
) -> None:
    theirs, _ = print_blank(session, actor(where=foreign_org), PrintBlank(count=1))

    with pytest.raises(NotFound):
        cancel_print_batch(session, actor(), CancelPrintBatch(print_batch_id=theirs.id))

    assert session.get_one(PrintBatch, theirs.id).cancelled_at is None


def winners_of_a_race(database: Database, claimants: int) -> tuple[int, int]:
    """Simultaneous claims of one blank code, each for its own piece; winners and losers."""
    with database.write() as session:
        org = organised(session, database.clock)
        items = [item.id for item in some_items(session, org, claimants)]
        actor = actor_of(session, org.org_id, org.person_ids[Role.SURVEYOR])
        assert actor is not None
        (code,) = mint_codes(session, org.org_id, 1)
    outcomes: list[str] = []
    gate = threading.Barrier(claimants)

    def claim(item_id: UUID) -> None:
        gate.wait()
        try:
            with database.write() as session:
                bind(session, actor, [Bind(code=code, item_id=item_id)])
            outcomes.append("won")
        except CodeTaken:
            outcomes.append("taken")

    threads = [threading.Thread(target=claim, args=(item_id,)) for item_id in items]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        bound = session.scalar(
            select(func.count()).where(EventRow.kind == "code-bound").select_from(EventRow)
        )
    assert bound == outcomes.count("won")
    return outcomes.count("won"), outcomes.count("taken")


def test_of_200_simultaneous_claims_of_a_blank_code_one_wins(
    new_database: Callable[[], Database],
) -> None:
    assert winners_of_a_race(new_database(), 200) == (1, 199)


def test_without_the_condition_more_than_one_claim_would_win(
    new_database: Callable[[], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_codes, "_still_blank", lambda: (true(),))

    won, _ = winners_of_a_race(new_database(), 40)

    assert won > 1


def test_a_batch_is_printed_listed_and_cancelled_through_the_api(
    signed_in_as: SignedInAs,
) -> None:
    client = signed_in_as()
    made = client.post("/api/v1/print-batches", json={"count": 3, "note": "Kjelleren"})
    again = client.post(
        "/api/v1/print-batches", json={"count": 2}, headers={"Idempotency-Key": "k"}
    )
    repeated = client.post(
        "/api/v1/print-batches", json={"count": 2}, headers={"Idempotency-Key": "k"}
    )

    assert made.status_code == 201, made.text
    assert again.json() == repeated.json()
    batch = made.json()
    assert (batch["count"], batch["bound"], len(batch["codes"])) == (3, 0, 3)
    listed = client.get("/api/v1/print-batches").json()
    assert {each["id"] for each in listed} == {batch["id"], again.json()["id"]}
    cancelled = client.post(f"/api/v1/print-batches/{batch['id']}/cancel")
    assert cancelled.status_code == 200
    assert client.post(f"/api/v1/print-batches/{batch['id']}/cancel").status_code == 409


def test_a_code_is_shown_bound_and_refused_through_the_api(
    database: RolledBackDatabase, org: Organised, foreign_org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        first, second = [item.id for item in some_items(session, org, 2)]
        (code,) = mint_codes(session, org.org_id, 1)
    client, stranger = signed_in_as(), signed_in_as(where=foreign_org)
    path = f"/api/v1/codes/{grouped(code).lower()}"

    assert client.get(path).json()["state"] == "blank"
    bound = client.post(f"{path}/bind", json={"item_id": str(first)})
    taken = client.post(f"{path}/bind", json={"item_id": str(second)})

    assert bound.json() == {
        "code": code,
        "grouped": grouped(code),
        "state": "bound",
        "item_id": str(first),
        "print_batch_id": None,
    }
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/code-taken")
    assert stranger.get(path).status_code == 404
    assert client.get("/api/v1/codes/7K3QWX9R2M5").status_code == 422


def test_a_label_is_replaced_through_the_api(
    database: RolledBackDatabase, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        item_id = an_item(session, org).id

    answer = signed_in_as().post(f"/api/v1/items/{item_id}/label", json={})

    assert answer.status_code == 200
    assert answer.json()["item_id"] == str(item_id)
    assert is_code(answer.json()["code"])


def test_a_typed_code_is_mended_before_it_is_looked_up() -> None:
    code = codes.mint()

    command = Bind(
        code=f" https://ombruk.example.no/I/{grouped(code).lower()} ", item_id=UUID(int=1)
    )

    assert command.code == code
