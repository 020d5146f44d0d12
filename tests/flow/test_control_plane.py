"""An API server in trouble: what is asked again, what never is, and what a late look tells."""

from dataclasses import replace

import pytest

from prober.domain.errors import Fault, ProbeError, TargetFailed
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.session import Phase
from prober.domain.steps import Budgets, StepName
from prober.flow.journal import StepNotes
from prober.flow.ports.sessions import Denied, Throttled
from prober.flow.steps.finding import find
from prober.flow.steps.session import wait_running
from tests.contracts.sessions import request
from tests.fakes.sessions import Change, FakeSessions, Operation, Story
from tests.flow.stage import RUN_ID, SESSION, Stage, record_of, said, target_with

pytestmark = pytest.mark.looptime

LOST = TargetFailed.because(Reason.API_UNREACHABLE, "the connection broke")
DENIED = TargetFailed.because(Reason.RBAC_DENIED, "no")
PENDING = Story(changes=(Change(phase=Phase.PENDING),))


def throttled(retry_after_s: float) -> Throttled:
    """Returns what a throttled request raises."""
    fault = Fault(reason=Reason.API_UNREACHABLE, summary="the API server is throttling us: too many requests")
    return Throttled(fault, retry_after_s=retry_after_s)


def denied() -> Denied:
    """Returns what a denied request raises."""
    return Denied(Fault(reason=Reason.RBAC_DENIED, summary="no role"), retry_after_s=0.5)


@pytest.mark.parametrize(
    ("operation", "step", "took_s"),
    [("ours", StepName.CREATE, 3.0), ("create", StepName.CREATE, 3.0), ("delete", StepName.TERMINATE, 3.1)],
)
async def test_a_throttled_request_is_asked_again_when_it_may_be(
    operation: Operation, step: StepName, took_s: float
) -> None:
    """After Retry-After, as a visible attempt, and with the cause noted once."""
    stage = Stage()
    stage.sessions.fail(operation, throttled(1.0), throttled(2.0))
    report = await stage.run()
    record = record_of(report, step)
    assert report.outcome is Outcome.SUCCESS
    assert record.attempts == 3
    assert record.notes == ("asked again: the API server is throttling us: too many requests",)
    assert record.duration_s == pytest.approx(took_s, abs=0.01)
    stage.assert_nothing_left()


OPERATIONS: list[tuple[Operation, StepName]] = [
    ("ours", StepName.CREATE),
    ("create", StepName.CREATE),
    ("delete", StepName.TERMINATE),
]


@pytest.mark.parametrize(("operation", "step"), OPERATIONS)
async def test_a_denial_is_asked_about_once_more(operation: Operation, step: StepName) -> None:
    """An API server that has just started may say so in error."""
    stage = Stage()
    stage.sessions.fail(operation, denied())
    report = await stage.run()
    assert report.outcome is Outcome.SUCCESS
    assert record_of(report, step).attempts == 2
    assert record_of(report, step).notes == ("asked again: no role",)


@pytest.mark.parametrize(("operation", "step"), OPERATIONS)
async def test_a_denial_is_believed_the_second_time(operation: Operation, step: StepName) -> None:
    """It is the step's fault then."""
    stage = Stage()
    stage.sessions.fail(operation, throttled(1.0), denied(), denied())
    report = await stage.run()
    record = record_of(report, step)
    assert (said(record.fault), record.attempts) == (said(denied().fault), 3)


@pytest.mark.parametrize("retry_after_s", [1.0, 3600.0], ids=["soon", "never"])
@pytest.mark.parametrize("operation", ["ours", "create"])
async def test_throttling_that_lasts_is_told(operation: Operation, retry_after_s: float) -> None:
    """The fault says that we were throttled; nothing was made, so nothing is looked for in the step."""
    stage = Stage()
    stage.sessions.fail(operation, throttled(retry_after_s), always=True)
    report = await stage.run(target_with(budgets=Budgets(terminate=1.0)))
    record = record_of(report, StepName.CREATE)
    assert record.fault is not None
    assert record.fault.reason is Reason.API_UNREACHABLE
    assert "throttling us" in record.fault.summary
    assert record.duration_s == pytest.approx(7.0)


async def test_a_long_wait_is_cut_short() -> None:
    """An API server that wants to be left alone for an hour may have recovered before."""
    stage = Stage()
    stage.sessions.fail("delete", throttled(3600.0))
    assert (await stage.run()).outcome is Outcome.SUCCESS


@pytest.mark.parametrize("hangs", [True, False], ids=["not answered", "broken off"])
async def test_a_creation_whose_answer_is_lost_goes_on(*, hangs: bool) -> None:
    """The session is found by its run's id and used; the creation is not asked for again."""
    stage = Stage()
    stage.sessions.accepts_before_failing = True
    if hangs:
        stage.sessions.hang("create")
    else:
        stage.sessions.fail("create", LOST)
    report = await stage.run()
    record = record_of(report, StepName.CREATE)
    assert report.outcome is Outcome.SUCCESS
    assert len(stage.sessions.requests) == 1
    assert record.attempts == 1
    assert record.notes[0].startswith("the answer to the creation was lost, the session was found by its run id")
    stage.assert_nothing_left()


