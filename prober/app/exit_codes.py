"""What the exit code of a command says."""

from collections.abc import Iterable
from enum import IntEnum

from prober.domain.errors import Fault
from prober.domain.outcomes import Outcome
from prober.domain.reasons import Layer


class ExitCode(IntEnum):
    """The contract's exit codes."""

    SUCCESS = 0
    """Every run was a success; degraded ones are."""
    TARGET_FAILURE = 1
    """A target failed."""
    PROBER_ERROR = 2
    """The prober itself failed: says nothing of the target."""
    USAGE = 3
    """The configuration or the command line is wrong."""
    INTERRUPTED = 130
    """It was told to stop, and did so after its teardown; shells use 128 + SIGINT."""


_BY_OUTCOME = {
    Outcome.SUCCESS: ExitCode.SUCCESS,
    Outcome.FAILURE: ExitCode.TARGET_FAILURE,
    Outcome.ERROR: ExitCode.PROBER_ERROR,
    Outcome.SKIPPED: ExitCode.PROBER_ERROR,
    Outcome.CANCELLED: ExitCode.INTERRUPTED,
}


def exit_code(outcomes: Iterable[Outcome]) -> ExitCode:
    """Returns the gravest code of some runs; no run at all is an error: nothing was probed, so nothing is green."""
    return max((_BY_OUTCOME[outcome] for outcome in outcomes), default=ExitCode.PROBER_ERROR)


def outcome_of(fault: Fault) -> Outcome:
    """Returns the outcome of what a fault kept from becoming a run."""
    return Outcome.ERROR if fault.layer is Layer.PROBER else Outcome.FAILURE
