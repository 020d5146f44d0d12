"""Clusters as the application opens them."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from structlog.testing import capture_logs

from prober.adapters.browser.executable import VARIABLE, find_executable
from prober.adapters.redaction import Redactor
from prober.app.config.load import load
from prober.app.config.settings import Settings
from prober.app.observers import Quiet
from prober.app.wiring import Clusters, open_clusters, open_prober
from prober.domain.errors import ProberFailed
from prober.domain.ids import ClusterName
from prober.lab.kube.server import KubeApi

TOKEN = "planted-token"
HANGING = {
    "apiVersion": "client.authentication.k8s.io/v1",
    "command": sys.executable,
    "args": ["-S", "-c", "import sys; sys.stdin.close(); import time; time.sleep(600)"],
    "interactiveMode": "Never",
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two clusters: `good`, and `slow`, each with a kubeconfig of its own that a test writes."""
    clusters = {name: {"kubeconfig": f"{name}.kubeconfig"} for name in ("slow", "good")}
    session = {"cluster": "good", "namespace": "vdi", "user": "probe@example.com", "template": "ubuntu-desktop"}
    target = {"name": "t", "schedule": {"every": "10m"}, "session": session}
    path = tmp_path / "prober.yaml"
    path.write_text(yaml.safe_dump({"clusters": clusters, "targets": [target]}))
    return load(path, environ={})


async def test_a_plugin_that_hangs_delays_its_own_cluster_only(settings: Settings, tmp_path: Path) -> None:
    """The other clusters are asked at once, and leaving ends the plugin."""
    (tmp_path / "tls").mkdir()
    async with KubeApi(tokens={TOKEN: "prober"}, tls_dir=tmp_path / "tls", namespaces=("vdi",)) as kube:
        config = kube.kubeconfig(token=TOKEN, namespace="vdi")
        write(tmp_path / "good.kubeconfig", config)
        write(tmp_path / "slow.kubeconfig", {**config, "users": [{**config["users"][0], "user": {"exec": HANGING}}]})
        async with asyncio.timeout(20), open_clusters(settings, environ=os.environ) as clusters:
            assert await clusters.sessions[ClusterName("good")].ours("vdi") == []


async def test_a_cluster_that_cannot_be_opened(settings: Settings) -> None:
    """Its fault is told in the log at the start, and meets whoever asks it for anything."""
    with capture_logs() as told:
        async with open_clusters(settings, environ={}) as clusters:
            await fail_to_ask(clusters)
    assert [event["event"] for event in told] == ["cluster_not_opened"] * 2


@pytest.fixture
def environ() -> Mapping[str, str]:
    """The environment, which names the browser: whoever looks for it blocks the loop for a moment."""
    return {**os.environ, VARIABLE: str(find_executable(os.environ))}


@pytest.mark.browser
async def test_a_warm_prober_knows_its_own_health(settings: Settings, environ: Mapping[str, str]) -> None:
    """Its browser has checked itself once, its event loop and its machine are sampled, and lags are told."""
    lags: list[float] = []
    with capture_logs() as told:
        async with open_prober(
            settings, environ=environ, redactor=Redactor(), observer=Quiet(), on_loop_lag=lags.append
        ) as prober:
            await prober.warm_up()
            async with asyncio.timeout(20):
                while not prober.health.samples(since_s=0.0):  # noqa: ASYNC110 - nobody tells when a sample was taken
                    await asyncio.sleep(0.05)
    assert len(lags) >= 1
    assert [event["event"] for event in told if "self_check" in event["event"]] == ["self_check_passed"]
    assert not [event for event in told if event["event"] == "background_task_ended"]


async def fail_to_ask(clusters: Clusters) -> None:
    for ask in (
        clusters.sessions[ClusterName("good")].ours("vdi"),
        clusters.templates[ClusterName("slow")].names(),
    ):
        with pytest.raises(ProberFailed, match=r"kubeconfig .* does not exist"):
            await ask


def write(path: Path, config: Mapping[str, Any]) -> None:
    """Writes a kubeconfig."""
    path.write_text(yaml.safe_dump(dict(config)))
