"""The table says which target a figure meets, in either direction."""

from functools import partial
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from bench import floor, floor_app
from bench.harness import figure, interleaved
from bench.load import Requests, read_wrk, send
from bench.table import here, met, table, times_better
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
    assert met({"value": value, "better": better}, must=0.9, reach=0.47) == expected


def test_twice_as_good_is_two_whichever_way_is_better() -> None:
    assert times_better(5, 10, "lower") == 2
    assert times_better(10, 5, "higher") == 2
    assert times_better(10, None, "higher") is None


def test_the_table_compares_with_the_last_committed_run() -> None:
    row = {
        "module": "labels",
        **figure("1,000 labels", [80, 100, 90], "ms CPU", must=900, reach=90),
    }
    last = {("labels", "1,000 labels"): 180.0}
    last_line = table([row], last, lambda module: 0.5 if module == "labels" else None)
    last_line = last_line.splitlines()[-1]
    assert last_line.split() == [
        "labels:",
        "1,000",
        "labels",
        "90",
        "ms",
        "CPU",
        "80–100",
        "900",
        "450",
        "10",
        "90",
        "45",
        "1",
        "2",
        "reach",
        "must",
    ]


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("ms CPU", 20), ("s", 20), ("rows/s", 5), ("rows/CPU s", 5), ("MiB", 10), ("bytes", 10)],
)
def test_a_slower_machine_gets_more_time_fewer_a_second_and_the_same_size(
    unit: str, expected: float
) -> None:
    assert here(10, unit, 2) == expected
    assert here(10, unit, None) is None
    assert here(None, unit, 2) is None


def test_the_machine_is_the_middle_of_its_floors_and_photos_go_by_pillow_s() -> None:
    ratios = {floor.NO_WORK: 3.0, floor.ONE_ROW: 2.0, floor.PILLOW: 0.5}
    rows = [{"name": name, "value": floor.REFERENCE[name] * n} for name, n in ratios.items()]
    assert floor.factor(rows) == pytest.approx(2)
    assert floor.factor(rows, "photos") == pytest.approx(0.5)
    assert floor.factor(rows[:2], "photos") == pytest.approx(2.5)
    assert floor.factor([]) is None


def test_the_floor_s_page_is_as_large_as_the_one_the_targets_were_set_by(tmp_path: Path) -> None:
    client = TestClient(floor_app.create_app(f"sqlite:///{tmp_path}/floor.db"))
    assert client.get("/nothing").text == "ok"
    answered = client.get("/page/7")
    assert "Skrivebord 7" in answered.text
    assert 600 < len(answered.content) < 760


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


def test_a_wait_of_seconds_is_read_although_wrk_ends_its_line_with_a_space() -> None:
    assert read_wrk(WRK.replace("850.00us", "   1.31s ")).p99_ms == 1310


def test_a_report_of_wrk_in_which_nothing_was_answered_is_read() -> None:
    answered = read_wrk("  0 requests in 2.00s, 0.00B read\n")
    assert (answered.count, answered.failed, answered.p99_ms) == (0, 0, 0)


def test_no_load_is_sent_off_this_machine() -> None:
    with pytest.raises(ValueError, match="loopback"):
        send("http://omlop.example", Requests(["/"]), connections=1, seconds=1)
