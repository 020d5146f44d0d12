import pytest

from prober.app.exit_codes import ExitCode, exit_code
from prober.domain.outcomes import Outcome


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
