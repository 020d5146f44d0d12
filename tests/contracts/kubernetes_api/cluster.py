"""What the suite is given: a server, a namespace of the test's own, a way to make history expire."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from prober.lab.kube.limits import Limit
from tests.contracts.kubernetes_api.server import MERGE_PATCH, Obj, Server

FINALIZER = "vdi.kasm.io/session-cleanup"
NAMESPACES = "/api/v1/namespaces"

_Test = TypeVar("_Test", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A cluster under test.

    Attributes:
        server: The API server, asked as somebody who may do everything.
        kubeconfig: How that one connects.
        namespace: A namespace of the test's own.
        forget: Makes resourceVersion 1 expire.
    """

    server: Server
    kubeconfig: Mapping[str, Any]
    namespace: str
    forget: Callable[[], Awaitable[None]]

    def core(self, plural: str, name: str = "") -> str:
        """Returns the path of a collection of the core group, or of an object in it."""
        return _path(f"{NAMESPACES}/{self.namespace}/{plural}", name)

    def sessions(self, name: str = "", *, namespace: str = "") -> str:
        """Returns the path of the sessions, or of one of them."""
        return _path(f"/apis/vdi.kasm.io/v1alpha1/namespaces/{namespace or self.namespace}/vdisessions", name)

    async def session(self, name: str = "probe", **metadata: Any) -> Obj:
        """Makes a session."""
        return await self.server.made(self.sessions(), session(name, **metadata))

    @asynccontextmanager
    async def another_namespace(self) -> AsyncIterator[str]:
        """Makes a second namespace, and removes it."""
        name = f"{self.namespace}-2"
        await self.server.made(NAMESPACES, {"metadata": {"name": name}})
        try:
            yield name
        finally:
            await asyncio.shield(self.server.call("DELETE", _path(NAMESPACES, name)))

    async def release(self, path: str) -> Obj:
        """Takes the finalizers off an object."""
        return await self.server.patched(path, {"metadata": {"finalizers": None}}, kind=MERGE_PATCH)


def lacking(limit: Limit) -> Callable[[_Test], _Test]:
    """Marks a test of what the embedded server cannot do, by the limit that says so."""

    def mark(test: _Test) -> _Test:
        test.lacks = limit  # type: ignore[attr-defined]  # functions take any attribute
        return test

    return mark


def session(name: str = "", *, spec: Mapping[str, Any] | None = None, **metadata: Any) -> Obj:
    """Returns the body of a session; without a name only what the metadata say."""
    return {
        "apiVersion": "vdi.kasm.io/v1alpha1",
        "kind": "VDISession",
        "metadata": ({"name": name} if name else {}) | metadata,
        "spec": {"user": "probe@example.com", "template": "ubuntu-desktop"} if spec is None else dict(spec),
    }


def config_map(name: str = "child", *, owner: Obj | None = None, **metadata: Any) -> Obj:
    """Returns the body of a ConfigMap, owned by another object where that is given."""
    if owner is not None:
        metadata["ownerReferences"] = [
            {
                "apiVersion": owner["apiVersion"],
                "kind": owner["kind"],
                "name": owner["metadata"]["name"],
                "uid": owner["metadata"]["uid"],
                "blockOwnerDeletion": True,
            }
        ]
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **metadata}, "data": {"a": "1"}}


def pod(name: str = "pod", *, containers: tuple[str, ...] = ("main",), **spec: Any) -> Obj:
    """Returns the body of a Pod that no scheduler takes."""
    listed = [{"name": container, "image": "example.com/desktop"} for container in containers]
    wanted = {"schedulerName": "nobody.example.com", "containers": listed, **spec}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": wanted}


def names(listed: Obj) -> list[str]:
    """Returns the names of a list's items."""
    return [item["metadata"]["name"] for item in listed["items"]]


def _path(collection: str, name: str) -> str:
    return f"{collection}/{name}" if name else collection
