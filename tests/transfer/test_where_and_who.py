"""Imports: places and units by name, whose they are, and what they never change."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, Person, RoleGrant
from app.accounts.rules import Role
from app.items.models import Item
from app.kit.clock import MovedClock
from app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from app.places.models import Place, PlaceKind
from app.transfer import queries, service, service_apply, service_staging, service_undo
from app.transfer.mapping import Mapping, built_in
from app.transfer.models import ImportRow, ImportRun
from app.transfer.service import How
from app.transfer.states import ImportState
from app.transfer.upload import looked_at
from tests.databases import RolledBackDatabase
from tests.people import ActorOf, Organised
from tests.transfer.importing import CHAIR, Importing, counts, sheet


def test_places_are_matched_by_name_and_missing_ones_created_below_the_chosen(
    importing: Importing, org: Organised
) -> None:
    head = "Inventarnr;Benevnelse;Kategori;Bygning;Etasje;Rom"
    run = importing.whole(
        "1;Stol A;Kontorstol;bygg a;;Rom 214",
        "2;Stol B;Kontorstol;Bygg A;2. etg.;220",
        "3;Stol C;Kontorstol;Bygg B;;101",
        "4;Stol D;Kontorstol;;2. etg.;221",
        head=head,
    )
    assert any("5 steder" in text for text in run.report["notices"])
    with importing.database.read() as session:
        labels = {
            row.name: row.label
            for row in session.execute(
                select(Item.name, Place.label).join(Place, Place.id == Item.place_id)
            )
        }
    assert labels == {
        "Stol A": "Bygg A › Rom 214",
        "Stol B": "Bygg A › 2. etg. › 220",
        "Stol C": "Bygg B › 101",
        "Stol D": "Bygg A › 2. etg. › 221",
    }
    assert importing.pieces()[0].place_id == org.room_id


def test_one_missing_place_is_told_of_as_one(importing: Importing) -> None:
    run = importing.whole(
        "1;Stol A;Kontorstol;Bygg B", head="Inventarnr;Benevnelse;Kategori;Bygning"
    )
    assert "Ett sted finnes ikke og blir opprettet: Bygg B" in run.report["notices"]


def test_units_are_matched_by_name_or_cost_centre_and_unknown_ones_noted(
    importing: Importing, org: Organised
) -> None:
    run = importing.whole(
        "1;Stol A;Kontorstol;Medisin",
        "2;Stol B;Kontorstol;4200",
        "3;Stol C;Kontorstol;Psykiatri",
        head="Inventarnr;Benevnelse;Kategori;Enhet",
    )
    first, second, third = importing.pieces()
    assert (first.owner_unit_id, second.owner_unit_id) == (org.unit_id, org.other_unit_id)
    assert third.note == "Enhet: Psykiatri"
    assert run.report["warning_counts"]["unknown_unit"] == 1


def test_what_an_item_has_no_field_for_stands_in_the_note(importing: Importing) -> None:
    colour = "blå med " + "fine " * 15 + "striper"
    importing.whole(
        f"1;Stol;Kontorstol;{colour};2019;Litt slitt",
        head="Inventarnr;Benevnelse;Kategori;Farge;Anskaffet;Merknad",
    )
    (chair,) = importing.pieces()
    assert chair.note == f"Litt slitt\n{colour}\nAnskaffet: 2019"
    assert chair.colour is not None
    assert colour.startswith(chair.colour)


def test_identity_and_role_columns_change_no_person(
    importing: Importing, org: Organised, session: Session
) -> None:
    def people() -> list[object]:
        return [
            *session.execute(select(Person.id, Person.name, Person.email, Person.password_hash)),
            *session.execute(select(RoleGrant.membership_id, RoleGrant.role, RoleGrant.unit_id)),
            *session.execute(select(Membership.id, Membership.home_unit_id)),
        ]

    before = people()
    person_id = org.person_ids[Role.EMPLOYEE]
    importing.whole(
        f"1;Stol;Kontorstol;admin;hemmelig;ond@example.no;{person_id};{org.org_id};1",
        head="Inventarnr;Benevnelse;Kategori;role;password;email;person_id;org_id;is_admin",
    )
    assert people() == before
    assert importing.pieces()[0].org_id == org.org_id


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.SURVEYOR, Role.CONTROLLER, Role.MOVER])
def test_those_who_may_not_import_cannot_even_preview(
    database: RolledBackDatabase, actor: ActorOf, role: Role
) -> None:
    with pytest.raises(Forbidden):
        looked_at(database, actor(role), sheet(CHAIR), "ark.csv", How())


def test_another_organisations_unit_place_and_run_are_not_found(
    importing: Importing, foreign_org: Organised, actor: ActorOf
) -> None:
    for how in (How(unit_id=foreign_org.unit_id), How(place_id=foreign_org.room_id)):
        with pytest.raises(Invalid):
            importing.preview(sheet(CHAIR), how)
    run_id = importing.preview(sheet(CHAIR))
    stranger = actor(where=foreign_org)
    with importing.database.read() as session, pytest.raises(NotFound):
        service_apply.prepare(session, stranger, run_id)
    with importing.database.write() as session, pytest.raises(NotFound):
        service_undo.undo(session, stranger, run_id)


def test_keys_of_another_organisation_are_not_recognised(
    importing: Importing, foreign_org: Organised, actor: ActorOf, clock: MovedClock
) -> None:
    importing.whole(CHAIR)
    theirs = Importing(importing.database, actor(where=foreign_org), clock)
    assert counts(theirs.whole(CHAIR)) == (1, 0, 0)


def test_a_mapping_with_unknown_categories_is_refused(importing: Importing) -> None:
    mapping = Mapping.model_validate(
        {"name": "x", "values": {"category": {"Kontorstol": "NO_SUCH"}}}
    )
    with pytest.raises(Invalid):
        importing.preview(sheet(CHAIR), How(mapping=mapping))


def test_a_saved_mapping_is_used_by_name_before_the_built_in(importing: Importing) -> None:
    own = Mapping.model_validate({"name": "ikea", "length_unit": "mm"})
    with importing.database.write() as session:
        service.save_mappings(session, importing.actor, [service.SaveMapping(mapping=own)])
    with importing.database.read() as session:
        assert queries.mapping_named(session, importing.actor, "ikea") == own
        with pytest.raises(NotFound):
            queries.mapping_named(session, importing.actor, "finnes ikke")


def test_a_discarded_preview_leaves_no_rows(importing: Importing) -> None:
    run_id = importing.preview(sheet(CHAIR))
    with importing.database.write() as session:
        service_staging.discard(session, importing.actor, run_id)
    with importing.database.read() as session:
        assert session.scalar(select(func.count()).select_from(ImportRow)) == 0
        assert session.get(ImportRun, run_id) is None


def test_an_applied_import_is_not_discarded(importing: Importing) -> None:
    run = importing.whole(CHAIR)
    with importing.database.write() as session, pytest.raises(Conflict):
        service_staging.discard(session, importing.actor, run.id)


def test_nothing_is_saved_when_the_last_step_fails(
    importing: Importing, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = "Inventarnr;Benevnelse;Kategori;Rom"
    run_id = importing.preview(sheet("1;Stol;Kontorstol;999", head=head))

    def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(service_apply, "publish", fails)
    with pytest.raises(RuntimeError):
        importing.apply(run_id)
    assert importing.pieces() == []
    with importing.database.read() as session:
        assert session.scalar(select(Place.id).where(Place.name == "999")) is None
        assert queries.run(session, importing.actor, run_id).state is ImportState.PREVIEWED


def test_a_room_named_without_a_building_lands_below_a_chosen_storage(
    importing: Importing, org: Organised
) -> None:
    head = "Inventarnr;Benevnelse;Kategori;Rom"
    importing.whole("1;Stol;Kontorstol;Reol 4", head=head, how=How(place_id=org.storage_id))
    with importing.database.read() as session:
        place = session.scalars(select(Place).where(Place.name == "Reol 4")).one()
    assert (place.kind, place.parent_id) == (PlaceKind.ROOM, org.storage_id)


@pytest.mark.shared_data
def test_the_real_catalogue_is_imported_once_and_recognised_the_second_time(
    importing: Importing, shared_data: Path
) -> None:
    content = (shared_data / "inventory" / "ikea_catalogue.csv").read_bytes()
    how = How(mapping=built_in("ikea"))
    run = importing.apply(importing.preview(content, how))
    assert (run.report["created"], run.report["repeated"], run.report["bad"]) == (2962, 732, [])
    assert len(importing.pieces()) == 2962
    again = importing.apply(importing.preview(content, how))
    assert counts(again) == (0, 0, 2962)
    importing.undo(run)
    assert importing.pieces() == []
