"""The pool of decoders: bounded, replaced, shared by threads, and never left behind."""

import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path

import pytest

from app.kit import images
from app.kit.image_child import ALL
from app.kit.image_pool import ChildFault, ChildSlow, ChildUnavailable, Limits, Pool
from tests.kit import image_cases as cases

SMALL = cases.saved(cases.quarters())
# Needs 400 MB to decode; stays under every limit of a photo.
HEAVY = cases.png(7000, 7000, depth=8, colour=6, rows=cases.zeroes(7000 * (1 + 4 * 7000)))
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def pool_of() -> Iterator[Callable[..., Pool]]:
    made: list[Pool] = []

    def make(**limits: float) -> Pool:
        made.append(Pool(Limits(**{"children": 1, **limits})))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for pool in made:
        pool.close()


def is_gone(pid: int) -> bool:
    """Neither running nor a zombie."""
    return not Path(f"/proc/{pid}").exists()


def waited_for(condition: Callable[[], bool], seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def works(pool: Pool) -> bool:
    told, content = pool.ask(ALL, SMALL)
    return len(told["sizes"]) == 4 and len(content) > 0


def test_a_photo_over_its_memory_is_refused_and_the_child_lives(
    pool_of: Callable[..., Pool],
) -> None:
    pool = pool_of(memory_bytes=128 * 1024 * 1024)
    assert works(pool)
    before = pool.pids
    assert pool.ask(ALL, HEAVY) == ({"refused": "memory"}, b"")
    assert works(pool)
    assert pool.pids == before


def test_the_system_bounds_each_child(pool_of: Callable[..., Pool]) -> None:
    pool = pool_of()
    works(pool)
    limits = Path(f"/proc/{pool.pids[0]}/limits").read_text()
    bounds = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()}
    assert bounds["Max address space"] == str(512 * 1024 * 1024)
    assert bounds["Max core file size"] == "0"
    assert 20 <= int(bounds["Max cpu time"]) <= 25


def test_a_child_knows_none_of_our_secrets(
    pool_of: Callable[..., Pool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMLOP_SECRET_KEY", "canary-secret")
    pool = pool_of()
    works(pool)
    assert b"canary-secret" not in Path(f"/proc/{pool.pids[0]}/environ").read_bytes()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has other ways")
def test_a_child_keeps_its_memory_from_photo_to_photo(pool_of: Callable[..., Pool]) -> None:
    """Given back and filled with zeroes again, it costs 7,000 page faults a photo."""
    pool = pool_of()
    photo = cases.saved(cases.detailed(4032, 3024))

    def faults() -> int:
        return int(Path(f"/proc/{pool.pids[0]}/stat").read_text().rpartition(")")[2].split()[7])

    pool.ask(ALL, photo)
    before = faults()
    pool.ask(ALL, photo)
    assert faults() - before < 3500


def test_a_photo_over_its_time_is_ended_with_its_child(pool_of: Callable[..., Pool]) -> None:
    pool = pool_of(seconds=1.5)
    works(pool)
    (slow,) = pool.pids
    os.kill(slow, signal.SIGSTOP)  # as slow as a decoder can be
    with pytest.raises(ChildSlow):
        pool.ask(ALL, SMALL)
    assert is_gone(slow)
    assert works(pool)
    assert pool.pids != [slow]


def test_a_child_that_dies_under_a_photo_is_replaced(pool_of: Callable[..., Pool]) -> None:
    pool = pool_of()
    works(pool)
    (doomed,) = pool.pids
    os.kill(doomed, signal.SIGSTOP)
    threading.Timer(0.2, os.kill, (doomed, signal.SIGKILL)).start()
    with pytest.raises(ChildFault):
        pool.ask(ALL, SMALL)
    assert is_gone(doomed)
    assert works(pool)


def test_a_child_that_died_while_idle_costs_no_photo(pool_of: Callable[..., Pool]) -> None:
    pool = pool_of()
    works(pool)
    (doomed,) = pool.pids
    os.kill(doomed, signal.SIGKILL)
    os.waitid(os.P_PID, doomed, os.WEXITED | os.WNOWAIT)
    assert works(pool)
    assert is_gone(doomed)


def test_a_child_is_replaced_after_its_share_of_photos(pool_of: Callable[..., Pool]) -> None:
    pool = pool_of(photos_per_child=3)
    seen = []
    for _ in range(3):
        assert works(pool)
        seen.extend(pool.pids)
    assert works(pool)
    seen.extend(pool.pids)
    assert len(set(seen)) == 2
    assert is_gone(seen[0])


def test_many_threads_share_few_children(pool_of: Callable[..., Pool]) -> None:
    pool = pool_of(children=2)
    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(lambda _: works(pool), range(48)))
    assert 1 <= len(pool.pids) <= 2


def test_a_photo_waits_for_a_child_only_so_long(pool_of: Callable[..., Pool]) -> None:
    pool = pool_of(wait_seconds=0.1)
    works(pool)
    (held,) = pool.pids
    os.kill(held, signal.SIGSTOP)
    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(pool.ask, ALL, SMALL) for _ in range(2)]
        done, waiting = wait(both, return_when=FIRST_COMPLETED)
        assert len(waiting) == 1
        assert isinstance(done.pop().exception(), ChildUnavailable)
        os.kill(held, signal.SIGCONT)
        assert len(waiting.pop().result()[0]["sizes"]) == 4
    assert works(pool)


