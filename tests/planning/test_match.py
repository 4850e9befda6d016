"""Which piles meet which lines: pure."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.items.rules import Condition, Suitability, Suitable
from app.planning.rules_match import Asked, Line, Origin, Pile, fits, matched, reworked

TODAY = date(2026, 3, 2)
SOON, LATER = date(2026, 4, 1), date(2026, 6, 1)


def a_pile(pieces: int = 1, **changes: Any) -> Pile:
    plain = Pile(
        Origin.INVENTORY, "CHAIR_TASK", Condition.B, 600, 600, 900, None, None, None, "Stol",
        uuid4(), None, None, pieces,
    )  # fmt: skip
    return plain._replace(**changes)


def asking(**changes: Any) -> Asked:
    plain = Asked("CHAIR_TASK", None, None, (None,) * 6, None)
    return plain._replace(**changes)


@pytest.mark.parametrize(
    ("asked", "pile", "is_met"),
    [
        ({}, {}, True),
        ({"condition": Condition.B}, {}, True),
        ({"condition": Condition.A}, {}, False),
        ({"suitability": Suitable.WIPEABLE}, {}, False),
        ({"suitability": Suitable.WIPEABLE}, {"suitability": Suitability.BOTH}, True),
        ({"suitability": Suitable.BARRIER}, {"suitability": Suitability.WIPEABLE}, False),
        ({"limits": (600, 600, None, None, None, None)}, {}, True),
        ({"limits": (601, None, None, None, None, None)}, {}, False),
        ({"limits": (None, 599, None, None, None, None)}, {}, False),
        ({"limits": (None, None, None, None, 1, None)}, {"height_mm": None}, False),
        ({"wanted_date": SOON}, {"free_from": SOON}, True),
        ({"wanted_date": SOON}, {"free_from": LATER}, False),
        ({"wanted_date": date(2026, 1, 1)}, {"free_from": TODAY}, True),
    ],
)
def test_a_pile_meets_what_is_asked(
    asked: dict[str, Any], pile: dict[str, Any], *, is_met: bool
) -> None:
    assert fits(asking(**asked), a_pile(**pile), TODAY) is is_met


def test_no_piece_is_given_to_two_lines_and_what_stands_free_goes_first() -> None:
    free, released = a_pile(3), a_pile(5, origin=Origin.RELEASE, free_from=SOON)
    abroad = a_pile(4, origin=Origin.NETWORK, item_id=None)
    lines = [Line(uuid4(), asking(), quantity) for quantity in (4, 6, 9)]
    found = matched(lines, [abroad, released, free], TODAY)
    got = [{origin: n for origin, n in found[each.id].got.items() if n} for each in lines]
    assert got == [
        {Origin.INVENTORY: 3, Origin.RELEASE: 1},
        {Origin.RELEASE: 4, Origin.NETWORK: 2},
        {Origin.NETWORK: 2},
    ]
    assert {found[each.id].fit[Origin.RELEASE] for each in lines} == {5}


def test_a_line_that_lacks_nothing_takes_nothing() -> None:
    line_id: UUID = uuid4()
    found = matched([Line(line_id, asking(), 0)], [a_pile(2)], TODAY)[line_id]
    assert (found.total, found.fit[Origin.INVENTORY]) == (0, 2)


def test_what_is_short_of_its_condition_alone_is_mended_and_donors_are_built_of_two_by_two() -> (
    None
):
    wanted = asking(condition=Condition.B, limits=(None, 700, None, None, None, None))
    good, worn = a_pile(2), a_pile(3, condition=Condition.D)
    wide = a_pile(9, condition=Condition.D, width_mm=800)
    theirs = a_pile(9, condition=Condition.D, origin=Origin.MARKET)
    to_mend = a_pile(1, condition=Condition.C, is_to_mend=True)
    donors = a_pile(5, condition=Condition.D, is_donor=True, width_mm=None)
    lines = [Line(uuid4(), wanted, 7), Line(uuid4(), wanted, 4)]
    piles = [good, worn, wide, theirs]
    supply = matched(lines, piles, TODAY)
    assert [each.total for each in supply.values()] == [2, 0]
    found = reworked(lines, supply, piles, [to_mend, donors], TODAY)
    # Seven lack five: one that is to be mended, three that are worn, one of two donors.
    taken = {each.id: [(pile, count) for pile, count in found[each.id]] for each in lines}
    assert sum(count for _, count in taken[lines[0].id]) == 5
    assert {id(pile) for pile, _ in taken[lines[0].id]} == {id(to_mend), id(worn), id(donors)}
    assert taken[lines[1].id] == [(donors, 1)]  # of five donors two are built, and one is left


def test_many_piles_are_looked_through_as_one_is() -> None:
    """A large programme is matched by another way through the same rule."""
    sizes = (None, 500, 600, 700)
    piles = [
        a_pile(condition=condition, width_mm=width, suitability=suitability, free_from=day)
        for condition in Condition
        for width in sizes
        for suitability in (None, *Suitability)
        for day in (None, SOON, LATER)
    ]
    asked = [
        asking(
            condition=condition,
            suitability=suitable,
            limits=(*limits, *(None,) * 4),
            wanted_date=day,
        )
        for condition in (None, Condition.B)
        for suitable in (None, *Suitable)
        for limits in ((None, None), (600, None), (None, 600), (500, 600))
        for day in (None, date(2026, 1, 1), SOON)
    ]
    lines = [Line(uuid4(), each, 0) for each in asked]
    found = matched(lines, piles, TODAY)
    for line in lines:
        wanted = sum(fits(line.asked, each, TODAY) for each in piles)
        assert found[line.id].fit[Origin.INVENTORY] == wanted, line.asked
