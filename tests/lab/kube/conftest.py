from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kubernetes_asyncio import client, config

from prober.lab.kube.operations import Key
from prober.lab.kube.resources import DEFINITIONS, NAMESPACES, Obj, Resource
from prober.lab.kube.server import KubeApi, load_definitions
from prober.lab.kube.store import Store

TOKEN = "the-lab's-token"
WINDOW = 20
NOW = datetime(2026, 11, 22, 9, 40, 19, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    """A cluster with the platform's definitions, the namespace `vdi`, and a clock that stands."""
    store = Store(clock=lambda: NOW, window=WINDOW)
    for crd in load_definitions():
        store.create(DEFINITIONS, body=crd)
    store.create(NAMESPACES, body={"metadata": {"name": "vdi"}})
    return store


@pytest.fixture
def sessions(store: Store) -> Resource:
    """The resource of VDISessions."""
    found = store.catalog.find("vdisessions", group="vdi.kasm.io", version="v1alpha1")
    assert found is not None
    return found


@pytest.fixture
def new_session() -> Callable[..., Obj]:
    """Make the body of a VDISession; keyword arguments are its metadata."""

    def make(name: str = "probe", **metadata: Any) -> Obj:
        return {
            "apiVersion": "vdi.kasm.io/v1alpha1",
            "kind": "VDISession",
            "metadata": {"name": name, **metadata},
            "spec": {"user": "probe@example.com", "template": "ubuntu-desktop"},
        }

    return make


@pytest.fixture
def key(sessions: Resource) -> Key:
    """Where the VDISession of most tests is."""
    return Key(resource=sessions, name="probe", namespace="vdi")


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[KubeApi]:
    """Run the API server, with a watch window small enough to fall out of."""
    server = KubeApi(
        tokens={TOKEN: "tester"},
        tls_dir=tmp_path,
        namespaces=("default", "vdi"),
        store=Store(window=WINDOW),
    )
    async with server as running:
        yield running


@pytest.fixture
async def api_client(api: KubeApi) -> AsyncIterator[client.ApiClient]:
    """A client that was configured by the server's kubeconfig."""
    configuration = client.Configuration()
    await config.load_kube_config_from_dict(
        api.kubeconfig(token=TOKEN, namespace="vdi"), client_configuration=configuration
    )
    async with client.ApiClient(configuration) as connected:
        yield connected


@pytest.fixture
def objects(api_client: client.ApiClient) -> client.CustomObjectsApi:
    """Custom objects, through kubernetes_asyncio."""
    return client.CustomObjectsApi(api_client)


@pytest.fixture
def core(api_client: client.ApiClient) -> client.CoreV1Api:
    """The core group, through kubernetes_asyncio."""
    return client.CoreV1Api(api_client)
