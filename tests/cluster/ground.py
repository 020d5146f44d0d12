"""One namespace of a real API server, in which a test makes what belongs to sessions."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from prober.adapters.clock import SystemClock
from prober.domain.ids import ClusterName, RunId, TargetName
from prober.domain.outcomes import Trigger
from prober.domain.report import RunReport
from prober.domain.session import SessionView
from prober.domain.steps import Budgets
from prober.domain.target import SessionTemplate, Target
from prober.flow.journal import Journal
from prober.flow.ports import Sessions
from prober.flow.teardown import tear_down
from prober.lab.operator.client import KubeClient, NotFound
from tests.cluster.site import PATIENCE_S
from tests.contracts.sessions import FINALIZER, request
from tests.fakes.browser import FakeDesktop
from tests.fakes.exposure import FakeExposure
from tests.fakes.observer import FakeObserver

VDI = "vdi.kasm.io/v1alpha1"
LOOK_S = 0.1

BUDGETS = Budgets(terminate=3.0, cleanup=PATIENCE_S)
"""Time for a garbage collector that has just learned of a kind; what is expected to stay gets less."""

IMPATIENT = Budgets(terminate=3.0, cleanup=1.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where a test of the cleanup takes place.

    Attributes:
        namespace: The namespace.
        admin: Writes what the platform writes.
        sessions: The prober's side.
    """

    namespace: str
    admin: KubeClient
    sessions: Sessions

    async def session(self, *, finalizers: Sequence[str] = ()) -> SessionView:
        """Creates a session of ours, which the platform holds by finalizers."""
        created = await self.sessions.create(request(namespace=self.namespace))
        if finalizers:
            await self.admin.patch(self.path(created), {"metadata": {"finalizers": list(finalizers)}})
        view = await self.sessions.get(created.ref)
        assert view is not None
        return view

    def path(self, session: SessionView) -> str:
        """Returns a session's path."""
        return f"/apis/{VDI}/namespaces/{self.namespace}/vdisessions/{session.ref.name}"

    async def child(
        self, plural: str, body: dict[str, Any], *, owner: SessionView | None = None, api: str = "/api/v1"
    ) -> str:
        """Makes an object, of which a session may be the owner; returns its path."""
        metadata = dict(body["metadata"])
        if owner is not None:
            kind = {"apiVersion": VDI, "kind": "VDISession"}
            metadata["ownerReferences"] = [{**kind, "name": owner.ref.name, "uid": owner.ref.uid}]
        collection = f"{api}/namespaces/{self.namespace}/{plural}"
        made = await self.admin.create(collection, {**body, "metadata": metadata})
        return f"{collection}/{made['metadata']['name']}"

    async def release(self, session: SessionView) -> None:
        """Takes the finalizers off a session."""
        with suppress(NotFound):
            await self.admin.patch(self.path(session), {"metadata": {"finalizers": None}})

    async def tear_down(
        self, session: SessionView, *, budgets: Budgets = BUDGETS, keep: tuple[str, ...] = ()
    ) -> RunReport:
        """Ends a run that has this session, as the flow does; its page and its URL are healthy."""
        clock = SystemClock()
        target = Target(
            name=TargetName("ubuntu"),
            session=SessionTemplate(
                cluster=ClusterName("real"), namespace=self.namespace, user="probe@example.com", template="ubuntu"
            ),
            budgets=budgets,
            keep_children=keep,
        )
        run_id = RunId("run-1")
        journal = Journal(run_id=run_id, target=target, trigger=Trigger.MANUAL, clock=clock, observer=FakeObserver())
        journal.session = session
        await tear_down(journal, desktop=FakeDesktop(), sessions=self.sessions, exposure=FakeExposure(), clock=clock)
        return journal.finish()

    async def until_deleting(self, session: SessionView) -> None:
        """Waits until somebody asked for a session's deletion."""

        async def deleting() -> bool:
            return "deletionTimestamp" in (await self.admin.get(self.path(session)))["metadata"]

        await eventually(deleting)

    async def until_childless(self, session: SessionView) -> None:
        """Waits until nothing belongs to a session any more."""

        async def childless() -> bool:
            return not (await self.sessions.children(session.ref)).found

        await eventually(childless)

    async def until_all_is_seen(self, session: SessionView) -> None:
        """Waits until every kind can be looked at."""

        async def seen() -> bool:
            return not (await self.sessions.children(session.ref)).gaps

        await eventually(seen)


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Waits for what nothing announces."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if await holds():
                return
            await asyncio.sleep(LOOK_S)


def pod(name: str) -> dict[str, Any]:
    """Returns a Pod that no scheduler takes up."""
    spec = {"schedulerName": "nobody.example.com", "containers": [{"name": "desktop", "image": "desktop"}]}
    return {"metadata": {"name": name}, "spec": spec}


def service(name: str) -> dict[str, Any]:
    """Returns a Service."""
    return {"metadata": {"name": name}, "spec": {"ports": [{"port": 8080}]}}


def volume_claim(name: str) -> dict[str, Any]:
    """Returns a claim that nothing binds."""
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    return {"metadata": {"name": name}, "spec": {**claim, "storageClassName": "nobody.example.com"}}


def route(name: str, *, session: SessionView) -> dict[str, Any]:
    """Returns an IngressRoute that only its label ties to a session."""
    metadata = {"name": name, "labels": {"vdi.kasm.io/session": session.ref.name}}
    routes = [{"match": "Host(`probe.vdi.example.com`)", "services": [{"name": name, "port": 8080}]}]
    return {
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "IngressRoute",
        "metadata": metadata,
        "spec": {"routes": routes},
    }


HELD = (FINALIZER,)
"""How an operator holds its sessions."""
