"""A run that is told to stop, at every step, more than once: it tears down first and then obeys."""

import asyncio

import pytest

from prober.domain.outcomes import Outcome
from prober.domain.report import RunReport
from prober.domain.steps import TEARDOWN_STEPS, StepName
from prober.domain.target import Target
from prober.flow.preparing import BROWSER_S
from tests.fakes.browser import FakeBrowser, FakeDesktop
from tests.fakes.sessions import Story
from tests.flow.stage import TARGET, Stage, names, record_of

pytestmark = pytest.mark.looptime

SLOW = {"open": 1.0, "connections": 1.0, "first_frame": 1.0, "try_input": 1.0}
"""Seconds for each method of the page, so that no step is over at once."""


class SlowBrowser(FakeBrowser):
    """A browser whose page takes a minute to come."""

    def desktop(self, **_: object) -> "SlowSeat":  # type: ignore[override]  # only entering it matters
        """Returns a context that is slow to enter."""
        return SlowSeat()


class SlowSeat:
    """The context of a page that does not come in time."""

    async def __aenter__(self) -> FakeDesktop:
        await asyncio.sleep(60.0)
        return FakeDesktop()

    async def __aexit__(self, *_: object) -> None:
        return None


def slow_stage() -> Stage:
    """Returns a stage on which every step takes its time."""
    stage = Stage(Story(gone_after_s=1.0), desktop=FakeDesktop(delays=SLOW), answer_takes_s=1.0)
    stage.sessions.delay("create", 1.0)
    stage.sessions.delay("children", 1.0)
    return stage


async def cancelled_in(stage: Stage, *steps: StepName, target: Target = TARGET) -> RunReport:
    """Cancels a run within each of the steps, asserts that it obeys after its teardown, and returns its report."""
    run = stage.begin(target)
    for step in steps:
        await stage.observer.reached(step)
        await asyncio.sleep(0.05)
        assert not run.done()
        run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    (report,) = stage.observer.reports
    return report


@pytest.mark.parametrize("step", list(StepName), ids=str)
async def test_a_cancelled_run_tears_down_first(step: StepName) -> None:
    """Wherever a run is cancelled, it ends its session, proves the cleanup, reports, and raises the cancellation."""
    stage = slow_stage()
    report = await cancelled_in(stage, step)
    assert report.outcome is Outcome.CANCELLED
    assert report.fault is None
    assert report.step is (None if step in TEARDOWN_STEPS else step)
    assert names(report)[-2:] == list(TEARDOWN_STEPS)
    assert {record_of(report, name).outcome for name in TEARDOWN_STEPS} == {Outcome.SUCCESS}
    if step not in TEARDOWN_STEPS:
        assert names(report)[-3] is step
        assert record_of(report, step).outcome is Outcome.CANCELLED
    assert len(stage.sessions.deleted) == 1
    stage.assert_nothing_left()


@pytest.mark.parametrize("step", list(StepName), ids=str)
async def test_an_impatient_second_cancellation_changes_nothing(step: StepName) -> None:
    """Cancelling again, in the middle of either step of the teardown, does not keep it from its end."""
    stage = slow_stage()
    report = await cancelled_in(stage, step, *TEARDOWN_STEPS)
    assert report.outcome is Outcome.CANCELLED
    assert {record_of(report, name).outcome for name in TEARDOWN_STEPS} == {Outcome.SUCCESS}
    stage.assert_nothing_left()


async def test_a_create_under_way_is_finished_before_the_run_obeys() -> None:
    """A request that was sent is not abandoned: its session is then found, and ended."""
    stage = slow_stage()
    report = await cancelled_in(stage, StepName.CREATE)
    assert record_of(report, StepName.CREATE).duration_s == pytest.approx(1.0)
    assert report.session is not None


async def test_a_create_that_never_answers_is_finished_within_its_budget() -> None:
    """A cancelled create whose answer is lost ends within its budget, and what it made is found."""
    stage = slow_stage()
    stage.sessions.accepts_before_failing = True
    stage.sessions.hang("create")
    report = await cancelled_in(stage, StepName.CREATE)
    assert report.outcome is Outcome.CANCELLED
    assert record_of(report, StepName.CREATE).duration_s == pytest.approx(7.0)
    assert len(stage.sessions.deleted) == 1
    stage.assert_nothing_left()


async def test_a_cancellation_after_a_fault_leaves_the_fault() -> None:
    """A run that had failed before it was cancelled has failed."""
    stage = slow_stage()
    stage.exposure.always = 503
    report = await cancelled_in(stage, StepName.TERMINATE)
    assert (report.outcome, report.step) == (Outcome.FAILURE, StepName.URL)


async def test_a_failing_teardown_of_a_cancelled_run_is_told() -> None:
    """A run that was cancelled stays cancelled, and its teardown's faults stand in their steps."""
    stage = Stage(Story(gone_after_s=None), desktop=FakeDesktop(delays=SLOW))
    report = await cancelled_in(stage, StepName.LOGIN)
    assert report.outcome is Outcome.CANCELLED
    assert record_of(report, StepName.TERMINATE).outcome is Outcome.FAILURE
    assert record_of(report, StepName.CLEANUP).outcome is Outcome.FAILURE


async def test_a_cancellation_before_the_first_step_creates_nothing() -> None:
    """A run that is cancelled while it waits for its page leaves the platform alone."""
    stage = Stage(browser=SlowBrowser())
    run = stage.begin()
    await asyncio.sleep(1.0)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    (report,) = stage.observer.reports
    assert (report.outcome, report.steps, report.step) == (Outcome.CANCELLED, (), None)
    assert stage.sessions.calls == []


async def test_a_browser_that_never_gives_a_page_is_given_up() -> None:
    """A browser that does not start in time is our own fault, and no session is created."""
    stage = Stage(browser=SlowBrowser())
    report = await stage.run()
    assert report.outcome is Outcome.ERROR
    assert report.fault is not None
    assert report.fault.reason == "deadline_exceeded"
    assert report.fault.summary == "the browser was not ready within 45 s"
    assert report.duration_s == pytest.approx(BROWSER_S)
    assert stage.sessions.calls == []
