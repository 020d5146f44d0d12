"""An operator of kopf's runs against the API, as the lab's does."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import kopf
from kubernetes_asyncio import client

from prober.lab.kube.resources import EVENTS, Obj, Resource
from prober.lab.kube.server import KubeApi

SESSIONS: Any = {"group": "vdi.kasm.io", "version": "v1alpha1", "plural": "vdisessions", "namespace": "vdi"}
FINALIZER = "vdi.kasm.io/session-cleanup"
PATIENCE_S = 20


async def test_an_operator_handles_a_session(
    api: KubeApi,
    objects: client.CustomObjectsApi,
    core: client.CoreV1Api,
    new_session: Callable[..., Obj],
) -> None:
    """The operator sees the session, adds its finalizer, writes the status, lets it go after deletion."""
    deletions: list[str] = []
    async with _operator(_registry(api, deletions=deletions)), asyncio.timeout(PATIENCE_S):
        await objects.create_namespaced_custom_object(**SESSIONS, body=new_session())
        await _until(api, lambda: bool(api.store.select(EVENTS).items))
        session = await objects.get_namespaced_custom_object(**SESSIONS, name="probe")
        assert session["status"] == {"phase": "Running"}
        assert session["metadata"]["finalizers"] == [FINALIZER]

        await objects.delete_namespaced_custom_object(**SESSIONS, name="probe")
        sessions = _sessions(api)
        await _until(api, lambda: not api.store.select(sessions).items)

    assert deletions == ["probe"]
    events = await core.list_namespaced_event("vdi", field_selector="involvedObject.name=probe")
    assert [event.reason for event in events.items] == ["Started"]


def _registry(api: KubeApi, *, deletions: list[str]) -> kopf.OperatorRegistry:
    registry = kopf.OperatorRegistry()

    @kopf.on.login(registry=registry)
    async def login(**_: Any) -> kopf.ConnectionInfo:
        return kopf.ConnectionInfo(
            server=api.url, ca_data=api.ca_pem.encode(), token="the-lab's-token", scheme="Bearer"
        )

    @kopf.on.create("vdisessions", registry=registry)
    async def created(patch: kopf.Patch, **_: Any) -> None:
        patch.status["phase"] = "Running"

    @kopf.on.field("vdisessions", field="status.phase", new="Running", registry=registry)
    async def running(body: kopf.Body, **_: Any) -> None:
        kopf.info(body, reason="Started", message="the desktop runs")

    @kopf.on.delete("vdisessions", registry=registry)
    async def deleted(name: str, **_: Any) -> None:
        deletions.append(name)

    return registry


@asynccontextmanager
async def _operator(registry: kopf.OperatorRegistry) -> AsyncIterator[None]:
    """Run an operator in a loop of its own: at its end kopf cancels every task of its loop."""
    stop, ready = threading.Event(), threading.Event()
    settings = kopf.OperatorSettings()
    settings.persistence.finalizer = FINALIZER

    def run() -> None:
        asyncio.run(
            kopf.operator(
                registry=registry,
                settings=settings,
                standalone=True,
                namespaces=["vdi"],
                stop_flag=stop,
                ready_flag=ready,
            )
        )

    running = asyncio.create_task(asyncio.to_thread(run), name="operator")
    try:
        assert await asyncio.to_thread(ready.wait, PATIENCE_S)
        yield
    finally:
        stop.set()
        await asyncio.wait_for(running, PATIENCE_S)


async def _until(api: KubeApi, met: Callable[[], bool]) -> None:
    """Wait for the change of the cluster that makes a condition true."""
    while not met():
        await api.store.history.wait_beyond(api.store.history.version)


def _sessions(api: KubeApi) -> Resource:
    found = api.store.catalog.find("vdisessions", group="vdi.kasm.io", version="v1alpha1")
    assert found is not None
    return found
