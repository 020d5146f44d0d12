"""A service whose disk is full goes on: what cannot be written is a warning and a count."""

import json
import resource
import subprocess

import psutil
import pytest

from tests.e2e.conftest import RunningLab, started, wait_for, wait_until
from tests.e2e.test_serve import get, samples

pytestmark = pytest.mark.browser


def test_a_full_disk_costs_evidence_and_history_and_no_run(lab: RunningLab) -> None:
    """The run ends as it would; both stores say what they lost; the service stays well, and can write again later."""
    folder = lab.state / "kept"
    config = lab.configs(
        {"full": {"fault": "fill_disk,black"}},
        web={"listen": "127.0.0.1:0"},
        history={"path": str(folder / "history.db")},
        evidence_store={"url": (folder / "evidence").as_uri()},
    )
    config.write_text(config.read_text().replace("every: 3m", "every: 70s"))
    with started("serve", "--config", str(config), stderr=subprocess.PIPE) as service:
        url = json.loads(wait_for(service.stdout, '"serving"'))["url"]
        limits = psutil.Process(service.pid).rlimit(resource.RLIMIT_FSIZE)
        lost = json.loads(wait_for(service.stdout, "evidence_not_kept"))
        assert (lost["level"], lost["target"]) == ("warning", "full")
        run = json.loads(wait_for(service.stdout, '"run_finished"'))
        assert (run["step"], run["reason"]) in {("first_frame", "black_frames"), ("first_frame", "prober_starved")}
        assert "evidence" not in run
        assert json.loads(wait_for(service.stdout, "history_run_lost"))["run_id"] == run["run_id"]
        assert samples(url)["vdi_prober_evidence_failures_total", frozenset()] >= 1
        assert get(f"{url}/-/healthy") == "healthy\n"
        wait_until(lambda: psutil.Process(service.pid).rlimit(resource.RLIMIT_FSIZE) == limits)
