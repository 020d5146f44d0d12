"""Observers as building blocks: one made of several, others that hear of one event only."""

from collections.abc import Sequence
from typing import Any

from prober.adapters.logs import LogObserver, event_log
from prober.domain.ids import RunId
from prober.domain.outcomes import Trigger
from prober.domain.report import RunReport
from prober.domain.steps import StepName, StepRecord
from prober.domain.target import Target
from prober.flow.ports import Observer


class Quiet(Observer):
    """An observer that hears everything and does nothing; those that want one event only start from it."""

    def run_started(self, run_id: RunId, target: Target, trigger: Trigger) -> None:
        """Does nothing."""

    def step_started(self, run_id: RunId, target: Target, step: StepName) -> None:
        """Does nothing."""

    def step_finished(self, run_id: RunId, target: Target, record: StepRecord) -> None:
        """Does nothing."""

    def run_finished(self, target: Target, report: RunReport) -> None:
        """Does nothing."""

    def crashed(self, run_id: RunId, target: Target, error: Exception) -> None:
        """Does nothing."""


class Observers(Observer):
    """Tells several observers in turn; one that fails is logged, and stops neither the run nor the others."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = tuple(observers)

    def run_started(self, run_id: RunId, target: Target, trigger: Trigger) -> None:
        """Tells all of it."""
        self._tell("run_started", run_id, target, trigger)

    def step_started(self, run_id: RunId, target: Target, step: StepName) -> None:
        """Tells all of it."""
        self._tell("step_started", run_id, target, step)

    def step_finished(self, run_id: RunId, target: Target, record: StepRecord) -> None:
        """Tells all of it."""
        self._tell("step_finished", run_id, target, record)

    def run_finished(self, target: Target, report: RunReport) -> None:
        """Tells all of it."""
        self._tell("run_finished", target, report)

    def crashed(self, run_id: RunId, target: Target, error: Exception) -> None:
        """Tells all of it."""
        self._tell("crashed", run_id, target, error)

    def _tell(self, event: str, *facts: Any) -> None:
        for observer in self._observers:
            try:
                getattr(observer, event)(*facts)
            except Exception as error:  # noqa: BLE001 - telling must not decide how a run ends
                event_log().error("observer_failed", observer=type(observer).__name__, exc_info=error)


class Reports(Quiet):
    """Collects the reports of finished runs, cancelled ones too.

    Attributes:
        collected: The reports in the order in which the runs ended.
    """

    def __init__(self) -> None:
        self.collected: list[RunReport] = []

    def run_finished(self, target: Target, report: RunReport) -> None:  # noqa: ARG002 - the port's signature
        """Keeps the report."""
        self.collected.append(report)


class CrashLog(Quiet):
    """Logs faults of our own code, and nothing else of a run."""

    def crashed(self, run_id: RunId, target: Target, error: Exception) -> None:
        """Logs the error with its traceback."""
        LogObserver().crashed(run_id, target, error)
