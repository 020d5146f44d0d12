"""An API server with a namespace of the test's own: the real one, or the lab's."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import yaml

from prober.adapters.kubernetes.connection import Kubeconfig, connect
from prober.adapters.kubernetes.sessions import KubernetesSessions
from prober.lab.kube.server import KubeApi
from prober.lab.operator.client import KubeClient, connection_info
from tests.cluster.fixtures import Account
from tests.cluster.interposer import Interposer, interposed
from tests.cluster.site import LEAST_ROLE, Site, Way

NAMESPACE = "vdi"
TOKEN = "planted-token-77aa01"


@pytest.fixture
async def real_site(account: Account, namespace: str, admin: KubeClient) -> Site:
    """A namespace of a real API server."""
    return Site(kubeconfig=await account(namespace, [LEAST_ROLE]), namespace=namespace, operator=admin)


@pytest.fixture
async def embedded_site(tmp_path: Path) -> AsyncIterator[Site]:
    """A namespace of the lab's API server."""
    tls = tmp_path / "tls"
    tls.mkdir()
    async with KubeApi(tokens={TOKEN: "prober"}, tls_dir=tls, namespaces=(NAMESPACE,)) as kube:
        config = kube.kubeconfig(token=TOKEN, namespace=NAMESPACE)
        path = tmp_path / "embedded.kubeconfig"
        await asyncio.to_thread(path.write_text, yaml.safe_dump(config))
        async with KubeClient(connection_info(config)) as operator:
            yield Site(kubeconfig=path, namespace=NAMESPACE, operator=operator)


@pytest.fixture(params=["embedded", pytest.param("real", marks=pytest.mark.cluster)])
def site(request: pytest.FixtureRequest) -> Site:
    """A namespace of either API server; a module may choose one by `site.ON_A_REAL_ONE`."""
    found: Site = request.getfixturevalue(f"{request.param}_site")
    return found


@pytest.fixture
def proxy(site: Site, tmp_path: Path) -> Iterator[Interposer]:
    """A proxy in front of the API server, which does no harm yet."""
    folder = tmp_path / "interposer"
    folder.mkdir()
    with interposed(site.kubeconfig, folder=folder) as proxy:
        yield proxy


@pytest.fixture
async def way(site: Site, proxy: Interposer) -> AsyncIterator[Way]:
    """The prober's way to the site."""
    async with connect(Kubeconfig(path=proxy.kubeconfig)) as api:
        yield Way(site=site, proxy=proxy, sessions=KubernetesSessions(api))
