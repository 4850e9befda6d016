"""Imports on the database: applied whole, recognised again, refused when stale, undone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import Unit
from app.items import service as items
from app.items.models import Code, Item, ItemIdentifier
from app.items.rules import ItemState
from app.kit import chain_walk
from app.kit.chain import ChainHead
from app.kit.errors import Conflict
from app.kit.events import EventRow
from app.ledger.verification import APPEND_ONLY
from app.transfer import queries, service, service_apply, service_undo
from app.transfer.models import ImportRun
from app.transfer.states import ImportState
from tests.databases import RolledBackDatabase
from tests.fieldwork.test_bulk_refusals import counted
from tests.people import Organised
from tests.transfer.importing import CHAIR, TABLE, Importing, counts, sheet


def test_a_preview_changes_nothing_in_the_inventory(importing: Importing) -> None:
    run_id = importing.preview(sheet(CHAIR, TABLE))
    assert importing.pieces() == []
    with importing.database.read() as session:
        assert queries.run(session, importing.actor, run_id).state is ImportState.PREVIEWED


def test_applying_registers_every_row_with_code_key_and_one_event(importing: Importing) -> None:
    run = importing.whole(CHAIR, TABLE)
    chair, table = importing.pieces()
    assert (chair.name, chair.category_id, chair.width_mm, chair.mass_g) == (
        "Kontorstol blå", "CHAIR_TASK", 600, 12_000,
    )  # fmt: skip
    assert chair.import_run_id == table.import_run_id == run.id
    with importing.database.read() as session:
        coded = set(session.scalars(select(Code.item_id).where(Code.item_id == chair.id)))
        keys = session.scalars(
            select(ItemIdentifier.value).where(ItemIdentifier.item_id == chair.id)
        ).all()
        kinds = session.scalars(
            select(EventRow.kind).where(EventRow.subject_id.in_([chair.id, run.id]))
        ).all()
    assert coded == {chair.id}
    assert keys == ["1"]
    assert sorted(kinds) == ["import-applied", "item-registered"]


def test_the_default_unit_is_the_root_and_the_default_place_the_first_building(
    importing: Importing, org: Organised
) -> None:
    importing.whole(CHAIR)
    (chair,) = importing.pieces()
    with importing.database.read() as session:
        assert session.get_one(Unit, chair.owner_unit_id).parent_id is None
    assert chair.place_id == org.building_id


def test_a_second_run_changes_nothing(importing: Importing) -> None:
    importing.whole(CHAIR, TABLE)
    again = importing.whole(CHAIR, TABLE)
    assert counts(again) == (0, 0, 2)
    assert [piece.version for piece in importing.pieces()] == [1, 1]


def test_rows_without_a_key_are_recognised_by_their_contents(importing: Importing) -> None:
    head = "Benevnelse;Kategori"
    importing.whole("Pult;Skrivebord", "Pult;Skrivebord", head=head)
    again = importing.whole("Pult;Skrivebord", "Pult;Skrivebord", "Pult;Skrivebord", head=head)
    assert counts(again) == (1, 0, 2)


def test_an_updated_row_changes_only_what_changed_in_the_sheet(importing: Importing) -> None:
    importing.whole(CHAIR, TABLE)
    chair, _ = importing.pieces()
    with importing.database.write() as session:
        edit = items.Edit(item_id=chair.id, version=1, name="Stolen til Kari")
        items.edit(session, importing.actor, [edit])
    run = importing.whole(CHAIR.replace(";60;", ";62;"), TABLE)
    assert counts(run) == (0, 1, 1)
    names = {piece.name: piece.width_mm for piece in importing.pieces()}
    assert names == {"Stolen til Kari": 620, "Møtebord stort": 1600}


def test_an_emptied_cell_wipes_nothing(importing: Importing) -> None:
    importing.whole(CHAIR)
    importing.whole("1;Kontorstol blå;Kontorstol;;12")
    assert [piece.width_mm for piece in importing.pieces()] == [600]


def test_a_row_of_several_pieces_is_a_lot_and_is_updated_as_one(importing: Importing) -> None:
    head = "Inventarnr;Benevnelse;Kategori;Antall;Farge"
    importing.whole("7;Elevstol;Elevstol;3;rød", head=head)
    assert len({piece.lot_id for piece in importing.pieces()}) == 1
    importing.whole("7;Elevstol;Elevstol;3;grønn", head=head)
    assert [piece.colour for piece in importing.pieces()] == ["grønn"] * 3


def test_more_pieces_than_one_registration_takes_become_several_lots(importing: Importing) -> None:
    head = "Inventarnr;Benevnelse;Kategori;Antall"
    importing.whole("7;Elevstol;Elevstol;501", head=head)
    assert len(importing.pieces()) == 501
    run = importing.whole("7;Elevstol ny;Elevstol;501", head=head)
    assert counts(run) == (0, 1, 0)
    assert {piece.name for piece in importing.pieces()} == {"Elevstol ny"}


def test_too_many_pieces_in_one_file_are_refused(importing: Importing) -> None:
    lines = [f"{n};Stol;Kontorstol;10000" for n in range(6)]
    with pytest.raises(service.TooManyPieces):
        importing.preview(sheet(*lines, head="Inventarnr;Benevnelse;Kategori;Antall"))


def test_bad_rows_stop_everything_unless_they_are_skipped(importing: Importing) -> None:
    run_id = importing.preview(sheet(CHAIR, "2;Bord;Møtebord;abc;45"))
    with pytest.raises(service_apply.ImportHasBadRows):
        importing.apply(run_id)
    assert importing.pieces() == []
    importing.apply(run_id, skip_bad=True)
    assert [piece.name for piece in importing.pieces()] == ["Kontorstol blå"]


def test_what_has_neither_category_nor_mass_is_a_draft_and_never_gets_a_mass(
    importing: Importing,
) -> None:
    run = importing.whole("1;Dings;;;", "2;Duppeditt;;;8,5")
    draft, weighed = importing.pieces()
    assert (draft.category_id, draft.state, draft.mass_g) == ("OTHER_KG", ItemState.DRAFT, None)
    assert (weighed.state, str(weighed.amount), weighed.mass_g) == (ItemState.IN_USE, "8.5", 8500)
    assert run.report["warning_counts"]["draft"] == 1


def test_pieces_bear_the_moment_they_are_written_not_that_of_making_ready(
    importing: Importing,
) -> None:
    run_id = importing.preview(sheet(CHAIR, TABLE))
    with importing.database.read() as session:
        ready = service_apply.prepare(session, importing.actor, run_id)
    importing.clock.move(timedelta(seconds=40))
    now = importing.clock.now()
    with importing.database.write() as session:
        service_apply.apply(session, importing.actor, ready)
    with importing.database.read() as session:
        ids = [piece.id for piece in importing.pieces()]
        moments = [
            *session.scalars(select(Item.created_at)),
            *session.scalars(select(EventRow.at).where(EventRow.subject_id.in_(ids))),
            *session.scalars(select(Code.bound_at).where(Code.item_id.in_(ids))),
        ]
        assert isinstance(
            chain_walk.verify(session, importing.actor.org_id, APPEND_ONLY), ChainHead
        )
    assert moments == [now] * 6


def test_an_import_cannot_be_applied_twice(importing: Importing) -> None:
    run = importing.whole(CHAIR)
    with pytest.raises(service_apply.ImportFinished):
        importing.apply(run.id)
    assert len(importing.pieces()) == 1


def test_a_preview_is_stale_when_another_import_made_the_same_rows(importing: Importing) -> None:
    first, second = importing.preview(sheet(CHAIR)), importing.preview(sheet(CHAIR, TABLE))
    importing.apply(first)
    with pytest.raises(service_apply.ImportStale):
        importing.apply(second)
    assert len(importing.pieces()) == 1


def test_a_preview_is_not_stale_when_another_import_made_other_rows(importing: Importing) -> None:
    first, second = importing.preview(sheet(CHAIR)), importing.preview(sheet(TABLE))
    importing.apply(first)
    importing.apply(second)
    assert len(importing.pieces()) == 2


@pytest.mark.parametrize("is_between", [False, True])
def test_a_preview_is_stale_when_somebody_changed_a_piece(
    importing: Importing, *, is_between: bool
) -> None:
    importing.whole(CHAIR)
    run_id = importing.preview(sheet(CHAIR.replace("blå", "rød")))
    (chair,) = importing.pieces()
    ready = None
    if is_between:
        with importing.database.read() as session:
            ready = service_apply.prepare(session, importing.actor, run_id)
    with importing.database.write() as session:
        edit = items.Edit(item_id=chair.id, version=1, colour="gul")
        items.edit(session, importing.actor, [edit])
    with pytest.raises(service_apply.ImportStale):
        if ready is None:
            importing.apply(run_id)
        else:
            with importing.database.write() as session:
                service_apply.apply(session, importing.actor, ready)
    assert [piece.name for piece in importing.pieces()] == ["Kontorstol blå"]


def test_an_import_is_undone_with_its_history_kept(importing: Importing) -> None:
    run = importing.whole(CHAIR, TABLE)
    ids = [piece.id for piece in importing.pieces()]
    importing.undo(run)
    assert importing.pieces() == []
    with importing.database.read() as session:
        kinds = session.scalars(select(EventRow.kind).where(EventRow.subject_id == ids[0])).all()
        assert session.get_one(ImportRun, run.id).state is ImportState.UNDONE
    assert sorted(kinds) == ["item-deleted", "item-registered"]
    assert counts(importing.whole(CHAIR, TABLE)) == (2, 0, 0)


def test_undoing_many_pieces_takes_no_more_statements_than_few(
    importing: Importing, database: RolledBackDatabase
) -> None:
    """Others wait for their turn to write meanwhile, so nothing is asked of each piece."""
    sent = []
    for pieces in (2, 60):
        rows = (f"{pieces}-{n};Stol {n};Kontorstol;60;12" for n in range(pieces))
        run = importing.whole(*rows)
        with counted(database) as statements:
            importing.undo(run)
        sent.append(len(statements))
    assert importing.pieces() == []
    assert sent[1] <= sent[0] + 2


def test_undoing_an_update_gives_the_pieces_their_values_back(importing: Importing) -> None:
    importing.whole(CHAIR)
    run = importing.whole(CHAIR.replace(";60;", ";62;").replace("blå", "rød"))
    importing.undo(run)
    assert [(each.name, each.width_mm) for each in importing.pieces()] == [("Kontorstol blå", 600)]
    assert counts(importing.whole(CHAIR)) == (0, 0, 1)


@pytest.mark.parametrize("lines", [(CHAIR,), (CHAIR, TABLE), (CHAIR.replace("blå", "rød"),)])
def test_a_preview_that_rests_on_an_import_undone_since_is_refused(
    importing: Importing, lines: tuple[str, ...]
) -> None:
    first = importing.whole(CHAIR)
    later = importing.preview(sheet(*lines))
    importing.undo(first)
    with pytest.raises(service_apply.ImportStale):
        importing.apply(later)
    assert importing.pieces() == []
    importing.whole(*lines)
    assert len(importing.pieces()) == len(lines)


def test_a_preview_has_nothing_to_undo(importing: Importing) -> None:
    run_id = importing.preview(sheet(CHAIR))
    with (
        pytest.raises(Conflict, match="bare forhåndsvist"),
        importing.database.write() as session,
    ):
        service_undo.undo(session, importing.actor, run_id)


def test_an_import_whose_piece_was_edited_cannot_be_undone(importing: Importing) -> None:
    run = importing.whole(CHAIR, TABLE)
    with importing.database.write() as session:
        edit = items.Edit(item_id=importing.pieces()[0].id, version=1, colour="gul")
        items.edit(session, importing.actor, [edit])
    with pytest.raises(service_undo.PiecesTouched) as refused:
        importing.undo(run)
    assert refused.value.members["count"] == 1
    assert len(importing.pieces()) == 2


def test_an_import_whose_update_was_edited_again_cannot_be_undone(importing: Importing) -> None:
    importing.whole(CHAIR)
    run = importing.whole(CHAIR.replace("blå", "rød"))
    with importing.database.write() as session:
        edit = items.Edit(item_id=importing.pieces()[0].id, version=2, colour="gul")
        items.edit(session, importing.actor, [edit])
    with pytest.raises(service_undo.PiecesTouched):
        importing.undo(run)
    assert importing.pieces()[0].name == "Kontorstol rød"
