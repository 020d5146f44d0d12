import asyncio

import pytest

from prober.domain.errors import TargetFailed
from prober.domain.evidence import EvidencePlan, Source
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.session import Child
from prober.domain.steps import StepName
from tests.fakes.browser import FakeDesktop
from tests.fakes.clock import WALL_START
from tests.fakes.sessions import Story
from tests.flow.faults import CRASH, failing, page, story
from tests.flow.stage import Stage, target_with

pytestmark = pytest.mark.looptime


async def test_a_success_has_none() -> None:
    """Nobody looks at a cluster in which all is well."""
    stage = Stage()
    report = await stage.run()
    assert report.outcome is Outcome.SUCCESS
    assert (report.kubernetes, report.kubernetes_left) == (None, None)
    assert "evidence" not in stage.sessions.calls


async def test_a_fault_of_the_target_is_looked_into_before_the_teardown() -> None:
    """What the session's objects say is kept while they are there, with its time and the step that failed."""
    stage = page(status=401)
    report = await stage.run()
    assert report.step is StepName.LOGIN
    evidence = report.kubernetes
    assert evidence is not None
    assert evidence.session is not None
    assert evidence.session.phase == "Running"
    assert [pod.name for pod in evidence.pods or ()] == [evidence.session.name]
    assert evidence.after is StepName.LOGIN
    assert evidence.taken_at is not None
    assert evidence.taken_at > WALL_START
    assert report.kubernetes_left is None
    calls = stage.sessions.calls
    assert calls.index("evidence") < calls.index("delete")
    stage.assert_nothing_left()


async def test_no_session_no_evidence() -> None:
    """A creation that was refused left nothing to be looked at."""
    report = await failing("create", Reason.QUOTA_EXCEEDED).run()
    assert report.kubernetes is None


async def test_our_own_fault_is_no_matter_of_the_cluster() -> None:
    """A crashed browser is not looked for in the cluster."""
    stage = page(status=CRASH)
    report = await stage.run()
    assert report.outcome is Outcome.ERROR
    assert (report.kubernetes, report.kubernetes_left) == (None, None)


async def test_a_teardown_that_failed_shows_what_is_left() -> None:
    """After a run that was sound until its end, the evidence is what the teardown left."""
    stage = Stage(Story(gone_after_s=None, finalizers=("vdi.kasm.io/session-cleanup",)))
    report = await stage.run()
    assert report.fault is not None
    assert report.fault.reason is Reason.FINALIZER_STUCK
    assert report.kubernetes is not None
    assert report.kubernetes.session is not None
    assert report.kubernetes.session.finalizers == ("vdi.kasm.io/session-cleanup",)
    assert report.kubernetes.after is StepName.CLEANUP
    assert stage.sessions.calls.count("evidence") == 1


async def test_two_faults_two_looks() -> None:
    """What is left after a teardown stands beside what the first fault had to show."""
    stage = Stage(
        Story(changes=(), left=(Child(kind="Pod", name="stays"),)),
    )
    report = await stage.run()
    assert report.step is StepName.RUNNING
    assert report.kubernetes is not None
    assert report.kubernetes_left is not None
    assert (report.kubernetes.after, report.kubernetes_left.after) == (StepName.RUNNING, StepName.CLEANUP)
    assert report.kubernetes_left.session is None
    assert [pod.name for pod in report.kubernetes_left.pods or ()] == ["stays"]


async def test_the_target_s_plan_is_followed() -> None:
    """Only what the target asks for is looked at; nothing at all where it asks for nothing."""
    some = target_with(evidence=EvidencePlan(sources=(Source.PODS,)))
    report = await story().run(some)
    assert report.kubernetes is not None
    assert report.kubernetes.session is None
    assert report.kubernetes.pods is not None
    none = target_with(evidence=EvidencePlan(sources=()))
    stage = story()
    assert (await stage.run(none)).kubernetes is None
    assert "evidence" not in stage.sessions.calls


async def test_an_adapter_that_hangs_is_given_up() -> None:
    """The look is bounded by more than the adapter's word, and says what it did not see."""
    stage = story()
    stage.sessions.hang("evidence")
    report = await stage.run()
    assert report.kubernetes is not None
    assert report.kubernetes.took_s == pytest.approx(6.0)
    assert [str(gap) for gap in report.kubernetes.gaps] == ["everything: no answer (none within 6 s)"]
    stage.assert_nothing_left()


async def test_a_fault_in_looking_hides_nothing() -> None:
    """The fault that was met decides; what the look met is a gap."""
    stage = story()
    stage.sessions.fail("evidence", TargetFailed.because(Reason.API_UNREACHABLE, "the API server is gone"))
    report = await stage.run()
    assert report.fault is not None
    assert report.fault.reason is Reason.OPERATOR_STALLED
    assert report.kubernetes is not None
    assert [str(gap) for gap in report.kubernetes.gaps] == ["everything: no answer (the API server is gone)"]


async def test_our_own_code_failing_in_looking_is_told_and_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The observer hears of it, the run's outcome stays, the teardown follows."""
    stage = story()

    async def broken(*_: object, **__: object) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr(stage.sessions, "evidence", broken)
    report = await stage.run()
    assert report.fault is not None
    assert report.fault.reason is Reason.OPERATOR_STALLED
    assert report.kubernetes is not None
    assert [str(gap) for gap in report.kubernetes.gaps] == [
        "everything: no answer (the prober's own code failed with ValueError)"
    ]
    assert [type(error) for error in stage.observer.crashes] == [ValueError]
    stage.assert_nothing_left()


async def test_a_cancellation_during_the_look_goes_to_the_teardown() -> None:
    """Whoever stops the run does not wait for evidence; the session is ended."""
    stage = Stage(desktop=FakeDesktop(status=401))
    stage.sessions.hang("evidence")
    run = stage.begin()
    await asyncio.sleep(2.0)
    assert stage.sessions.calls[-1] == "evidence"
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    [report] = stage.observer.reports
    assert report.fault is not None
    assert report.fault.reason is Reason.AUTH_REJECTED
    assert report.kubernetes is None
    stage.assert_nothing_left()


async def test_a_run_that_is_stopped_does_not_look_at_what_is_left() -> None:
    """A shutdown waits for the teardown, and for nothing after it."""
    stage = Stage(Story(gone_after_s=None, finalizers=("vdi.kasm.io/session-cleanup",)))
    run = stage.begin()
    await asyncio.sleep(2.0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    [report] = stage.observer.reports
    assert Outcome.FAILURE in {record.outcome for record in report.steps}
    assert "evidence" not in stage.sessions.calls


async def test_what_a_watch_does_without_is_a_note() -> None:
    """A permission to watch that is missing is said in each step that had to do without it."""
    stage = Stage()
    stage.sessions.watch_gaps = ("watch: refused",)
    report = await stage.run()
    assert report.outcome is Outcome.SUCCESS
    notes = {record.name: record.notes for record in report.steps}
    assert "watch: refused" in notes[StepName.RUNNING]
    assert "watch: refused" in notes[StepName.TERMINATE]
