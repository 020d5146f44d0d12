"""Whatever ends the prober, nothing of it stays behind."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from tests.e2e.conftest import ORDER, RunningLab, assert_gone, family, run_prober, started, wait_for, wait_until

pytestmark = pytest.mark.browser

HOLDING_FAULT = {"running": "never_running", "url": "http_5xx", "connect": "no_media", "first_frame": "black"}
"""Faults that keep a run inside a step which would be over too soon to be interrupted."""

INTERRUPTED = 130


@contextmanager
def running_up_to(lab: RunningLab, step: str) -> Iterator["subprocess.Popen[str]"]:
    config = str(lab.config(fault=HOLDING_FAULT.get(step, "none")))
    with started("run", "ubuntu-desktop", "--config", config, "--verbose", stderr=subprocess.PIPE) as run:
        events = map(json.loads, run.stderr or ())
        assert any(event["event"] == "step_started" and event["step"] == step for event in events)
        yield run


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
@pytest.mark.parametrize("step", ORDER, ids=ORDER)
def test_a_signal_in_any_step_leaves_nothing(lab: RunningLab, step: str, number: signal.Signals) -> None:
    """The run is cancelled, the session is ended, the browser is gone, and the exit code says so."""
    with running_up_to(lab, step) as run:
        ours = family(run.pid)
        run.send_signal(number)
        run.communicate(timeout=60)
    assert run.returncode in {INTERRUPTED, 0} if step == "cleanup" else run.returncode == INTERRUPTED
    assert lab.api.sessions() == []
    assert_gone(ours)


def test_two_signals_do_not_cut_the_teardown_short(lab: RunningLab) -> None:
    """Who presses Ctrl-C twice still gets his session ended."""
    with running_up_to(lab, "stream") as run:
        run.send_signal(signal.SIGINT)
        time.sleep(0.05)  # apart, as a person's two presses are; otherwise the kernel makes one signal of them
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=60)
    assert run.returncode == INTERRUPTED
    assert lab.api.sessions() == []


def test_a_killed_prober_leaves_only_what_the_sweep_removes(lab: RunningLab) -> None:
    """A kill -9 leaves the session and no process; the sweep spares it until its deadline is past, others for ever."""
    foreign = "/apis/vdi.kasm.io/v1alpha1/namespaces/vdi/vdisessions"
    lab.api.request(
        "POST",
        foreign,
        {
            "apiVersion": "vdi.kasm.io/v1alpha1",
            "kind": "VDISession",
            "metadata": {"name": "somebody-elses", "labels": {"app.kubernetes.io/managed-by": "vdi-prober"}},
            "spec": {"user": "person@example.com", "template": "ubuntu-desktop"},
        },
    )
    with running_up_to(lab, "stream") as run:
        ours = family(run.pid)
        os.kill(run.pid, signal.SIGKILL)
        run.wait(10)
    assert_gone(ours)
    (orphan,) = set(lab.api.sessions()) - {"somebody-elses"}
    config = str(lab.config())

    early = run_prober("sweep", "--config", config)
    assert early.returncode == 0
    assert "0 removed" in early.stdout
    assert orphan in lab.api.sessions()

    past = {"metadata": {"annotations": {"vdi-prober.io/deadline": "2020-01-01T00:00:00+00:00"}}}
    lab.api.request("PATCH", f"{foreign}/{orphan}", past)
    late = run_prober("sweep", "--config", config)
    assert late.returncode == 0
    assert f"lab/vdi: removed {orphan}" in late.stdout
    wait_until(lambda: orphan not in lab.api.sessions())
    assert lab.api.sessions() == ["somebody-elses"]
    lab.api.request("DELETE", f"{foreign}/somebody-elses")


def test_a_killed_demo_leaves_no_lab(tmp_path: object) -> None:
    """A kill -9 of the demo takes its lab and its browser with it."""
    with started("demo", stderr=subprocess.PIPE) as demo:
        wait_for(demo.stderr, "probing ubuntu-desktop")
        wait_until(lambda: has_browser(demo.pid))
        ours = family(demo.pid)
        os.kill(demo.pid, signal.SIGKILL)
        demo.wait(10)
    assert_gone(ours, within_s=30)


def has_browser(pid: int) -> bool:
    return any("chrom" in process.name() for process in psutil.Process(pid).children(recursive=True))
