"""Targets by the templates that the lab offers, through the commands."""

import json
import re
import signal
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.conftest import RunningLab, run_prober, started, wait_for

TEMPLATES = "/apis/vdi.kasm.io/v1alpha1/vditemplates"


@pytest.fixture
def config(lab: RunningLab) -> Path:
    """A configuration with one target for each template of the lab."""
    path = lab.configs({"each": {}}, web={"listen": "127.0.0.1:0"}, shutdown_grace="1m")
    content = yaml.safe_load(path.read_text())
    content["targets"][0]["session"] |= {"template": "all", "user": "probe-{template}@example.com"}
    path.write_text(yaml.safe_dump(content))
    return path


def offer(lab: RunningLab, name: str) -> None:
    kind = {"apiVersion": "vdi.kasm.io/v1alpha1", "kind": "VDITemplate"}
    lab.api.request("POST", TEMPLATES, {**kind, "metadata": {"name": name}, "spec": {"image": "desktop:1"}})


def reports(done: "subprocess.CompletedProcess[str]") -> dict[str, dict[str, Any]]:
    return {report["target"]: report for report in map(json.loads, done.stdout.splitlines())}


@pytest.mark.browser
def test_all_that_are_found_are_probed(lab: RunningLab, config: Path) -> None:
    """`prober run` of a discovering target probes each template once, with a user of its own; one by its name."""
    offer(lab, "debian.12")
    done = run_prober("run", "each", "--config", str(config), "--output", "json")
    found = reports(done)
    assert done.returncode == 0, done.stderr
    assert found.keys() == {"each-ubuntu-desktop", "each-debian-12"}
    assert {report["outcome"] for report in found.values()} == {"success"}
    hosts = {report["session"]["url"] for report in found.values()}
    assert len(hosts) == 2
    assert lab.api.sessions() == []
    done = run_prober("run", "each-debian-12", "--config", str(config), "--output", "json")
    assert (done.returncode, list(reports(done))) == (0, ["each-debian-12"])
    lab.api.request("DELETE", f"{TEMPLATES}/debian.12")


def test_one_that_is_not_found_is_a_failure(lab: RunningLab, config: Path) -> None:
    """It is the platform that has no such template: exit code 1, with the names that are found."""
    done = run_prober("run", "each-fedora", "--config", str(config), "--output", "json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "control_plane/template_not_found: each-fedora" in done.stderr
    assert "each-ubuntu-desktop" in done.stderr


def test_the_service_follows(lab: RunningLab, config: Path) -> None:
    """What is added is taken on, what is removed taken off, within the interval of half a minute each."""
    with started("serve", "--config", str(config), stderr=subprocess.PIPE) as service:
        serving = json.loads(wait_for(service.stdout, '"serving"'))
        assert serving["targets"] == ["each-ubuntu-desktop"]
        offer(lab, "fedora")
        added = json.loads(wait_for(service.stdout, '"target_added"'))
        assert (added["target"], added["template"], added["discovery"]) == ("each-fedora", "fedora", "each")
        assert targets(serving["url"]) == {"each-ubuntu-desktop", "each-fedora"}
        lab.api.request("DELETE", f"{TEMPLATES}/fedora")
        assert json.loads(wait_for(service.stdout, '"target_removed"'))["target"] == "each-fedora"
        service.send_signal(signal.SIGTERM)
        service.communicate(timeout=90)
        assert service.returncode == 0
    assert lab.api.sessions() == []


def targets(url: str) -> set[str]:
    """Returns the targets that have series."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:  # noqa: S310 - our own loopback address
        return set(re.findall(r'[{,]target="([^"]*)"', answer.read().decode()))
