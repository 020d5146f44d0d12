"""An embedded API server whose tokens come and go."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from blockbuster import BlockBuster

from prober.lab.kube.server import KubeApi
from tests.adapters.kubernetes.access.world import TOKEN, Accounts, HttpProxy, Plugin, http_proxy
from tests.contracts.sessions import NAMESPACE


@pytest.fixture(autouse=True)
def accounts_may_block(no_blocking_calls: BlockBuster) -> None:
    """Lets what happens while a request is on its way write files, within the embedded API server's turn."""
    for function in no_blocking_calls.functions.values():
        function.can_block_in("tests/adapters/kubernetes/access/world.py", {"get"})


@pytest.fixture
def accounts() -> Accounts:
    """The tokens that the API server takes."""
    return Accounts(TOKEN)


@pytest.fixture
async def kube(tmp_path: Path, accounts: Accounts) -> AsyncIterator[KubeApi]:
    """The lab's API server."""
    tls = tmp_path / "tls"
    tls.mkdir()
    async with KubeApi(tokens=accounts, tls_dir=tls, namespaces=(NAMESPACE,)) as kube:
        yield kube


@pytest.fixture
def plugin(tmp_path: Path) -> Plugin:
    """A credentials plugin that gives a good token."""
    plugin = Plugin(folder=tmp_path)
    plugin.give({"token": TOKEN})
    return plugin


@pytest.fixture
async def proxy() -> AsyncIterator[HttpProxy]:
    """An HTTP proxy on loopback."""
    async with http_proxy() as proxy:
        yield proxy
