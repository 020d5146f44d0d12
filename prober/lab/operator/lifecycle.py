"""The life of one VDISession, told from top to bottom.

Taken up (Pending), its objects made (Creating), Running, ended on request or when its time is up
(Terminating). The way up to Running may be repeated: after a failed call, or by a later operator, the
life begins anew and finds its objects made. Of a session that runs nothing is repeated but single
calls, so that no failed call takes its desktop away. The finalizer is not our business here: the framework sets
it as a life begins, then removes it once the life is over.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol

from prober.lab.desktop.behaviour import Behaviour
from prober.lab.fault import Fault, FaultError
from prober.lab.faults import FaultSwitch
from prober.lab.operator.client import ApiError, KubeClient, NotFound
from prober.lab.operator.insisting import insist
from prober.lab.operator.journal import Journal
from prober.lab.operator.manifests import timestamp
from prober.lab.operator.session import RUNNING, Session, parse_session
from prober.lab.operator.workload import Workload, doomed
from prober.lab.plan import Plan

TEMPLATES = "/apis/vdi.kasm.io/v1alpha1/vditemplates"

RELEASE_CHECK_S = 0.5
"""How often a stuck finalizer asks whether it may go, in seconds."""


class DesktopError(Exception):
    """A desktop cannot be opened, and trying again would not help; the message says what to mend."""


class Desktops(Protocol):
    """Where desktops are opened; the way in from outside included."""

    async def open(self, session: Session, *, behaviour: Behaviour) -> str:
        """Serves a session's desktop; returns its URL.

        Raises:
            DesktopError: It cannot be opened.
        """

    async def serves(self, session: Session) -> bool:
        """Whether a session's desktop is open."""

    async def close(self, session: Session) -> None:
        """Ends a session's desktop, if there is one."""


class Stop(Protocol):
    """Says when a life is to end."""

    @property
    def leaving(self) -> bool:
        """Whether the operator itself ends, which is no reason to end the session."""

    async def wait(self, limit_s: float | None = None) -> bool:
        """Waits until the life is to end; returns False when the limit in seconds came first."""


