"""The project report against the printed sums of the savings method, and its odd cases."""

import io
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from app.accounts.rules import Role
from app.impact.rules import FulfilmentSource, View
from app.kit import chain
from app.kit.errors import Conflict, NotFound
from app.ledger.models import LedgerEntry
from app.ledger.queries import standing_entries
from app.ledger.rules import Booked, entries_for, reversal
from app.projects.service import CancelLine, Unfulfil, cancel_line, unfulfil
from app.reports.documents import as_workbook
from app.reports.figures import Piece, ProjectReport, Ranged
from app.reports.service import project_named, project_report
from tests.impact.pieces import a_chair, average_item, factors
from tests.people import ActorOf, Organised
from tests.projects.rows import a_line, a_project
from tests.reports import story

SOURCES = {
    "internal_reuse": (124, 3_150_592, 1_344_284, 7_627_364, 3_226_108, 31_912_516, 1_418_312),
    "redesigned": (14, 355_712, 189_714, 768_964, 364_490, 3_603_026, 800_674),
    "redesigned_from_surplus": (40, 711_440, 569_120, 1_791_760, 1_296_480, 10_294_360, 6_862_920),
    "bought_used": (18, 0, 0, 1_107_198, 379_152, 4_632_462, -411_768),
    "new": (4, 0, 0, 0, 0, 0, 0),
}


@pytest.fixture
def report_c(session: Session, actor: ActorOf, org: Organised) -> ProjectReport:
    project, _ = story.example_c(session, actor(), org)
    return project_report(session, actor(Role.EMPLOYEE), project.id)


def test_the_shares_are_those_of_lensmannslia(report_c: ProjectReport) -> None:
    assert report_c.shares.by_pieces == {
        "internal_reuse": 0.62,
        "redesigned": 0.07,
        "redesigned_from_surplus": 0.2,
        "bought_used": 0.09,
        "new": 0.02,
    }
    assert report_c.shares.by_kg == report_c.shares.by_nok == report_c.shares.by_pieces
    total = report_c.reuse.by_pieces
    assert total is not None
    assert (total.without_bought_used, total.with_bought_used) == (0.89, 0.98)


def test_the_formula_is_printed_with_its_numbers(report_c: ProjectReport) -> None:
    total = report_c.reuse.by_pieces
    assert total is not None
    assert total.formula_without.endswith("= (124 + 14 + 40) ÷ 200 = 178 ÷ 200 = 89\xa0%")
    assert total.formula_with.endswith("= (124 + 14 + 40 + 18) ÷ 200 = 196 ÷ 200 = 98\xa0%")
    by_kg = report_c.reuse.by_kg
    assert by_kg is not None
    assert "3\xa0150,592 + 355,712 + 1\xa0016,32" in by_kg.formula_without


def ore(figure: Ranged | None) -> int:
    """What an amount is that was calculated."""
    assert figure is not None
    return figure.value


def test_every_source_has_the_sums_of_the_printed_table(report_c: ProjectReport) -> None:
    found = {
        each.source: (
            each.pieces,
            each.gross.waste_g.value,
            each.net.waste_g.value,
            each.gross.co2e_g.value,
            each.net.co2e_g.value,
            ore(each.gross.saved_ore),
            ore(each.net.saved_ore),
        )
        for each in report_c.sources
    }
    assert found == SOURCES


def test_the_totals_are_those_of_the_printed_table(report_c: ProjectReport) -> None:
    gross, net = report_c.totals.gross, report_c.totals.net
    assert (gross.waste_g.value, net.waste_g.value) == (4_217_744, 2_103_118)
    assert (gross.co2e_g.value, net.co2e_g.value) == (11_295_286, 5_266_230)
    assert (ore(gross.saved_ore), ore(net.saved_ore)) == (50_442_364, 8_670_138)
    assert gross.value_chain_waste_g.value == 4_217_744 + 457_344
    assert gross.co2e_g.low < gross.co2e_g.value < gross.co2e_g.high
    assert (gross.entries, net.entries) == (200, 200)


def test_reference_actual_and_avoided_are_those_of_example_c(report_c: ProjectReport) -> None:
    found = report_c.scenario
    assert (found.reference_g, found.actual_g, found.avoided_g) == (
        12_381_800,
        1_086_514,
        11_295_286,
    )


def test_all_of_example_c_rests_on_declarations(report_c: ProjectReport) -> None:
    (tier,) = [each for each in report_c.coverage.tiers if each.co2e_pieces]
    assert (tier.tier, tier.co2e_pieces, tier.co2e_g) == ("T1", 200, 11_295_286)
    assert (tier.co2e_share, report_c.coverage.best_share) == (1.0, 1.0)