def test_closing_ends_every_child_and_leaves_no_zombie(pool_of: Callable[..., Pool]) -> None:
    pool = pool_of(children=2)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: works(pool), range(8)))
    pids = pool.pids
    pool.close()
    assert pids
    assert all(is_gone(pid) for pid in pids)
    assert pool.pids == []
    assert works(pool)


def test_closing_under_a_photo_tells_its_thread(pool_of: Callable[..., Pool]) -> None:
    pool = pool_of()
    works(pool)
    os.kill(pool.pids[0], signal.SIGSTOP)
    threading.Timer(0.2, pool.close).start()
    with pytest.raises(ChildUnavailable):
        pool.ask(ALL, SMALL)
    assert works(pool)


RENDER_ONE = """
import sys, time
from app.kit import images
images.render(sys.stdin.buffer.read())
print(*images.pids(), flush=True)
if sys.argv[1] == "stay":
    sys.stdout.close()
    time.sleep(60)
"""


def program(what: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", RENDER_ONE, what],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )


def test_a_program_that_ends_takes_its_children_with_it() -> None:
    with program("end") as running:
        out, _ = running.communicate(SMALL)
    assert running.returncode == 0
    assert all(is_gone(int(pid)) for pid in out.split())
    assert out.split()


def test_a_killed_program_leaves_no_children() -> None:
    with program("stay") as running:
        assert running.stdin
        assert running.stdout
        running.stdin.write(SMALL)
        running.stdin.close()
        pids = [int(pid) for pid in running.stdout.readline().split()]
        assert pids
        assert not is_gone(pids[0])
        running.kill()
    assert waited_for(lambda: all(is_gone(pid) for pid in pids))


def count_of_sizes(content: bytes) -> int:
    return len(images.render(content))


def test_a_spawned_process_has_a_pool_of_its_own() -> None:
    with get_context("spawn").Pool(1) as processes:
        assert processes.apply(count_of_sizes, (SMALL,)) == 4
        processes.close()
        processes.join()


def test_the_limits_are_settings() -> None:
    try:
        images.configure(Limits(file_bytes=1_000_000, children=1))
        with pytest.raises(images.PhotoTooLarge) as refusal:
            images.render(SMALL + bytes(1_000_000))
        assert refusal.value.values["limit"] == 1
        assert len(images.render(SMALL)) == 4
    finally:
        images.configure(Limits())


def test_a_fault_of_the_decoder_is_told_as_a_broken_or_a_slow_photo() -> None:
    try:
        images.configure(Limits(seconds=1.5, children=1))
        images.render(SMALL)
        os.kill(images.pids()[0], signal.SIGSTOP)
        with pytest.raises(images.PhotoTooSlow):
            images.render(SMALL)
        images.configure(Limits(children=1))
        images.render(SMALL)
        os.kill(images.pids()[0], signal.SIGSTOP)
        threading.Timer(0.2, os.kill, (images.pids()[0], signal.SIGKILL)).start()
        with pytest.raises(images.PhotoBroken):
            images.render(SMALL)
    finally:
        images.configure(Limits())
