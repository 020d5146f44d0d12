"""The ten steps of a run, in the order in which a user would live through them."""

from dataclasses import dataclass, field
from enum import StrEnum

from prober.domain.checks import CheckResult
from prober.domain.errors import Fault
from prober.domain.outcomes import Outcome


class StepName(StrEnum):
    """A named stage of a run; the definition order is the order of the story."""

    CREATE = "create"
    """The API server accepts the VDISession."""
    RUNNING = "running"
    """The session's phase becomes Running."""
    URL = "url"
    """The URL is extracted, valid, allowed, and answers."""
    LOGIN = "login"
    """The page is loaded and the access method succeeded."""
    CONNECT = "connect"
    """The peer connection is connected."""
    FIRST_FRAME = "first_frame"
    """The first rendered frame that is not blank."""
    STREAM = "stream"
    """The observation window is over and judged."""
    INPUT = "input"
    """Input events changed pixels."""
    TERMINATE = "terminate"
    """The VDISession is deleted, finalizers included."""
    CLEANUP = "cleanup"
    """Every owned object is gone and the URL serves nobody."""


TEARDOWN_STEPS = (StepName.TERMINATE, StepName.CLEANUP)
"""The steps that run in every case: after a failure, a cancellation, a SIGTERM."""


PAGE_END_S = 20.0
"""What closing the page, then giving the browser's context back, may add to a teardown, in seconds; both take
milliseconds unless the browser hangs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """The time allowed for each step, in seconds.

    The defaults are the contract's; `stream` is what the observation window may take on top of its own length.
    """

    create: float = 10.0
    running: float = 60.0
    url: float = 30.0
    login: float = 30.0
    connect: float = 15.0
    first_frame: float = 30.0
    stream: float = 5.0
    input: float = 15.0
    terminate: float = 30.0
    cleanup: float = 60.0

    def of(self, step: StepName) -> float:
        """Returns the budget of one step, in seconds."""
        budget: float = getattr(self, step.value)
        return budget

    def teardown(self) -> float:
        """Returns how long a run may go on once it is told to stop, in seconds.

        A creation under way is waited for, then the page is closed, the session is ended, the cleanup is verified.
        """
        return self.create + self.terminate + self.cleanup + PAGE_END_S


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """What became of one step.

    Attributes:
        name: Which step.
        outcome: How it ended; a step that was never reached has no record.
        start_s: When it began, in seconds since the run began.
        duration_s: How long it took, in seconds.
        timings: Sub-timings by name, in seconds; what could not be measured is absent.
        attempts: How often its request was made; more than one is a visible retry.
        fault: Why it was not a success.
        notes: Gaps and circumstances that a reader of the result must know.
        checks: What became of the optional checks that belong to it, in the order in which they were made.
    """

    name: StepName
    outcome: Outcome
    start_s: float
    duration_s: float
    timings: dict[str, float] = field(default_factory=dict)
    attempts: int = 1
    fault: Fault | None = None
    notes: tuple[str, ...] = ()
    checks: tuple[CheckResult, ...] = ()
