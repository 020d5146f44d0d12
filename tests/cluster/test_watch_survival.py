"""The step `running` in an API server's troubles: the right state, soon, and the right one blamed.

Each trouble begins while the step listens, with all connections cut, so that its requests meet it. The operator's
write falls into the trouble.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from prober.adapters.kubernetes.connection import Kubeconfig, connect
from prober.adapters.kubernetes.sessions import KubernetesSessions
from prober.domain.errors import Fault, TargetFailed
from prober.domain.reasons import Reason
from prober.domain.session import Phase, SessionView
from prober.flow.journal import StepNotes
from prober.flow.steps.session import LAST_LOOK_S, wait_running
from tests.cluster import harms
from tests.cluster.control_plane import ControlPlane
from tests.cluster.harms import WATCH, Harm
from tests.cluster.site import ON_A_REAL_ONE, Way, until

RETURN_S = 5.0
"""How long after an API server's return its news may take, in seconds: the longest pause, on a busy machine."""

BUDGET_S = 60.0
"""The default budget of the step, in seconds."""

pytestmark = list(ON_A_REAL_ONE)


@dataclass
class Waiting:
    """A step `running` under way.

    Attributes:
        session: What it waits for.
        task: The step.
        notes: Its notes.
        done_s: When it was over, on the monotonic clock.
    """

    session: SessionView
    notes: StepNotes = field(default_factory=StepNotes)
    task: "asyncio.Task[SessionView]" = field(init=False)
    done_s: float = 0.0

    async def run(self, sessions: KubernetesSessions, *, budget_s: float) -> SessionView:
        """Waits, and notes when that was over."""
        try:
            return await wait_running(sessions, self.session, budget_s=budget_s, notes=self.notes)
        finally:
            self.done_s = time.monotonic()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A trouble that passes.

    Attributes:
        harm: What is done, beside the cut; it may end by itself.
        lasting_s: When it ends otherwise, in seconds.
        within_s: How long after the operator's write the step is over at the latest, in seconds.
    """

    harm: Harm | None
    lasting_s: float = 0.0
    within_s: float


@asynccontextmanager
async def waiting(way: Way, *, budget_s: float = BUDGET_S) -> AsyncIterator[Waiting]:
    """Creates a session, and lets the step wait for it; the block begins when its watch is open."""
    step = Waiting(session=await way.create())
    watches = way.proxy.passed[WATCH]
    step.task = asyncio.create_task(step.run(way.sessions, budget_s=budget_s), name="running")
    try:
        await until(lambda: way.proxy.passed[WATCH] > watches, what="the watch is open")
        yield step
    finally:
        step.task.cancel()
        await asyncio.wait({step.task})


async def fault_of(step: Waiting) -> Fault:
    """Returns what the step failed with."""
    with pytest.raises(TargetFailed) as caught:
        await step.task
    return caught.value.fault


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(Trouble(harm=None, within_s=1.0), id="connections cut"),
        pytest.param(Trouble(harm=harms.cut_request(), lasting_s=2.0, within_s=4.5), id="requests cut for 2 s"),
        pytest.param(Trouble(harm=harms.cut_answer(), lasting_s=2.0, within_s=4.5), id="answers cut for 2 s"),
        pytest.param(Trouble(harm=harms.throttle(times=3, retry_after_s=1), within_s=4.0), id="429 thrice"),
        pytest.param(Trouble(harm=harms.throttle(times=1, retry_after_s=3), within_s=4.0), id="429 for longer"),
        pytest.param(Trouble(harm=harms.refuse(500, times=3), within_s=2.5), id="500 thrice"),
        pytest.param(Trouble(harm=harms.refuse(503, times=3), within_s=2.5), id="503 thrice"),
        pytest.param(Trouble(harm=harms.refuse(410, WATCH, times=2), within_s=2.0), id="410"),
        pytest.param(Trouble(harm=harms.expire(times=2), within_s=2.0), id="410 as an event"),
        pytest.param(Trouble(harm=harms.refuse(503, WATCH), lasting_s=8.0, within_s=4.5), id="no watch for 8 s"),
        pytest.param(Trouble(harm=harms.hang(), lasting_s=6.0, within_s=12.0), id="hangs for 6 s"),
        pytest.param(Trouble(harm=harms.delay(2.0), lasting_s=8.0, within_s=6.5), id="2 s per answer"),
    ],
)
async def test_a_trouble_that_passes(way: Way, trouble: Trouble) -> None:
    """The step ends with Running, as soon as the trouble lets it know."""
    async with waiting(way) as step:
        way.proxy.harm = trouble.harm
        asked = way.proxy.asked.total()
        way.proxy.cut()
        await until(lambda: way.proxy.asked.total() > asked, what="a request meets the trouble")
        written_s = await way.site.write(step.session.ref, Phase.RUNNING)
        if trouble.lasting_s:
            await asyncio.wait({step.task}, timeout=trouble.lasting_s)
            way.proxy.harm = None
        assert (await step.task).phase is Phase.RUNNING
    assert step.done_s - written_s < trouble.within_s


@pytest.mark.parametrize(
    ("harm", "budget_s", "words"),
    [
        pytest.param(harms.cut_request(), 2.0, "does not answer", id="cut"),
        pytest.param(harms.refuse(503), 2.0, "refused with 503", id="503"),
        pytest.param(harms.throttle(retry_after_s=1), 2.0, "is throttling us", id="429"),
        pytest.param(harms.throttle(retry_after_s=3600), 2.0, "is throttling us", id="429 for an hour"),
        pytest.param(harms.hang(), 2.0, "has not answered for", id="hangs at the end"),
    ],
)
@pytest.mark.parametrize("keeping", [False, True], ids=["connections cut", "connections kept"])
async def test_a_trouble_that_lasts(way: Way, harm: Harm, budget_s: float, words: str, *, keeping: bool) -> None:
    """Where nobody could be asked the control plane is blamed, within the budget and a last look."""
    async with waiting(way, budget_s=budget_s) as step:
        began_s = time.monotonic()
        way.proxy.harm = harm
        if not keeping:
            way.proxy.cut()
        fault = await fault_of(step)
    assert fault.reason is Reason.API_UNREACHABLE
    assert words in fault.summary
    assert step.done_s - began_s < budget_s + LAST_LOOK_S + 1.0


async def test_a_server_that_hangs_for_long(way: Way) -> None:
    """A silent watch is checked by a list, whose silence is an outage: no last look is needed."""
    async with waiting(way, budget_s=11.0) as step:
        began_s = time.monotonic()
        way.proxy.harm = harms.hang()
        fault = await fault_of(step)
    assert (fault.reason, fault.summary) == (Reason.API_UNREACHABLE, "the API server has not answered for 5 s")
    assert step.done_s - began_s < 12.0


async def test_an_operator_that_does_nothing_is_blamed_still(way: Way) -> None:
    """A trouble that is over does not excuse the platform."""
    async with waiting(way, budget_s=4.0) as step:
        way.proxy.harm = harms.throttle(times=2, retry_after_s=1)
        way.proxy.cut()
        fault = await fault_of(step)
    assert fault.reason is Reason.OPERATOR_STALLED
    assert step.notes.timings["outage"] > 0.5


async def test_idle_connections_are_cut(way: Way) -> None:
    """A proxy that cuts what is idle for 5 s costs no state, and is no outage."""
    way.proxy.harm = harms.idle_cut(5.0)
    async with waiting(way) as step:
        await until(lambda: way.proxy.passed[WATCH] > 2, what="watches were cut twice")
        written_s = await way.site.write(step.session.ref, Phase.RUNNING)
        assert (await step.task).phase is Phase.RUNNING
    assert step.done_s - written_s < 1.0
    assert "outage" not in step.notes.timings


async def test_slow_answers_are_told(way: Way) -> None:
    """An API server that takes 2 s for each answer is seen in the timings, and fails nothing."""
    way.proxy.harm = harms.delay(2.0)
    async with waiting(way) as step:
        await way.site.write(step.session.ref, Phase.RUNNING)
        assert (await step.task).phase is Phase.RUNNING
    assert step.notes.timings["listing"] >= 2.0
    assert "outage" not in step.notes.timings


@pytest.mark.parametrize("ending", [ControlPlane.stop_api, ControlPlane.kill_api], ids=["stopped", "killed"])
async def test_the_api_server_is_restarted(
    way: Way, control_plane: ControlPlane, ending: Callable[[ControlPlane], None]
) -> None:
    """A restart in the middle of the step costs its time, and no state."""
    async with waiting(way) as step, connect(Kubeconfig(path=way.site.kubeconfig)) as api:
        direct = Waiting(session=step.session)
        direct.task = asyncio.create_task(direct.run(KubernetesSessions(api), budget_s=BUDGET_S), name="past the proxy")
        await asyncio.to_thread(ending, control_plane)
        await asyncio.to_thread(control_plane.start_api)
        written_s = await way.site.write(step.session.ref, Phase.RUNNING)
        assert [(await one.task).phase for one in (step, direct)] == [Phase.RUNNING, Phase.RUNNING]
    for one in (step, direct):
        assert one.done_s - written_s < RETURN_S
