import asyncio
import os
import stat
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
import yaml

from prober.lab.cluster import lease, tenancy
from prober.lab.cluster.choice import Foreign
from prober.lab.cluster.errors import (
    ClusterUnreachableError,
    NameRefusedError,
    NamespaceTakenError,
)
from prober.lab.operator.client import KubeClient
from prober.lab.operator.lifecycle import TEMPLATES
from prober.lab.operator.session import FINALIZER, sessions_of
from tests.lab.platform.observing import (
    connected,
    eventually,
    exists,
    foreign_lab,
    make_namespace,
    running_session,
    session_body,
)

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/{}/leases"


@pytest.fixture
def fresh() -> str:
    """A name that no namespace has, and no template."""
    return f"lab-{uuid4().hex[:8]}"


@pytest.fixture
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a lab leave without waiting for its namespace, which takes a real cluster 5 s."""
    monkeypatch.setattr(tenancy, "LEAVE_LIMIT_S", 0)


async def test_a_lab_leaves_no_trace(tmp_path: Path, foreign: Foreign, house: KubeClient, fresh: str) -> None:
    """Namespace, template, session, children, Lease, files: all that it made is gone; the kinds were there before."""
    kinds = [crd["metadata"]["uid"] for crd in await house.list(DEFINITIONS)]
    async with foreign_lab(tmp_path / "state", foreign, namespace=fresh) as lab, aiohttp.ClientSession() as http:
        assert await lab.ready()
        assert f"namespace {fresh}" in lab.place
        await running_session(lab, house, http)
        assert await exists(house, f"{TEMPLATES}/{fresh}")
    assert not await exists(house, f"/api/v1/namespaces/{fresh}")
    assert not await exists(house, f"{TEMPLATES}/{fresh}")
    assert await asyncio.to_thread(os.listdir, tmp_path / "state") == []
    after = [crd["metadata"]["uid"] for crd in await house.list(DEFINITIONS)]
    assert after == kinds


@pytest.mark.usefixtures("in_haste")
async def test_its_files_lead_into_the_cluster(tmp_path: Path, foreign: Foreign, house: KubeClient, fresh: str) -> None:
    """The kubeconfig is private, complete, set to the namespace; prober.yaml names it."""
    async with foreign_lab(tmp_path, foreign, namespace=fresh) as lab:
        assert stat.S_IMODE(lab.kubeconfig_path.stat().st_mode) == 0o600
        kubeconfig = yaml.safe_load(lab.kubeconfig_path.read_text())
        assert [context["context"]["namespace"] for context in kubeconfig["contexts"]] == [fresh]
        (target,) = yaml.safe_load(lab.config_path.read_text())["targets"]
        assert target["session"]["namespace"] == fresh
        async with connected(lab.kubeconfig_path) as api:
            assert await api.list(sessions_of(fresh)) == []


async def test_what_was_there_stays(tmp_path: Path, foreign: Foreign, house: KubeClient, fresh: str) -> None:
    """A namespace and a template of others outlive the lab, untouched."""
    await make_namespace(house, fresh)
    template = {"apiVersion": "vdi.kasm.io/v1alpha1", "kind": "VDITemplate"}
    await house.create(TEMPLATES, {**template, "metadata": {"name": fresh}, "spec": {"image": "theirs"}})
    before = [await house.get(path) for path in (f"/api/v1/namespaces/{fresh}", f"{TEMPLATES}/{fresh}")]
    async with foreign_lab(tmp_path, foreign, namespace=fresh):
        pass
    after = [await house.get(path) for path in (f"/api/v1/namespaces/{fresh}", f"{TEMPLATES}/{fresh}")]
    assert [body["metadata"]["resourceVersion"] for body in after] == [
        body["metadata"]["resourceVersion"] for body in before
    ]
    for path in (f"/api/v1/namespaces/{fresh}", f"{TEMPLATES}/{fresh}"):
        await house.discard(path)


@pytest.mark.usefixtures("in_haste")
async def test_what_others_put_there_stays(tmp_path: Path, foreign: Foreign, house: KubeClient, fresh: str) -> None:
    """A namespace of the lab's own making stays when somebody keeps things in it."""
    async with foreign_lab(tmp_path, foreign, namespace=fresh):
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "theirs"}}
        await house.create(f"/api/v1/namespaces/{fresh}/secrets", body)
    assert await exists(house, f"/api/v1/namespaces/{fresh}/secrets/theirs")
    await house.discard(f"/api/v1/namespaces/{fresh}")


@pytest.mark.usefixtures("in_haste")
async def test_two_labs_share_a_cluster(tmp_path: Path, foreign: Foreign, house: KubeClient, fresh: str) -> None:
    """The end of one lab leaves the other one's template and sessions alone; sessions elsewhere are nobody's."""
    other = f"{fresh}-b"
    await make_namespace(house, f"{fresh}-c")
    await house.create(sessions_of(f"{fresh}-c"), session_body("theirs", namespace=f"{fresh}-c"))
    async with aiohttp.ClientSession() as http, foreign_lab(tmp_path / "a", foreign, namespace=fresh) as first:
        async with foreign_lab(tmp_path / "b", foreign, namespace=other, template=fresh):
            created = await running_session(first, house, http)
        assert (await house.get(f"{sessions_of(fresh)}/{created}"))["status"]["phase"] == "Running"
        assert await exists(house, f"{TEMPLATES}/{fresh}")
    assert not await exists(house, f"{TEMPLATES}/{fresh}")
    theirs = await house.get(f"{sessions_of(f'{fresh}-c')}/theirs")
    assert "status" not in theirs
    assert not theirs["metadata"].get("finalizers")
    for namespace in (other, f"{fresh}-c"):
        await house.discard(f"/api/v1/namespaces/{namespace}")


