"""How these tests look at a lab: through its API, through its HTTP, with a bound on every wait."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from prober.lab.cluster.choice import Foreign
from prober.lab.faults import FAULT_ANNOTATION
from prober.lab.operator.client import KubeClient, NotFound, connection_info
from prober.lab.operator.session import sessions_of
from prober.lab.platform import Lab
from prober.lab.state import DESKTOP_USER

SESSIONS = "/apis/vdi.kasm.io/v1alpha1/namespaces/vdi/vdisessions"
PATIENCE_S = 20.0
CHECK_S = 0.02
STARTUP_TIMES_THREE_S = 1.0
"""Nothing may happen for this long, where nothing is to happen at all."""

Body = Mapping[str, Any]


async def eventually(check: Callable[[], Awaitable[bool]]) -> None:
    """Waits until a check holds."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if await check():
                return
            await asyncio.sleep(CHECK_S)


@asynccontextmanager
async def connected(kubeconfig: Path) -> AsyncIterator[KubeClient]:
    """A client with the credentials of a kubeconfig file."""
    text = await asyncio.to_thread(kubeconfig.read_text)
    async with KubeClient(connection_info(yaml.safe_load(text))) as api:
        yield api


def session_body(
    name: str = "s1",
    *,
    namespace: str = "vdi",
    user: str = "probe-ubuntu@example.com",
    template: str = "ubuntu-desktop",
    **spec: Any,
) -> dict[str, Any]:
    """A VDISession as its user creates it."""
    return {
        "apiVersion": "vdi.kasm.io/v1alpha1",
        "kind": "VDISession",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"user": user, "template": template, "persistence": {"enabled": False}} | spec,
    }


def foreign_lab(state: Path, cluster: Foreign, *, namespace: str, template: str = "") -> Lab:
    """A lab in a cluster that is not its own, with a template that is called as the namespace."""
    return Lab(state=state, cluster=cluster, namespace=namespace, templates=(template or namespace,))


async def exists(api: KubeClient, path: str) -> bool:
    """Whether there is an object that is not being deleted."""
    try:
        return "deletionTimestamp" not in (await api.get(path))["metadata"]
    except NotFound:
        return False


async def make_namespace(api: KubeClient, name: str) -> None:
    """Makes a namespace."""
    await api.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})


async def running_session(
    lab: Lab, api: KubeClient, http: aiohttp.ClientSession, *, user: str = "probe@example.com"
) -> str:
    """Creates a session of the template that is called as the namespace; returns its name once it runs."""
    seen = Observer(lab, api=api, http=http)
    name = await seen.create(user=user, template=lab.namespace)
    await seen.until(name, "Running")
    return name


class Observer:
    """Acts on a lab as a user, then looks at what became of it."""

    def __init__(self, lab: Lab, *, api: KubeClient, http: aiohttp.ClientSession) -> None:
        self.lab = lab
        self.api = api
        self.sessions = sessions_of(lab.namespace)
        self.core = f"/api/v1/namespaces/{lab.namespace}"
        self._http = http

    async def create(
        self,
        *,
        user: str = "probe-ubuntu@example.com",
        template: str = "ubuntu-desktop",
        fault: str | None = None,
        **spec: Any,
    ) -> str:
        """Creates a session; returns its name."""
        metadata: dict[str, Any] = {"generateName": "probe-", "namespace": self.lab.namespace}
        if fault is not None:
            metadata["annotations"] = {FAULT_ANNOTATION: fault}
        body = session_body(user=user, template=template, **spec)
        created = await self.api.create(self.sessions, {**body, "metadata": metadata})
        name: str = created["metadata"]["name"]
        return name

    async def suffer(self, fault: str) -> str:
        """Creates a session with a fault and a user of its own; returns its name."""
        return await self.create(user=f"{fault.replace('_', '-')}@example.com", fault=fault)

    async def session(self, name: str) -> Body:
        """Returns a session."""
        return await self.api.get(f"{self.sessions}/{name}")

    async def status(self, name: str) -> Mapping[str, str]:
        """Returns a session's status."""
        status: Mapping[str, str] = (await self.session(name)).get("status", {})
        return status

    async def until(self, name: str, phase: str) -> Mapping[str, str]:
        """Waits for a phase; returns the status with it."""
        return await self.until_status(name, lambda status: status.get("phase") == phase)

    async def until_status(self, name: str, accept: Callable[[Mapping[str, str]], bool]) -> Mapping[str, str]:
        """Waits for a status that is accepted; returns it."""
        status: Mapping[str, str] = {}

        async def accepted() -> bool:
            nonlocal status
            status = await self.status(name)
            return accept(status)

        await eventually(accepted)
        return status

    async def until_url(self, path: str) -> str:
        """Waits for the URL of the session at a path; returns it."""

        async def given() -> bool:
            return "url" in (await self.api.get(path)).get("status", {})

        await eventually(given)
        url: str = (await self.api.get(path))["status"]["url"]
        return url

    async def answers(self, url: str, status: HTTPStatus) -> bool:
        """Whether a URL answers a stranger with a status."""
        return await self.visit(url) is status

    async def delete(self, name: str) -> None:
        """Asks for a session's deletion."""
        await self.api.discard(f"{self.sessions}/{name}")

    async def until_gone(self, name: str) -> None:
        """Waits until a session is gone."""
        await eventually(lambda: self.gone(name))

    async def gone(self, name: str) -> bool:
        """Whether there is no such session."""
        try:
            await self.session(name)
        except NotFound:
            return True
        return False

    async def children(self) -> set[str]:
        """Returns all children in the namespace, as KIND/NAME."""
        core, traefik = self.core, f"/apis/traefik.io/v1alpha1/namespaces/{self.lab.namespace}"
        collections = {
            "Pod": f"{core}/pods",
            "Service": f"{core}/services",
            "PersistentVolumeClaim": f"{core}/persistentvolumeclaims",
            "IngressRoute": f"{traefik}/ingressroutes",
        }
        return {
            f"{kind}/{body['metadata']['name']}"
            for kind, path in collections.items()
            for body in await self.api.list(path)
        }

    async def until_children(self, expected: set[str]) -> None:
        """Waits until the namespace holds exactly these children."""

        async def held() -> bool:
            return await self.children() == expected

        await eventually(held)

    async def events(self) -> set[tuple[str, str]]:
        """Returns all events of the namespace, as kind and reason."""
        events = await self.api.list(f"{self.core}/events")
        return {(event["involvedObject"]["kind"], event["reason"]) for event in events}

    async def until_events(self, expected: set[tuple[str, str]]) -> None:
        """Waits until these events, at least, were written."""

        async def written() -> bool:
            return expected <= await self.events()

        await eventually(written)

    async def visit(self, url: str, *, password: str | None = None) -> HTTPStatus:
        """Opens a URL, as the desktops' user where a password is given."""
        headers = {} if password is None else {"Authorization": aiohttp.encode_basic_auth(DESKTOP_USER, password)}
        async with self._http.get(url, headers=headers) as response:
            return HTTPStatus(response.status)

    async def password(self) -> str:
        """Returns the desktops' password."""
        return await asyncio.to_thread(self.lab.password_path.read_text)
