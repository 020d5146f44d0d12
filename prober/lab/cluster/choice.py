"""Which cluster the lab works in: one of its own, or a real one.

Both open to the same: two kubeconfigs and the extent of what the operator serves. What the lab runs in
it is the same as well.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from prober.lab.cluster.kubeconfig import read_kubeconfig
from prober.lab.faults import FaultSwitch
from prober.lab.gate import Gate
from prober.lab.kube.server import KubeApi
from prober.lab.kube.store import Store

TOKEN_BYTES = 24
"""Of randomness in each token of an embedded cluster."""

USER = "probe"
OPERATOR = "vdi-operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCluster:
    """A cluster that can be worked in.

    Attributes:
        kubeconfig: For whoever uses the lab.
        operator: For the lab's own operator.
        shared: Whether others live in it: it is left as it was found, and one namespace alone is served.
    """

    kubeconfig: Mapping[str, Any]
    operator: Mapping[str, Any]
    shared: bool


class Cluster(Protocol):
    """A choice of cluster."""

    def opened(self, *, namespace: str, tls: Path) -> AbstractAsyncContextManager[OpenCluster]:
        """Makes the cluster reachable while the context is open.

        Args:
            namespace: The namespace of the kubeconfigs.
            tls: Where an API server of our own may keep its key.

        Raises:
            KubeconfigError: The way in cannot be used.
            OSError: An API server of our own cannot start.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """A cluster of the lab's own, which is gone with it.

    Attributes:
        faults: Which session's user is to meet what trouble with the API server.
    """

    faults: FaultSwitch = field(default_factory=FaultSwitch)

    @asynccontextmanager
    async def opened(self, *, namespace: str, tls: Path) -> AsyncIterator[OpenCluster]:
        """Serves an API in this process while the context is open.

        Raises:
            OSError: It cannot listen, or cannot write its key.
        """
        user, operator = (secrets.token_urlsafe(TOKEN_BYTES) for _ in range(2))
        store = Store()
        gate = Gate(store, faults=self.faults, spared={OPERATOR})
        tokens = {user: USER, operator: OPERATOR}
        async with KubeApi(tokens=tokens, tls_dir=tls, store=store, middlewares=[gate.admit]) as kube:
            yield OpenCluster(
                kubeconfig=kube.kubeconfig(token=user, namespace=namespace),
                operator=kube.kubeconfig(token=operator, namespace=namespace),
                shared=False,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """A real cluster, or any other that a kubeconfig leads to.

    Attributes:
        kubeconfig: The file.
        context: The context in it; `None` for its current one.
    """

    kubeconfig: Path
    context: str | None = None

    @asynccontextmanager
    async def opened(self, *, namespace: str, tls: Path) -> AsyncIterator[OpenCluster]:
        """Reads the way in; nothing is asked of the cluster yet.

        Raises:
            KubeconfigError: It cannot be used.
        """
        del tls  # the cluster has a key of its own
        content = await asyncio.to_thread(read_kubeconfig, self.kubeconfig, context=self.context, namespace=namespace)
        yield OpenCluster(kubeconfig=content, operator=content, shared=True)
