from dataclasses import replace
from datetime import UTC, datetime

from prober.domain.errors import Fault
from prober.domain.ids import RunId, TargetName
from prober.domain.outcomes import Outcome, Trigger
from prober.domain.past import PastRun, outlines
from prober.domain.reasons import Reason
from prober.domain.report import RunReport
from prober.domain.steps import StepName

PAST = PastRun(
    run_id=RunId("r1"),
    target=TargetName("ubuntu"),
    trigger="schedule",
    started_at=datetime(2026, 11, 22, tzinfo=UTC),
    duration_s=14.2,
    outcome="success",
    degraded=("high_rtt",),
)


def test_a_success_in_outline() -> None:
    """What is remembered of a success is a report without steps."""
    assert outlines([PAST]) == (
        RunReport(
            run_id=RunId("r1"),
            target=TargetName("ubuntu"),
            trigger=Trigger.SCHEDULE,
            started_at=PAST.started_at,
            duration_s=14.2,
            outcome=Outcome.SUCCESS,
            degraded=("high_rtt",),
        ),
    )


def test_a_failure_in_outline() -> None:
    """What is remembered of a failure has the step, the reason, the summary, the evidence."""
    failed = replace(
        PAST,
        outcome="failure",
        step="url",
        layer="exposure",
        reason="dns",
        summary="no such host",
        evidence="file:///e",
    )
    (report,) = outlines([failed])
    assert (report.step, report.evidence) == (StepName.URL, "file:///e")
    assert report.fault == Fault(reason=Reason.DNS, summary="no such host")


def test_words_of_another_version_are_left_out() -> None:
    """A run with a reason that this version does not know hides no other."""
    strange = replace(PAST, outcome="failure", reason="gremlins")
    assert [report.run_id for report in outlines([strange, replace(PAST, run_id=RunId("r2"))])] == ["r2"]
