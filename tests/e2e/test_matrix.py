"""Each fault of the lab against the reason that comes out, in one table.

What shows in no figure of the stream is probed several at a time, the rest alone. `make matrix` writes the same into
docs/matrix.md.
"""

from pathlib import Path

import pytest

from prober.lab.fault import Fault
from prober.lab.faults import FAULTS
from tests.e2e.conftest import QUICK_BUDGETS, RunningLab
from tests.e2e.matrix import GLANCE, WINDOW, check, probe

pytestmark = pytest.mark.browser

_RATED = {
    *("ice_flapping", "frozen", "freeze_midway", "never_unfreezes", "low_fps", "lossy", "high_rtt"),
    "idle",
}
"""Judged by figures of the stream, so by the CPU that is left for it: probed alone."""

_DEMANDED = {
    *("never_running", "phase_failed", "slow_start", "http_5xx", "auth_rejected", "no_media", "black", "frozen"),
    *("slow_teardown", "finalizer_stuck", "child_left", "url_still_serving", "wrong_transport", "turn_down"),
    *("turn_bad_credentials", "no_offer", "codec_unsupported", "dtls_failed", "ice_flapping", "low_fps"),
    *("freeze_midway", "never_unfreezes", "lossy", "high_rtt", "input_dead", "input_slow", "two_peer_connections"),
    *("video_in_iframe", "autoplay_blocked", "decoded_but_hidden"),
    *("quota", "rbac", "admission", "no_crd", "template_missing", "operator_down", "unschedulable", "no_gpu"),
    *("image_pull", "crash_loop", "oom", "pvc_pending", "init_stuck", "false_running", "dns", "tcp_refused"),
    *("route_404", "signalling_closed", "api_down_midway", "api_429", "watch_gone", "delete_denied"),
    *("host_collision", "kill_browser", "hang_browser", "starve_cpu", "fill_disk", "driver_gone"),
}
"""What the project's issues ask the lab to inject."""

_KEPT = {"finalizer_stuck", "delete_denied"}
"""Whose session nobody but the lab can end."""


def _chosen(*, rated: bool) -> list[Fault]:
    """The faults of the platform that are probed alone, or the others."""
    faults = (fault for fault in FAULTS.values() if not fault.behaviour.accidents)
    return [fault for fault in faults if (fault.name in _RATED) == rated]


def test_the_lab_has_every_fault_that_was_asked_for() -> None:
    """The list of faults to inject is complete."""
    assert set(FAULTS) >= _DEMANDED


@pytest.mark.turn
@pytest.mark.timeout(420)
def test_what_is_seen_however_busy_the_machine_is(lab: RunningLab, findings: list[str], tmp_path: Path) -> None:
    """Each fault comes out as its step, layer and reason; what is no fault succeeds; a teardown follows always."""
    faults = _chosen(rated=False)
    base = {"budgets": QUICK_BUDGETS, **GLANCE}
    reports, _ = probe(lab, faults, base, at_a_time=3, scratch=tmp_path / "tmp")
    check(lab, faults, reports, findings)
    made = {name: report["session"]["name"] for name, report in reports.items() if "name" in report.get("session", {})}
    assert {name for name, session in made.items() if session in lab.api.sessions()} == _KEPT


@pytest.mark.timeout(420)
def test_what_is_seen_in_the_streams_figures(lab: RunningLab, findings: list[str], tmp_path: Path) -> None:
    """Each fault of the stream comes out as its reason; what is unusual and no fault succeeds.

    A stream that never unfreezes is told although the browser's own count of freezes stays 0.
    """
    faults = _chosen(rated=True)
    base = {"budgets": QUICK_BUDGETS, **WINDOW, "input": False}
    reports, _ = probe(lab, faults, base, at_a_time=1, scratch=tmp_path / "tmp")
    check(lab, faults, reports, findings)
    flapping = reports["ice_flapping"]["webrtc"]
    assert flapping["disconnections"] >= 1
    assert flapping["last_frame_age_s"] < 3
    for_good = reports["never_unfreezes"]["webrtc"]
    assert for_good["freezes"] == 0
    assert for_good["last_frame_age_s"] > 4
