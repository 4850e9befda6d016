""" "Regneeksempel C" as a project of 200 pieces in the database, to the gram and the øre.

One row differs from the method's table by what a database keeps: donors give whole grams, so the
surplus built into a piece is 17 786 g and not 17 785.6 g, which the net view shows as 1 g a piece.
"""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.impact.rules import FulfilmentSource, View
from app.items.models import Donor
from app.kit.db import clock_of
from app.ledger import queries
from app.ledger.models import LedgerEntry
from app.projects.models import ProgrammeLine, Project
from app.projects.rules import LineState, ProjectKind, ProjectState
from tests.ledger import trips
from tests.ledger.trips import Load
from tests.people import ActorOf, Organised

# Pieces; then W, E and N, each gross and net (savings method, section 12).
EXPECTED = {
    FulfilmentSource.INTERNAL_REUSE: (
        124,
        (3_150_592, 1_344_284),
        (7_627_364, 3_226_108),
        (31_912_516, 1_418_312),
    ),
    FulfilmentSource.REDESIGNED: (
        14,
        (355_712, 189_714),
        (768_964, 364_490),
        (3_603_026, 800_674),
    ),
    FulfilmentSource.REDESIGNED_FROM_SURPLUS: (
        40,
        (711_440, 569_120 + 40),
        (1_791_760, 1_296_480),
        (10_294_360, 6_862_920),
    ),
    FulfilmentSource.BOUGHT_USED: (18, (0, 0), (1_107_198, 379_152), (4_632_462, -411_768)),
    FulfilmentSource.NEW: (4, (0, 0), (0, 0), (0, 0)),
}


@pytest.fixture
def project(session: Session, org: Organised) -> Project:
    """200 pieces of 25.408 kg by five sources, each source on a trip of 20 km."""
    now = clock_of(session).now()
    project = Project(
        org_id=org.org_id,
        number=1,
        name="Regneeksempel C",
        state=ProjectState.ACTIVE,
        kind=ProjectKind.NEW_BUILDING,
        unit_id=org.other_unit_id,
        created_at=now,
    )
    session.add(project)
    session.flush()
    line = ProgrammeLine(
        org_id=org.org_id,
        project_id=project.id,
        state=LineState.OPEN,
        category_id="CHAIR_TASK",
        quantity=200,
        created_at=now,
    )
    session.add(line)
    session.flush()
    model = trips.a_declared_model(session, org)
    donor = trips.an_item(session, org, name="Giver av deler")
    for source, (count, *_) in EXPECTED.items():
        loads = []
        for _ in range(count):
            item = trips.an_item(session, org, product_model_id=model.id)
            if source == FulfilmentSource.REDESIGNED_FROM_SURPLUS:
                session.add(
                    Donor(org_id=org.org_id, item_id=item.id, donor_id=donor.id, built_in_g=17_786)
                )
            loads.append(Load(item, source, {"programme_line_id": line.id}))
        trips.handed_over(
            session, org, loads, distance_m=20_000, vehicle="VAN_DIESEL_TKM", project_id=project.id
        )
    return project


def test_every_source_sums_to_the_methods_table(session: Session, project: Project) -> None:
    for source, (count, *expected) in EXPECTED.items():
        for column, pair in zip(("waste_g", "co2e_g", "saved_ore"), expected, strict=True):
            for view, wanted in zip((View.GROSS, View.NET), pair, strict=True):
                pieces, total = session.execute(
                    select(func.count(), func.sum(getattr(LedgerEntry, column))).where(
                        LedgerEntry.project_id == project.id,
                        LedgerEntry.source == source,
                        LedgerEntry.view == view,
                    )
                ).one()
                assert (source, view, column, pieces, total) == (
                    source,
                    view,
                    column,
                    count,
                    wanted,
                )


def test_the_projects_totals_are_the_methods(
    session: Session, project: Project, actor: ActorOf
) -> None:
    entries = queries.entries_visible_to(actor()).where(LedgerEntry.project_id == project.id)
    found = queries.totals(session, entries)
    gross, net = found[View.GROSS], found[View.NET]
    assert (gross.waste_g.value, gross.co2e_g.value, gross.saved_ore.value) == (
        4_217_744,
        11_295_286,
        50_442_364,
    )
    assert (net.waste_g.value, net.co2e_g.value, net.saved_ore.value) == (
        2_103_118 + 40,
        5_266_230,
        8_670_138,
    )
    assert gross.value_chain_waste_g.value - gross.waste_g.value == 457_344
    assert (gross.pieces, gross.uses, gross.not_calculated) == (200, 200, 0)


def test_the_reference_is_that_of_all_pieces_the_new_ones_included(
    session: Session, project: Project
) -> None:
    reference = session.scalar(
        select(func.sum(LedgerEntry.reference_co2e_g)).where(
            LedgerEntry.project_id == project.id, LedgerEntry.view == View.GROSS
        )
    )
    assert reference == 12_381_800