async def test_a_creation_that_made_nothing_fails() -> None:
    """What was lost was the request: the step says so after a while of looking, and asks no second time."""
    stage = Stage()
    stage.sessions.fail("create", LOST)
    report = await stage.run()
    record = record_of(report, StepName.CREATE)
    assert said(record.fault) == said(LOST.fault)
    assert record.duration_s == pytest.approx(3.0)
    assert len(stage.sessions.requests) == 1


@pytest.mark.parametrize("met", [LOST, DENIED, throttled(1.0)], ids=["no answer", "denied", "throttled"])
async def test_a_creation_that_cannot_be_looked_for_fails(met: ProbeError) -> None:
    """Whatever the looks meet, it is the creation's own fault that counts."""
    stage = Stage()
    cluster = stage.sessions
    cluster.fail("create", LOST)
    original = cluster.create

    async def create_then_fail_lists(wanted: object) -> object:
        cluster.fail("ours", met, always=True)
        return await original(wanted)  # type: ignore[arg-type]  # passed through

    cluster.create = create_then_fail_lists  # type: ignore[method-assign,assignment]  # the lists fail from here on
    report = await stage.run()
    assert said(record_of(report, StepName.CREATE).fault) == said(LOST.fault)
    assert len(cluster.requests) == 1


async def test_a_list_that_hangs_asks_for_nothing() -> None:
    """Where not even the look for sessions of ours ends, no session is asked for."""
    stage = Stage()
    stage.sessions.hang("ours")
    report = await stage.run()
    assert stage.sessions.requests == []
    assert said(record_of(report, StepName.CREATE).fault) == (
        Reason.API_UNREACHABLE,
        "the API server did not accept the session within 7 s",
    )


async def test_looks_that_are_not_answered_do_not_count() -> None:
    """A session is found as soon as the API server answers again, however long that takes."""
    sessions = FakeSessions(PENDING)
    made = await sessions.create(request(run_id=RUN_ID, namespace="vdi"))
    sessions.fail("ours", *[LOST] * 30, throttled(2.0))
    assert await find(sessions, "vdi", run_id=RUN_ID, budget_s=30.0) == replace(made, phase=Phase.PENDING)


async def test_looking_raises_a_denial_at_once() -> None:
    """A missing permission does not come by waiting."""
    sessions = FakeSessions()
    sessions.fail("ours", DENIED)
    with pytest.raises(TargetFailed) as caught:
        await find(sessions, "vdi", run_id=RUN_ID, budget_s=30.0)
    assert caught.value is DENIED


async def test_a_session_that_runs_already_is_waited_for_no_longer() -> None:
    """A session that was found after a lost answer may run by then."""
    running = replace(SESSION, phase=Phase.RUNNING)
    assert await wait_running(FakeSessions(), running, budget_s=60.0, notes=StepNotes()) is running


class DeafSessions(FakeSessions):
    """A cluster whose watches tell nothing: nobody noticed yet that they are dead."""

    async def pause(self, ref: object) -> None:
        """Never sees a change."""
        await super().pause(SESSION.ref)


def becoming(phase: Phase) -> DeafSessions:
    """Returns a cluster whose watches do not tell that a session left Pending."""
    return DeafSessions(Story(changes=(Change(phase=Phase.PENDING), Change(after_s=1.0, phase=phase))))


async def test_a_last_look_knows_better_than_a_dead_watch() -> None:
    """A session that runs when the budget is over is not called late."""
    sessions, notes = becoming(Phase.RUNNING), StepNotes()
    view = await wait_running(sessions, await sessions.create(request()), budget_s=10.0, notes=notes)
    assert view.phase is Phase.RUNNING
    assert notes.notes == ["the watch had not told that the session is Running: a last look did"]


@pytest.mark.parametrize(
    ("phase", "reason"),
    [(Phase.FAILED, Reason.PHASE_FAILED), (Phase.CREATING, Reason.RUNNING_TIMEOUT)],
    ids=["failed", "creating"],
)
async def test_a_last_look_decides_whom_to_blame(phase: Phase, reason: Reason) -> None:
    """When the budget is over the session's present state counts, not the last one that was told."""
    sessions = becoming(phase)
    with pytest.raises(TargetFailed) as caught:
        await wait_running(sessions, await sessions.create(request()), budget_s=10.0, notes=StepNotes())
    assert caught.value.fault.reason is reason


@pytest.mark.parametrize("hangs", [True, False], ids=["hangs", "broken"])
async def test_a_last_look_that_is_not_answered_blames_the_control_plane(*, hangs: bool) -> None:
    """An API server that fell silent just before the end of the budget is not taken for a platform that did nothing."""
    sessions = FakeSessions(PENDING)
    made = await sessions.create(request())
    if hangs:
        sessions.hang("get")
    else:
        sessions.fail("get", LOST)
    with pytest.raises(TargetFailed) as caught:
        await wait_running(sessions, made, budget_s=10.0, notes=StepNotes())
    assert caught.value.fault.reason is Reason.API_UNREACHABLE


async def test_what_waiting_cost_is_noted() -> None:
    """The stream's own timings stand beside the step's duration."""
    report = await Stage().run()
    assert set(record_of(report, StepName.RUNNING).timings) == {"listing"}
