"""The adapter passes the suite of its port against a real API server, too."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from prober.adapters.kubernetes.connection import Kubeconfig, connect
from prober.adapters.kubernetes.sessions import KubernetesSessions
from prober.domain.session import Phase, SessionRef
from tests.cluster import furniture, harms
from tests.cluster.fixtures import Account
from tests.cluster.interposer import Interposer, interposed
from tests.cluster.rest import Rest
from tests.contracts.kubernetes_api.cluster import pod
from tests.contracts.sessions import FINALIZER, SessionsContract

pytestmark = pytest.mark.cluster

SESSIONS = "/apis/vdi.kasm.io/v1alpha1/namespaces/{}/vdisessions"
RULES = (
    {
        "apiGroups": ["vdi.kasm.io"],
        "resources": ["vdisessions"],
        "verbs": ["get", "list", "watch", "create", "delete"],
    },
    {
        "apiGroups": ["", "traefik.io"],
        "resources": ["pods", "services", "persistentvolumeclaims", "ingressroutes"],
        "verbs": ["get", "list"],
    },
)


@dataclass
class RealWorld:
    """A real API server from the platform's side, which writes while the test's event loop waits."""

    sessions: KubernetesSessions
    rest: Rest
    proxy: Interposer
    namespace: str
    elsewhere: str

    def change(self, ref: SessionRef, *, phase: Phase, url: str | None = None, message: str | None = None) -> None:
        """Writes into a session's status."""
        said = {"phase": phase, "url": url, "message": message}
        status = {name: value for name, value in said.items() if value is not None}
        self.rest.call("PATCH", f"{_path(ref)}/status", {"status": status})

    def hold(self, ref: SessionRef) -> None:
        """Puts a finalizer on a session."""
        self.rest.call("PATCH", _path(ref), {"metadata": {"finalizers": [FINALIZER]}})

    def release(self, ref: SessionRef) -> None:
        """Takes the finalizers off a session."""
        self.rest.call("PATCH", _path(ref), {"metadata": {"finalizers": None}})

    def add_child(self, ref: SessionRef) -> None:
        """Makes a Pod of the session's name that the session owns."""
        owner = {"apiVersion": "vdi.kasm.io/v1alpha1", "kind": "VDISession", "name": ref.name, "uid": ref.uid}
        body: dict[str, Any] = pod(ref.name)
        body["metadata"]["ownerReferences"] = [owner]
        self.rest.call("POST", f"/api/v1/namespaces/{ref.namespace}/pods", body)

    def lose_api(self) -> None:
        """Cuts all that the adapter has open, and each request from now on."""
        self.proxy.harm = harms.cut_request()
        self.proxy.cut()

    def restore_api(self) -> None:
        """Lets requests through again."""
        self.proxy.harm = None


class TestRealSessions(SessionsContract):
    """The adapter with a ServiceAccount's token, against kube-apiserver."""

    @pytest.fixture
    def elsewhere(self, cluster_kubeconfig: Path, namespace: str) -> Iterator[str]:
        """A second namespace."""
        rest, name = Rest(cluster_kubeconfig), f"{namespace}-2"
        furniture.make_namespace(rest, name)
        yield name
        furniture.remove_namespace(rest, name)

    @pytest.fixture
    async def identity(self, account: Account, namespace: str) -> Path:
        """A kubeconfig of the prober's."""
        return await account(namespace, (), cluster_rules=RULES)

    @pytest.fixture
    def proxy(self, identity: Path, tmp_path: Path) -> Iterator[Interposer]:
        """A proxy in front of the API server, which can be closed."""
        with interposed(identity, folder=tmp_path) as proxy:
            yield proxy

    @pytest.fixture
    async def world(
        self, proxy: Interposer, cluster_kubeconfig: Path, namespace: str, elsewhere: str
    ) -> AsyncIterator[RealWorld]:
        """Two namespaces of the API server."""
        async with connect(Kubeconfig(path=proxy.kubeconfig)) as api:
            yield RealWorld(
                sessions=KubernetesSessions(api),
                rest=Rest(cluster_kubeconfig),
                proxy=proxy,
                namespace=namespace,
                elsewhere=elsewhere,
            )


def _path(ref: SessionRef) -> str:
    return f"{SESSIONS.format(ref.namespace)}/{ref.name}"
