"""`prober serve` as Prometheus and Kubernetes see it."""

import json
import signal
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.conftest import RunningLab, assert_gone, family, started, wait_for, wait_until

pytestmark = pytest.mark.browser


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own loopback address
        return str(answer.read().decode())


def samples(url: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for metric in text_string_to_metric_families(get(f"{url}/metrics"))
        for sample in metric.samples
    }


def test_targets_are_probed_and_a_failing_one_stops_nobody(lab: RunningLab) -> None:
    """Two targets, one broken: both are counted, health and readiness answer, SIGTERM ends all within its time."""
    config = lab.configs(
        {"sound": {}, "broken": {"fault": "phase_failed"}}, web={"listen": "127.0.0.1:0"}, concurrency=2
    )
    schedule = config.read_text().replace("every: 3m", "every: 70s")
    config.write_text(schedule)
    with started("serve", "--config", str(config), stderr=subprocess.PIPE) as service:
        url = json.loads(wait_for(service.stdout, '"serving"'))["url"]
        first = samples(url)
        assert first["vdi_probe_runs_total", frozenset({"target": "sound", "outcome": "success"}.items())] == 0
        assert get(f"{url}/-/healthy") == get(f"{url}/healthz") == "healthy\n"
        assert get(f"{url}/-/ready") == get(f"{url}/readyz") == "ready\n"

        runs: dict[str, dict[str, str]] = {}
        while len(runs) < 2:
            event = json.loads(wait_for(service.stdout, "run_finished"))
            runs[event["target"]] = event
        assert runs["sound"]["outcome"] == "success"
        assert (runs["broken"]["outcome"], runs["broken"]["reason"]) == ("failure", "phase_failed")

        counted = samples(url)
        assert counted["vdi_probe_runs_total", frozenset({"target": "sound", "outcome": "success"}.items())] >= 1
        blamed = {"target": "broken", "step": "running", "layer": "operator", "reason": "phase_failed"}
        assert counted["vdi_probe_failures_total", frozenset(blamed.items())] >= 1
        assert counted["vdi_probe_success", frozenset({"target": "sound"}.items())] == 1
        assert counted["vdi_probe_success", frozenset({"target": "broken"}.items())] == 0

        ours = family(service.pid)
        begin = time.monotonic()
        service.send_signal(signal.SIGTERM)
        service.communicate(timeout=120)
        assert service.returncode == 0
        assert time.monotonic() - begin < 30
    assert_gone(ours)
    assert lab.api.sessions() == []
    with pytest.raises(urllib.error.URLError):
        get(f"{url}/-/healthy")


def test_sigterm_in_the_middle_of_a_run_tears_it_down(lab: RunningLab) -> None:
    """The run under way is cancelled, ended and reported; nothing of it is left."""
    config = lab.configs({"sound": {}}, web={"listen": "127.0.0.1:0"}, shutdown_grace="40s")
    config.write_text(config.read_text().replace("every: 3m", "every: 70s"))
    with started("serve", "--config", str(config), stderr=subprocess.PIPE) as service:
        wait_until(lab.api.sessions, within_s=120)
        ours = family(service.pid)
        begin = time.monotonic()
        service.send_signal(signal.SIGTERM)
        output, _ = service.communicate(timeout=60)
        assert time.monotonic() - begin < 40
    assert service.returncode == 0
    (run,) = [event for event in map(json.loads, output.splitlines()) if event["event"] == "run_finished"]
    assert run["outcome"] == "cancelled"
    assert lab.api.sessions() == []
    assert_gone(ours)
