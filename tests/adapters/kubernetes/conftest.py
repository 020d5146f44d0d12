"""The lab's Kubernetes API, with a gate in front of it that a test may close."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from aiohttp.typedefs import Handler

from prober.adapters.kubernetes.api import ApiServer
from prober.adapters.kubernetes.connection import Kubeconfig, connect
from prober.adapters.kubernetes.permissions import permissions
from prober.adapters.kubernetes.sessions import KubernetesSessions
from prober.domain.session import Phase, SessionRef
from prober.lab.kube.admission import Part
from prober.lab.kube.operations import Key
from prober.lab.kube.resources import Resource
from prober.lab.kube.server import KubeApi
from tests.adapters.kubernetes.uses import granted, uses_of
from tests.contracts.sessions import ELSEWHERE, FINALIZER, NAMESPACE

TOKEN = "planted-token-5f1c9a"

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Gate:
    """Answers in the API server's stead, where a test wants that.

    Attributes:
        requests: What was asked, as "METHOD path", with "watch" for GET where it is one.
    """

    requests: list[str] = field(default_factory=list)
    _rules: list[tuple[str, str, Answer, list[None]]] = field(default_factory=list)

    def answer(self, method: str, path: str, answer: Answer, *, times: int = 1_000_000) -> None:
        """Lets requests of a method ("WATCH" too) whose path ends so be answered otherwise, so many times."""
        self._rules.append((method, path, answer, [None] * times))

    def refuse(self, method: str, path: str, code: int, *, times: int = 1_000_000, **status: Any) -> None:
        """Lets such requests be refused with a Status."""
        body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, **status}

        async def refused(_: web.Request) -> web.Response:
            return web.json_response(body, status=code)

        self.answer(method, path, refused, times=times)

    def open(self) -> None:
        """Forgets all rules."""
        self._rules.clear()

    def middleware(self) -> Any:
        """Returns the gate as aiohttp knows it."""

        @web.middleware
        async def pass_gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            method = "WATCH" if request.query.get("watch") == "true" else request.method
            self.requests.append(f"{method} {request.path}")
            for wanted, path, answer, left in self._rules:
                if wanted == method and request.path.endswith(path) and left:
                    left.pop()
                    return await answer(request)
            return await handler(request)

        return pass_gate


@dataclass
class KubeWorld:
    """The lab's API, from the platform's side."""

    sessions: KubernetesSessions
    kube: KubeApi
    gate: Gate
    namespace: str = NAMESPACE
    elsewhere: str = ELSEWHERE

    def change(self, ref: SessionRef, *, phase: Phase, url: str | None = None, message: str | None = None) -> None:
        """Writes into a session's status."""
        said = {"phase": phase, "url": url, "message": message}
        status = {name: value for name, value in said.items() if value is not None}
        self.kube.store.patch(
            self._key(ref), change=lambda obj: {**obj, "status": {**obj.get("status", {}), **status}}, part=Part.STATUS
        )

    def hold(self, ref: SessionRef) -> None:
        """Puts a finalizer on a session."""
        self._finalizers(ref, [FINALIZER])

    def release(self, ref: SessionRef) -> None:
        """Takes the finalizers off a session."""
        self._finalizers(ref, [])

    def add_child(self, ref: SessionRef) -> None:
        """Makes a Pod of the session's name that the session owns."""
        self.add("pods", pod(ref.name, owner=ref))

    def lose_api(self) -> None:
        """Cuts every new request about the sessions as a whole; an open watch stays."""
        for method in ("GET", "WATCH"):
            self.gate.answer(method, "/vdisessions", cut)

    def restore_api(self) -> None:
        """Lets requests through again."""
        self.gate.open()

    def add(self, plural: str, body: dict[str, Any], *, group: str = "", version: str = "v1") -> None:
        """Makes an object in the namespace."""
        self.kube.store.create(self.resource(plural, group=group, version=version), body=body, namespace=NAMESPACE)

    def resource(self, plural: str, *, group: str = "", version: str = "v1") -> Resource:
        """Returns a served resource."""
        found = self.kube.store.catalog.find(plural, group=group, version=version)
        assert found is not None
        return found

    def _finalizers(self, ref: SessionRef, finalizers: list[str]) -> None:
        self.kube.store.patch(
            self._key(ref), change=lambda obj: {**obj, "metadata": {**obj["metadata"], "finalizers": finalizers}}
        )

    def _key(self, ref: SessionRef) -> Key:
        resource = self.resource("vdisessions", group="vdi.kasm.io", version="v1alpha1")
        return Key(resource=resource, name=ref.name, namespace=ref.namespace)


async def cut(asked: web.Request) -> web.StreamResponse:
    """Cuts the connection instead of an answer."""
    assert asked.transport is not None
    asked.transport.abort()
    return web.Response()


def pod(
    name: str, *, owner: SessionRef | None = None, labels: dict[str, str] | None = None, **spec: Any
) -> dict[str, Any]:
    """Returns a Pod, owned by a session where that is given."""
    metadata: dict[str, Any] = {"name": name, "labels": labels or {}}
    if owner is not None:
        kind = {"apiVersion": "vdi.kasm.io/v1alpha1", "kind": "VDISession"}
        metadata["ownerReferences"] = [{**kind, "name": owner.name, "uid": owner.uid}]
    return {"metadata": metadata, "spec": {"containers": [{"name": "desktop", "image": "desktop"}], **spec}}


@pytest.fixture(autouse=True)
def nothing_beyond_the_table(gate: Gate) -> Iterator[None]:
    """Fails a test in which the adapter asks for something on a known kind that the table of permissions lacks."""
    yield
    rows = granted(permissions())
    known = {(group, kind) for group, kind, _ in rows}
    beyond = {use for use in uses_of(gate.requests) if use[:2] in known and use not in rows}
    assert not beyond, f"not in the table of permissions: {beyond}"


@pytest.fixture
def gate() -> Gate:
    """The gate in front of the API server."""
    return Gate()


@pytest.fixture
async def kube(tmp_path: Path, gate: Gate) -> AsyncIterator[KubeApi]:
    """The lab's API server."""
    tls = tmp_path / "tls"
    tls.mkdir()
    async with KubeApi(
        tokens={TOKEN: "prober"}, tls_dir=tls, namespaces=(NAMESPACE, ELSEWHERE), middlewares=(gate.middleware(),)
    ) as kube:
        yield kube


@pytest.fixture
def kubeconfig(kube: KubeApi, tmp_path: Path) -> Path:
    """A kubeconfig for the lab's API server."""
    path = tmp_path / "kubeconfig"
    path.write_text(yaml.safe_dump(kube.kubeconfig(token=TOKEN, namespace=NAMESPACE)))
    return path


@pytest.fixture
async def api(kubeconfig: Path) -> AsyncIterator[ApiServer]:
    """The adapter's connection to the lab's API server."""
    async with connect(Kubeconfig(path=kubeconfig)) as api:
        yield api


@pytest.fixture
def world(api: ApiServer, kube: KubeApi, gate: Gate) -> KubeWorld:
    """The lab's API, from both sides."""
    return KubeWorld(sessions=KubernetesSessions(api), kube=kube, gate=gate)
