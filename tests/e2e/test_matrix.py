"""Each fault of the lab against the reason that comes out, in one table.

All runs are made by two processes of `prober run`, each with a browser that stays warm: what shows in no figure of the
stream is probed several at a time, the rest alone. "step" is the step that named the fault, "seconds" what it took,
"left" what was there after the run. `make matrix` writes the same into docs/matrix.md.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from prober.lab.fault import Fault
from prober.lab.faults import FAULTS
from tests.e2e.conftest import QUICK_BUDGETS, RunningLab, check_trace, run_prober
from tests.e2e.kept import check_evidence
from tests.e2e.searching import files_below, places_of

pytestmark = pytest.mark.browser

Report = Mapping[str, Any]

_LENIENT = {
    "frames_per_second": {"warn": 2, "fail": 1},
    "freeze": {"share": 0.9},
    "no_frame": "2s",
    "jitter": {"warn": "1s", "fail": "2s"},
    "jitter_buffer": {"warn": "1s", "fail": "2s"},
    "round_trip": {"warn": "1s", "fail": "2s"},
    "input_latency": {"warn": "399ms", "fail": "400ms"},
}

_RATED = {
    *("ice_flapping", "frozen", "freeze_midway", "never_unfreezes", "low_fps", "lossy", "high_rtt"),
    "idle",
}
"""Judged by figures of the stream, so by the CPU that is left for it: probed alone."""

_WINDOW = {"stream": {"window": "9s", "settle": "1s"}}
"""Long enough for a freeze of 5 s to lie in it whole."""

_GLANCE = {"stream": {"window": "3s", "settle": "1s"}, "input": False, "expect": _LENIENT}
"""For what shows in no figure of the stream, on a machine that is busy with another run."""

_DEMANDED = {
    *("never_running", "phase_failed", "slow_start", "http_5xx", "auth_rejected", "no_media", "black", "frozen"),
    *("slow_teardown", "finalizer_stuck", "child_left", "url_still_serving", "wrong_transport", "turn_down"),
    *("turn_bad_credentials", "no_offer", "codec_unsupported", "dtls_failed", "ice_flapping", "low_fps"),
    *("freeze_midway", "never_unfreezes", "lossy", "high_rtt", "input_dead", "input_slow", "two_peer_connections"),
    *("video_in_iframe", "autoplay_blocked", "decoded_but_hidden"),
    *("quota", "rbac", "admission", "no_crd", "template_missing", "operator_down", "unschedulable", "no_gpu"),
    *("image_pull", "crash_loop", "oom", "pvc_pending", "init_stuck", "false_running", "dns", "tcp_refused"),
    *("route_404", "signalling_closed", "api_down_midway", "api_429", "watch_gone", "delete_denied"),
}
"""What the project's issues ask the lab to inject."""

_KEPT = {"finalizer_stuck", "delete_denied"}
"""Whose session nobody but the lab can end."""

_PLAYS = {"preset": "generic", "click": "#playButton"}
"""Browsers play no sound before somebody clicked."""

_SPECIAL: Mapping[str, Mapping[str, Any]] = {
    # What is slow needs room to be so, and to come to its end after all.
    "slow_teardown": {"budgets": {**QUICK_BUDGETS, "terminate": "10s", "cleanup": "15s"}},
    # ICE needs up to 9 s to notice a silence, and a few more frames must come after it.
    "ice_flapping": {"stream": {"window": "13s", "settle": "1s"}},
    "input_dead": {"input": {"repetitions": 4}},
    "input_slow": {"input": {"repetitions": 4}},
    "low_resolution": {"checks": {"resolution": "800x450"}},
    "audio_silent": {"checks": {"audio": True}, "client": _PLAYS},
    "sound": {"checks": {"audio": True}, "client": _PLAYS},
}
"""What a target must ask for, so that the fault is one."""


_HEAD = ("injected", "step", "layer", "reason", "seconds", "left")
_LINE = "{:22} {:12} {:14} {:22} {:>7}  {}"


def _chosen(*, rated: bool) -> list[Fault]:
    return [fault for fault in FAULTS.values() if (fault.name in _RATED) == rated]


def _target_of(fault: Fault) -> str:
    return fault.name.replace("_", "-")


def _wishes(fault: Fault) -> Mapping[str, Any]:
    path = {"network": {"path": fault.path.value}}
    return {"session_cap": 50, **path, **_SPECIAL.get(fault.name, {}), "fault": fault.name}


