"""Credentials plugins, with real processes."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from prober.adapters.kubernetes.access import plugins, processes
from prober.adapters.kubernetes.connection import Kubeconfig, connect
from prober.adapters.kubernetes.sessions import KubernetesSessions
from prober.domain.errors import ProberFailed, TargetFailed
from prober.domain.reasons import Reason
from prober.lab.kube.server import KubeApi
from tests.adapters.kubernetes.access.world import PASSWORD, TOKEN, Accounts, Plugin, kubeconfig
from tests.contracts.sessions import NAMESPACE

NEWER = "planted-token-newer"
MARK = "vdi-prober-test-hangs"
SCRIPT = """
import subprocess, sys
script = 'import time; time.sleep(600)  # vdi-prober-' + 'test-hangs'
subprocess.run([sys.executable, '-S', '-c', script])
"""
HANGING = ["-S", "-c", SCRIPT]
"""A command that starts another one, marked, and waits for it."""


@pytest.fixture
def where(kube: KubeApi, tmp_path: Path, plugin: Plugin) -> Kubeconfig:
    """A kubeconfig whose user is what the plugin gives."""
    return configured(kube, tmp_path, plugin.user())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives plugins half a second."""
    monkeypatch.setattr(plugins, "PLUGIN_S", 0.5)


def configured(kube: KubeApi, folder: Path, user: dict[str, object]) -> Kubeconfig:
    """Returns a kubeconfig with a user."""
    return Kubeconfig(path=kubeconfig(folder / "config", server=kube.url, ca_pem=kube.ca_pem, user=user))


async def test_it_is_asked_once(where: Kubeconfig, plugin: Plugin) -> None:
    """A token without an end is shown for ever."""
    async with connect(where) as api:
        for _ in range(3):
            assert await KubernetesSessions(api).ours(NAMESPACE) == []
    assert plugin.asked() == [{"apiVersion": plugin.version, "kind": "ExecCredential", "spec": {"interactive": False}}]


async def test_a_token_at_its_end_is_renewed_first(where: Kubeconfig, plugin: Plugin, accounts: Accounts) -> None:
    """A token that has expired is not shown; requests at one time ask for the next one together."""
    plugin.give({"token": "expired"}, expires_in=timedelta(seconds=-1))
    async with connect(where) as api:
        plugin.give({"token": TOKEN}, expires_in=timedelta(hours=1))
        await asyncio.gather(*(KubernetesSessions(api).ours(NAMESPACE) for _ in range(5)))
    assert accounts.shown == [TOKEN] * 5
    assert len(plugin.asked()) == 2


