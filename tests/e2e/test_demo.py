"""`prober demo`, the first command of a newcomer."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import ORDER, Api, assert_gone, family, run_prober, started, wait_for, wait_until

pytestmark = pytest.mark.browser


def test_two_runs_succeed() -> None:
    """Exit code 0, two `run_finished` lines: all ten steps in order with durations, a first frame, a frame rate."""
    done = run_prober("demo", "--runs", "2", timeout_s=170)
    assert done.returncode == 0, done.stdout + done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    runs = [event for event in events if event["event"] == "run_finished"]
    assert len(runs) == 2
    for run in runs:
        assert run["outcome"] == "success"
        assert [step["name"] for step in run["steps"]] == ORDER
        assert all(step["duration_s"] > 0 for step in run["steps"])
        assert run["webrtc"]["time_to_first_frame_s"] > 0
        assert run["webrtc"]["frames_per_second"] > 20
    assert "/metrics" in done.stderr


def test_ctrl_c_ends_everything() -> None:
    """SIGINT in the middle of the first run: the session is torn down, exit code 0, no process left."""
    with started("demo", stderr=subprocess.PIPE) as demo:
        line = wait_for(demo.stderr, "kubectl --kubeconfig")
        api = Api(Path(line.split("--kubeconfig ")[1].split()[0]))
        wait_until(api.sessions)
        ours = family(demo.pid)
        demo.send_signal(signal.SIGINT)
        output, _ = demo.communicate(timeout=90)
    assert demo.returncode == 0, output
    (run,) = [event for event in map(json.loads, output.splitlines()) if event["event"] == "run_finished"]
    assert run["outcome"] == "cancelled"
    assert [step["outcome"] for step in run["steps"][-2:]] == ["success", "success"]
    assert_gone(ours)


def test_a_fault_decides_the_exit_code() -> None:
    """A demo of a broken platform ends as `run` would."""
    done = run_prober("demo", "--runs", "1", "--fault", "phase_failed")
    assert done.returncode == 1, done.stdout + done.stderr
