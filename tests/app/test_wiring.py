"""Clusters as the application opens them."""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from blockbuster import BlockBuster
from structlog.testing import capture_logs

from prober.adapters.browser import ROOT
from prober.adapters.browser.executable import VARIABLE, find_executable
from prober.adapters.redaction import Redactor
from prober.adapters.secrets import ReferencedSecrets
from prober.app import wiring
from prober.app.config.load import load
from prober.app.config.settings import EvidenceSetting, Sandbox, Settings
from prober.app.observers import Quiet
from prober.app.wiring import Clusters, _MaskedSecrets, open_clusters, open_prober
from prober.domain.errors import ProberFailed
from prober.domain.ids import ClusterName
from prober.domain.keeping import KeepPlan
from prober.domain.outcomes import Outcome
from prober.domain.retention import Limits
from prober.domain.target import SecretRef, SecretSource
from prober.lab.kube.server import KubeApi
from tests.adapters.reporting import make_report, make_target
from tests.fakes.observer import FakeObserver

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
            async with asyncio.timeout(10):
                while len(told) < len(settings.clusters):  # noqa: ASYNC110 - nobody tells when an opening is over
                    await asyncio.sleep(0.01)
    assert [event["event"] for event in told] == ["cluster_not_opened"] * 2


async def test_evidence_is_kept_where_the_configuration_says(
    settings: Settings, tmp_path: Path, no_blocking_calls: BlockBuster
) -> None:
    """With a store a failed run's evidence is kept there, secrets masked; without one nobody keeps any."""
    no_blocking_calls.deactivate()  # a browser is looked for, once, at the start
    redactor, report = Redactor(), make_report(Outcome.FAILURE, degraded=("it said planted-password",))
    redactor.mask("planted-password")
    folder = tmp_path / "evidence"
    with_store = replace(
        settings,
        evidence=EvidenceSetting(url=folder.as_uri(), keep=KeepPlan(), limits=Limits(free=0.0), limit_s=30.0),
    )
    async with open_prober(with_store, environ={}, redactor=redactor, observer=Quiet()) as prober:
        assert prober.evidence is not None
        url = await prober.evidence.keep(report, make_target(), ())
    assert url == f"{folder.as_uri()}/ubuntu/{report.run_id}/"
    kept = read(folder / "ubuntu" / report.run_id / "report.json")
    assert "it said ***" in kept
    assert "planted-password" not in kept
    async with open_prober(settings, environ={}, redactor=redactor, observer=Quiet()) as prober:
        assert prober.evidence is None


def read(path: Path) -> str:
    """Returns a file's text."""
    return path.read_text(encoding="utf-8")


async def test_what_is_kept_of_a_page_is_masked(settings: Settings, no_blocking_calls: BlockBuster) -> None:
    """The browser's texts pass the redactor that hears of every secret."""
    no_blocking_calls.deactivate()  # a browser is looked for on the disk
    redactor = Redactor()
    with capture_logs():
        async with open_prober(settings, environ={}, redactor=redactor, observer=FakeObserver()) as prober:
            redactor.mask("planted-secret")
            assert prober.browser._mask("a planted-secret") == "a ***"


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


@pytest.mark.parametrize(("secret", "warnings"), [("abc12", 1), ("abc123", 0)], ids=["short", "long enough"])
async def test_a_short_secret_is_told_once(settings: Settings, secret: str, warnings: int) -> None:
    """A secret that texts cannot be searched for is a warning that names the reference, and not the secret."""
    ref = SecretRef(source=SecretSource.ENV, name="PROBE_PASSWORD")
    session = make_target().session
    redactor = Redactor()
    masked = _MaskedSecrets(ReferencedSecrets(environ={"PROBE_PASSWORD": secret}), redactor=redactor)
    with capture_logs() as told:
        for _ in range(2):
            assert (await masked.read(ref, session)).reveal() == secret
    assert [event["event"] for event in told] == ["secret_short"] * warnings
    assert all("env:PROBE_PASSWORD" in event["summary"] and secret not in event["summary"] for event in told)
    assert redactor.text(f"it is {secret}.") == "it is ***."


async def test_a_secret_that_is_replaced_is_let_go() -> None:
    """Of each reference the last values are masked; those of long ago are searched for in no text any more."""
    ref = SecretRef(source=SecretSource.ENV, name="PROBE_TOKEN")
    session, redactor, environ = make_target().session, Redactor(), {"PROBE_TOKEN": ""}
    masked = _MaskedSecrets(ReferencedSecrets(environ=environ), redactor=redactor)
    for number in range(100):
        environ["PROBE_TOKEN"] = f"token-{number:04}"
        await masked.read(ref, session)
    assert redactor.text("token-0000 token-0098 token-0099") == "token-0000 *** ***"


@pytest.mark.parametrize(
    ("why_not", "sandbox", "told"),
    [
        ("user namespaces are refused", Sandbox.AUTO, ["warning"]),
        (ROOT, Sandbox.AUTO, ["info"]),
        (None, Sandbox.AUTO, []),
        ("user namespaces are refused", Sandbox.OFF, []),
    ],
    ids=["refused", "root", "works", "switched off"],
)
async def test_a_browser_without_its_sandbox_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, why_not: str | None, sandbox: Sandbox, told: list[str]
) -> None:
    """Loudly where the node refuses what is wanted; root, and whoever switched it off, know."""

    async def why() -> str | None:
        return why_not

    monkeypatch.setattr(wiring, "why_no_sandbox", why)
    chosen = replace(settings, browser=replace(settings.browser, sandbox=sandbox))
    with capture_logs() as logs:
        async with open_prober(chosen, environ={VARIABLE: "/nowhere"}, redactor=Redactor(), observer=Quiet()):
            pass
    assert [log["log_level"] for log in logs if log["event"] == "browser_without_sandbox"] == told
