"""The table says which target a figure meets, in either direction."""

from functools import partial

import pytest

from bench.harness import figure, interleaved
from bench.load import Requests, read_wrk, send
from bench.table import met, table, times_better
from bench.yardstick import moved

WRK = """Running 2s test @ http://127.0.0.1:8000
  Latency Distribution
     50%    1.20ms
     75%    1.50ms
     90%    2.00ms
     99%  850.00us
  4000 requests in 2.00s, 1.00MB read
  Socket errors: connect 0, read 1, write 0, timeout 2
  Non-2xx or 3xx responses: 7
Requests/sec:   2000.00
"""


@pytest.mark.parametrize(
    ("value", "better", "expected"),
    [(0.4, "lower", "reach"), (0.5, "lower", "must"), (2, "lower", "NO"), (0.4, "higher", "NO")],
)
def test_a_figure_meets_the_best_target_it_keeps(value: float, better: str, expected: str) -> None:
    row = {"value": value, "must": 0.9, "reach": 0.47, "better": better}
    assert met(row) == expected


def test_twice_as_good_is_two_whichever_way_is_better() -> None:
    assert times_better(5, 10, "lower") == 2
    assert times_better(10, 5, "higher") == 2
    assert times_better(10, None, "higher") is None


def test_the_table_compares_with_the_last_committed_run() -> None:
    row = {
        "module": "labels",
        **figure("1,000 labels", [80, 100, 90], "ms CPU", must=900, reach=90),
    }
    last_line = table([row], {("labels", "1,000 labels"): 180.0}).splitlines()[-1]
    assert last_line.split() == [
        "labels:",
        "1,000",
        "labels",
        "90",
        "ms",
        "CPU",
        "80–100",
        "900",
        "10",
        "90",
        "1",
        "2",
        "reach",
    ]


def test_variants_take_turns_after_one_call_each_to_warm_up() -> None:
    calls: list[str] = []
    interleaved({name: partial(calls.append, name) for name in "ab"}, rounds=2)
    assert calls == ["a", "b", "a", "b", "a", "b"]


def test_a_yardstick_that_moved_is_noticed_either_way() -> None:
    before = {"slower": 100.0, "quicker": 100.0, "still": 100.0}
    assert set(moved(before, {"slower": 116, "quicker": 80, "still": 110})) == {"slower", "quicker"}


def test_the_report_of_wrk_is_read_with_its_errors() -> None:
    answered = read_wrk(WRK)
    assert (answered.count, answered.failed, answered.per_second) == (4000, 10, 2000)
    assert (answered.p50_ms, answered.p99_ms) == (1.2, 0.85)


def test_no_load_is_sent_off_this_machine() -> None:
    with pytest.raises(ValueError, match="loopback"):
        send("http://omlop.example", Requests(["/"]), connections=1, seconds=1)
