"""The embedded API server passes the suite that a real one passes, but for what its list of limits says."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from prober.lab.kube.limits import Limit
from prober.lab.kube.operations import Key
from prober.lab.kube.resources import CONFIG_MAPS
from prober.lab.kube.server import KubeApi
from prober.lab.kube.store import Store
from tests.contracts.kubernetes_api import KubernetesApiContract
from tests.contracts.kubernetes_api.cluster import Cluster
from tests.contracts.kubernetes_api.server import Server

NAMESPACE = "test"
TOKEN = "the-lab's-token"
WINDOW = 100
"""How many changes are remembered: more than a test makes, few enough to be outrun."""


class TestEmbeddedApi(KubernetesApiContract):
    """The lab's API server, over HTTPS."""

    @pytest.fixture(autouse=True)
    def limits(self, request: pytest.FixtureRequest) -> None:
        """Expects a test of what is beyond a limit to fail: a limit that is overcome has to leave the list."""
        limit = getattr(request.function, "lacks", None)
        if limit is not None:
            request.applymarker(pytest.mark.xfail(raises=AssertionError, strict=True, reason=limit))

    @pytest.fixture
    async def cluster(self, tmp_path: Path) -> AsyncIterator[Cluster]:
        """The server, with a namespace."""
        store = Store(window=WINDOW)
        namespaces = ("default", NAMESPACE)
        async with KubeApi(tokens={TOKEN: "tester"}, tls_dir=tmp_path, namespaces=namespaces, store=store) as api:
            kubeconfig = api.kubeconfig(token=TOKEN)
            async with Server.connect(kubeconfig) as server:

                async def forget() -> None:
                    outrun(store)

                yield Cluster(server=server, kubeconfig=kubeconfig, namespace=NAMESPACE, forget=forget)


def outrun(store: Store) -> None:
    """Makes so many changes that all versions before leave the window."""
    for _ in range(WINDOW):
        store.create(CONFIG_MAPS, body={"metadata": {"name": "busy"}}, namespace="default")
        store.delete(Key(resource=CONFIG_MAPS, name="busy", namespace="default"))


def test_every_limit_is_proven() -> None:
    """The list has no limit that no test of the suite is about."""
    tests = [getattr(KubernetesApiContract, name) for name in dir(KubernetesApiContract) if name.startswith("test_")]
    assert {test.lacks for test in tests if hasattr(test, "lacks")} == set(Limit)


def test_every_limit_is_one_sentence() -> None:
    """What the list says can be shown to users as it is."""
    assert all(limit[0].isupper() and limit.endswith(".") and limit.count(".") == 1 for limit in Limit)