@pytest.mark.usefixtures("in_haste")
async def test_a_namespace_has_one_lab(tmp_path: Path, foreign: Foreign, house: KubeClient, fresh: str) -> None:
    """A second lab is refused, without harm to the first."""
    async with aiohttp.ClientSession() as http, foreign_lab(tmp_path / "a", foreign, namespace=fresh) as first:
        with pytest.raises(NamespaceTakenError, match=f"already serves namespace '{fresh}'; end it, or choose another"):
            async with foreign_lab(tmp_path / "b", foreign, namespace=fresh):
                pass
        assert await running_session(first, house, http)


async def test_another_operators_namespace_is_refused(
    tmp_path: Path, foreign: Foreign, house: KubeClient, fresh: str
) -> None:
    """Where sessions live that no lab took up, the platform's own operator is at work."""
    await make_namespace(house, fresh)
    body = session_body("theirs", namespace=fresh)
    body["metadata"]["finalizers"] = [FINALIZER]
    await house.create(sessions_of(fresh), body)
    with pytest.raises(NamespaceTakenError, match=r"has sessions that no lab took up \(theirs\)"):
        async with foreign_lab(tmp_path, foreign, namespace=fresh):
            pass
    found = await house.get(f"{sessions_of(fresh)}/theirs")
    assert found["metadata"]["finalizers"] == [FINALIZER]
    await house.patch(f"{sessions_of(fresh)}/theirs", {"metadata": {"finalizers": None}})
    await house.discard(f"/api/v1/namespaces/{fresh}")


async def test_an_idle_operator_is_thought_of(
    tmp_path: Path, foreign: Foreign, fresh: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Where others brought the platform's kinds, one line says that their operator may serve the namespace too."""
    async with foreign_lab(tmp_path, foreign, namespace=fresh):
        pass
    assert caplog.text.count("the cluster defines VDISessions already: an operator of its own may serve") == 1


async def test_a_name_that_the_cluster_refuses(tmp_path: Path, foreign: Foreign) -> None:
    """The API server's refusal is a mistake of whoever named the namespace."""
    with pytest.raises(NameRefusedError, match=r"Bad_Name.*; choose another name with --namespace"):
        async with foreign_lab(tmp_path, foreign, namespace="Bad_Name", template="fine"):
            pass


async def test_a_killed_labs_sessions_are_taken_up(
    tmp_path: Path, foreign: Foreign, house: KubeClient, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a killed lab left is served on by the next lab, which takes all of it away at its end."""
    monkeypatch.setattr(lease, "LASTS_S", 1.0)
    await make_namespace(house, fresh)
    await house.create(LEASES.format(fresh), {"metadata": {"name": lease.NAME}, "spec": {"holderIdentity": "killed"}})
    body = session_body("left", namespace=fresh, template=fresh)
    body["metadata"]["finalizers"] = [FINALIZER]
    await house.create(sessions_of(fresh), body)
    await house.patch(
        f"{sessions_of(fresh)}/left/status", {"status": {"phase": "Running", "url": "http://127.0.0.1:1"}}
    )

    async with foreign_lab(tmp_path, foreign, namespace=fresh):

        async def served() -> bool:
            return bool((await house.get(f"{sessions_of(fresh)}/left"))["status"]["url"] != "http://127.0.0.1:1")

        await eventually(served)
    assert await house.list(sessions_of(fresh)) == []
    await house.discard(f"/api/v1/namespaces/{fresh}")


@pytest.mark.usefixtures("in_haste")
async def test_a_lost_namespace_ends_the_lab(
    tmp_path: Path, foreign: Foreign, house: KubeClient, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lab that finds another one in its place says so."""
    monkeypatch.setattr(lease, "RENEW_S", 0.1)
    async with foreign_lab(tmp_path, foreign, namespace=fresh) as lab:
        path = f"{LEASES.format(fresh)}/{lease.NAME}"
        await house.patch(path, {"spec": {"holderIdentity": "usurper"}})
        async with asyncio.timeout(10):
            with pytest.raises(NamespaceTakenError, match="usurper"):
                await lab.broken()


async def test_an_api_that_does_not_answer_is_named(tmp_path: Path, unused_tcp_port: int) -> None:
    """The address stands in the message, with what to look at."""
    cluster = _elsewhere(tmp_path, server=f"http://127.0.0.1:{unused_tcp_port}")
    with pytest.raises(ClusterUnreachableError, match=f"{unused_tcp_port} cannot be reached .*check its address"):
        async with foreign_lab(tmp_path / "state", cluster, namespace="vdi"):
            pass


async def test_stale_credentials_are_named(tmp_path: Path, foreign: Foreign) -> None:
    """A token that the API server does not accept is no mystery."""
    content = yaml.safe_load(foreign.kubeconfig.read_text())
    content["users"][0]["user"] = {"token": "stale"}
    stale = tmp_path / "stale"
    stale.write_text(yaml.safe_dump(content))
    with pytest.raises(ClusterUnreachableError, match="does not accept the kubeconfig's credentials"):
        async with foreign_lab(tmp_path / "state", Foreign(kubeconfig=stale), namespace="vdi"):
            pass


def _elsewhere(folder: Path, *, server: str) -> Foreign:
    path = folder / "elsewhere"
    content = {
        "current-context": "x",
        "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
        "clusters": [{"name": "x", "cluster": {"server": server}}],
        "users": [{"name": "x", "user": {}}],
    }
    path.write_text(yaml.safe_dump(content))
    return Foreign(kubeconfig=path)
