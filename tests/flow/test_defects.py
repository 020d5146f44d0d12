"""Errors of our own code: an outcome of their own, told to the observer, with the teardown done all the same."""

from collections.abc import Callable
from typing import NoReturn

import pytest

from prober.domain.ids import ClusterName
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.session import Children, SessionRef
from prober.domain.steps import StepName
from prober.domain.target import SessionTemplate
from tests.fakes.browser import FakeDesktop
from tests.flow.stage import Stage, record_of, target_with

pytestmark = pytest.mark.looptime


def defect() -> NoReturn:
    """Fails as code with a defect does."""
    raise ZeroDivisionError("token=hunter2")


DEFECTS: dict[StepName, Callable[[], FakeDesktop]] = {
    StepName.LOGIN: lambda: FakeDesktop(status=defect),
    StepName.CONNECT: lambda: FakeDesktop(connections=defect),
    StepName.FIRST_FRAME: lambda: FakeDesktop(first_frame=defect),
    StepName.STREAM: lambda: FakeDesktop(sample=defect),
    StepName.INPUT: lambda: FakeDesktop(input_latency=defect),
}


@pytest.mark.parametrize("step", list(DEFECTS), ids=str)
async def test_a_defect_makes_an_error_and_no_failure(step: StepName) -> None:
    """What our code broke is not the target's fault; the observer gets the error once, the session is ended."""
    stage = Stage(desktop=DEFECTS[step]())
    report = await stage.run()
    assert (report.outcome, report.step) == (Outcome.ERROR, step)
    assert report.fault is not None
    assert report.fault.reason is Reason.INTERNAL
    assert [type(error) for error in stage.observer.crashes] == [ZeroDivisionError]
    assert record_of(report, StepName.CLEANUP).outcome is Outcome.SUCCESS
    stage.assert_nothing_left()


async def test_a_defects_text_stays_out_of_the_report() -> None:
    """An unknown error's text may hold anything, so the report names its type only."""
    report = await Stage(desktop=DEFECTS[StepName.LOGIN]()).run()
    assert "hunter2" not in repr(report)
    assert report.fault is not None
    assert "ZeroDivisionError" in report.fault.summary


async def test_a_defect_in_the_teardown_stands_beside_the_first_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part of the teardown runs whatever happened to the part before, and each defect is told."""
    stage = Stage(always=503)

    async def broken(ref: SessionRef) -> Children:
        raise KeyError(ref.name)

    monkeypatch.setattr(stage.sessions, "delete", broken)
    monkeypatch.setattr(stage.sessions, "children", broken)
    report = await stage.run()
    assert report.fault is not None
    assert report.fault.reason is Reason.HTTP_5XX
    assert [record_of(report, step).outcome for step in (StepName.TERMINATE, StepName.CLEANUP)] == [Outcome.ERROR] * 2
    assert [type(error) for error in stage.observer.crashes] == [KeyError, KeyError]


async def test_an_unknown_cluster_is_our_own_defect() -> None:
    """A target whose cluster nobody knows is an error without a step, told once."""
    stage = Stage()
    elsewhere = SessionTemplate(cluster=ClusterName("elsewhere"), namespace="vdi", user="p@x.org", template="t")
    report = await stage.run(target_with(session=elsewhere))
    assert (report.outcome, report.steps) == (Outcome.ERROR, ())
    assert [type(error) for error in stage.observer.crashes] == [KeyError]
    stage.assert_nothing_left()
