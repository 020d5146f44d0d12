import pytest

from prober.app.exit_codes import ExitCode, exit_code, outcome_of
from prober.domain.errors import Fault
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Reason


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([Outcome.SUCCESS, Outcome.SUCCESS], ExitCode.SUCCESS),
        ([Outcome.SUCCESS, Outcome.FAILURE], ExitCode.TARGET_FAILURE),
        ([Outcome.FAILURE, Outcome.ERROR, Outcome.SUCCESS], ExitCode.PROBER_ERROR),
        ([Outcome.ERROR, Outcome.CANCELLED], ExitCode.INTERRUPTED),
        ([Outcome.SKIPPED], ExitCode.PROBER_ERROR),
        ([], ExitCode.PROBER_ERROR),
    ],
    ids=["all well", "one target failed", "the prober failed", "interrupted", "skipped", "no run at all"],
)
def test_the_gravest_outcome_decides(outcomes: list[Outcome], expected: ExitCode) -> None:
    """Of several runs the gravest gives the code, and nothing that was not probed is green."""
    assert exit_code(outcomes) is expected


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [(Reason.API_UNREACHABLE, Outcome.FAILURE), (Reason.INTERNAL, Outcome.ERROR)],
    ids=["the platform's", "our own"],
)
def test_a_fault_before_any_run(reason: Reason, outcome: Outcome) -> None:
    """What keeps targets from being found counts as the failure of whoever is at fault."""
    assert outcome_of(Fault(reason=reason, summary="it was")) is outcome
