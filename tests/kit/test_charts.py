"""Charts: lengths that add up, words that do not meet, and nothing drawn of nothing."""

import math
import re
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.charts import slices
from app.kit.charts_flow import (
    LINE,
    MOST_NODES,
    WIDTH,
    Flow,
    Moment,
    Step,
    sankey,
    scale,
    trend,
    waterfall,
    wrapped,
)
from app.kit.page import make_environment

AMOUNTS = st.integers(-(10**12), 10**12)
VALUES = st.none() | st.floats(-1e9, 1e9, allow_nan=False)
NAMES = st.sampled_from(
    ["Medisin", "Kirurgi", "Avdeling for habilitering og rehabilitering", "A", "Lager 1", "Ø"]
)


def macros() -> Any:
    root = Path(__file__).resolve().parents[2]
    return make_environment(root / "templates", root / "static").globals["ui"]


@given(st.lists(st.tuples(NAMES, AMOUNTS, st.just(""))))
def test_the_parts_of_a_bar_are_the_whole_or_nothing(parts: list[tuple[str, int, str]]) -> None:
    made = slices(parts, 1000)

    whole = sum(each.length for each in made)
    assert whole == pytest.approx(
        1000 if any(number > 0 for _, number, _ in parts) else 0, abs=0.01
    )
    assert all(each.length >= 0 for each in made)


@given(st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=40))
def test_a_trend_stays_on_its_paper(years: list[tuple[Any, Any, Any]]) -> None:
    made = trend([Moment(str(2000 + at), *each) for at, each in enumerate(years)])

    for mark in made.marks:
        for y in (mark.y, mark.low, mark.high):
            assert math.isfinite(y)
            assert 0 <= y <= made.height
        assert made.left <= mark.x <= WIDTH
    assert len(made.marks) == sum(value is not None for value, _, _ in years)
    assert made.ticks[0].value <= 0 <= made.ticks[-1].value
    for one, other in pairwise(made.words):
        assert other.x - one.x >= 4 * 6
    assert "nan" not in repr(made)


def test_a_year_without_a_value_is_a_gap_in_the_line() -> None:
    values = [1.0, 2.0, None, 3.0, 4.0]
    made = trend([Moment(str(2013 + at), value) for at, value in enumerate(values)])

    assert len(made.lines) == 2
    assert [each.text for each in made.words] == ["2013", "2014", "2015", "2016", "2017"]


@pytest.mark.parametrize(
    ("low", "high", "ticks", "digits"),
    [
        (0, 0, [0, 1], 0),
        (0, 1600, [0, 500, 1000, 1500, 2000], 0),
        (-3, 7, [-4, -2, 0, 2, 4, 6, 8], 0),
        (0, 0.8, [0, 0.2, 0.4, 0.6, 0.8], 1),
        (5, 9, [0, 2, 4, 6, 8, 10], 0),
    ],
)
def test_an_axis_has_round_numbers_and_zero(
    low: float, high: float, ticks: list[float], digits: int
) -> None:
    assert scale(low, high) == (ticks, digits)


@given(st.lists(st.tuples(AMOUNTS, st.booleans())))
def test_a_waterfall_stays_in_its_line(steps: list[tuple[int, bool]]) -> None:
    made = waterfall([Step("a", value, "", is_total) for value, is_total in steps])

    assert len(made) == len(steps)
    for each in made:
        assert each.length >= 0
        assert each.start >= -0.01
        assert each.start + each.length <= 100.01


def test_a_waterfall_ends_where_its_steps_lead() -> None:
    reference, transport, redesign, avoided = waterfall(
        [
            Step("Referanse", 100, "100", is_total=True),
            Step("Transport", -20, "−20"),
            Step("Redesign", -30, "−30"),
            Step("Igjen", 50, "50", is_total=True),
        ]
    )

    assert (reference.start, reference.length, reference.kind) == (0, 100, "total")
    assert (transport.start, transport.length, transport.kind) == (80, 20, "down")
    assert (redesign.start, redesign.length) == (50, 30)
    assert (avoided.start, avoided.length) == (0, 50)


@given(st.lists(st.builds(Flow, NAMES, NAMES, st.integers(-5, 10**12)), max_size=60))
def test_what_leaves_a_sankey_comes_in(flows: list[Flow]) -> None:
    made = sankey(flows, "Andre")

    whole = sum(each.value for each in flows if each.value > 0)
    left = [each for each in made.nodes if each.anchor == "end"]
    right = [each for each in made.nodes if each.anchor == "start"]
    assert sum(each.value for each in left) == sum(each.value for each in right) == whole
    assert bool(made.nodes) == bool(made.ribbons) == (whole > 0)
    assert "nan" not in repr(made)
    for side in (left, right):
        for one, other in pairwise(side):
            last_line = one.words_y + len(one.lines) * LINE
            assert other.words_y - last_line >= LINE - 2  # no word stands on another
            assert other.y >= one.y + one.height
        assert all(each.y + each.height <= made.height + 0.1 for each in side)


def test_many_nodes_are_shown_as_few_with_the_rest_together() -> None:
    flows = [Flow(f"Rom {at:02}", "Lager", 100 - at) for at in range(30)]

    left = [each for each in sankey(flows, "Andre").nodes if each.anchor == "end"]

    assert len(left) == MOST_NODES
    assert left[-1].lines == ("Andre",)
    assert left[-1].value == sum(100 - at for at in range(7, 30))


@given(st.text(max_size=120))
def test_a_wrapped_name_is_narrow_and_short(name: str) -> None:
    lines = wrapped(name, 106)

    assert 1 <= len(lines) <= 3
    assert all(0 < len(each) <= 106 / 6.2 for each in lines)


def test_a_long_name_ends_with_an_ellipsis_and_a_short_one_is_whole() -> None:
    assert (
        wrapped("Avdeling for habilitering og rehabilitering av voksne i nord", 106)[-1][-1] == "…"
    )
    assert wrapped("Lager 1", 106) == ("Lager 1",)
    assert wrapped("", 106) == ("–",)


def test_charts_are_pictures_with_words_and_escape_what_people_wrote() -> None:
    ui = macros()
    sums: dict[str, str] = defaultdict(str)
    sums["trend"] = ui.trend("t", "År", "Tonn", [Moment("<b>", 1.0), Moment("2", 2.0)], "tonn")
    sums["sankey"] = ui.sankey("s", "Strøm", "Fra og til", [Flow("<b>", "Å", 3)], "Andre")
    for html in sums.values():
        assert 'role="img"' in html
        assert re.search(r"<title id=.*</title><desc id=.*</desc>", html)
        assert "<b>" not in html
    assert ui.sankey("s", "Strøm", "Fra og til", [], "Andre").strip() == ""
    assert "Referanse" in ui.waterfall("F4", [Step("Referanse", 3, "3 kg", is_total=True)])
