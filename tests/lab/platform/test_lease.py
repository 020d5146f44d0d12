import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from prober.lab.cluster import lease
from prober.lab.cluster.errors import NamespaceTakenError
from prober.lab.cluster.lease import NAME, NamespaceLease
from prober.lab.operator.client import KubeClient, NotFound
from tests.lab.platform.cluster import Cluster, running_cluster
from tests.lab.platform.observing import eventually

PATH = f"/apis/coordination.k8s.io/v1/namespaces/vdi/leases/{NAME}"


@pytest.fixture(autouse=True)
def short_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes waiting short: a Lease outlasts many renewals, lest a late one on a busy machine loses it."""
    for name, seconds in {"RENEW_S": 0.2, "LOOK_S": 0.025, "LASTS_S": 3.0}.items():
        monkeypatch.setattr(lease, name, seconds)


@pytest.fixture
async def cluster(tmp_path: Any) -> AsyncIterator[Cluster]:
    """A cluster with the namespace `vdi`."""
    async with running_cluster(tmp_path) as cluster:
        yield cluster


async def _version(api: KubeClient) -> str:
    return str((await api.get(PATH))["metadata"]["resourceVersion"])


async def test_a_namespace_has_one_lab(cluster: Cluster) -> None:
    """A second lab is refused with the first one's name, which goes on."""
    async with NamespaceLease(cluster.operator, namespace="vdi") as first:
        holder = (await cluster.observer.get(PATH))["spec"]["holderIdentity"]
        with pytest.raises(NamespaceTakenError, match=holder):
            async with NamespaceLease(cluster.operator, namespace="vdi"):
                pass
        assert (await cluster.observer.get(PATH))["spec"]["holderIdentity"] == holder
        assert not first.inherited
    with pytest.raises(NotFound):
        await cluster.observer.get(PATH)


async def test_a_killed_labs_place_is_taken(cluster: Cluster) -> None:
    """A Lease that nobody renews is taken over, whatever the clock of its last holder said."""
    async with NamespaceLease(cluster.operator, namespace="vdi"):
        left = await cluster.observer.get(PATH)
    spec = {**left["spec"], "renewTime": "2999-01-01T00:00:00.000000Z"}
    await cluster.observer.create(PATH.removesuffix(f"/{NAME}"), {"metadata": {"name": NAME}, "spec": spec})
    async with NamespaceLease(cluster.operator, namespace="vdi") as later:
        assert later.inherited
        assert (await cluster.observer.get(PATH))["spec"]["holderIdentity"] != left["spec"]["holderIdentity"]


async def test_a_place_may_become_free(cluster: Cluster) -> None:
    """A lab that ends while another one waits for its place makes room."""
    await cluster.observer.create(PATH.removesuffix(f"/{NAME}"), {"metadata": {"name": NAME}, "spec": {}})
    second = NamespaceLease(cluster.operator, namespace="vdi")
    waiting = asyncio.create_task(second.__aenter__(), name="second lab")
    await cluster.observer.discard(PATH)
    await waiting
    await second.__aexit__(None, None, None)


async def test_an_outage_loses_no_lease(cluster: Cluster) -> None:
    """A lab that cannot renew for a while goes on to try."""
    async with NamespaceLease(cluster.operator, namespace="vdi"):
        before = await _version(cluster.observer)
        cluster.outage.left = {"PATCH": 2, "GET": 1}
        await eventually(cluster.outage.over)

        async def renewed() -> bool:
            return await _version(cluster.observer) != before

        await eventually(renewed)


async def test_a_lost_lease_is_told(cluster: Cluster) -> None:
    """A lab whose place was taken ends, and leaves the other one's Lease alone."""
    async with NamespaceLease(cluster.operator, namespace="vdi") as kept, asyncio.timeout(5):
        await cluster.observer.patch(PATH, {"spec": {"holderIdentity": "usurper"}})
        with pytest.raises(NamespaceTakenError, match="usurper"):
            await kept.lost()
    assert (await cluster.observer.get(PATH))["spec"]["holderIdentity"] == "usurper"


async def test_a_removed_lease_is_made_again(cluster: Cluster) -> None:
    """Somebody who tidies up does not end the lab."""
    async with NamespaceLease(cluster.operator, namespace="vdi"):
        await cluster.observer.discard(PATH)

        async def back() -> bool:
            try:
                await cluster.observer.get(PATH)
            except NotFound:
                return False
            return True

        await eventually(back)
