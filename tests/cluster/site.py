"""One namespace of one API server, with the prober's least identity and an operator's hand."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from prober.adapters.kubernetes.sessions import KubernetesSessions
from prober.domain.session import Phase, SessionRef, SessionView
from prober.lab.operator.client import KubeClient
from tests.cluster.interposer import Interposer
from tests.contracts.sessions import request

LEAST_ROLE: dict[str, Any] = {
    "apiGroups": ["vdi.kasm.io"],
    "resources": ["vdisessions"],
    "verbs": ["get", "list", "watch", "create", "delete"],
}
"""What the prober needs, and no more."""

ON_A_REAL_ONE = (pytest.mark.cluster, pytest.mark.parametrize("site", ["real"], indirect=True))
"""Marks of tests that need the real API server: what it does in trouble is not to be learnt from the lab's."""

PATIENCE_S = 30.0
"""How long anything may take that a test waits for, in seconds; it takes milliseconds."""

GRAIN_S = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where a test of the API server's troubles takes place.

    Attributes:
        kubeconfig: The prober's, straight to the server.
        namespace: Where its sessions are.
        operator: Writes what an operator writes, straight to the server.
    """

    kubeconfig: Path
    namespace: str
    operator: KubeClient

    async def write(self, ref: SessionRef, phase: Phase) -> float:
        """Writes a phase; returns when, on the monotonic clock: in the middle of the request."""
        begin = time.monotonic()
        await self.operator.patch(f"{self._path()}/{ref.name}/status", {"status": {"phase": phase}})
        return (begin + time.monotonic()) / 2

    async def names(self) -> list[str]:
        """Returns the sessions that are there."""
        return [item["metadata"]["name"] for item in await self.operator.list(self._path())]

    def _path(self) -> str:
        return f"/apis/vdi.kasm.io/v1alpha1/namespaces/{self.namespace}/vdisessions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A prober's way to a site, with a proxy on it.

    Attributes:
        site: Where it leads.
        proxy: What may do harm.
        sessions: The prober's sessions, through the proxy.
    """

    site: Site
    proxy: Interposer
    sessions: KubernetesSessions

    async def create(self, *, run_id: str = "run-1") -> SessionView:
        """Creates a session of ours."""
        return await self.sessions.create(request(run_id=run_id, namespace=self.site.namespace))


async def until(holds: Callable[[], object], *, what: str) -> None:
    """Waits for what nothing announces."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not holds():  # noqa: ASYNC110 - another thread counts, and sets no event of this loop
                await asyncio.sleep(GRAIN_S)
    except TimeoutError:
        raise AssertionError(f"waited in vain until {what}") from None
