"""One lab for a namespace: a Lease that its lab renews.

A lab that finds the Lease watches whether it is renewed, by its own clock alone: if so, that lab lives and
the namespace is taken; if not for as long as a Lease lasts, that lab was killed and its place is free.
"""

import asyncio
import logging
import os
import secrets
import socket
from contextlib import suppress
from datetime import UTC, datetime
from math import ceil
from types import TracebackType
from typing import Any, Self

from prober.lab.cluster.belongings import MADE_BY_LAB
from prober.lab.cluster.errors import NamespaceTakenError
from prober.lab.operator.client import ApiError, Conflict, KubeClient, NotFound

logger = logging.getLogger(__name__)

NAME = "vdi-prober-lab"

RENEW_S = 2.0
"""How often a lab renews its Lease, in seconds: as long a second lab waits until it is refused."""

LASTS_S = 8.0
"""How long a Lease that nobody renews keeps others out, in seconds: as long a lab waits after one was killed."""

LOOK_S = 0.25
"""How often a Lease of another lab is looked at, in seconds."""


class NamespaceLease:
    """Keeps a namespace to one lab while the context is open."""

    def __init__(self, api: KubeClient, *, namespace: str) -> None:
        """Describes a Lease; nothing is asked for yet.

        Args:
            api: The cluster.
            namespace: What is kept; must exist by then.
        """
        self._api = api
        self._namespace = namespace
        self._collection = f"/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"
        self._path = f"{self._collection}/{NAME}"
        self._holder = f"{socket.gethostname()}_{os.getpid()}_{secrets.token_hex(4)}"
        self._keeping: asyncio.Task[None] | None = None
        self.inherited = False

    async def __aenter__(self) -> Self:
        """Takes the Lease, once it is clear that nobody holds it; `inherited` tells whether a killed lab did.

        Raises:
            NamespaceTakenError: Another lab holds it.
            ApiError: The API server refused, or could not be reached.
        """
        try:
            await self._api.create(self._collection, self._body())
        except Conflict:
            await self._inherit()
            self.inherited = True
        self._keeping = asyncio.create_task(self._keep(), name="lab lease")
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._keeping is None:
            return
        self._keeping.cancel()
        await asyncio.gather(self._keeping, return_exceptions=True)
        await self._release()

    async def lost(self) -> None:
        """Waits until another lab took the Lease, which it can only while we cannot reach the API server.

        Raises:
            NamespaceTakenError: It did.
        """
        if self._keeping is not None:
            await asyncio.shield(self._keeping)

    async def _inherit(self) -> None:
        """Takes a Lease over that nobody renews any more."""
        first = last = await self._find()
        with suppress(TimeoutError):
            async with asyncio.timeout(LASTS_S):
                while last is not None and _version(last) == _version(first):
                    await asyncio.sleep(LOOK_S)
                    last = await self._find()
        if last is not None and _version(last) != _version(first):
            raise self._taken(last)
        try:
            await self._take(last)
        except (Conflict, NotFound):
            raise self._taken(await self._find()) from None

    async def _take(self, found: dict[str, Any] | None) -> None:
        """Makes the Lease ours, as it was found; `None` where there is none."""
        if found is None:
            await self._api.create(self._collection, self._body())
        else:
            await self._patch(found, self._spec())

    async def _keep(self) -> None:
        failing = False
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                await self._renew()
            except ApiError as error:
                if not failing:  # one line for an outage, however long
                    logger.warning("the lease of namespace %s is not renewed: %s", self._namespace, error)
                failing = True
            else:
                failing = False

    async def _renew(self) -> None:
        found = await self._find()
        if found is None:
            await self._api.create(self._collection, self._body())
            return
        if _holder(found) != self._holder:
            raise self._taken(found)
        await self._patch(found, {"renewTime": _micro_time()})

    async def _patch(self, found: dict[str, Any], spec: dict[str, Any]) -> None:
        await self._api.patch(self._path, {"metadata": {"resourceVersion": _version(found)}, "spec": spec})

    async def _release(self) -> None:
        """Gives the Lease up, if it is ours; the API server may be gone before us."""
        try:
            found = await self._find()
            if found is not None and _holder(found) == self._holder:
                await self._api.discard(self._path, version=_version(found))
        except ApiError as error:
            logger.warning("the lease of namespace %s was not given up: %s", self._namespace, error)

    async def _find(self) -> dict[str, Any] | None:
        try:
            return await self._api.get(self._path)
        except NotFound:
            return None

    def _taken(self, found: dict[str, Any] | None) -> NamespaceTakenError:
        whose = "another lab" if found is None else f"a lab ({_holder(found)})"
        return NamespaceTakenError(
            f"{whose} already serves namespace {self._namespace!r}; end it, or choose another one with --namespace"
        )

    def _body(self) -> dict[str, Any]:
        metadata = {"name": NAME, "namespace": self._namespace, "labels": MADE_BY_LAB}
        return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": self._spec()}

    def _spec(self) -> dict[str, Any]:
        now = _micro_time()
        return {
            "holderIdentity": self._holder,
            "leaseDurationSeconds": ceil(LASTS_S),
            "acquireTime": now,
            "renewTime": now,
        }


def _holder(lease: dict[str, Any]) -> str:
    return str(lease.get("spec", {}).get("holderIdentity", "unknown"))


def _version(lease: dict[str, Any] | None) -> str | None:
    """The resourceVersion, which changes with each renewal and is never used twice."""
    return None if lease is None else str(lease["metadata"]["resourceVersion"])


def _micro_time() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
