"""The port for telling the outside how a run goes."""

from typing import Protocol

from prober.domain.ids import RunId
from prober.domain.outcomes import Trigger
from prober.domain.report import RunReport
from prober.domain.steps import StepName, StepRecord
from prober.domain.target import Target


class Observer(Protocol):
    """Hears of each run as it goes; must neither block nor raise."""

    def run_started(self, run_id: RunId, target: Target, trigger: Trigger) -> None:
        """A run began."""

    def step_started(self, run_id: RunId, target: Target, step: StepName) -> None:
        """A step began."""

    def step_finished(self, run_id: RunId, target: Target, record: StepRecord) -> None:
        """A step is over."""

    def run_finished(self, target: Target, report: RunReport) -> None:
        """A run is over, teardown included."""

    def crashed(self, run_id: RunId, target: Target, error: Exception) -> None:
        """Our own code failed inside a run; the run goes on to its teardown."""
