"""What a platform engineer sees with kubectl."""

import shutil
import subprocess

import pytest

from tests.e2e.conftest import RunningLab, started, wait_for

pytestmark = pytest.mark.browser


@pytest.mark.kubectl
def test_kubectl_shows_the_session_while_it_lives(lab: RunningLab) -> None:
    """`kubectl get vdi` has the session during the run, and nothing after it."""
    kubectl = [shutil.which("kubectl") or "kubectl", "--kubeconfig", str(lab.state / "kubeconfig"), "get", "vdi", "-A"]
    with started("run", "ubuntu-desktop", "--config", str(lab.config())) as run:
        wait_for(run.stdout, "first_frame")
        during = subprocess.run(kubectl, text=True, capture_output=True, check=True)
        assert run.wait(60) == 0
    after = subprocess.run(kubectl, text=True, capture_output=True, check=True)
    header, row = during.stdout.splitlines()
    assert header.split()[:5] == ["NAMESPACE", "NAME", "USER", "TEMPLATE", "PHASE"]
    assert "probe-ubuntu-desktop-" in row
    assert "Running" in row
    assert "No resources found" in after.stdout + after.stderr