def test_the_line_and_every_piece_lead_to_their_entries(report_c: ProjectReport) -> None:
    (line,) = report_c.lines
    assert (line.quantity, line.fulfilled, line.by_source["new"]) == (200, 200, 4)
    assert line.gross == report_c.totals.gross
    assert len(report_c.pieces) == report_c.basis.unique_items == 200
    entries = {each for piece in report_c.pieces for each in _entries(piece)}
    assert len(entries) == report_c.basis.ledger_entries == 400
    assert report_c.basis.factor_sets == ("2025.1",)
    assert report_c.basis.formula_versions == (1,)


def _entries(piece: Piece) -> list[UUID | None]:
    return [piece.gross_entry_id, piece.net_entry_id]


def test_an_empty_project_has_no_shares_and_no_figures(
    session: Session, actor: ActorOf, org: Organised
) -> None:
    report = project_report(session, actor(), a_project(session, actor(), org).id)
    assert report.shares.by_pieces is report.shares.by_kg is report.shares.by_nok is None
    assert report.reuse.by_pieces is None
    assert report.totals.gross.co2e_g.value == ore(report.totals.net.saved_ore) == 0
    assert [*report.pieces, *report.lines, *report.coverage.tiers] == []
    assert report.coverage.best_share is None


def test_open_and_cancelled_lines_stand_beside_the_share(
    session: Session, actor: ActorOf, org: Organised
) -> None:
    project, _ = story.example_c(session, actor(), org)
    a_line(session, actor(), project, quantity=30)
    cancelled = a_line(session, actor(), project, quantity=5)
    cancel_line(session, actor(), [CancelLine(programme_line_id=cancelled.id)])
    report = project_report(session, actor(), project.id)
    found = report.programme
    assert (found.open_pieces, found.cancelled_lines, found.cancelled_pieces) == (30, 1, 5)
    assert report.shares.by_pieces is not None
    assert report.shares.by_pieces["internal_reuse"] == 0.62


def test_a_project_with_open_lines_alone_has_no_share_yet(
    session: Session, actor: ActorOf, org: Organised
) -> None:
    project = a_project(session, actor(), org)
    a_line(session, actor(), project, quantity=12)
    report = project_report(session, actor(), project.id)
    assert report.shares.by_pieces is None
    assert (report.programme.open_lines, report.programme.open_pieces) == (1, 12)


def test_an_undone_handover_counts_in_no_share_and_no_sum(
    session: Session, actor: ActorOf, org: Organised
) -> None:
    project, line = story.example_c(session, actor(), org)
    before = project_report(session, actor(), project.id)
    (item,) = story.fulfilled_by(session, org, line, FulfilmentSource.NEW)
    facts = average_item(FulfilmentSource.INTERNAL_REUSE)
    entries = entries_for(
        event_id=story.an_event(session, org), item_id=item.id, facts=facts, factors=factors()
    )
    ids = story.append(session, org, line, entries)
    undone = [reversal(Booked(*each)) for each in zip(ids, entries, strict=True)]
    story.append(session, org, line, undone)
    unfulfil(session, actor(), [Unfulfil(programme_line_id=line.id, item_id=item.id)])
    after = project_report(session, actor(), project.id)
    assert after.totals == before.totals
    assert after.shares == before.shares
    assert after.pieces == before.pieces
    assert after.basis.outside_programme == 0


def test_a_piece_that_moved_along_counts_by_pieces_and_is_named_as_without_figures(
    session: Session, actor: ActorOf, org: Organised
) -> None:
    project, line = story.example_c(session, actor(), org, {FulfilmentSource.INTERNAL_REUSE: 1})
    story.fulfilled_by(session, org, line, FulfilmentSource.NEW)
    report = project_report(session, actor(), project.id)
    assert report.shares.by_pieces is not None
    assert report.shares.by_kg is not None
    assert report.shares.by_pieces["internal_reuse"] == 0.5
    assert report.shares.by_kg["internal_reuse"] == 1.0
    assert report.basis.without_entry == 1


def test_the_database_adds_up_what_the_pieces_say_one_by_one(
    session: Session, actor: ActorOf, org: Organised
) -> None:
    project, line = story.example_c(session, actor(), org)
    other = a_line(session, actor(), project, category_id="SOFA_2", quantity=9)
    (again,) = story.fulfilled_by(session, org, other, FulfilmentSource.INTERNAL_REUSE)
    for source in (FulfilmentSource.INTERNAL_REUSE, FulfilmentSource.BOUGHT_USED):
        story.book(session, org, [again], average_item(source), other)
    story.fulfilled_by(session, org, other, FulfilmentSource.REDESIGNED, 2)
    (undone,) = story.fulfilled_by(session, org, line, FulfilmentSource.NEW)
    story.book(session, org, [undone], average_item(FulfilmentSource.NEW), line)
    unfulfil(session, actor(), [Unfulfil(programme_line_id=line.id, item_id=undone.id)])
    report = project_report(session, actor(), project.id)
    for summed in report.sources:
        own = [each for each in report.pieces if each.source == summed.source]
        assert summed.pieces == len(own)
        assert summed.mass_g == sum(each.mass_g or 0 for each in own)
        assert summed.new_price_ore == sum(each.new_price_ore or 0 for each in own)
    for row in report.lines:
        own = [each for each in report.pieces if each.programme_line_id == row.id]
        assert (row.fulfilled, sum(row.by_source.values())) == (len(own), len(own))
    standing = session.execute(
        standing_entries(actor()).where(LedgerEntry.project_id == project.id)
    ).scalars()
    entries = {each.id: each for each in standing}
    shown = {each for piece in report.pieces for each in _entries(piece)} - {None}
    basis = report.basis
    assert basis.ledger_entries == len(entries) == 406
    assert basis.unique_items == len({each.item_id for each in entries.values()}) == 202
    assert basis.outside_programme == len(entries.keys() - shown) == 4
    assert basis.without_entry == 2
    assert report.totals.gross.co2e_g.value == sum(
        each.co2e_g or 0 for each in entries.values() if each.view == View.GROSS
    )


