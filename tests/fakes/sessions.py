"""A cluster without a cluster, for tests of the flow.

By default everything is healthy: a session is Creating at once, Running with a URL after half a second of the loop's
time, gone a tenth of a second after its deletion, its children with it. A test scripts what shall differ:

    FakeSessions(Story(changes=()))                                  # no operator: never a phase
    FakeSessions(Story(changes=(Change(phase=Phase.FAILED, message="no such template"),)))
    FakeSessions(Story(gone_after_s=None, finalizers=("vdi.kasm.io/session-cleanup",)))
    FakeSessions(Story(left=(Child(kind="Service", name="web"),)))
    fake.fail("create", TargetFailed.because(Reason.QUOTA_EXCEEDED, "no room"))
    fake.hang("delete")
    fake.delay("create", 3.0)
    asyncio.get_running_loop().call_later(1.0, fake.lose_api)

States are computed from the loop's time, so that no task runs behind the test's back, and `looptime` works. Afterwards
`fake.live()` and `fake.open_watches` tell what was leaked. It runs the contract suite of the real adapter.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Literal

from prober.domain.errors import Fault, ProbeError, TargetFailed
from prober.domain.evidence import Evidence, EvidencePlan, Gap, GapCause, Source
from prober.domain.ids import RunId
from prober.domain.reasons import Reason
from prober.domain.seen import PodSeen, SessionSeen
from prober.domain.session import (
    MANAGED_BY,
    MANAGED_BY_LABEL,
    RUN_ID_LABEL,
    Children,
    SessionRef,
    SessionRequest,
    SessionView,
)
from prober.flow.ports.sessions import Sessions, SessionStates
from tests.fakes.stories import URL, Change, LivingSession, Story

__all__ = ["URL", "Change", "FakeSessions", "Operation", "Story"]

_GRAIN_S = 0.001
"""What a wait is longer than at least, in seconds: fake time has a grain, and waiting for less than it never ends."""

Operation = Literal["create", "watch", "delete", "get", "children", "evidence", "ours"]


@dataclass(slots=True)
class _Hooks:
    """What is scripted for one operation."""

    failures: list[ProbeError] = field(default_factory=list)
    always: ProbeError | None = None
    delay_s: float = 0.0
    hanging: bool = False


class FakeSessions(Sessions):
    """Scripted VDISessions of one cluster.

    Attributes:
        calls: The operations called, in order.
        requests: What was asked to be created, accepted or not.
        deleted: The sessions whose deletion was asked for.
        open_watches: How many watches are open now.
        outage: Why the API server does not answer; `None` while it does.
        watch_gaps: What watches say that they do without.
        accepts_before_failing: Whether a create that fails or hangs made a session all the same: the answer was lost.
    """

    def __init__(self, *stories: Story) -> None:
        """Gives each session created a story in turn; the last one repeats, none is a healthy one."""
        self.calls: list[Operation] = []
        self.requests: list[SessionRequest] = []
        self.deleted: list[SessionRef] = []
        self.open_watches = 0
        self.outage: Fault | None = None
        self.watch_gaps: tuple[str, ...] = ()
        self.accepts_before_failing = False
        self._stories = stories or (Story(),)
        self._sessions: dict[SessionRef, LivingSession] = {}
        self._numbers = count(1)
        self._hooks: defaultdict[Operation, _Hooks] = defaultdict(_Hooks)
        self._changed = asyncio.Event()

    def fail(self, operation: Operation, *errors: ProbeError, always: bool = False) -> None:
        """Lets the next calls of an operation raise, one error each; with `always`, every call raises the last."""
        self._hooks[operation].failures.extend(errors)
        self._hooks[operation].always = errors[-1] if always else None

    def hang(self, operation: Operation) -> None:
        """Lets an operation wait until it is cancelled."""
        self._hooks[operation].hanging = True

    def delay(self, operation: Operation, seconds: float) -> None:
        """Lets an operation take that long."""
        self._hooks[operation].delay_s = seconds

    def lose_api(self, summary: str = "the API server does not answer") -> None:
        """Lets every call raise `api_unreachable` from now on; watches wait, and tell the outage."""
        self.outage = Fault(reason=Reason.API_UNREACHABLE, summary=summary)

    def restore_api(self) -> None:
        """Lets the API server answer again."""
        self.outage = None
        self._notify()

    def mend(self) -> None:
        """Forgets all failures, hangs and delays."""
        self._hooks.clear()

    def add(self, view: SessionView, *, story: Story | None = None) -> SessionView:
        """Puts a session there that nobody created through this port."""
        now = asyncio.get_running_loop().time()
        made = LivingSession(view=view, story=story or Story(changes=()), created_s=now)
        self._sessions[view.ref] = made
        self._notify()
        return view

    def change(self, ref: SessionRef, change: Change) -> None:
        """Lets the platform write into a session now."""
        made = self._sessions[ref]
        now = asyncio.get_running_loop().time()
        later = replace(change, after_s=now - made.created_s)
        past = tuple(old for old in made.story.changes if old.after_s <= later.after_s)
        future = made.story.changes[len(past) :]
        made.story = replace(made.story, changes=(*past, later, *future))
        self._notify()

    def vanish(self, ref: SessionRef) -> None:
        """Lets somebody else remove a session now, finalizers or not."""
        made = self._sessions[ref]
        made.story = replace(made.story, gone_after_s=0.0)
        made.deleted_s = asyncio.get_running_loop().time()
        self._notify()

    def retell(self, ref: SessionRef, story: Story) -> None:
        """Gives a session another story."""
        self._sessions[ref].story = story
        self._notify()

    def hold(self, ref: SessionRef, *finalizers: str) -> None:
        """Lets finalizers keep a session whose deletion was asked for."""
        made = self._sessions[ref]
        made.view = replace(made.view, finalizers=finalizers)
        made.story = replace(made.story, gone_after_s=None)
        self._notify()

    def release(self, ref: SessionRef) -> None:
        """Takes all finalizers off a session; one whose deletion was asked for is gone."""
        made = self._sessions[ref]
        made.view = replace(made.view, finalizers=())
        made.story = replace(made.story, gone_after_s=0.0)
        self._notify()

    def live(self) -> list[SessionView]:
        """Returns the sessions that are there now: nothing, after a clean run."""
        now = asyncio.get_running_loop().time()
        states = [made.at(now) for made in self._sessions.values()]
        return [state for state in states if state is not None]

    async def create(self, request: SessionRequest) -> SessionView:
        """Creates a session that lives its story."""
        self.requests.append(request)
        if self.accepts_before_failing:
            made = self._make(request)
            await self._play("create")
            return made
        await self._play("create")
        return self._make(request)

    @asynccontextmanager
    async def watch(self, ref: SessionRef) -> AsyncIterator[SessionStates]:
        """Streams the states of a session."""
        self.open_watches += 1
        try:
            yield _States(self, ref)
        finally:
            self.open_watches -= 1

    async def delete(self, ref: SessionRef) -> None:
        """Asks for a session's deletion."""
        self.deleted.append(ref)
        await self._play("delete")
        made = self._sessions.get(ref)
        if made is not None and made.deleted_s is None:
            made.deleted_s = asyncio.get_running_loop().time()
            self._notify()

    async def get(self, ref: SessionRef) -> SessionView | None:
        """Returns a session's state."""
        await self._play("get")
        return self.now(ref)

    async def children(self, ref: SessionRef) -> Children:
        """Returns a session's children."""
        await self._play("children")
        made = self._sessions.get(ref)
        if made is None:
            return Children()
        return Children(found=made.children_at(asyncio.get_running_loop().time()), gaps=made.story.gaps)

    async def evidence(self, session: SessionView, *, plan: EvidencePlan) -> Evidence:
        """Shows the session and its Pods, as far as that is asked for."""
        await self._play("evidence")
        view, made, asked = self.now(session.ref), self._sessions.get(session.ref), plan.asked()
        children = () if made is None else made.children_at(asyncio.get_running_loop().time())
        pods = tuple(PodSeen(name=child.name) for child in children if child.kind == "Pod")
        gone = Gap(source=Source.SESSION, cause=GapCause.NOT_THERE, detail=session.ref.name)
        return Evidence(
            session=None if view is None or Source.SESSION not in asked else _seen(view),
            pods=pods if Source.PODS in asked else None,
            gaps=(gone,) if view is None and Source.SESSION in asked else (),
        )

    async def ours(self, namespace: str, *, run_id: RunId | None = None) -> Sequence[SessionView]:
        """Lists our sessions."""
        await self._play("ours")
        wanted = {MANAGED_BY_LABEL: MANAGED_BY} | ({} if run_id is None else {RUN_ID_LABEL: run_id})
        return [
            view for view in self.live() if view.ref.namespace == namespace and wanted.items() <= view.labels.items()
        ]

    def now(self, ref: SessionRef) -> SessionView | None:
        """Returns a session's state without counting as a call."""
        made = self._sessions.get(ref)
        return None if made is None else made.at(asyncio.get_running_loop().time())

    async def pause(self, ref: SessionRef) -> None:
        """Waits until a session may have changed."""
        loop = asyncio.get_running_loop()
        made = self._sessions.get(ref)
        due = None if made is None else made.next_s(loop.time())
        changed = self._changed
        try:
            async with asyncio.timeout_at(due and max(due, loop.time() + _GRAIN_S)):
                await changed.wait()
        except TimeoutError:
            return

    async def play_watch(self) -> None:
        """Does what is scripted for `watch`."""
        await self._play("watch")

    def _make(self, request: SessionRequest) -> SessionView:
        number = next(self._numbers)
        story = self._stories[min(number, len(self._stories)) - 1]
        name = f"{request.generate_name}{number:05}"
        view = SessionView(
            ref=SessionRef(namespace=request.namespace, name=name, uid=f"uid-{number}"),
            created_at=datetime(2026, 11, 22, 9, 0, tzinfo=UTC),
            finalizers=story.finalizers,
            labels=dict(request.labels),
            annotations=dict(request.annotations),
        )
        return self.add(view, story=story)

    async def _play(self, operation: Operation) -> None:
        self.calls.append(operation)
        hooks = self._hooks[operation]
        if hooks.delay_s:
            await asyncio.sleep(hooks.delay_s)
        if hooks.hanging:
            await asyncio.Event().wait()
        if hooks.failures:
            raise hooks.failures.pop(0)
        if hooks.always is not None:
            raise hooks.always
        if self.outage is not None and operation != "watch":
            raise TargetFailed(self.outage)

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _seen(view: SessionView) -> SessionSeen:
    return SessionSeen(name=view.ref.name, phase=view.phase, message=view.message, finalizers=view.finalizers)


class _States(SessionStates):
    """The states of one session, each once."""

    def __init__(self, sessions: FakeSessions, ref: SessionRef) -> None:
        self._sessions = sessions
        self._ref = ref
        self._last: SessionView | None = None
        self._played = False
        self._over = False

    @property
    def outage(self) -> Fault | None:
        return self._sessions.outage

    @property
    def timings(self) -> Mapping[str, float]:
        return {"listing": 0.0}

    @property
    def gaps(self) -> tuple[str, ...]:
        return self._sessions.watch_gaps

    async def __anext__(self) -> SessionView | None:
        if self._over:
            raise StopAsyncIteration
        if not self._played:
            self._played = True
            await self._sessions.play_watch()
        while True:
            if self.outage is None:
                view = self._sessions.now(self._ref)
                if view is None:
                    self._over = True
                    return None
                if view != self._last:
                    self._last = view
                    return view
            await self._sessions.pause(self._ref)
