"""What a run with several attempts comes to."""

import pytest

from prober.domain.attempts import concluded, numbered
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason
from prober.domain.report import RunReport
from prober.domain.steps import StepName
from tests.adapters.reporting import make_failure, make_report

FAILED = make_failure(Reason.BLACK_FRAMES, StepName.FIRST_FRAME)
AGAIN = make_failure(Reason.FROZEN, StepName.STREAM)
ERRED = make_failure(Reason.BROWSER_CRASHED, StepName.LOGIN)
STOPPED = make_report(Outcome.CANCELLED, steps=())
PASSED = make_report()


def run_of(*attempts: RunReport) -> RunReport:
    """Returns the report of a run with these attempts."""
    *earlier, last = attempts
    return concluded(
        RunReport(**{name: getattr(last, name) for name in RunReport.__slots__} | {"earlier": (*earlier,)})
    )


@pytest.mark.parametrize(
    ("attempts", "decides"),
    [
        pytest.param((PASSED,), 0, id="success"),
        pytest.param((FAILED,), 0, id="failure"),
        pytest.param((ERRED,), 0, id="error"),
        pytest.param((STOPPED,), 0, id="cancelled"),
        pytest.param((FAILED, PASSED), 1, id="a failure that passed"),
        pytest.param((FAILED, AGAIN), 1, id="a failure that lasted"),
        pytest.param((FAILED, ERRED), 0, id="a failure, then our own error"),
        pytest.param((FAILED, STOPPED), 0, id="a failure, then a stop"),
        pytest.param((make_report(Outcome.FAILURE), STOPPED), 0, id="a failure without a reason"),
        pytest.param((FAILED, AGAIN, ERRED), 1, id="a failure that lasted, then our own error"),
    ],
)
def test_the_last_attempt_that_tells_of_the_target_decides(attempts: tuple[RunReport, ...], decides: int) -> None:
    """Every attempt is in the report, before or after the one that decided, with the number of its place."""
    report = run_of(*attempts)
    assert report.outcome is attempts[decides].outcome
    assert report.steps == attempts[decides].steps
    assert report.earlier == attempts[:decides]
    assert report.later == attempts[decides + 1 :]
    others = [place for place in range(len(attempts)) if place != decides]
    assert numbered(report) == tuple((place + 1, attempts[place]) for place in others)
    assert concluded(report) == report


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [(ERRED, "error, browser_crashed: it was browser_crashed"), (STOPPED, "cancelled")],
    ids=["error", "cancelled"],
)
def test_an_unconfirmed_failure_says_so(spoilt: RunReport, words: str) -> None:
    """Reason, facts and steps are the failure's own; a reader sees that nobody looked again, and why."""
    report = run_of(AGAIN, FAILED, spoilt)
    assert report.fault is not None
    assert FAILED.fault is not None
    assert (report.fault.reason, report.fault.facts) == (FAILED.fault.reason, FAILED.fault.facts)
    assert report.fault.considered[-1] == (
        f"a fault that passes: not known, attempt 3 tells nothing of the target: {words}"
    )
    assert not report.flaky
