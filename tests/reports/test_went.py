"""Where a project's pieces came from and went, and its waste by fraction."""

import hashlib
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.disposals.rules import Fate, Fraction, Reason
from app.disposals.service import Decide, Deliver, Propose, decide, deliver, propose
from app.handovers import service as handovers
from app.handovers.service import Receive, Undo
from app.impact.rules import FulfilmentSource
from app.kit.db import clock_of
from app.projects.models import Project
from app.projects.models_report import FrozenReport
from app.projects.rules import ProjectState
from app.projects.service_release import PlanRelease, plan_release
from app.reports.documents import as_json
from app.reports.documents_went import went_sheets
from app.reports.figures import LATER, LATER_WITHIN, Ranged, Route
from app.reports.rules_waste import WastePart, avoided_by_fraction, own_part
from app.reports.service import project_report
from app.reports.service_frozen import read
from app.reports.views_went import MOST_ROUTES, routes_shown
from tests.databases import RolledBackDatabase
from tests.factories import some_items
from tests.handovers.orders import an_order, on_its_way
from tests.people import ActorOf, Organised, SignedInAs
from tests.projects.rows import a_line, a_project
from tests.reports import story

FEW = {FulfilmentSource.INTERNAL_REUSE: 2, FulfilmentSource.NEW: 1}


def test_a_received_piece_is_told_from_where_it_stood_to_where_it_came(
    session: Session, actor: ActorOf, org: Organised
) -> None:
    line = a_line(session, actor(), a_project(session, actor(), org), quantity=2)
    lines = on_its_way(session, actor(), an_order(session, org, 2, programme_line=line))
    ids = [each.id for each in lines]
    handovers.receive(session, actor(), [Receive(handover_line_ids=ids)])
    session.flush()
    report = project_report(session, actor(), line.project_id)
    assert report.routes == (
        Route(
            "Medisin", "Bygg A › Rom 214", "Kirurgi", "Bygg A › Lager", "internal_reuse", pieces=2
        ),
    )
    (flow,) = routes_shown(report.routes).flows
    assert (flow.source, flow.target, flow.value) == ("Rom 214", "Lager", 2)
    handovers.undo(session, actor(), [Undo(handover_line_ids=ids)])
    session.flush()
    assert project_report(session, actor(), line.project_id).routes == ()


def test_what_came_from_outside_is_named_by_its_source_and_the_smallest_are_summed() -> None:
    routes = [
        Route(None, None, "Kirurgi", None, "bought_used", 40),
        *(Route("Medisin", f"Rom {n}", None, None, "sold", 2) for n in range(MOST_ROUTES)),
    ]
    shown = routes_shown(routes)
    assert (shown.flows[0].source, shown.flows[0].target) == ("Kjøpt brukt", "Kirurgi")
    assert (shown.flows[1].source, shown.flows[1].target) == ("Rom 0", "Solgt")
    assert (len(shown.rows), shown.more, shown.rest, shown.pieces) == (MOST_ROUTES, 1, 2, 80)


def test_no_gram_of_avoided_waste_is_lost_and_what_is_below_nothing_is_mixed() -> None:
    materials = {"CHAIR": [("steel", Decimal("0.7")), ("plastic_pp", Decimal("0.3"))]}
    grams = [("a", "CHAIR", 1003), ("a", "CHAIR", -2), ("b", "CHAIR", -7), ("a", "LAMP", 5)]
    parts = [WastePart(set_id, category, "T3", n, n, n) for set_id, category, n in grams]
    found = avoided_by_fraction(parts, lambda _, category: materials.get(category, []))
    assert {fraction: each.value for fraction, each in found.items() if each.value} == {
        Fraction.METAL: 701,
        Fraction.PLASTIC: 300,
        Fraction.MIXED: -2,
    }
    assert sum(each.value for each in found.values()) == sum(each for *_, each in grams)
    assert all(each.value == each.low == each.high for each in found.values())


def test_a_fraction_has_its_part_of_the_masses_range_straight_within_category_and_tier() -> None:
    materials = {
        "CHAIR": [
            ("steel", Decimal("0.6")),
            ("aluminium", Decimal("0.1")),
            ("plastic_pp", Decimal("0.3")),
        ],
        "DESK": [("steel", Decimal("0.5")), ("wood_panel", Decimal("0.5"))],
    }
    parts = [
        # Two sets, one category and tier: they err together, 400 + 200 below and 600 + 200 above.
        WastePart("a", "CHAIR", "T3", 2_000, 1_600, 2_600),
        WastePart("b", "CHAIR", "T3", 1_000, 800, 1_200),
        # Weighed: nothing to add.
        WastePart("a", "CHAIR", "T1", 500, 500, 500),
        WastePart("a", "DESK", "T3", 4_000, 3_000, 4_500),
        WastePart("a", "LAMP", "T3", 10, 4, 20),
    ]
    found = avoided_by_fraction(parts, lambda _, category: materials.get(category, []))
    # 0.7 of 600 and 0.5 of 1 000 below: the root of 420² + 500² is 652.99; above, of 560² + 250²,
    # 613.27.
    assert found[Fraction.METAL] == Ranged(4_450, 4_450 - 653, 4_450 + 613)
    assert found[Fraction.PLASTIC] == Ranged(1_050, 1_050 - 180, 1_050 + 240)
    assert found[Fraction.WOOD] == Ranged(2_000, 1_500, 2_250)
    assert found[Fraction.MIXED] == Ranged(10, 4, 20)
    assert found[Fraction.GLASS] == Ranged(0, 0, 0)


