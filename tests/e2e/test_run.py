"""`prober run` against the lab, with a real browser."""

from pathlib import Path

import pytest
import yaml

from tests.e2e.conftest import ORDER, RunningLab, report_of, run_prober

pytestmark = pytest.mark.browser


def test_a_sound_platform_is_a_success(lab: RunningLab) -> None:
    """All ten steps in order, a picture with a frame rate, input that shows, nothing left."""
    done = run_prober("run", "ubuntu-desktop", "--config", str(lab.config()), "--output", "json")
    report = report_of(done)
    assert done.returncode == 0, report
    assert report["outcome"] == "success"
    assert [step["name"] for step in report["steps"]] == ORDER
    assert all(step["outcome"] == "success" and step["duration_s"] > 0 for step in report["steps"])
    assert report["webrtc"]["transport"] == "webrtc_video"
    assert 0 < report["webrtc"]["time_to_first_frame_s"] < 5
    assert report["webrtc"]["frames_per_second"] > 20
    assert 0 < report["webrtc"]["input_latency_p50_s"] < 0.3
    assert report["webrtc"]["path"]["local"]
    assert report["duration_s"] >= sum(step["duration_s"] for step in report["steps"])
    assert report["session"]["name"] not in lab.api.sessions()


def test_text_is_for_people(lab: RunningLab) -> None:
    """A line a step with its time, then the verdict; nothing on standard error."""
    done = run_prober("run", "ubuntu-desktop", "--config", str(lab.config()))
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [words[1] for words in lines if words[0] == "ok"][:-1] == ORDER
    assert "success in" in done.stdout
    assert done.stderr == ""
    assert done.returncode == 0


def test_a_fault_is_named(lab: RunningLab) -> None:
    """A failure has its step, layer and reason, an exit code of its own, and a teardown; all faults: test_matrix.py."""
    done = run_prober("run", "ubuntu-desktop", "--config", str(lab.config(fault="phase_failed")), "--output", "json")
    report = report_of(done)
    assert (report["step"], report["layer"], report["reason"]) == ("running", "operator", "phase_failed"), report
    assert done.returncode == 1
    assert report["outcome"] == "failure"
    assert report["summary"]
    assert [step["name"] for step in report["steps"]][-2:] == ["terminate", "cleanup"]
    assert report["session"]["name"] not in lab.api.sessions()


@pytest.mark.parametrize("output", ["json", "text", "junit"], ids=["json", "text", "junit"])
def test_the_password_is_nowhere(lab: RunningLab, output: str) -> None:
    """Not in the report, not in the log or the failure trace in it, not even in the most talkative one."""
    password = yaml.safe_load((lab.state / "prober.yaml").read_text())["targets"][0]["access"]["basic"]["password"]
    secret = Path(password["file"]).read_text().strip()
    config = str(lab.config(fault="auth_rejected"))
    done = run_prober("run", "ubuntu-desktop", "--config", config, "--output", output, "--verbose")
    assert "step_started" in done.stderr
    assert "run_failed" in done.stderr
    assert secret not in done.stdout + done.stderr


def test_an_unknown_target_is_a_usage_error(lab: RunningLab) -> None:
    """The message names the targets that there are."""
    done = run_prober("run", "nope", "--config", str(lab.config()))
    assert done.returncode == 3
    assert "no target is called 'nope'; there are: ubuntu-desktop" in done.stderr


def test_a_missing_browser_is_the_probers_error(lab: RunningLab) -> None:
    """Exit code 2, no session made, the layer is the prober."""
    config = str(lab.configs({"ubuntu-desktop": {}}, browser={"executable": "/nonexistent/chromium"}))
    done = run_prober("run", "ubuntu-desktop", "--config", config, "--output", "json")
    report = report_of(done)
    assert (report["outcome"], report["layer"], report["reason"]) == ("error", "prober", "browser_missing")
    assert report["steps"] == []
    assert done.returncode == 2


def test_an_unreachable_api_is_the_control_planes_fault(lab: RunningLab) -> None:
    """Nothing listens at the API server's address: a failure of the target, in step create."""
    kubeconfig = yaml.safe_load((lab.state / "kubeconfig").read_text())
    kubeconfig["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    broken = lab.state / "broken-kubeconfig"
    broken.write_text(yaml.safe_dump(kubeconfig))
    config = str(lab.configs({"ubuntu-desktop": {}}, clusters={"lab": {"kubeconfig": str(broken)}}))
    done = run_prober("run", "ubuntu-desktop", "--config", config, "--output", "json")
    report = report_of(done)
    found = report["step"], report["layer"], report["reason"]
    assert found == ("create", "control_plane", "api_unreachable"), report
    assert done.returncode == 1