def _probe(
    lab: RunningLab, faults: Sequence[Fault], base: Mapping[str, Any], *, at_a_time: int, scratch: Path
) -> dict[str, Report]:
    """Returns the reports by the faults' names; whatever the prober writes while it probes is gone at its end."""
    targets = {_target_of(fault): {**base, **_wishes(fault)} for fault in faults}
    store = scratch.with_name("evidence")
    config = str(
        lab.configs(
            targets,
            concurrency=at_a_time,
            evidence_store={"url": store.as_uri()},
            history={"path": str(store.with_name("history.db"))},
        )
    )
    scratch.mkdir()
    env = {"TMPDIR": str(scratch)}
    done = run_prober("run", *targets, "--config", config, "--output", "json", timeout_s=400, env=env)
    assert list(scratch.iterdir()) == []
    reports = {report["target"]: report for report in map(json.loads, done.stdout.splitlines())}
    assert set(reports) == set(targets), done.stderr
    password = (lab.state / "desktop-password").read_text()
    written = {"stdout": done.stdout.encode(), "stderr": done.stderr.encode(), **files_below(store.parent)}
    assert [place for name, content in written.items() for place in places_of(password, content, name=name)] == []
    check_evidence([report for report in reports.values() if report["outcome"] == "failure"], password=password)
    return {fault.name: reports[_target_of(fault)] for fault in faults}


def _found(report: Report) -> tuple[str | None, str | None, str | None]:
    return report.get("step"), report.get("layer"), report.get("reason")


def _expected(fault: Fault) -> tuple[str | None, str | None, str | None]:
    if fault.step is None or fault.reason is None:
        return None, None, None
    return fault.step.value, fault.reason.layer.value, fault.reason.value


def _row(fault: Fault, report: Report, *, left: str) -> tuple[str, ...]:
    failing = next((step for step in report["steps"] if step["name"] == report.get("step")), None)
    seconds = "" if failing is None else f"{failing['duration_s']:.1f}"
    step, layer, reason = (word or "" for word in _found(report))
    return fault.name, step, layer, reason or report["outcome"], seconds, left


def _left(lab: RunningLab, report: Report) -> str:
    """Says what the run left that is not the fault's own doing: the lab takes that away itself."""
    stays = report.get("session", {}).get("name") in lab.api.sessions()
    children = sorted(child["kind"] for child in report.get("children_left", []))
    return ", ".join((["VDISession"] if stays and "VDISession" not in children else []) + children) or "nothing"


def _check(lab: RunningLab, faults: Sequence[Fault], reports: Mapping[str, Report], findings: list[str]) -> None:
    rows = [_row(fault, reports[fault.name], left=_left(lab, reports[fault.name])) for fault in faults]
    findings.extend(_LINE.format(*row) for row in (_HEAD, *rows))
    if page := os.environ.get("PROBER_MATRIX"):
        with Path(page).open("a", encoding="utf-8") as file:
            file.writelines(f"| {' | '.join(row)} |\n" for row in rows)
    explained = [report for report in reports.values() if report["outcome"] != "success"]
    assert all(report["facts"] and report["summary"] for report in explained)
    wrong = [
        f"{fault.name}: {_expected(fault)} expected, {_found(report)} found: {json.dumps(report)}"
        for fault, report in ((fault, reports[fault.name]) for fault in faults)
        if _found(report) != _expected(fault)
    ]
    assert not wrong, "\n".join(wrong)
    for report in reports.values():
        check_trace(report)
    assert all(report["steps"][-1]["name"] == "cleanup" for report in reports.values())


def test_the_lab_has_every_fault_that_was_asked_for() -> None:
    """The list of faults to inject is complete."""
    assert set(FAULTS) >= _DEMANDED


@pytest.mark.turn
@pytest.mark.timeout(420)
def test_what_is_seen_however_busy_the_machine_is(lab: RunningLab, findings: list[str], tmp_path: Path) -> None:
    """Each fault comes out as its step, layer and reason; what is no fault succeeds; a teardown follows always."""
    faults = _chosen(rated=False)
    base = {"budgets": QUICK_BUDGETS, **_GLANCE}
    reports = _probe(lab, faults, base, at_a_time=3, scratch=tmp_path / "tmp")
    _check(lab, faults, reports, findings)
    made = {name: report["session"]["name"] for name, report in reports.items() if "name" in report.get("session", {})}
    assert {name for name, session in made.items() if session in lab.api.sessions()} == _KEPT


@pytest.mark.timeout(420)
def test_what_is_seen_in_the_streams_figures(lab: RunningLab, findings: list[str], tmp_path: Path) -> None:
    """Each fault of the stream comes out as its reason; what is unusual and no fault succeeds.

    A stream that never unfreezes is told although the browser's own count of freezes stays 0.
    """
    faults = _chosen(rated=True)
    base = {"budgets": QUICK_BUDGETS, **_WINDOW, "input": False}
    reports = _probe(lab, faults, base, at_a_time=1, scratch=tmp_path / "tmp")
    _check(lab, faults, reports, findings)
    flapping = reports["ice_flapping"]["webrtc"]
    assert flapping["disconnections"] >= 1
    assert flapping["last_frame_age_s"] < 3
    for_good = reports["never_unfreezes"]["webrtc"]
    assert for_good["freezes"] == 0
    assert for_good["last_frame_age_s"] > 4
