import asyncio
import os
import re
import socket
import stat
import threading
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest
import yaml

from prober.lab.faults import UnknownFaultError
from prober.lab.lock import LabRunningError
from prober.lab.operator.client import ApiError, KubeClient, connection_info
from prober.lab.platform import Lab
from tests.lab.platform.observing import SESSIONS, Observer, connected, eventually, session_body


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((parts.hostname, parts.port)) == 0


def _names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


async def test_a_lab_is_ready_once_it_is_open(lab: Lab) -> None:
    """A lab that was entered can serve a session."""
    assert await lab.ready()


async def test_its_files_are_private(lab: Lab) -> None:
    """Nobody but their owner can read the lab's files, which hold secrets."""
    for path in (lab.kubeconfig_path, lab.config_path, lab.password_path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_its_configuration_points_at_itself(lab: Lab) -> None:
    """`prober.yaml` names the lab's kubeconfig, a target for the template, the password by reference."""
    config = yaml.safe_load(lab.config_path.read_text())
    assert config["clusters"] == {"lab": {"kubeconfig": str(lab.kubeconfig_path)}}
    (target,) = config["targets"]
    assert target["name"] == "ubuntu-desktop"
    assert target["access"]["basic"]["password"] == {"file": str(lab.password_path)}
    assert lab.password_path.read_text() not in lab.config_path.read_text()


async def test_its_kubeconfig_opens_the_api(lab: Lab) -> None:
    """The kubeconfig is complete: address, CA, token, namespace."""
    async with connected(lab.kubeconfig_path) as api:
        assert await api.list(SESSIONS) == []


async def test_its_api_asks_for_a_token(lab: Lab) -> None:
    """Without the token of the kubeconfig the API answers 401."""
    kubeconfig = yaml.safe_load(lab.kubeconfig_path.read_text())
    kubeconfig["users"][0]["user"]["token"] = "stale"
    async with KubeClient(connection_info(kubeconfig)) as api:
        with pytest.raises(ApiError) as refusal:
            await api.list(SESSIONS)
    assert refusal.value.status == HTTPStatus.UNAUTHORIZED


async def test_it_offers_its_templates(tmp_path: Path) -> None:
    """Each template becomes a target with a user of its own."""
    async with Lab(state=tmp_path, templates=("ubuntu-desktop", "gpu-desktop"), every="5m") as lab:
        targets = yaml.safe_load(lab.config_path.read_text())["targets"]
    assert [target["session"]["user"] for target in targets] == ["probe-ubuntu@example.com", "probe-gpu@example.com"]
    assert targets[0]["schedule"]["every"] == "5m"


async def test_a_closed_lab_leaves_nothing(tmp_path: Path) -> None:
    """No file, no port, no thread, no task is left, although sessions were."""
    tasks, threads = asyncio.all_tasks(), set(threading.enumerate())
    async with Lab(state=tmp_path) as lab:
        async with connected(lab.kubeconfig_path) as api, aiohttp.ClientSession() as http:
            seen = Observer(lab, api=api, http=http)
            name = await seen.create()
            desktop = (await seen.until(name, "Running"))["url"]
        server = lab.kubeconfig["clusters"][0]["cluster"]["server"]
        assert _listens(server)
        assert _listens(desktop)
    assert not _listens(server)
    assert not _listens(desktop)
    assert _names(tmp_path) == set()
    assert asyncio.all_tasks() == tasks
    left = set(threading.enumerate()) - threads
    assert {thread.name for thread in left if not thread.name.startswith("asyncio_")} == set()


async def test_a_stuck_session_does_not_keep_a_lab_open(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A closing lab takes its faults back, so that its operator lets the sessions go."""
    async with (
        Lab(state=tmp_path, fault="finalizer_stuck") as lab,
        connected(lab.kubeconfig_path) as api,
        aiohttp.ClientSession() as http,
    ):
        seen = Observer(lab, api=api, http=http)
        name = await seen.create()
        await seen.until(name, "Running")
        await seen.delete(name)
        await seen.until(name, "Terminating")
    assert "without its operator" not in caplog.text


async def test_a_session_of_another_namespace_does_not_keep_a_lab_open(tmp_path: Path) -> None:
    """A lab ends the sessions of its own namespace alone; the others go with its cluster."""
    async with asyncio.timeout(15), Lab(state=tmp_path) as lab, connected(lab.kubeconfig_path) as api:
        body = session_body("elsewhere", namespace="default")
        await api.create("/apis/vdi.kasm.io/v1alpha1/namespaces/default/vdisessions", body)
        await eventually(lambda: _truth_is_told(lab, "elsewhere"))
    assert _names(tmp_path) == set()


async def _truth_is_told(lab: Lab, name: str) -> bool:
    try:
        lab.host.truth(name)
    except KeyError:
        return False
    return True


async def test_a_surviving_url_does_not_survive_its_lab(tmp_path: Path) -> None:
    """What serves on after its session ends with the lab."""
    async with Lab(state=tmp_path) as lab:
        async with connected(lab.kubeconfig_path) as api, aiohttp.ClientSession() as http:
            seen = Observer(lab, api=api, http=http)
            name = await seen.create(fault="url_still_serving")
            url = (await seen.until(name, "Running"))["url"]
            await seen.delete(name)
            await seen.until_gone(name)
        assert _listens(url)
    assert not _listens(url)


async def test_a_killed_labs_files_are_replaced(tmp_path: Path) -> None:
    """Files that a killed lab left behind do not hinder the next one, which takes them with it at its end."""
    (tmp_path / "kubeconfig").write_text("stale")
    (tmp_path / "lab.lock").write_text("1\n")
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls" / "kube-api.key").write_text("stale")
    async with Lab(state=tmp_path) as lab:
        assert "stale" not in lab.kubeconfig_path.read_text()
        assert (tmp_path / "tls" / "kube-api.key").read_text() != "stale"
    assert _names(tmp_path) == set()


async def test_what_is_not_the_labs_stays(tmp_path: Path) -> None:
    """Files of others in the state directory outlive the lab, beside its own ones too."""
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls" / "mine.key").write_text("mine")
    async with Lab(state=tmp_path):
        pass
    assert (tmp_path / "tls" / "mine.key").read_text() == "mine"


async def test_a_state_directory_has_one_lab(lab: Lab) -> None:
    """A second lab is refused with the first one's process id, without harm to the first one."""
    directory = lab.kubeconfig_path.parent
    before = _names(directory)
    with pytest.raises(
        LabRunningError, match=re.escape(f"a lab is already running in {directory} (pid {os.getpid()})")
    ):
        async with Lab(state=directory):
            pass
    assert _names(directory) == before
    assert await lab.ready()


async def test_a_lab_that_cannot_start_leaves_nothing(tmp_path: Path) -> None:
    """A state directory that cannot be is an error, after which nothing runs."""
    (tmp_path / "file").write_text("")
    tasks = asyncio.all_tasks()
    with pytest.raises(OSError, match="file"):
        async with Lab(state=tmp_path / "file"):
            pass
    assert asyncio.all_tasks() == tasks


def test_an_unknown_fault_is_refused_before_anything_starts(tmp_path: Path) -> None:
    """A misspelt fault is an error at once."""
    with pytest.raises(UnknownFaultError):
        Lab(state=tmp_path, fault="balck")


async def test_its_desktops_may_be_served_over_https(tmp_path: Path) -> None:
    """With a certificate wished for, pages have https addresses, and targets do not ask whom it is from."""
    async with Lab(state=tmp_path, certificate=timedelta(days=2)) as lab:
        (target,) = yaml.safe_load(lab.config_path.read_text())["targets"]
        assert target["url"] == {"schemes": ["https"], "verify_tls": False}
        async with aiohttp.ClientSession() as http, http.get(lab.host.url_of("nobody"), ssl=False) as answer:
            assert answer.url.scheme == "https"
            assert answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND}
    assert _names(tmp_path) <= {"lock"}
