"""Fixtures for tests against a real Kubernetes API server; such tests carry the marker `cluster`."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from prober.lab.operator.client import KubeClient, connection_info
from tests.cluster import furniture, parts
from tests.cluster.control_plane import ControlPlane
from tests.cluster.furniture import Rule
from tests.cluster.rest import Rest

Account = Callable[..., Awaitable[Path]]
"""`await account(namespace, rules, cluster_rules=())` gives a ServiceAccount's kubeconfig, with these permissions."""


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane of our own, for the whole test run; what a test stops it starts again."""
    if parts.foreign_kubeconfig() is not None:
        pytest.skip("restarts the API server, or reads its files: not done to PROBER_TEST_KUBECONFIG's cluster")
    if not parts.has_control_plane():
        fail = pytest.fail if os.environ.get("CI") else pytest.skip
        fail(f"this test needs a control plane of its own: {parts.advice()}")
    with ControlPlane(tmp_path_factory.mktemp("control-plane")) as running:
        yield running


@pytest.fixture(scope="session")
def findings(pytestconfig: pytest.Config) -> list[str]:
    """Lines that the test run shows at its end."""
    return pytestconfig.stash.setdefault(parts.FINDINGS, [])


@pytest.fixture(scope="session")
def cluster_kubeconfig(request: pytest.FixtureRequest, findings: list[str]) -> Path:
    """A cluster administrator's kubeconfig, of PROBER_TEST_KUBECONFIG's cluster or of our control plane."""
    kubeconfig = parts.foreign_kubeconfig()
    if kubeconfig is None:
        control_plane: ControlPlane = request.getfixturevalue("control_plane")
        kubeconfig = control_plane.kubeconfig
    rest = Rest(kubeconfig)
    furniture.install_crds(rest)
    findings.append(f"tests of a real cluster ran against kube-apiserver {rest.call('GET', '/version')['gitVersion']}")
    return kubeconfig


@pytest.fixture
async def admin(cluster_kubeconfig: Path) -> AsyncIterator[KubeClient]:
    """The cluster, as its administrator."""
    text = await asyncio.to_thread(cluster_kubeconfig.read_text)
    async with KubeClient(connection_info(yaml.safe_load(text))) as client:
        yield client


@pytest.fixture
def namespace(cluster_kubeconfig: Path) -> Iterator[str]:
    """A namespace of the test's own."""
    rest, name = Rest(cluster_kubeconfig), f"test-{uuid4().hex[:8]}"
    furniture.make_namespace(rest, name)
    yield name
    furniture.remove_namespace(rest, name)


@pytest.fixture
def account(cluster_kubeconfig: Path, tmp_path: Path) -> Account:
    """Makes ServiceAccounts with permissions of their own."""
    rest = Rest(cluster_kubeconfig)

    async def make(namespace: str, rules: Sequence[Rule], cluster_rules: Sequence[Rule] = ()) -> Path:
        name = f"account-{uuid4().hex[:8]}"
        token = await asyncio.to_thread(
            furniture.make_account, rest, name=name, namespace=namespace, rules=rules, cluster_rules=cluster_rules
        )
        path = tmp_path / f"{name}.kubeconfig"
        return furniture.token_kubeconfig(
            path, server=rest.server, ca_pem=rest.ca_pem, token=token, namespace=namespace
        )

    return make
