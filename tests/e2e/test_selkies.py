"""A lab with real Selkies desktops: what a prober measures there, what is left at the end."""

import json
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.e2e.conftest import (
    ORDER,
    QUICK_BUDGETS,
    RunningLab,
    assert_gone,
    family,
    report_of,
    run_prober,
    started,
    wait_for,
    wait_until,
)
from tests.e2e.figures import Report, assert_brisk, measure

pytestmark = [pytest.mark.selkies, pytest.mark.browser]

SESSIONS = "/apis/vdi.kasm.io/v1alpha1/namespaces/vdi/vdisessions"
BUDGETS = {**QUICK_BUDGETS, "running": "30s", "connect": "10s", "first_frame": "10s"}
"""An X server and Selkies take longer to start than a synthetic desktop."""


@contextmanager
def selkies_lab() -> Iterator[RunningLab]:
    """A lab of its own."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "lab"
        with started("lab", "--desktop", "selkies", "--state", str(state)) as process:
            wait_for(process.stdout, "lab ready")
            yield RunningLab(state, process)


def test_the_demo_of_a_real_desktop_passes(findings: list[str]) -> None:
    """Every run of it succeeds: H.264 over WebRTC, smooth, quick to react, whatever the page put in the way."""
    done = measure(lambda: run_prober("demo", "--desktop", "selkies", "--runs", "2", timeout_s=170), reports=_runs)
    runs = _runs(done)
    assert (done.returncode, len(runs)) == (0, 2), done.stdout + done.stderr
    findings.extend(_row(run) for run in runs)
    for run in runs:
        assert_brisk(run, codec="H264")
        assert [step["name"] for step in run["steps"]] == ORDER
        assert run["webrtc"]["frame_height_pixels"] == 720


def test_a_silent_switch_to_websockets_is_named() -> None:
    """Selkies in its WebSocket mode shows the same desktop, and is reported as the wrong transport."""
    with selkies_lab() as lab:
        config = lab.config(fault="wrong_transport", budgets=BUDGETS)
        done = run_prober("run", "ubuntu-desktop", "--config", str(config), "--output", "json")
    report = report_of(done)
    assert (done.returncode, report.get("reason")) == (1, "wrong_transport"), done.stdout
    assert report["webrtc"]["transport"] == "websocket"


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=["told", "killed"])
def test_nothing_outlives_a_lab(end: signal.Signals) -> None:
    """A lab that ends, or is killed, with a desktop open takes along its processes, files, screens."""
    with selkies_lab() as lab:
        lab.api.request("POST", SESSIONS, _session("one"))
        wait_until(lambda: lab.api.request("GET", f"{SESSIONS}/one").get("status", {}).get("phase") == "Running")
        processes = family(lab.process.pid)
        screens = [path for process in processes if process.name() == "Xvfb" for path in _sockets(process)]
        desktops = list((lab.state / "desktops").iterdir())
        assert len(screens) == len(desktops) == 1
        lab.process.send_signal(end)
        assert_gone(processes)
        wait_until(lambda: not any(path.exists() for path in [*desktops, *screens]), within_s=10)
        assert (end is signal.SIGKILL) or not any(lab.state.iterdir())


def _runs(done: "subprocess.CompletedProcess[str]") -> Sequence[Report]:
    """The runs of a demo, in their order."""
    events: list[Report] = [json.loads(line) for line in done.stdout.splitlines()]
    return [event for event in events if event["event"] == "run_finished"]


def _row(run: Report) -> str:
    figures = run["webrtc"]
    rate, latency_s = figures["frames_per_second"], figures["input_latency_p50_s"]
    return (
        f"demo of Selkies: {figures['codec']}, {rate:.1f} frames per second, input to pixel {latency_s * 1000:.0f} ms"
    )


def _session(name: str) -> dict[str, object]:
    return {
        "apiVersion": "vdi.kasm.io/v1alpha1",
        "kind": "VDISession",
        "metadata": {"name": name},
        "spec": {"user": f"{name}@example.com", "template": "ubuntu-desktop", "timeout": "5m"},
    }


def _sockets(screen: psutil.Process) -> list[Path]:
    names = {str(connection.laddr) for connection in screen.net_connections(kind="unix")}
    return [Path(name) for name in names if name.startswith("/tmp/.X11-unix/")]  # noqa: S108 - the X server's own
