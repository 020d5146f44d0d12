"""Targets whose media may only take a relay, on both kinds of desktop: TURN in health, down, refusing."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.e2e.conftest import QUICK_BUDGETS, RunningLab, run_prober, started, wait_for, wait_until
from tests.e2e.figures import Report, assert_brisk, measure

pytestmark = [pytest.mark.browser, pytest.mark.turn]

FAULTS = {"sound": "none", "down": "turn_down", "refusing": "turn_bad_credentials"}
"""The fault of each target's sessions."""

_PATIENT = {**QUICK_BUDGETS, "running": "40s", "login": "20s", "terminate": "10s"}
"""Selkies starts an X server and four programs first."""

BUDGETS = {"sound": _PATIENT, "down": {**_PATIENT, "connect": "10s"}, "refusing": {**_PATIENT, "connect": "5s"}}
"""Selkies waits 5 s for a server that is down before it offers anything."""

CODECS = {"synthetic": "VP8", "selkies": "H264"}
REMOTE = {"synthetic": "relay", "selkies": "host"}
"""Where the other end of the path is: a real desktop has an address of its own that the relay reaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """What one prober said.

    Attributes:
        reports: What became of each target.
        words: All that it printed, the log included.
        passwords: Of TURN, as the lab knows them.
    """

    reports: Mapping[str, Report]
    words: str
    passwords: Sequence[str]


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
def runs(desktop: str, relayed: RunningLab, findings: list[str]) -> Runs:
    """The sound target has the machine for itself; the others only wait, and do so together."""
    sound = measure(partial(_run, relayed, "sound"), reports=lambda done: _reports(done).values())
    with ThreadPoolExecutor(max_workers=1) as pool:
        broken = pool.submit(_run, relayed, "down", "refusing")
        passwords = [_servers_password(relayed), *(_handed_out(relayed) if desktop == "selkies" else ())]
    outputs = sound, broken.result()
    reports = {name: report for done in outputs for name, report in _reports(done).items()}
    words = "".join(done.stdout + done.stderr for done in outputs)
    assert set(reports) == set(FAULTS), words
    findings.extend(_row(desktop, fault=fault, report=reports[name]) for name, fault in FAULTS.items())
    return Runs(reports=reports, words=words, passwords=passwords)


def test_a_relayed_desktop_is_a_success(desktop: str, runs: Runs) -> None:
    """A picture comes by a relay, smoothly, and reacts to input; the path is told as it is."""
    report = runs.reports["sound"]
    assert_brisk(report, codec=CODECS[desktop])
    path = report["webrtc"]["path"]
    found = path["local"], path["remote"], path["protocol"], path["relay_protocol"]
    assert found == ("relay", REMOTE[desktop], "udp", "udp")
    assert path["relay_url"].startswith("turn:127.0.0.1:")


@pytest.mark.parametrize(
    ("target", "reason"), [("down", "turn_unreachable"), ("refusing", "turn_auth_failed")], ids=["down", "refusing"]
)
def test_a_broken_relay_is_named(runs: Runs, target: str, reason: str) -> None:
    """A server that is silent is told from one that refuses, and the server's address is told, too."""
    report = runs.reports[target]
    found = report["outcome"], report["step"], report["layer"], report["reason"]
    assert found == ("failure", "connect", "ice", reason), json.dumps(report)
    assert "turn:127.0.0.1:" in report["summary"]


def test_the_passwords_are_nowhere(desktop: str, runs: Runs) -> None:
    """Neither the server's own password nor one that visitors were handed is in a report or in the log."""
    assert len(runs.passwords) == {"synthetic": 1, "selkies": 3}[desktop]
    assert "turn:127.0.0.1:" in runs.words
    for password in runs.passwords:
        assert password
        assert password not in runs.words


def _run(lab: RunningLab, *targets: str) -> "CompletedProcess[str]":
    changes = {name: {"fault": FAULTS[name], "budgets": BUDGETS[name]} for name in targets}
    config = lab.configs(changes, concurrency=len(targets))
    return run_prober("run", *targets, "--config", str(config), "--output", "json", "--verbose")


def _reports(done: "CompletedProcess[str]") -> Mapping[str, Report]:
    found: list[Report] = [json.loads(line) for line in done.stdout.splitlines()]
    return {report["target"]: report for report in found}


def _servers_password(lab: RunningLab) -> str:
    settings = (lab.state / "turn" / "turnserver.conf").read_text()
    return next(line for line in settings.splitlines() if line.startswith("user=")).partition(":")[2]


def _handed_out(lab: RunningLab) -> Sequence[str]:
    """Waits for the desktops of both broken targets, and reads what their visitors are handed."""
    found: dict[Path, Any] = {}

    def look() -> bool:
        for path in (lab.state / "desktops").glob("*/ice.json"):
            content = path.read_text()
            if content:
                found[path] = json.loads(content)
        return len(found) == 2

    wait_until(look)
    return [server["credential"] for ice in found.values() for server in ice["iceServers"]]


def _row(desktop: str, *, fault: str, report: Report) -> str:
    """What was injected, what came out; the path, the frame rate where there was one."""
    seconds = {step["name"]: step["duration_s"] for step in report["steps"]}
    words = [report.get(key, "") for key in ("step", "layer", "reason")]
    webrtc = report.get("webrtc", {})
    seen = f"{webrtc.get('path', {})} {webrtc.get('frames_per_second', 0):.1f} frames per second"
    return f"relay, {desktop}: {fault}: {' '.join(words).strip() or seen}, connect {seconds.get('connect', 0):.1f} s"
