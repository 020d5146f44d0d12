"""A prober without CPU blames nobody."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.conftest import RunningLab, run_prober

pytestmark = pytest.mark.browser

RUNS = 10
BUSY_PER_CORE = 2
LIMIT_S = 400


_BURN = "import sys, time; end = time.monotonic() + float(sys.argv[1])\nwhile time.monotonic() < end: pass"
"""Keeps one core busy; ends by itself, should nobody end it."""


@contextmanager
def busy() -> Iterator[None]:
    """Keeps every core busy with two processes."""
    number = BUSY_PER_CORE * (os.cpu_count() or 1)
    processes = [subprocess.Popen([sys.executable, "-c", _BURN, str(LIMIT_S)]) for _ in range(number)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


@pytest.mark.timeout(LIMIT_S + 20)
def test_a_starved_prober_fails_no_target(lab: RunningLab, findings: list[str]) -> None:
    """Ten sound runs beside two busy processes per core: each is a success, or an error that says it was starved."""
    names = [f"starved-{number}" for number in range(RUNS)]
    config = str(lab.configs({name: {"input": False, "stream": {"window": "5s", "settle": "1s"}} for name in names}))
    with busy():
        done = run_prober("run", *names, "--config", config, "--output", "json", timeout_s=LIMIT_S)
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(reports) == RUNS, done.stderr
    told = [f"{report['outcome']} {report.get('reason', '')}".strip() for report in reports]
    findings.append(f"starved of CPU, {RUNS} sound runs: " + ", ".join(sorted(told)))
    assert set(told) <= {"success", "error prober_starved"}, [
        (report.get("step"), report.get("summary"), report.get("facts")) for report in reports
    ]
