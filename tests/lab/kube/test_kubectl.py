"""kubectl works against the API."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest
import yaml

from prober.lab.kube.admission import Part
from prober.lab.kube.operations import Key
from prober.lab.kube.resources import EVENTS, PODS, Obj
from prober.lab.kube.server import KubeApi

pytestmark = pytest.mark.kubectl

Kubectl = Callable[..., Coroutine[None, None, str]]


@pytest.fixture
def key(api: KubeApi) -> Key:
    """Where the VDISession is."""
    sessions = api.store.catalog.find("vdisessions", group="vdi.kasm.io", version="v1alpha1")
    assert sessions is not None
    return Key(resource=sessions, name="probe", namespace="vdi")


@pytest.fixture
def running(api: KubeApi, key: Key, new_session: Callable[..., Obj]) -> Obj:
    """A VDISession that runs."""
    api.store.create(key.resource, body=new_session(), namespace="vdi")
    status = {"phase": "Running", "url": "https://probe.vdi.example.com"}
    return api.store.patch(key, change=lambda obj: obj | {"status": status}, part=Part.STATUS)


@pytest.fixture
def command(api: KubeApi, tmp_path: Path) -> list[str]:
    """How kubectl is called, with a kubeconfig as users get it."""
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(api.kubeconfig(token="the-lab's-token", namespace="vdi")))
    return ["kubectl", f"--kubeconfig={path}", f"--cache-dir={tmp_path / 'cache'}"]


@pytest.fixture
def kubectl(command: list[str]) -> Kubectl:
    """Run kubectl; return what it prints."""

    async def run(*arguments: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *command, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode()
        return output.decode()

    return run


async def test_get_shows_the_session(kubectl: Kubectl, running: Obj) -> None:
    """`get vdi` prints the columns of the CRD."""
    heading, row = (await kubectl("get", "vdi")).splitlines()

    assert heading.split() == ["NAME", "USER", "TEMPLATE", "PHASE", "URL", "AGE"]
    assert row.split()[:5] == [
        "probe",
        "probe@example.com",
        "ubuntu-desktop",
        "Running",
        "https://probe.vdi.example.com",
    ]


async def test_get_as_yaml_is_the_object(kubectl: Kubectl, running: Obj) -> None:
    """`get -o yaml` prints what is stored."""
    assert yaml.safe_load(await kubectl("get", "vdi", "probe", "-o", "yaml")) == running


async def test_get_watches(api: KubeApi, command: list[str], running: Obj, key: Key) -> None:
    """`get -w` prints a row for each change, under one heading."""
    process = await asyncio.create_subprocess_exec(*command, "get", "vdi", "-A", "-w", stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        lines = [await process.stdout.readline() for _ in range(2)]
        api.store.patch(key, change=lambda obj: obj | {"status": {"phase": "Terminating"}}, part=Part.STATUS)
        lines.append(await process.stdout.readline())
    finally:
        process.terminate()
        await process.communicate()

    assert lines[0].split()[:2] == [b"NAMESPACE", b"NAME"]
    assert [line.split()[4] for line in lines[1:]] == [b"Running", b"Terminating"]


async def test_delete_waits_until_it_is_gone(api: KubeApi, kubectl: Kubectl, running: Obj, key: Key) -> None:
    """`delete` returns once the object is gone, its finalizers done."""
    api.store.patch(key, change=lambda obj: _with_finalizers(obj, ["vdi.kasm.io/session-cleanup"]))
    deleting = asyncio.create_task(kubectl("delete", "vdi", "probe"), name="kubectl delete")
    version = api.store.history.version
    await api.store.history.wait_beyond(version)
    assert not deleting.done()
    api.store.patch(key, change=lambda obj: _with_finalizers(obj, []))

    assert 'vdisession.vdi.kasm.io "probe" deleted' in await deleting
    assert "No resources found" in await kubectl("get", "vdi")


async def test_create_reports_bad_fields(kubectl: Kubectl, tmp_path: Path, new_session: Callable[..., Obj]) -> None:
    """`create` shows the server's causes, `create -f` of a good session works."""
    path = tmp_path / "session.yaml"
    path.write_text(yaml.safe_dump(new_session()))
    assert "created" in await kubectl("create", "-f", str(path))

    path.write_text(yaml.safe_dump(new_session("other") | {"spec": {"user": "x", "template": "t"}}))
    with pytest.raises(AssertionError, match=r"spec\.user: Invalid value"):
        await kubectl("create", "-f", str(path))


async def test_pods_and_events_are_listed(api: KubeApi, kubectl: Kubectl) -> None:
    """`get pods` as well as `get events` print tables of their own."""
    pod = {"metadata": {"name": "desktop"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    api.store.create(PODS, body=pod, namespace="vdi")
    event = {"metadata": {"name": "e"}, "reason": "Started", "involvedObject": {"kind": "Pod", "name": "desktop"}}
    api.store.create(EVENTS, body=event, namespace="vdi")

    pods = (await kubectl("get", "pods")).splitlines()
    events = (await kubectl("get", "events")).splitlines()

    assert pods[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert pods[1].split()[:4] == ["desktop", "0/1", "Pending", "0"]
    assert events[0].split() == ["LAST", "SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
    assert "pod/desktop" in events[1]


async def test_describe_and_api_resources_work(kubectl: Kubectl, running: Obj) -> None:
    """What people type first works: `api-resources`, `describe`, `explain`."""
    assert "vdi.kasm.io/v1alpha1" in await kubectl("api-resources")
    assert "Phase:  Running" in await kubectl("describe", "vdi", "probe")
    assert "The e-mail address of the user." in await kubectl("explain", "vdi.spec.user")


async def test_access_can_be_asked_for(kubectl: Kubectl) -> None:
    """`auth can-i` answers, although it asks in protobuf."""
    assert (await kubectl("auth", "can-i", "create", "vdi")).splitlines()[-1] == "yes"


def _with_finalizers(obj: Obj, finalizers: list[str]) -> Obj:
    return obj | {"metadata": obj["metadata"] | {"finalizers": finalizers}}
