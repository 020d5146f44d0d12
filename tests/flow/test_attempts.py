"""Runs that are confirmed: a failure is visited again, each attempt in full and shown."""

import asyncio

import pytest

from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.report import as_dict
from prober.domain.session import Phase
from prober.domain.steps import StepName
from tests.fakes.browser import FakeBrowser, FakeDesktop
from tests.fakes.sessions import Story
from tests.fakes.stories import Change
from tests.flow.faults import CRASH
from tests.flow.stage import Stage, names, target_with

pytestmark = pytest.mark.looptime

FAILS = Story(changes=(Change(phase=Phase.FAILED, message="no"),))
STAYS = Story(changes=FAILS.changes, gone_after_s=None, finalizers=("x",))
SOUND = Story()


async def test_a_failure_that_passes_then_is_a_flaky_success() -> None:
    """Both attempts are whole: the first one's steps and reason stand in the report of the second."""
    stage = Stage(FAILS, SOUND)
    report = await stage.run(target_with(attempts=2))
    assert (report.outcome, report.flaky, report.fault) == (Outcome.SUCCESS, True, None)
    assert len(report.steps) == 10
    (first,) = report.earlier
    assert first.fault is not None
    assert first.fault.reason is Reason.PHASE_FAILED
    assert names(first) == [StepName.CREATE, StepName.RUNNING, StepName.TERMINATE, StepName.CLEANUP]
    told = as_dict(report)
    assert told["flaky"] is True
    assert [attempt["reason"] for attempt in told["earlier"]] == ["phase_failed"]
    stage.assert_nothing_left()


async def test_a_failure_that_is_confirmed_is_a_failure() -> None:
    """The last attempt decides, and there are no more than were asked for."""
    stage = Stage(FAILS, FAILS, FAILS, SOUND)
    report = await stage.run(target_with(attempts=3))
    assert (report.outcome, report.flaky, len(report.earlier)) == (Outcome.FAILURE, False, 2)
    assert all(attempt.earlier == () for attempt in report.earlier)
    assert stage.sessions.calls.count("create") == 3


async def test_the_outside_hears_of_one_run() -> None:
    """One begin, one end, the steps of both attempts between."""
    stage = Stage(FAILS, SOUND)
    report = await stage.run(target_with(attempts=2))
    assert len(stage.observer.runs) == 1
    assert stage.observer.reports == [report]
    assert (len(stage.observer.begun), len(stage.observer.records)) == (14, 14)


async def test_without_attempts_left_nothing_is_repeated() -> None:
    """By default a failure stands."""
    stage = Stage(FAILS, SOUND)
    report = await stage.run()
    assert (report.outcome, report.earlier) == (Outcome.FAILURE, ())
    assert "earlier" not in as_dict(report)


async def test_a_session_that_stays_is_not_joined_by_another() -> None:
    """Where the teardown failed the run ends: what is left has the run's id."""
    report = await Stage(STAYS, SOUND).run(target_with(attempts=2))
    assert (report.outcome, report.earlier) == (Outcome.FAILURE, ())


async def test_our_own_fault_is_not_confirmed() -> None:
    """An error blames nobody, so there is nothing to confirm."""
    stage = Stage(browser=FakeBrowser(FakeDesktop(status=CRASH), FakeDesktop()))
    report = await stage.run(target_with(attempts=2))
    assert (report.outcome, report.earlier) == (Outcome.ERROR, ())


async def test_our_own_error_does_not_hide_a_failure() -> None:
    """The failure that was seen stands, with what it saw; the attempt that we spoilt stands after it."""
    stage = Stage(SOUND, SOUND, browser=FakeBrowser(FakeDesktop(status=401), FakeDesktop(first_frame=CRASH)))
    report = await stage.run(target_with(attempts=2))
    assert report.fault is not None
    assert (report.outcome, report.fault.reason, report.step) == (
        Outcome.FAILURE,
        Reason.AUTH_REJECTED,
        StepName.LOGIN,
    )
    assert (report.flaky, report.earlier) == (False, ())
    assert [attempt.outcome for attempt in report.later] == [Outcome.ERROR]
    assert "attempt 2 tells nothing of the target: error, browser_crashed" in report.fault.considered[-1]
    assert [attempt["reason"] for attempt in as_dict(report)["later"]] == ["browser_crashed"]
    assert stage.observer.reports == [report]
    ((kept, names_kept),) = stage.evidence.kept
    assert kept.outcome is Outcome.FAILURE
    assert names_kept == ("browser.json", "last.jpeg", "attempt-2.browser.json", "attempt-2.last.jpeg")
    stage.assert_nothing_left()


async def test_a_stop_does_not_hide_a_failure() -> None:
    """A run that is told to stop in its second attempt reports the failure of its first."""
    stage = Stage(FAILS, SOUND)
    run = stage.begin(target_with(attempts=2))
    await stage.observer.reached(StepName.STREAM)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    (report,) = stage.observer.reports
    assert (report.outcome, report.step) == (Outcome.FAILURE, StepName.RUNNING)
    assert [attempt.outcome for attempt in report.later] == [Outcome.CANCELLED]
    assert stage.evidence.kept == []
    stage.assert_nothing_left()
