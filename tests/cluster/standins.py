"""What a bare control plane lacks, as a test plays it: an operator for sessions, a node whose kubelet has logs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp import web

from prober.lab.kube.tls import CertificateAuthority
from prober.lab.operator.client import ApiError, KubeClient

LOOK_EVERY_S = 0.05
"""Distance of the operator's looks, in seconds."""

LOG = "Xvfb is on :0\nselkies listens on 8080\n"
"""What every container of the node has printed."""

URL = "https://probe.vdi.example.com"
"""Of every session."""


@asynccontextmanager
async def standing_in(admin: KubeClient, *, namespace: str, folder: Path) -> AsyncIterator[None]:
    """Plays operator and kubelet for a namespace."""
    async with _node(admin, folder=folder) as node:
        operator = asyncio.create_task(_Operator(admin, namespace=namespace, node=node).run(), name="operator")
        try:
            yield
        finally:
            operator.cancel()
            await asyncio.wait([operator])


class _Operator:
    """Makes every session run at once, with all that may belong to one."""

    def __init__(self, admin: KubeClient, *, namespace: str, node: str) -> None:
        self._admin = admin
        self._node = node
        self._core = f"/api/v1/namespaces/{namespace}"
        self._sessions = f"/apis/vdi.kasm.io/v1alpha1/namespaces/{namespace}/vdisessions"
        self._routes = f"/apis/traefik.io/v1alpha1/namespaces/{namespace}/ingressroutes"
        self._served: set[str] = set()

    async def run(self) -> None:
        while True:
            there = {session["metadata"]["name"]: session for session in await self._admin.list(self._sessions)}
            for name in there.keys() - self._served:
                await self._serve(there[name])
            for name in self._served - there.keys():
                # The garbage collector asks for the Pod's end, which its node's kubelet would confirm.
                await self._admin.discard(f"{self._core}/pods/{name}?gracePeriodSeconds=0")
            self._served = set(there)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _serve(self, session: dict[str, Any]) -> None:
        name, uid = session["metadata"]["name"], session["metadata"]["uid"]
        owner = {"apiVersion": session["apiVersion"], "kind": session["kind"], "name": name, "uid": uid}
        owned = {"name": name, "ownerReferences": [owner]}
        containers = [{"name": "desktop", "image": "vdi.example.com/desktop"}]
        try:
            await self._admin.create(
                f"{self._core}/pods",
                {"metadata": owned, "spec": {"containers": containers, "nodeName": self._node}},
            )
            await self._make_others(name, owned=owned)
            await self._admin.patch(f"{self._core}/pods/{name}/status", {"status": _running()})
            await self._admin.patch(f"{self._sessions}/{name}/status", {"status": {"phase": "Running", "url": URL}})
        except ApiError as error:
            if error.status not in {404, 409}:  # gone meanwhile, or served before
                raise

    async def _make_others(self, name: str, *, owned: dict[str, Any]) -> None:
        claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        volume = {"metadata": {**owned, "name": f"vdi-data-{name}"}, "spec": claim}
        await self._admin.create(f"{self._core}/persistentvolumeclaims", volume)
        await self._admin.create(f"{self._core}/services", {"metadata": owned, "spec": {"ports": [{"port": 8080}]}})
        secret = {"metadata": {**owned, "name": f"{name}-credentials"}, "stringData": {"password": "planted-secret"}}
        await self._admin.create(f"{self._core}/secrets", secret)
        routes = [{"match": "Host(`probe.vdi.example.com`)", "services": [{"name": name, "port": 8080}]}]
        typed = {"apiVersion": "traefik.io/v1alpha1", "kind": "IngressRoute"}
        await self._admin.create(self._routes, {**typed, "metadata": owned, "spec": {"routes": routes}})
        about = {"apiVersion": "v1", "kind": "Pod", "name": name, "namespace": self._core.rpartition("/")[2]}
        said = {"reason": "Scheduled", "type": "Normal", "message": f"assigned {name} to {self._node}"}
        event = {"metadata": {"name": f"{name}.1"}, "involvedObject": about, **said}
        await self._admin.create(f"{self._core}/events", event)


def _running() -> dict[str, Any]:
    state = {"running": {"startedAt": "2026-11-22T09:40:19Z"}}
    desktop = {"name": "desktop", "image": "a", "imageID": "", "ready": True, "restartCount": 0, "state": state}
    return {"phase": "Running", "containerStatuses": [desktop]}


@asynccontextmanager
async def _node(admin: KubeClient, *, folder: Path) -> AsyncIterator[str]:
    """Serves the logs of a node that is not there; gives its name."""
    application = web.Application()
    application.router.add_get("/containerLogs/{namespace}/{pod}/{container}", _log)
    runner = web.AppRunner(application)
    await runner.setup()
    certificate = await asyncio.to_thread(CertificateAuthority().issue, folder, name="kubelet")
    name = f"node-{uuid4().hex[:8]}"
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=await asyncio.to_thread(certificate.context))
        await site.start()
        port = runner.addresses[0][1]
        await admin.create("/api/v1/nodes", {"metadata": {"name": name}})
        addresses = [{"type": "InternalIP", "address": "127.0.0.1"}]
        endpoints = {"kubeletEndpoint": {"Port": port}}
        status = {"status": {"addresses": addresses, "daemonEndpoints": endpoints}}
        await admin.patch(f"/api/v1/nodes/{name}/status", status)
        yield name
    finally:
        await admin.discard(f"/api/v1/nodes/{name}")
        await runner.cleanup()


async def _log(_: web.Request) -> web.Response:
    return web.Response(text=LOG)
