"""Targets whose media may only take a relay, on both kinds of desktop: TURN in health, down, refusing."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import QUICK_BUDGETS, RunningLab, run_prober, started, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.turn]

TARGETS = {"sound": "none", "down": "turn_down", "refusing": "turn_bad_credentials"}
"""The fault of each target's sessions."""

_PATIENT = {**QUICK_BUDGETS, "running": "40s", "login": "20s", "terminate": "10s"}
"""Selkies starts an X server and four programs first."""

BUDGETS = {"sound": _PATIENT, "down": {**_PATIENT, "connect": "10s"}, "refusing": {**_PATIENT, "connect": "5s"}}
"""Selkies waits 5 s for a server that is down before it offers anything."""

LENIENT = {
    "frames_per_second": {"warn": 2, "fail": 1},
    "freeze": {"share": 1},
    "input_latency": {"warn": "1s", "fail": "2s"},
}
"""What is judged here is the path, not how busy the machine is."""

Reports = Mapping[str, Mapping[str, Any]]


@pytest.fixture(scope="module", params=["synthetic", pytest.param("selkies", marks=pytest.mark.selkies)])
def desktop(request: pytest.FixtureRequest) -> str:
    """A kind of desktops."""
    kind: str = request.param
    return kind


@pytest.fixture(scope="module")
def relayed(desktop: str) -> Iterator[RunningLab]:
    """A lab whose desktops are reached by a relay."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "lab"
        options = ("--state", str(state), "--path", "relay", "--desktop", desktop)
        with started("lab", *options, env={**os.environ}) as process:
            wait_for(process.stdout, "lab ready")
            yield RunningLab(state, process)


@pytest.fixture(scope="module")
def reports(desktop: str, relayed: RunningLab, findings: list[str]) -> Reports:
    """What one prober says of all targets; of synthetic desktops at the same time, as two of them only wait."""
    targets = {name: {"fault": fault, "budgets": BUDGETS[name], "expect": LENIENT} for name, fault in TARGETS.items()}
    config = relayed.configs(targets, concurrency=len(targets) if desktop == "synthetic" else 1)
    done = run_prober("run", *targets, "--config", str(config), "--output", "json")
    found = {report["target"]: report for report in map(json.loads, done.stdout.splitlines())}
    assert set(found) == set(targets), done.stderr
    findings.extend(_row(desktop, fault=fault, report=found[name]) for name, fault in TARGETS.items())
    return found


def _row(desktop: str, *, fault: str, report: Mapping[str, Any]) -> str:
    """What was injected, what came out; the path, the frame rate where there was one."""
    seconds = {step["name"]: step["duration_s"] for step in report["steps"]}
    words = [report.get(key, "") for key in ("step", "layer", "reason")]
    webrtc = report.get("webrtc", {})
    seen = f"{webrtc.get('path', {})} {webrtc.get('frames_per_second', 0):.1f} frames per second"
    return f"relay, {desktop}: {fault}: {' '.join(words).strip() or seen}, connect {seconds.get('connect', 0):.1f} s"


def test_a_relayed_desktop_is_a_success(reports: Reports) -> None:
    """A picture comes by a relay, and reacts to input."""
    report = reports["sound"]
    assert report["outcome"] == "success", json.dumps(report)
    assert report["webrtc"]["transport"] == "webrtc_video"
    assert report["webrtc"]["path"]["local"] == "relay"
    assert report["webrtc"]["path"]["relay_protocol"] == "udp"


@pytest.mark.parametrize(
    ("target", "reason"), [("down", "turn_unreachable"), ("refusing", "turn_auth_failed")], ids=["down", "refusing"]
)
def test_a_broken_relay_is_named(reports: Reports, target: str, reason: str) -> None:
    """A server that is silent is told from one that refuses, and the server's address is told, too."""
    report = reports[target]
    found = report["outcome"], report["step"], report["layer"], report["reason"]
    assert found == ("failure", "connect", "ice", reason), json.dumps(report)
    assert "turn:127.0.0.1:" in report["summary"]


def test_the_servers_password_is_nowhere(relayed: RunningLab, reports: Reports) -> None:
    """It stands in the server's own settings, and in no report."""
    settings = (relayed.state / "turn" / "turnserver.conf").read_text()
    password = next(line for line in settings.splitlines() if line.startswith("user=")).partition(":")[2]
    assert password
    assert password not in json.dumps(reports)
