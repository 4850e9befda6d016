"""Sends requests and times them: by wrk where it is installed, else by threads of our own.

Only to servers on loopback that the benchmark started itself. Bounded in time and connections.
"""

import http.client
import re
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

# Reads "path<TAB>body" lines and goes round them; every write gets an idempotency key of its own.
# setup() runs once in wrk's main state and gives each thread its number, so keys never repeat.
LUA = """
local number = 0
function setup(thread) number = number + 1; thread:set("thread_number", number) end
local lines, sent = {}, 0
function init(args)
  for line in io.lines("REQUESTS") do
    local path, body = line:match("^([^\\t]*)\\t?(.*)$")
    lines[#lines + 1] = {path, body}
  end
end
function request()
  sent = sent + 1
  local line = lines[(sent - 1) % #lines + 1]
  local headers = {}
  for name, value in pairs(wrk.headers) do headers[name] = value end
  if "METHOD" ~= "GET" then
    headers["Idempotency-Key"] = string.format("%s-%d-%d", "RUN", thread_number, sent)
    headers["Content-Type"] = "application/json"
  end
  return wrk.format("METHOD", line[1], headers, line[2] ~= "" and line[2] or nil)
end
"""


@dataclass(frozen=True)
class Requests:
    """What to send: paths in turn, each with a body where the method writes."""

    paths: Sequence[str]
    method: str = "GET"
    bodies: Sequence[str] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def lines(self) -> list[str]:
        bodies = self.bodies or [""] * len(self.paths)
        return [f"{path}\t{body}" for path, body in zip(self.paths, bodies, strict=True)]


@dataclass(frozen=True)
class Answered:
    """What came back in one round. ``failed`` counts answers outside 200–399 and broken ones."""

    count: int
    failed: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        return self.count / self.seconds


def send(base_url: str, requests: Requests, *, connections: int, seconds: float) -> Answered:
    """One round against ``base_url``. Refuses addresses off this machine."""
    if urlsplit(base_url).hostname not in {"127.0.0.1", "::1", "localhost"}:
        raise ValueError(f"not a loopback address: {base_url}")
    program = shutil.which("wrk")
    if program is None:
        return _by_threads(base_url, requests, connections, seconds)
    return _by_wrk(program, base_url, requests, connections, seconds)


def _milliseconds(text: str) -> float:
    value = text.rstrip("mus")
    return float(value) * {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}[text[len(value) :]]


def _by_wrk(
    program: str, base_url: str, requests: Requests, connections: int, seconds: float
) -> Answered:
    with tempfile.TemporaryDirectory(prefix="omlop-load-") as folder:
        lines, script = Path(folder) / "requests", Path(folder) / "requests.lua"
        lines.write_text("\n".join(requests.lines()) + "\n", encoding="utf-8")
        text = LUA.replace("REQUESTS", str(lines)).replace("METHOD", requests.method)
        script.write_text(text.replace("RUN", f"{time.time_ns():x}"), encoding="utf-8")
        headers = [part for k, v in requests.headers.items() for part in ("-H", f"{k}: {v}")]
        # wrk counts an answer after 2 s as a failure unless it is told to wait.
        command = [
            program,
            "--timeout",
            "30s",
            "-t1",
            f"-c{connections}",
            f"-d{max(1, round(seconds))}s",
            "--latency",
        ]
        done = subprocess.run(
            [*command, "-s", str(script), *headers, base_url],
            capture_output=True,
            text=True,
            check=True,
            timeout=seconds + 60,
        )
    return read_wrk(done.stdout)


def read_wrk(output: str) -> Answered:
    """The figures in wrk's own report, which puts a space behind seconds."""
    total = re.search(r"(\d+) requests in ([\d.]+(?:us|ms|s|m))", output)
    if total is None:
        raise ValueError(f"wrk's report was not understood:\n{output}")
    share = dict(re.findall(r"^\s+(50|99)%\s+(\S+)\s*$", output, re.MULTILINE))
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    broken = re.search(
        r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", output
    )
    return Answered(
        count=int(total[1]),
        failed=sum(
            map(int, [*(refused.groups() if refused else []), *(broken.groups() if broken else [])])
        ),
        seconds=_milliseconds(total[2]) / 1000,
        # Where nothing was answered in time, wrk prints no shares.
        p50_ms=_milliseconds(share.get("50", "0s")),
        p99_ms=_milliseconds(share.get("99", "0s")),
    )


def _by_threads(base_url: str, requests: Requests, connections: int, seconds: float) -> Answered:
    times: list[float] = []
    failures: list[int] = []
    until = time.monotonic() + seconds
    begun = time.monotonic()
    workers = [
        threading.Thread(target=_one, args=(base_url, requests, number, until, times, failures))
        for number in range(connections)
    ]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    taken = time.monotonic() - begun
    hundredths = statistics.quantiles(times, n=100) if len(times) > 1 else [0.0] * 99
    return Answered(len(times), sum(failures), taken, hundredths[49], hundredths[98])


def _one(
    base_url: str,
    requests: Requests,
    number: int,
    until: float,
    times: list[float],
    failures: list[int],
) -> None:
    host = urlsplit(base_url)
    connection = http.client.HTTPConnection(host.hostname or "127.0.0.1", host.port, timeout=30)
    lines, run, sent = requests.lines(), time.time_ns(), number
    while time.monotonic() < until:
        path, _, body = lines[sent % len(lines)].partition("\t")
        headers = dict(requests.headers)
        if requests.method != "GET":
            headers |= {
                "Idempotency-Key": f"{run:x}-{number}-{sent}",
                "Content-Type": "application/json",
            }
        started = time.perf_counter()
        try:
            connection.request(requests.method, path, body.encode() or None, headers)
            answer = connection.getresponse()
            answer.read()
            failures.append(int(not 200 <= answer.status < 400))
        except (OSError, http.client.HTTPException):
            connection.close()
            failures.append(1)
        times.append((time.perf_counter() - started) * 1000)
        sent += 1
    connection.close()
