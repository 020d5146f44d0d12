"""A creation whose answer is lost: found out about by a list, never repeated, and never doubled."""

from dataclasses import dataclass, field
from itertools import product

import pytest

from prober.adapters.clock import SystemClock
from prober.domain.errors import Fault, TargetFailed
from prober.domain.ids import RunId
from prober.domain.reasons import Reason
from prober.domain.session import SessionView
from prober.flow.journal import StepNotes
from prober.flow.steps.finding import find
from prober.flow.steps.session import create
from prober.flow.steps.teardown import terminate
from tests.cluster import harms
from tests.cluster.harms import Harm, Kind
from tests.cluster.site import Way
from tests.contracts.sessions import request

RUN_ID = RunId("0198c0de-0000-7000-8000-000000000042")

CUTS = [
    pytest.param(Harm(kind=kind, spared=spared, times=times), id=f"{kind}, {times or 'all'} after {spared}")
    for kind, spared, times in product((Kind.CUT_REQUEST, Kind.CUT_ANSWER, Kind.CUT_MIDWAY), range(4), (1, None))
]
"""Every place: before a request reached the server, after its answer, in the middle of it, for each request in turn."""


@dataclass
class Creating:
    """What became of a step `create`."""

    session: SessionView | None = None
    fault: Fault | None = None
    notes: StepNotes = field(default_factory=StepNotes)


async def creating(way: Way, *, budget_s: float = 2.0) -> Creating:
    """Runs the step."""
    step = Creating()
    wanted = request(run_id=RUN_ID, namespace=way.site.namespace)
    clock = SystemClock()
    try:
        step.session = await create(
            way.sessions, wanted, before=(), cap=3, clock=clock, budget_s=budget_s, notes=step.notes
        )
    except TargetFailed as error:
        step.fault = error.fault
    return step


async def left_after_teardown(way: Way, step: Creating) -> list[str]:
    """Ends the session as a teardown does, through a proxy that does no harm any more; returns what is left."""
    way.proxy.harm = None
    session = step.session or await find(way.sessions, way.site.namespace, run_id=RUN_ID, budget_s=1.0)
    if session is not None:
        await terminate(way.sessions, session, clock=SystemClock(), budget_s=10.0, notes=StepNotes())
    return await way.site.names()


@pytest.mark.cluster
@pytest.mark.parametrize("site", ["real"], indirect=True)
@pytest.mark.parametrize("harm", CUTS)
async def test_wherever_the_connection_is_cut(way: Way, harm: Harm) -> None:
    """One POST at most reaches the server, the step knows the session that it made, and the teardown leaves none."""
    way.proxy.harm = harm
    step = await creating(way)
    assert way.proxy.passed["POST"] <= 1
    assert way.proxy.asked["POST"] <= 1
    names = await way.site.names()
    if step.session is not None:
        assert names == [step.session.ref.name]
    else:
        assert len(names) <= 1
        assert step.fault is not None
        assert step.fault.reason is Reason.API_UNREACHABLE
    assert await left_after_teardown(way, step) == []


@pytest.mark.parametrize(
    "harm",
    [harms.cut_answer("POST"), Harm(kind=Kind.CUT_MIDWAY, methods=frozenset({"POST"})), harms.hang_answer("POST")],
    ids=lambda harm: harm.kind,
)
async def test_a_lost_answer_is_made_up_for(way: Way, harm: Harm) -> None:
    """The run goes on with the session that was made, and the step says so."""
    way.proxy.harm = harm
    step = await creating(way)
    assert step.session is not None
    assert step.session.labels["vdi-prober.io/run-id"] == RUN_ID
    assert step.notes.notes[0].startswith("the answer to the creation was lost, the session was found by its run id")
    assert step.notes.attempts == way.proxy.asked["POST"] == 1


@pytest.mark.parametrize("code", [500, 503], ids=str)
async def test_a_server_in_trouble_is_not_asked_again(way: Way, code: int) -> None:
    """Whether such an answer means that nothing was done is not known either."""
    way.proxy.harm = harms.refuse(code, "POST", times=1)
    step = await creating(way)
    assert step.fault is not None
    assert f"refused with {code}" in step.fault.summary
    assert way.proxy.asked["POST"] == 1


async def test_a_throttled_creation_is_asked_for_again(way: Way) -> None:
    """What was refused with 429 was surely not executed: asked again after Retry-After, visibly."""
    way.proxy.harm = harms.throttle("POST", retry_after_s=1, times=2)
    step = await creating(way, budget_s=10.0)
    assert step.session is not None
    assert (step.notes.attempts, way.proxy.asked["POST"], way.proxy.passed["POST"]) == (3, 3, 1)
    assert "the API server is throttling us" in step.notes.notes[0]
    assert await way.site.names() == [step.session.ref.name]


async def test_a_throttled_deletion_is_asked_for_again(way: Way) -> None:
    """So is a deletion."""
    step = await creating(way)
    way.proxy.harm = harms.throttle("DELETE", retry_after_s=1, times=2)
    assert step.session is not None
    await terminate(way.sessions, step.session, clock=SystemClock(), budget_s=10.0, notes=step.notes)
    assert (step.notes.attempts, way.proxy.asked["DELETE"]) == (3, 3)
    assert await way.site.names() == []


async def test_slow_answers_fit_the_default_budget(way: Way) -> None:
    """At 2 s per answer the creation takes two answers' time, of which the look for sessions of ours is one."""
    way.proxy.harm = harms.delay(2.0)
    step = await creating(way, budget_s=10.0)
    assert step.session is not None
    assert step.notes.notes == []
    assert step.notes.timings["listing"] == pytest.approx(2.0, abs=0.5)