def test_a_decisions_fraction_is_the_projects_by_its_number_of_pieces() -> None:
    assert [own_part(1001, own, 2) for own in (0, 1, 2)] == [0, 501, 1001]
    assert own_part(5, 0, 0) == 0


def test_waste_is_the_reports_own_sum_by_fraction_and_unverified_codes_are_empty(
    session: Session, actor: ActorOf, org: Organised
) -> None:
    project, _ = story.example_c(session, actor(), org, FEW)
    items = some_items(session, org, 4, mass_g=10_000)
    released = [each.id for each in items[:1]]
    command = PlanRelease(
        project_id=project.id, item_ids=released, free_from=clock_of(session).today()
    )
    plan_release(session, actor(), [command])
    before = project_report(session, actor(), project.id)
    assert before.waste
    assert {each.delivered_g for each in before.waste} == {0}
    disposal = propose(
        session,
        actor(),
        Propose(
            item_ids=[each.id for each in items],
            fate=Fate.DISPOSE,
            reason=Reason.WORN_OUT,
            not_offered_why="For slitt.",
            receiver="Mottaket",
        ),
    )
    decide(session, actor(), Decide(disposal_id=disposal.id))
    deliver(
        session,
        actor(),
        Deliver(disposal_id=disposal.id, delivered_on=clock_of(session).today()),
    )
    session.flush()
    report = project_report(session, actor(), project.id)
    assert report.waste
    avoided = sum(each.avoided_g for each in report.waste)
    assert avoided == report.totals.gross.waste_g.value > 0
    assert {each.fraction: each.delivered_g for each in report.waste if each.delivered_g} == {
        "mixed": 10_000
    }
    for each in report.waste:
        assert each.avoided.low <= each.avoided_g <= each.avoided.high
    codes = {each.fraction: (each.ns_code, each.eal_code) for each in report.waste}
    assert codes.pop("wood", ("1142", "20 01 38")) == ("1142", "20 01 38")
    assert set(codes.values()) == {(None, None)}


def test_a_report_that_was_frozen_before_these_parts_is_shown_and_has_its_bytes_again(
    database: RolledBackDatabase, actor: ActorOf, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        project, _ = story.example_c(session, actor(), org, FEW)
        project_id = project.id
        report = project_report(session, actor(), project_id)
    first = as_json(
        replace(report, edition=None, routes=None, waste=None, plan=None, pictures=None)
    )
    assert not any(f'"{name}":' in first for name in LATER)
    manager = signed_in_as(Role.FURNITURE_MANAGER)
    page = f"/prosjekter/{project_id}/rapport"
    live = manager.get(page).text
    assert 'aria-labelledby="routes"' in live
    assert 'aria-labelledby="fractions"' in live
    with database.write() as session:
        row = FrozenReport(
            id=uuid4(),
            org_id=org.org_id,
            project_id=project_id,
            version=1,
            frozen_at=clock_of(session).now(),
            person_id=None,
            language="nb",
            document=first,
            sha256=hashlib.sha256(first.encode()).hexdigest(),
        )
        session.add(row)
        session.get_one(Project, project_id).state = ProjectState.CLOSED
        assert as_json(read(row)) == first
    old = {"versjon": 1}
    shown = manager.get(page, params=old)
    assert shown.status_code == 200
    assert 'aria-labelledby="routes"' not in shown.text
    assert "Behovsprogram" in shown.text
    assert manager.get(f"{page}.json", params=old).text == first
    assert manager.get(f"{page}.xlsx", params=old).status_code == 200


def test_a_report_that_was_frozen_without_ranges_of_waste_keeps_its_bytes_in_every_file(
    database: RolledBackDatabase, actor: ActorOf, org: Organised, signed_in_as: SignedInAs
) -> None:
    with database.write() as session:
        project, _ = story.example_c(session, actor(), org, FEW)
        project_id = project.id
        report = project_report(session, actor(), project_id)
    now, third = as_json(report), as_json(replace(report, edition=3))
    for name in LATER_WITHIN["waste"]:
        assert f'"{name}"' in now
        assert f'"{name}"' not in third
    manager = signed_in_as(Role.FURNITURE_MANAGER)
    page = f"/prosjekter/{project_id}/rapport"
    live = manager.get(page).text
    assert "Spennet er massenes." in live
    with database.write() as session:
        row = FrozenReport(
            id=uuid4(),
            org_id=org.org_id,
            project_id=project_id,
            version=1,
            frozen_at=clock_of(session).now(),
            person_id=None,
            language="nb",
            document=third,
            sha256=hashlib.sha256(third.encode()).hexdigest(),
        )
        session.add(row)
        session.get_one(Project, project_id).state = ProjectState.CLOSED
        old = read(row)
    assert as_json(old) == third
    (sheet,) = [each for each in went_sheets(old) if each.title == "Avfall"]
    assert [each.key for each in sheet.columns] == [
        "fraction",
        "avoided_kg",
        "delivered_kg",
        "ns_code",
        "eal_code",
    ]
    shown = manager.get(page, params={"versjon": 1})
    assert shown.status_code == 200
    assert "Spennet er massenes." not in shown.text
    assert manager.get(f"{page}.json", params={"versjon": 1}).text == third

    (sheet,) = [each for each in went_sheets(report) if each.title == "Avfall"]
    assert report.waste
    for found, cells in zip(report.waste, list(sheet.rows), strict=True):
        assert cells[1:4] == [
            Decimal(each) / 1000
            for each in (found.avoided_g, found.avoided.low, found.avoided.high)
        ]