class SessionLife:
    """Lives one session.

    Attributes:
        session: The session as it was when the life began.
    """

    def __init__(
        self,
        body: Mapping[str, Any],
        *,
        api: KubeClient,
        desktops: Desktops,
        faults: FaultSwitch,
    ) -> None:
        self._body = dict(body)
        self.session: Session = parse_session(body)
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
            if not await self._runs():
                await self._begin(stop)
            await self._keep(stop)
            if not stop.leaving:
                await self._end(stop)
        except NotFound:
            # The session may go at any moment: its finalizer, too, is set by a call of its own.
            if await insist(self._exists, stop=stop):
                raise
        finally:
            # An operator that leaves leaves the desktop to the next one.
            if not stop.leaving:
                await self._desktops.close(self.session)

    async def _runs(self) -> bool:
        """Whether an earlier operator brought the session up, and its desktop still serves."""
        return self.session.phase == RUNNING and await self._desktops.serves(self.session)

    async def _begin(self, stop: Stop) -> None:
        await self._desktops.close(self.session)
        started_at = self.session.started_at or timestamp(datetime.now(UTC))
        await self._report(phase="Pending", startTime=started_at)
        try:
            fault = self._faults.resolve(self.session.annotations)
            template = await self._api.get(f"{TEMPLATES}/{self.session.template}")
        except FaultError as error:
            await self._fail(str(error))
        except NotFound:
            await self._fail(f"VDITemplate {self.session.template!r} not found")
        else:
            await self._bring_up(stop, template=template, fault=fault)

    async def _bring_up(self, stop: Stop, *, template: Mapping[str, Any], fault: Fault | None) -> None:
        plan, behaviour = (Plan(), Behaviour()) if fault is None else (fault.plan, fault.behaviour)
        if plan.failure is not None:
            await self._fail(plan.failure)
            return
        session = self.session
        workload = Workload(session, template=template, plan=plan, api=self._api, journal=self._journal)
        await self._report(phase="Creating", message="creating the session's objects")
        try:
            await workload.make()
        except ApiError as error:
            # As an operator does that will try again: what it is held up by stands where its users look.
            await self._report(message=f"cannot create the session's objects: {error}")
            raise
        await self._report(podName=session.name)
        if plan.ailment is not None:
            await workload.ail(plan.ailment)
        elif plan.becomes_running and await self._start(workload, plan=plan, stop=stop):
            await self._expose(stop, plan=plan, behaviour=behaviour)

    async def _start(self, workload: Workload, *, plan: Plan, stop: Stop) -> bool:
        """Lets the Pod run; returns whether its desktop is to be opened, as if the Pod were ready where it is not."""
        await workload.schedule()
        if plan.becomes_ready:
            if await stop.wait(plan.startup_s):
                return False
            await workload.start()
        return True

    async def _expose(self, stop: Stop, *, plan: Plan, behaviour: Behaviour) -> None:
        try:
            url = await self._open(stop, behaviour=behaviour)
        except DesktopError as error:
            await self._fail(str(error))
            return
        if url is None:
            return
        if plan.url is not None:
            url = plan.url.format(route=self.session.route)
        await self._report(phase=RUNNING, url=url, message="the session is running")
        await self._journal.note(self._body, reason="Running", message=f"session serves at {url}")

    async def _open(self, stop: Stop, *, behaviour: Behaviour) -> str | None:
        """Opens the desktop, which may take a while; returns its URL, `None` where the life is to end first."""
        opening = asyncio.create_task(
            self._desktops.open(self.session, behaviour=behaviour), name=f"open {self.session.route}"
        )
        stopped = asyncio.create_task(stop.wait(), name=f"stop {self.session.route}")
        try:
            await asyncio.wait([opening, stopped], return_when=asyncio.FIRST_COMPLETED)
            return None if stopped.done() else opening.result()
        finally:
            opening.cancel()
            stopped.cancel()
            await asyncio.gather(opening, stopped, return_exceptions=True)

    async def _fail(self, message: str) -> None:
        await self._report(phase="Failed", message=message)
        await self._journal.note(self._body, reason="Failed", message=message, warning=True)

    async def _keep(self, stop: Stop) -> None:
        session = await insist(self._read, stop=stop)
        if await stop.wait(_remaining_s(session)):
            return
        await self._journal.note(self._body, reason="TimedOut", message="the session's time is up")
        await insist(partial(self._api.discard, session.path), stop=stop)
        await stop.wait()

    async def _end(self, stop: Stop) -> None:
        await insist(self._report_end, stop=stop)
        await self._desktops.close(self.session)
        plan = await insist(self._plan_at_end, stop=stop)
        for path in doomed(self.session, plan=plan):
            if plan.removal_pause_s:
                await self._rest(stop)
            await insist(partial(self._api.discard, path), stop=stop)
        await self._hold(stop)

    async def _rest(self, stop: Stop) -> None:
        """Lets time pass before an object's removal, for as long as the plan says so."""
        clock = asyncio.get_running_loop().time
        begin = clock()
        while not stop.leaving:
            if clock() - begin >= (await insist(self._plan_at_end, stop=stop)).removal_pause_s:
                return
            await asyncio.sleep(RELEASE_CHECK_S)

    async def _hold(self, stop: Stop) -> None:
        """Keeps the finalizer for as long as the plan says so; nobody announces that it changed."""
        while not stop.leaving:
            if (await insist(self._plan_at_end, stop=stop)).releases:
                return
            await asyncio.sleep(RELEASE_CHECK_S)

    async def _plan_at_end(self) -> Plan:
        """The plan that holds now: a fault may be taken back while a session is stuck on it."""
        try:
            fault = self._faults.resolve((await self._read()).annotations)
        except (NotFound, FaultError):
            return Plan()
        return Plan() if fault is None else fault.plan

    async def _read(self) -> Session:
        return parse_session(await self._api.get(self.session.path))

    async def _exists(self) -> bool:
        try:
            await self._read()
        except NotFound:
            return False
        return True

    async def _report_end(self) -> None:
        await self._report(phase="Terminating", message="removing the session's objects")

    async def _report(self, **status: str) -> None:
        await self._api.patch(f"{self.session.path}/status", {"status": status})


def _remaining_s(session: Session) -> float:
    if session.started_at is None:
        return session.timeout_s
    ends_at = datetime.fromisoformat(session.started_at) + timedelta(seconds=session.timeout_s)
    return max(0.0, (ends_at - datetime.now(UTC)).total_seconds())