async def test_a_token_near_its_end_is_renewed_beside(
    where: Kubeconfig, plugin: Plugin, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token that is still good is shown while the plugin is asked for the next one, so that nobody waits."""
    ageing_at_once(monkeypatch)
    plugin.give({"token": TOKEN}, expires_in=timedelta(hours=1))
    accounts.take(TOKEN, NEWER)
    async with connect(where) as api:
        plugin.give({"token": NEWER})
        async with asyncio.timeout(20):
            while NEWER not in accounts.shown:
                await KubernetesSessions(api).ours(NAMESPACE)
    assert accounts.shown[0] == TOKEN
    assert len(plugin.asked()) == 2


async def test_a_renewal_that_fails_while_there_is_time(
    where: Kubeconfig, plugin: Plugin, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plugin in trouble is warned of, and costs nothing as long as its last token is good."""
    ageing_at_once(monkeypatch)
    plugin.give({"token": TOKEN}, expires_in=timedelta(hours=1))
    async with connect(where) as api:
        plugin.say("oops")
        async with asyncio.timeout(20):
            while "credentials_not_issued" not in caplog.text:
                await KubernetesSessions(api).ours(NAMESPACE)


async def test_a_renewal_under_way_at_the_end(
    where: Kubeconfig, plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing a cluster ends the plugin that was asked beside the requests."""
    ageing_at_once(monkeypatch)
    plugin.give({"token": TOKEN}, expires_in=timedelta(hours=1))
    us = psutil.Process()
    before = us.children()
    async with connect(where) as api:
        plugin.hang()
        async with asyncio.timeout(20):
            while len(plugin.asked()) == 1:
                await KubernetesSessions(api).ours(NAMESPACE)
    assert us.children() == before


async def test_a_refused_token_is_asked_for_anew(where: Kubeconfig, plugin: Plugin, accounts: Accounts) -> None:
    """A token that is withdrawn before its time costs no failure."""
    async with connect(where) as api:
        await KubernetesSessions(api).ours(NAMESPACE)
        accounts.take(NEWER)
        plugin.give({"token": NEWER})
        await KubernetesSessions(api).ours(NAMESPACE)
    assert accounts.shown == [TOKEN, TOKEN, NEWER]


async def test_a_plugin_whose_token_nobody_takes(where: Kubeconfig, plugin: Plugin, accounts: Accounts) -> None:
    """A plugin that insists on a refused token is asked once per request, and is named."""
    accounts.take(NEWER)
    async with connect(where) as api:
        words = r"Unauthorized \(we showed what the credentials plugin python\S* of the kubeconfig \S+ gave\)"
        with pytest.raises(TargetFailed, match=words):
            await KubernetesSessions(api).ours(NAMESPACE)
    assert accounts.shown == [TOKEN]


@pytest.mark.parametrize("version", ["v1", "v1beta1"], ids=str)
async def test_what_a_plugin_is_told(kube: KubeApi, tmp_path: Path, version: str) -> None:
    """A plugin that wants to know its cluster is told of it, in its own version's words."""
    plugin = Plugin(folder=tmp_path, version=f"client.authentication.k8s.io/{version}")
    plugin.give({"token": TOKEN})
    extension = {"name": "client.authentication.k8s.io/exec", "extension": {"audience": "vdi"}}
    path = kubeconfig(
        tmp_path / "config",
        server=kube.url,
        ca_pem=kube.ca_pem,
        user=plugin.user(provideClusterInfo=True, env=[{"name": "X", "value": "y"}]),
        extensions=[extension, {"name": "other", "extension": PASSWORD}],
    )
    async with connect(Kubeconfig(path=path)) as api:
        assert await KubernetesSessions(api).ours(NAMESPACE) == []
    (told,) = plugin.asked()
    assert told["apiVersion"] == plugin.version
    assert told["spec"]["cluster"]["server"] == kube.url
    assert told["spec"]["cluster"]["config"] == {"audience": "vdi"}
    assert PASSWORD not in str(told)


async def test_a_command_beside_its_kubeconfig(kube: KubeApi, tmp_path: Path, plugin: Plugin) -> None:
    """A relative path is relative to the kubeconfig, wherever the prober was started."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "plugin").symlink_to(sys.executable)
    async with connect(configured(kube, tmp_path, plugin.user(command="bin/plugin"))) as api:
        assert await KubernetesSessions(api).ours(NAMESPACE) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param({"command": "no-such-plugin"}, "cannot be started: No such file.*; it has to be", id="missing"),
        pytest.param({"command": "./config"}, "cannot be started: Permission denied", id="not executable"),
        pytest.param({"command": "false"}, "ended with exit code 1; run it by hand", id="failing"),
        pytest.param({"command": "true"}, "printed no ExecCredential", id="silent"),
        pytest.param({"command": "echo", "args": [f'{{"token": "{PASSWORD}"']}, "printed no ExecCredential", id="mute"),
        pytest.param({"command": "echo", "args": ["[]"]}, "printed no ExecCredential", id="a list"),
        pytest.param({"command": "echo", "args": ["a\0b"]}, "cannot be started", id="null"),
        pytest.param({"command": "yes", "args": [PASSWORD]}, "gave nothing within", id="endless"),
        pytest.param({"args": HANGING}, "gave nothing within 0.5 s; it must not wait", id="hanging"),
    ],
)
@pytest.mark.usefixtures("impatient")
async def test_a_plugin_that_does_not_do(
    kube: KubeApi, tmp_path: Path, plugin: Plugin, change: dict[str, object], words: str
) -> None:
    """What is wrong is ours and names plugin and file; nothing it said is repeated, and no process stays."""
    where = configured(kube, tmp_path, plugin.user(**change))
    async with connect(where) as api:
        with pytest.raises(ProberFailed, match=f"credentials plugin \\S+ of the kubeconfig .*{words}") as caught:
            await KubernetesSessions(api).ours(NAMESPACE)
    await gone()
    assert caught.value.fault.reason is Reason.INTERNAL
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        pytest.param({}, "neither a token nor a certificate", id="nothing"),
        pytest.param({"token": ""}, "neither a token nor a certificate", id="empty"),
        pytest.param({"clientCertificateData": PASSWORD}, "neither a token nor a certificate", id="no key"),
        pytest.param({"token": f"{PASSWORD}\nX: y"}, "token of the credentials plugin .* is none", id="two lines"),
        pytest.param({"token": TOKEN, "expirationTimestamp": PASSWORD}, "printed no ExecCredential", id="no time"),
        pytest.param(
            {"clientCertificateData": PASSWORD, "clientKeyData": PASSWORD}, "no pair in PEM", id="no certificate"
        ),
    ],
)
async def test_an_answer_that_does_not_do(
    where: Kubeconfig, plugin: Plugin, status: dict[str, str], words: str
) -> None:
    """An answer that is not one is told without being quoted."""
    plugin.give(status)
    with pytest.raises(ProberFailed, match=words) as caught:
        async with connect(where) as api:
            await KubernetesSessions(api).ours(NAMESPACE)
    assert PASSWORD not in str(caught.value)


async def test_another_version_than_promised(where: Kubeconfig, plugin: Plugin) -> None:
    """An answer in another version is not guessed at."""
    Plugin(folder=plugin.folder, version="client.authentication.k8s.io/v1beta1").give({"token": TOKEN})
    async with connect(where) as api:
        with pytest.raises(ProberFailed, match="does not speak the version that the kubeconfig names"):
            await KubernetesSessions(api).ours(NAMESPACE)


async def test_a_plugin_that_recovers(where: Kubeconfig, plugin: Plugin, caplog: pytest.LogCaptureFixture) -> None:
    """A plugin in trouble while the cluster is opened is asked again by the first request."""
    plugin.say("oops")
    async with connect(where) as api:
        assert "credentials_not_issued" in caplog.text
        plugin.give({"token": TOKEN})
        assert await KubernetesSessions(api).ours(NAMESPACE) == []
    assert PASSWORD not in caplog.text


async def test_a_request_that_is_given_up(kube: KubeApi, tmp_path: Path, plugin: Plugin) -> None:
    """Whoever does not wait for a plugin any longer takes it away with them, and what it has started."""
    opening = asyncio.create_task(opened(configured(kube, tmp_path, plugin.user(args=HANGING))), name="opening")
    async with asyncio.timeout(20):
        while not await asyncio.to_thread(hanging):
            assert not opening.done()
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await gone()


async def test_a_command_that_is_given_up_while_it_starts() -> None:
    """No moment is too early for that."""
    us = psutil.Process()
    before = us.children()
    for turns in range(12):
        running = asyncio.create_task(
            processes.run([sys.executable, *HANGING], environ=os.environ, within_s=60), name="running"
        )
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert us.children() == before
    await gone()


async def opened(where: Kubeconfig) -> None:
    """Opens a cluster."""
    async with connect(where):
        pass


def ageing_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets credentials be renewed from their first second on."""
    monkeypatch.setattr(plugins, "RENEW_BEFORE", timedelta(days=1))
    monkeypatch.setattr(plugins, "RENEW_SHARE", 1.0)


async def gone() -> None:
    """Waits for the end of the marked processes: init takes those that a plugin had started in its own time."""
    async with asyncio.timeout(5):
        while await asyncio.to_thread(hanging):  # which takes its time: a look at every process
            pass


def hanging() -> list[int]:
    """Returns the marked processes that are there."""
    found = psutil.process_iter(["cmdline"])
    return [process.pid for process in found if MARK in " ".join(process.info["cmdline"] or ())]
