"""A cluster that may be opened late: when the kubeconfig, the token or the plugin that it needs has come.

Whatever cannot be opened is tried anew by the next request, though not more often than every half minute: requests
between two trials meet the fault of the last one at once.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from prober.adapters.kubernetes.api import ApiServer, Link
from prober.adapters.kubernetes.connection import InCluster, Kubeconfig, open_link
from prober.domain.errors import Fault, ProberFailed
from prober.domain.masking import Mask

AGAIN_AFTER_S = 30.0
"""How long a cluster that could not be opened is left alone, in seconds."""


@asynccontextmanager
async def reach(
    where: InCluster | Kubeconfig, *, again_after_s: float = AGAIN_AFTER_S, mask: Mask = str
) -> AsyncIterator[ApiServer]:
    """Gives a cluster's API server that its first request opens; leaving the block closes its connections.

    Requests raise what `connect` would raise, until the cluster can be opened.

    Args:
        where: The cluster.
        again_after_s: How long it is left alone when it could not be opened, in seconds.
        mask: Masks the secrets that are known, in what is told of answers.
    """
    async with AsyncExitStack() as stack:
        yield ApiServer(_LateLink(where, again_after_s=again_after_s, stack=stack).get, mask=mask)


class _LateLink:
    def __init__(self, where: InCluster | Kubeconfig, *, again_after_s: float, stack: AsyncExitStack) -> None:
        self._where = where
        self._again_after_s = again_after_s
        self._stack = stack
        self._one_at_a_time = asyncio.Lock()
        self._link: Link | None = None
        self._fault: Fault | None = None
        self._again_at = 0.0

    async def get(self) -> Link:
        async with self._one_at_a_time:
            if self._link is None:
                self._link = await self._open()
            return self._link

    async def _open(self) -> Link:
        now = asyncio.get_running_loop().time
        if self._fault is not None and now() < self._again_at:
            raise ProberFailed(self._fault)
        try:
            return await self._stack.enter_async_context(open_link(self._where))
        except ProberFailed as error:
            self._fault, self._again_at = error.fault, now() + self._again_after_s
            raise