def test_equipment_is_said_to_be_not_calculated_and_is_never_zero(
    session: Session, actor: ActorOf, org: Organised
) -> None:
    project, _ = story.example_c(session, actor(), org, {FulfilmentSource.INTERNAL_REUSE: 1})
    other = a_line(session, actor(), project, category_id="EQUIP_MEDICAL", quantity=1)
    items = story.fulfilled_by(session, org, other, FulfilmentSource.INTERNAL_REUSE)
    story.book(session, org, items, a_chair(category_code="EQUIP_MEDICAL"), other)
    report = project_report(session, actor(), project.id)
    assert report.totals.gross.not_calculated == report.coverage.not_calculated == 1
    assert report.scenario.not_calculated == 1
    (piece,) = [each for each in report.pieces if each.category_id == "EQUIP_MEDICAL"]
    assert piece.gross_co2e_g is None
    assert report.coverage.best_share == 1.0
    book = load_workbook(io.BytesIO(b"".join(as_workbook(report, []))))
    head, *rows = book["Behovsprogram"].iter_rows(values_only=True)
    lines = [dict(zip(head, each, strict=True)) for each in rows]
    kilos = {each["Kategori"]: each["CO2e brutto (kg)"] for each in lines}
    assert [each is None for each in kilos.values()] == [False, True]
    assert None not in {each["Avfall brutto (kg)"] for each in lines}


def test_like_pieces_err_together_and_unlike_ones_by_the_root_of_squares(
    session: Session, actor: ActorOf, org: Organised
) -> None:
    project = a_project(session, actor(), org)
    low_sides = []
    for category, count in (("CHAIR_TASK", 2), ("DESK_SITSTAND", 1)):
        line = a_line(session, actor(), project, category_id=category, quantity=count)
        items = story.fulfilled_by(session, org, line, FulfilmentSource.INTERNAL_REUSE, count)
        story.book(session, org, items, a_chair(category_code=category), line)
        lines = project_report(session, actor(), project.id).lines
        (found,) = [each.gross.co2e_g for each in lines if each.id == line.id]
        low_sides.append(found.value - found.low)
    whole = project_report(session, actor(), project.id).totals.gross.co2e_g
    expected = round((low_sides[0] ** 2 + low_sides[1] ** 2) ** 0.5)
    assert low_sides == [2 * 29_000, 25_000]
    assert whole.value - whole.low == expected


def test_another_organisations_project_is_as_absent_as_none(
    session: Session, actor: ActorOf, org: Organised, foreign_org: Organised
) -> None:
    theirs = actor(Role.FURNITURE_MANAGER, foreign_org)
    project, _ = story.example_c(session, theirs, foreign_org, {FulfilmentSource.INTERNAL_REUSE: 1})
    with pytest.raises(NotFound):
        project_report(session, actor(), project.id)


def test_the_report_prints_the_head_of_the_chain(
    session: Session, actor: ActorOf, org: Organised
) -> None:
    project, _ = story.example_c(session, actor(), org, {FulfilmentSource.INTERNAL_REUSE: 1})
    chain.seal(session, session.info["work"].chained)
    session.info["work"].chained.clear()
    basis = project_report(session, actor(), project.id).basis
    head = session.get_one(chain.ChainHead, org.org_id)
    assert basis.chain_seq == head.seq > 0
    assert basis.chain_head == head.digest


def test_a_project_is_found_by_name_in_any_case_or_by_number(
    session: Session, actor: ActorOf, org: Organised
) -> None:
    project = a_project(session, actor(), org, name="Lensmannslia")
    assert project_named(session, actor(), " lensmannslia ").id == project.id
    assert project_named(session, actor(), str(project.number)).id == project.id
    with pytest.raises(NotFound):
        project_named(session, actor(), "Lensmannsli")
    a_project(session, actor(), org, name="LENSMANNSLIA")
    with pytest.raises(Conflict):
        project_named(session, actor(), "Lensmannslia")
