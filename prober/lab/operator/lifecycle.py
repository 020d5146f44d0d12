"""The life of one VDISession, told from top to bottom.

Taken up (Pending), its objects made (Creating), Running, ended on request or when its time is up
(Terminating). Each stage may be repeated: after a failed call, or by a later operator, the life
begins anew and finds its objects made. The finalizer is not our business here: the framework sets
it as a life begins, then removes it once the life is over.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from prober.lab.desktop.behaviour import Behaviour
from prober.lab.faults import Fault, FaultSwitch, UnknownFaultError
from prober.lab.operator.client import KubeClient, NotFound
from prober.lab.operator.journal import Journal
from prober.lab.operator.manifests import timestamp
from prober.lab.operator.plan import Plan
from prober.lab.operator.session import Session, parse_session
from prober.lab.operator.workload import Workload, remove

TEMPLATES = "/apis/vdi.kasm.io/v1alpha1/vditemplates"

RELEASE_CHECK_S = 0.5
"""How often a stuck finalizer asks whether it may go, in seconds."""


class Desktops(Protocol):
    """Where desktops are opened; the way in from outside included."""

    async def open(self, session: str, *, route: str, behaviour: Behaviour) -> str:
        """Serves a session's desktop; returns its URL."""

    async def close(self, session: str) -> None:
        """Ends a session's desktop, if there is one."""


class Stop(Protocol):
    """Says when a life is to end."""

    @property
    def leaving(self) -> bool:
        """Whether the operator itself ends, which is no reason to end the session."""

    async def wait(self, limit_s: float | None = None) -> bool:
        """Waits until the life is to end; returns False when the limit in seconds came first."""


class SessionLife:
    """Lives one session."""

    def __init__(
        self,
        body: Mapping[str, Any],
        *,
        api: KubeClient,
        desktops: Desktops,
        faults: FaultSwitch,
    ) -> None:
        self._body = dict(body)
        self._session: Session = parse_session(body)
        self._api = api
        self._desktops = desktops
        self._faults = faults
        self._journal = Journal(api)

    async def live(self, stop: Stop) -> None:
        """Brings the session up, keeps it, ends it.

        Raises:
            ApiError: The API server refused, or could not be reached; the life may be begun anew.
        """
        try:
            await self._begin(stop)
            await self._keep(stop)
            if not stop.leaving:
                await self._end(stop)
        except NotFound:
            # The session may go at any moment: its finalizer, too, is set by a call of its own.
            if await self._exists():
                raise
        finally:
            await self._desktops.close(self._session.name)

    async def _begin(self, stop: Stop) -> None:
        started_at = self._session.started_at or timestamp(datetime.now(UTC))
        await self._report(phase="Pending", startTime=started_at)
        try:
            fault = self._faults.resolve(self._session.annotations)
            template = await self._api.get(f"{TEMPLATES}/{self._session.template}")
        except UnknownFaultError as error:
            await self._fail(str(error))
        except NotFound:
            await self._fail(f"VDITemplate {self._session.template!r} not found")
        else:
            await self._bring_up(stop, template=template, fault=fault)

    async def _bring_up(self, stop: Stop, *, template: Mapping[str, Any], fault: Fault | None) -> None:
        plan, behaviour = (Plan(), Behaviour()) if fault is None else (fault.plan, fault.behaviour)
        if plan.failure is not None:
            await self._fail(plan.failure)
            return
        session = self._session
        workload = Workload(session, template=template, plan=plan, api=self._api, journal=self._journal)
        await self._report(phase="Creating", message="creating the session's objects")
        await workload.make()
        await self._report(podName=session.name)
        if not plan.becomes_running:
            return
        await workload.schedule()
        if await stop.wait(plan.startup_s):
            return
        await workload.start()
        url = await self._desktops.open(session.name, route=session.route, behaviour=behaviour)
        await self._report(phase="Running", url=url, message="the session is running")
        await self._journal.note(self._body, reason="Running", message=f"session serves at {url}")

    async def _fail(self, message: str) -> None:
        await self._report(phase="Failed", message=message)
        await self._journal.note(self._body, reason="Failed", message=message, warning=True)

    async def _keep(self, stop: Stop) -> None:
        session = parse_session(await self._api.get(self._session.path))
        if await stop.wait(_remaining_s(session)):
            return
        await self._journal.note(self._body, reason="TimedOut", message="the session's time is up")
        await self._api.discard(session.path)
        await stop.wait()

    async def _end(self, stop: Stop) -> None:
        await self._report(phase="Terminating", message="removing the session's objects")
        await self._desktops.close(self._session.name)
        await remove(self._session, plan=await self._plan_at_end(), api=self._api)
        await self._hold(stop)

    async def _hold(self, stop: Stop) -> None:
        """Keeps the finalizer for as long as the plan says so; nobody announces that it changed."""
        while not stop.leaving:
            if (await self._plan_at_end()).releases:
                return
            await asyncio.sleep(RELEASE_CHECK_S)

    async def _plan_at_end(self) -> Plan:
        """The plan that holds now: a fault may be taken back while a session is stuck on it."""
        try:
            body = await self._api.get(self._session.path)
            fault = self._faults.resolve(parse_session(body).annotations)
        except (NotFound, UnknownFaultError):
            return Plan()
        return Plan() if fault is None else fault.plan

    async def _exists(self) -> bool:
        try:
            await self._api.get(self._session.path)
        except NotFound:
            return False
        return True

    async def _report(self, **status: str) -> None:
        await self._api.patch(f"{self._session.path}/status", {"status": status})


def _remaining_s(session: Session) -> float:
    if session.started_at is None:
        return session.timeout_s
    ends_at = datetime.fromisoformat(session.started_at) + timedelta(seconds=session.timeout_s)
    return max(0.0, (ends_at - datetime.now(UTC)).total_seconds())
